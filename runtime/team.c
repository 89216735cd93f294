/* Teams of threads are made, started and stopped. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "team.h"

#include "cpus.h"

#ifndef _WIN32
#include <signal.h>
#endif
#include <stdlib.h>
#include <string.h>

#define STACK_BYTES ((size_t) 1 << 20)

/* ---- memory ---- */

/* The team, its arrays and SCRATCH bytes in one piece of memory, or NULL. */
static struct rescast_team *
make (int shares, int threads, size_t scratch)
{
  size_t bytes = sizeof (struct rescast_team) + (size_t) threads * sizeof (struct team_thread)
                 + (size_t) threads * (sizeof (struct team_queue) + sizeof (struct team_counter));
  char *memory = calloc (1, bytes + TEAM_LINE + scratch);
  if (!memory)
    return NULL;
  char *at = memory + (TEAM_LINE - (uintptr_t) memory % TEAM_LINE);
  struct rescast_team *team = (struct rescast_team *) (void *) at;
  if (pthread_mutex_init (&team->lock, NULL) != 0)
    {
      free (memory);
      return NULL;
    }
  at += sizeof *team;
  team->thread = (struct team_thread *) (void *) at;
  at += (size_t) threads * sizeof *team->thread;
  team->queue = (struct team_queue *) (void *) at;
  at += (size_t) threads * sizeof *team->queue;
  team->counter = (struct team_counter *) (void *) at;
  team->scratch = at + (size_t) threads * sizeof *team->counter;
  team->memory = memory;
  team->stack_bytes = scratch;
  team->shares = shares;
  team->threads = threads;
  atomic_init (&team->users, 1);
  atomic_init (&team->turn, TURN_NEXT);
  atomic_init (&team->sleepers, 0);
  atomic_init (&team->least, RESCAST_PARTS);
  for (int t = 0; t < threads; t++)
    {
      struct team_queue *q = &team->queue[t];
      q->first = (int) ((int64_t) shares * t / threads);
      q->length = (int) ((int64_t) shares * (t + 1) / threads) - q->first;
      if (shares == threads)
        {
          q->first = RESCAST_PARTS * t;
          q->length = RESCAST_PARTS;
        }
      atomic_init (&q->claimed, 0); /* of the phase before the first one */
      atomic_init (&q->done, 0);
      atomic_init (&team->counter[t].arrived, 0);
    }
  return team;
}

/* Of a team without threads; the first PARKS threads can sleep. */
static void
discard (struct rescast_team *team, int parks)
{
  for (int t = 0; t < parks; t++)
    park_destroy (&team->thread[t].park);
  pthread_mutex_destroy (&team->lock);
  free (team->memory);
}

/* Stop and join the workers 1 … THREADS - 1, then free the team. */
static void
end (struct rescast_team *team, int threads)
{
  atomic_fetch_or (&team->turn, TURN_STOP);
  for (int t = 1; t < threads; t++)
    team_wake (team, t);
  for (int t = 1; t < threads; t++)
    pthread_join (team->thread[t].handle, NULL);
  discard (team, team->threads);
}

/* ---- threads ---- */

/* Workers begin with signals blocked, so that they go to the program's own threads: all but those of a thread's own
 * faults, which the program's handler may want to see. */
#ifdef _WIN32
typedef int signals;

static signals
block_signals (void)
{
  return 0;
}

static void
restore_signals (signals old)
{
  (void) old;
}
#else
typedef sigset_t signals;

static signals
block_signals (void)
{
  static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT };
  sigset_t all, old;
  sigfillset (&all);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    sigdelset (&all, faults[i]);
  pthread_sigmask (SIG_SETMASK, &all, &old);
  return old;
}

static void
restore_signals (signals old)
{
  pthread_sigmask (SIG_SETMASK, &old, NULL);
}
#endif

