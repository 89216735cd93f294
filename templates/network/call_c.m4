m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
/* The network in one call: a context in static memory. */
#include "N.h"

#include <pthread.h>

int
N (const float *input, float *output)
{
  static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
  static _Alignas (64) unsigned char arena[N<||>_ARENA_BYTES];
  static struct N net;
  struct rescast_weights weights;
  size_t bytes;
  int error = RESCAST_OK;
  const void *image = N<||>_weights_embedded (&bytes);
  pthread_mutex_lock (&turn);
  if (!net.target)
    error = N<||>_weights_init (&weights, image, bytes);
  if (!error && !net.target)
    error = N<||>_init (&net, &weights, arena, sizeof arena, NULL);
  if (!error)
    error = N<||>_run (&net, input, output);
  pthread_mutex_unlock (&turn);
  return error;
}
