/* What pools ask of a team of threads: of team.c and threads.c or, where there are no threads, of bare/team.c. */
#ifndef RESCAST_POOL_H
#define RESCAST_POOL_H

#include "rescast.h"

/* POOL, zeros before and after an error, gets as many threads as CONFIG, whose threads are 1 or more, says. */
int rescast_team_open (struct rescast_pool *pool, const struct rescast_config *config, size_t stack_bytes);
/* One more pool is a name of TEAM. RESCAST_EINVAL: its threads have less than STACK_BYTES for tasks. */
int rescast_team_join (struct rescast_team *team, size_t stack_bytes);
/* One pool fewer; the last one's ends the threads. */
void rescast_team_leave (struct rescast_team *team);
/* rescast_pool_run. */
void rescast_team_run (struct rescast_team *team, int first, int last, const unsigned short *pieces,
                       rescast_task *task, void *arg);

#endif