static int
start (struct team_thread *thread, size_t stack_bytes)
{
  pthread_attr_t attr;
  size_t stack = 0;
  if (pthread_attr_init (&attr) != 0)
    return -1;
  /* musl's default of 128 KiB is less than a kernel's tiles may want. */
  if (pthread_attr_getstacksize (&attr, &stack) == 0 && stack < stack_bytes)
    pthread_attr_setstacksize (&attr, stack_bytes);
  signals old = block_signals ();
  int error = pthread_create (&thread->handle, &attr, team_work, thread);
  restore_signals (old);
  pthread_attr_destroy (&attr);
  return error ? -1 : 0;
}

/* The same, pinned as OPTIONS say. A thread inherits the mask of the one that starts it. */
static int
start_pinned (struct team_thread *thread, size_t stack_bytes, const struct cpus *cpus,
              const struct team_options *options)
{
  struct cpus_mask own, pinned;
  if (!cpus_pin_mask (&pinned, cpus, options->pin, options->first_core + thread->number) || !cpus_get_mask (&own)
      || !cpus_set_mask (&pinned))
    return -1;
  int error = start (thread, stack_bytes);
  return cpus_set_mask (&own) ? error : -1;
}

/* On an error nothing is left. */
static int
start_threads (struct rescast_team *team, const struct team_options *options)
{
  struct cpus cpus;
  size_t stack_bytes = STACK_BYTES + (options->stack_bytes + 65535) / 65536 * 65536;
  if (options->pin)
    cpus_read (&cpus, NULL);
  for (int t = 0; t < team->threads; t++)
    {
      struct team_thread *thread = &team->thread[t];
      *thread = (struct team_thread){ .team = team, .number = t, .spin_ns = { TEAM_IDLE_SPIN_NS, TEAM_SPIN_NS } };
      if (park_init (&thread->park) != 0)
        {
          discard (team, t);
          return RESCAST_ETHREAD;
        }
    }
  for (int t = 1; t < team->threads; t++)
    if ((options->pin ? start_pinned (&team->thread[t], stack_bytes, &cpus, options)
                      : start (&team->thread[t], stack_bytes))
        != 0)
      {
        end (team, t);
        return RESCAST_ETHREAD;
      }
  return RESCAST_OK;
}

int
team_start (struct rescast_pool *pool, const struct team_options *options)
{
  struct rescast_team *team = make (options->shares, options->threads, options->stack_bytes);
  int error = team ? start_threads (team, options) : RESCAST_ETHREAD;
  if (!error)
    *pool = (struct rescast_pool){ .threads = options->shares, .team = team,
                                   .scratch = options->stack_bytes ? team->scratch : NULL };
  return error;
}

/* ---- pools ---- */

/* Threads beyond the CPUs that they may run on would only take time from each other: the others take their shares. */
static int
start_pool (struct rescast_pool *pool, const struct rescast_config *config, size_t stack_bytes)
{
  struct team_options options
      = { .shares = config->threads, .stack_bytes = stack_bytes, .pin = config->pin, .first_core = config->first_core };
  if (config->threads > RESCAST_MAX_THREADS || stack_bytes > SIZE_MAX / 2)
    return RESCAST_EINVAL;
  int cpus = rescast_cpu_count ();
  struct cpus_mask mask;
  if (options.pin
      && (!cpus_get_mask (&mask) || options.first_core > cpus - (options.shares < cpus ? options.shares : cpus)))
    return RESCAST_EINVAL;
  options.threads = options.shares < cpus ? options.shares : cpus;
  if (options.threads > 1 || options.shares > 1)
    return team_start (pool, &options);
  pool->threads = 1;
  return RESCAST_OK;
}

/* POOL becomes another name of the one that is SHARED. */
static int
join (struct rescast_pool *pool, const struct rescast_pool *shared, size_t stack_bytes)
{
  if (shared->threads < 1 || (shared->team && shared->team->stack_bytes < stack_bytes))
    return RESCAST_EINVAL;
  if (shared->team)
    atomic_fetch_add (&shared->team->users, 1);
  *pool = *shared;
  return RESCAST_OK;
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
    return start_pool (pool, &c, stack_bytes);
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
  if (pool->team && atomic_fetch_sub (&pool->team->users, 1) == 1)
    end (pool->team, pool->team->threads);
  memset (pool, 0, sizeof *pool);
}
