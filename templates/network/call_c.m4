m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
/* The network in one call: a context in static memory. */
#include "N.h"

#if __STDC_HOSTED__
#include <pthread.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
#define BEGIN() pthread_mutex_lock (&turn)
#define END() pthread_mutex_unlock (&turn)
#else /* no threads: who calls sees to it that calls take turns */
#define BEGIN() ((void) 0)
#define END() ((void) 0)
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
  BEGIN ();
  if (!net.target)
    error = N<||>_weights_init (&weights, image, bytes);
  if (!error && !net.target)
    error = N<||>_init (&net, &weights, arena, sizeof arena, NULL);
  if (!error)
    error = N<||>_run (&net, input, output);
  END ();
  return error;
}
