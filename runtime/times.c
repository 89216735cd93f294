/* A hook that adds up how long each layer takes. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* clock_gettime */
#endif
#include "rescast.h"

#include <time.h>

void
rescast_times_hook (void *user, const struct rescast_info *info, int layer, int after, void *arena)
{
  struct rescast_times *times = user;
  struct timespec t;
  (void) arena;
  clock_gettime (CLOCK_MONOTONIC, &t);
  const int64_t now = (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
  if (!after)
    {
      times->start = now;
      return;
    }
  if (layer < times->layers)
    times->seconds[layer] += 1e-9 * (double) (now - times->start);
  times->runs += layer == info->layer_count - 1;
}
