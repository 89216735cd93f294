/* Pools: the calling thread alone, a parallel loop of the caller's, or a team of threads. */
#include "rescast.h"

#include <string.h>

#include "pool.h"

/* POOL becomes another name of the one that is SHARED. */
static int
join (struct rescast_pool *pool, const struct rescast_pool *shared, size_t stack_bytes)
{
  int error = shared->threads < 1 ? RESCAST_EINVAL : RESCAST_OK;
  if (!error && shared->team)
    error = rescast_team_join (shared->team, stack_bytes);
  if (!error)
    *pool = *shared;
  return error;
}

int
rescast_pool_start (struct rescast_pool *pool, const struct rescast_config *config, size_t stack_bytes)
{
  struct rescast_config c = { 0 };
  if (!pool || (config && config->pool == pool))
    return RESCAST_EINVAL;
  memset (pool, 0, sizeof *pool);
  if (config)
    c = *config;
  if (c.pool)
    return join (pool, c.pool, stack_bytes);
  c.threads = c.threads ? c.threads : 1;
  if (c.threads < 1 || c.pin < RESCAST_PIN_NONE || c.pin > RESCAST_PIN_NODE || c.first_core < 0)
    return RESCAST_EINVAL;
  if (!c.parallel_for)
    return rescast_team_open (pool, &c, stack_bytes);
  pool->threads = c.threads;
  pool->parallel_for = c.parallel_for;
  pool->user = c.user;
  return RESCAST_OK;
}

int
rescast_pool_init (struct rescast_pool *pool, int threads, size_t stack_bytes)
{
  struct rescast_config config = { .threads = threads };
  if (threads >= 1)
    return rescast_pool_start (pool, &config, stack_bytes);
  if (pool)
    memset (pool, 0, sizeof *pool);
  return RESCAST_EINVAL;
}

void
rescast_pool_free (struct rescast_pool *pool)
{
  if (!pool || pool->threads < 1)
    return;
  if (pool->team)
    rescast_team_leave (pool->team);
  memset (pool, 0, sizeof *pool);
}

/* What a share of the caller's parallel loop has to know. */
struct loop
{
  rescast_task *task;
  void *arg;
  int phase, n;
};

static void
run_share (void *arg, int t)
{
  const struct loop *l = arg;
  l->task (l->arg, l->phase, (struct rescast_part){ RESCAST_PARTS * t, RESCAST_PARTS * (t + 1) }, l->n, t == 0);
}

void
rescast_pool_run (struct rescast_pool *pool, int first, int last, const unsigned short *pieces, rescast_task *task,
                  void *arg)
{
  if (first > last)
    return;
  if (pool->team)
    {
      rescast_team_run (pool->team, first, last, pieces, task, arg);
      return;
    }
  struct loop l = { task, arg, first, pool->threads > 1 ? pool->threads : 1 };
  for (; l.phase <= last; l.phase++)
    if (pool->parallel_for)
      pool->parallel_for (pool->user, l.n, run_share, &l);
    else
      run_share (&l, 0);
}
