/* The weights compared with their hash, on all threads. */
#include "rescast.h"

struct check
{
  const struct rescast_weights *weights;
  uint64_t sums[RESCAST_MAX_THREADS]; /* of each share: 32-bit machines have no atomic additions of 64 bits */
};

static void
check_share (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  (void) phase, (void) caller;
  struct check *c = arg;
  const int share = t.from / RESCAST_PARTS;
  c->sums[share] = rescast_hash_share (c->weights->data, c->weights->data_bytes, c->weights->section.word, share, n);
}

int
rescast_weights_check_shared (const struct rescast_weights *w, struct rescast_pool *pool)
{
  if (!w || !w->data || !pool)
    return RESCAST_EINVAL;
  /* the caller's loop may have any number of shares */
  if (pool->threads > RESCAST_MAX_THREADS)
    return rescast_weights_check (w);
  struct check c = { .weights = w };
  uint64_t sum = 0;
  rescast_pool_run (pool, 0, 0, NULL, check_share, &c);
  for (int i = 0; i < RESCAST_MAX_THREADS; i++)
    sum += c.sums[i];
  return sum == w->section.hash ? RESCAST_OK : RESCAST_EHASH;
}
