/* The weights compared with their hash, on all threads. */
#include "rescast.h"

#include <pthread.h>

struct check
{
  const struct rescast_weights *weights;
  pthread_mutex_t mutex; /* 32-bit machines have no atomic additions of 64 bits without another library */
  uint64_t sum;
};

static void
check_share (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  (void) phase, (void) caller;
  struct check *c = arg;
  uint64_t sum = rescast_hash_share (c->weights->data, c->weights->data_bytes, c->weights->section.word,
                                     t.from / RESCAST_PARTS, n);
  pthread_mutex_lock (&c->mutex);
  c->sum += sum;
  pthread_mutex_unlock (&c->mutex);
}

int
rescast_weights_check_shared (const struct rescast_weights *w, struct rescast_pool *pool)
{
  if (!w || !w->data || !pool)
    return RESCAST_EINVAL;
  struct check c = { .weights = w, .mutex = PTHREAD_MUTEX_INITIALIZER };
  rescast_pool_run (pool, 0, 0, NULL, check_share, &c);
  pthread_mutex_destroy (&c.mutex);
  return c.sum == w->section.hash ? RESCAST_OK : RESCAST_EHASH;
}
