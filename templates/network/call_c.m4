m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
/* The network in one call: a context in static memory. */
#include "N.h"

#if __STDC_HOSTED__ /* otherwise there are no threads, or those who call see to it that calls take turns */
#include <pthread.h>
#endif

int
N (const float *input, float *output)
{
  static _Alignas (64) unsigned char arena[N<||>_ARENA_BYTES];
  static struct N net;
  struct rescast_weights weights;
  size_t bytes;
  int error = RESCAST_OK;
  const void *image = N<||>_weights_embedded (&bytes);
#if __STDC_HOSTED__
  static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock (&turn);
#endif
  if (!net.target)
    error = N<||>_weights_init (&weights, image, bytes);
  if (!error && !net.target)
    error = N<||>_init (&net, &weights, arena, sizeof arena, NULL);
  if (!error)
    error = N<||>_run (&net, input, output);
#if __STDC_HOSTED__
  pthread_mutex_unlock (&turn);
#endif
  return error;
}
