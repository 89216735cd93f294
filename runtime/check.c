/* The weights compared with their hash, on all threads. */
#include "rescast.h"

struct check
{
  const struct rescast_weights *weights;
  _Atomic uint64_t sum;
};

static void
check_share (void *arg, int t, int n)
{
  struct check *c = arg;
  uint64_t sum = rescast_hash_share (c->weights->data, c->weights->data_bytes, t, n);
  atomic_fetch_add_explicit (&c->sum, sum, memory_order_relaxed);
}

int
rescast_weights_check_shared (const struct rescast_weights *w, struct rescast_pool *pool)
{
  if (!w || !w->header || !w->data || !pool)
    return RESCAST_EINVAL;
  struct check c = { .weights = w };
  rescast_pool_each (pool, check_share, &c);
  return atomic_load (&c.sum) == w->header->data_hash ? RESCAST_OK : RESCAST_EHASH;
}
