/* Of a machine without threads: pools are the calling thread alone, or a parallel loop of the caller's. */
#include "runtime/pool.h"

int
rescast_team_open (struct rescast_pool *pool, const struct rescast_config *config, size_t stack_bytes)
{
  (void) stack_bytes;
  if (config->threads > RESCAST_MAX_THREADS || config->pin)
    return RESCAST_EINVAL;
  if (config->threads > 1)
    return RESCAST_ETHREAD;
  pool->threads = 1;
  return RESCAST_OK;
}

/* No pool has a team. */
int
rescast_team_join (struct rescast_team *team, size_t stack_bytes)
{
  (void) team, (void) stack_bytes;
  return RESCAST_EINVAL;
}

void
rescast_team_leave (struct rescast_team *team)
{
  (void) team;
}

void
rescast_team_run (struct rescast_team *team, int first, int last, const unsigned short *pieces, rescast_task *task,
                  void *arg)
{
  (void) team, (void) first, (void) last, (void) pieces, (void) task, (void) arg;
}
