/* The pool: the caller is thread 0, workers wait for the next generation, barriers keep all in step.
 *
 * Every wait is for one word to change: a short spin, then sleep on the condition. A word is changed under the
 * mutex, and a sleeper looks at it under the mutex before it sleeps, so that no wake-up is lost. One condition
 * serves all words: whoever is woken for another's word goes back to sleep. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#elif defined __APPLE__ && !defined _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE /* _SC_NPROCESSORS_ONLN */
#endif
#include "rescast.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sched.h>
#include <signal.h>
#include <unistd.h>
#endif
#include <stdbool.h>
#include <string.h>
#include <time.h>

/* Longer than threads with equal shares of a layer wait for each other, shorter than a time slice. */
#define SPIN_NS 50000
#define STACK_BYTES ((size_t) 1 << 20)

/* CPUs that this process may use: taskset and containers often leave fewer than the machine has. */
int
rescast_cpu_count (void)
{
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return CPU_COUNT (&set);
#endif
#ifdef _WIN32
  SYSTEM_INFO system;
  GetSystemInfo (&system);
  long n = (long) system.dwNumberOfProcessors;
#else
  long n = sysconf (_SC_NPROCESSORS_ONLN);
#endif
  return n < 1 ? 1 : n > 4096 ? 4096 : (int) n;
}

static int64_t
now_ns (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void
relax (void)
{
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause ();
#elif defined __aarch64__
  __asm__ volatile ("yield");
#endif
}

static bool
spin (struct rescast_pool *pool, atomic_uint *word, unsigned old)
{
  if (atomic_load_explicit (word, memory_order_acquire) != old)
    return true;
  if (pool->spin_ns == 0)
    return false;
  int64_t end = now_ns () + pool->spin_ns;
  do
    for (int i = 0; i < 32; i++)
      {
        relax ();
        if (atomic_load_explicit (word, memory_order_acquire) != old)
          return true;
      }
  while (now_ns () < end);
  return false;
}

static void
wait_change (struct rescast_pool *pool, atomic_uint *word, unsigned old)
{
  if (spin (pool, word, old))
    return;
  pthread_mutex_lock (&pool->mutex);
  pool->sleepers++;
  while (atomic_load_explicit (word, memory_order_acquire) == old)
    pthread_cond_wait (&pool->wake, &pool->mutex);
  pool->sleepers--;
  pthread_mutex_unlock (&pool->mutex);
}

static void
change (struct rescast_pool *pool, atomic_uint *word)
{
  pthread_mutex_lock (&pool->mutex);
  atomic_fetch_add_explicit (word, 1, memory_order_release);
  /* Under the mutex: once it is released the pool may already be on its way to be freed by another thread. */
  if (pool->sleepers)
    pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->mutex);
}

void
rescast_barrier (struct rescast_pool *pool)
{
  if (pool->threads <= 1)
    return;
  /* Read before arriving: the phase cannot change without this thread. */
  unsigned phase = atomic_load_explicit (&pool->phase, memory_order_relaxed);
  unsigned before = atomic_fetch_add_explicit (&pool->arrived, 1, memory_order_acq_rel);
  if (before + 1 < (unsigned) pool->threads)
    {
      wait_change (pool, &pool->phase, phase);
      return;
    }
  atomic_store_explicit (&pool->arrived, 0, memory_order_relaxed);
  change (pool, &pool->phase);
}

static void *
work (void *arg)
{
  struct rescast_pool *pool = arg;
  pthread_mutex_lock (&pool->mutex);
  int t = ++pool->started;
  pthread_mutex_unlock (&pool->mutex);
  for (unsigned seen = 0;; seen++)
    {
      wait_change (pool, &pool->generation, seen);
      if (atomic_load_explicit (&pool->stop, memory_order_relaxed))
        return NULL;
      pool->task (pool->arg, t, pool->threads);
      rescast_barrier (pool);
    }
}

void
rescast_pool_run (struct rescast_pool *pool, rescast_task *task, void *arg)
{
  if (pool->threads <= 1)
    {
      task (arg, 0, 1);
      return;
    }
  pool->task = task;
  pool->arg = arg;
  change (pool, &pool->generation);
  task (arg, 0, pool->threads);
  /* No worker is left inside TASK behind this, and none can miss the next generation. */
  rescast_barrier (pool);
}

/* What a share of the caller's parallel loop has to know. */
struct shares
{
  rescast_task *task;
  void *arg;
  int n;
};

static void
run_share (void *arg, int t)
{
  const struct shares *s = arg;
  s->task (s->arg, t, s->n);
}

void
rescast_pool_each (struct rescast_pool *pool, rescast_task *task, void *arg)
{
  if (!pool->parallel_for)
    {
      rescast_pool_run (pool, task, arg);
      return;
    }
  struct shares s = { task, arg, pool->threads };
  pool->parallel_for (pool->user, pool->threads, run_share, &s);
}

/* Stop and join the workers 1 … THREADS - 1. */
static void
join (struct rescast_pool *pool, int threads)
{
  if (threads > 1)
    {
      atomic_store_explicit (&pool->stop, 1, memory_order_relaxed);
      change (pool, &pool->generation);
    }
  for (int t = 1; t < threads; t++)
    pthread_join (pool->thread[t], NULL);
  pthread_cond_destroy (&pool->wake);
  pthread_mutex_destroy (&pool->mutex);
}

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
start (struct rescast_pool *pool, int t)
{
  pthread_attr_t attr;
  size_t stack = 0;
  if (pthread_attr_init (&attr) != 0)
    return -1;
  /* musl's default of 128 KiB is less than a kernel's tiles may want. */
  if (pthread_attr_getstacksize (&attr, &stack) == 0 && stack < pool->stack_bytes)
    pthread_attr_setstacksize (&attr, pool->stack_bytes);
  signals old = block_signals ();
  int error = pthread_create (&pool->thread[t], &attr, work, pool);
  restore_signals (old);
  pthread_attr_destroy (&attr);
  return error ? -1 : 0;
}

/* On an error nothing is left. */
static int
start_all (struct rescast_pool *pool, int threads)
{
  if (pthread_mutex_init (&pool->mutex, NULL) != 0)
    return RESCAST_ETHREAD;
  if (pthread_cond_init (&pool->wake, NULL) != 0)
    {
      pthread_mutex_destroy (&pool->mutex);
      return RESCAST_ETHREAD;
    }
  for (int t = 1; t < threads; t++)
    if (start (pool, t) != 0)
      {
        join (pool, t);
        return RESCAST_ETHREAD;
      }
  return RESCAST_OK;
}

int
rescast_pool_init (struct rescast_pool *pool, int threads, size_t stack_bytes)
{
  if (!pool)
    return RESCAST_EINVAL;
  memset (pool, 0, sizeof *pool);
  if (threads < 1 || threads > RESCAST_MAX_THREADS || stack_bytes > SIZE_MAX / 2)
    return RESCAST_EINVAL;
  pool->threads = threads;
  pool->stack_bytes = STACK_BYTES + (stack_bytes + 65535) / 65536 * 65536;
  pool->spin_ns = threads <= rescast_cpu_count () ? SPIN_NS : 0;
  atomic_init (&pool->generation, 0);
  atomic_init (&pool->arrived, 0);
  atomic_init (&pool->phase, 0);
  atomic_init (&pool->stop, 0);
  int error = start_all (pool, threads);
  if (error)
    memset (pool, 0, sizeof *pool);
  return error;
}

int
rescast_pool_start (struct rescast_pool *pool, const struct rescast_config *config, size_t stack_bytes)
{
  int threads = config && config->threads ? config->threads : 1;
  if (!config || !config->parallel_for)
    return rescast_pool_init (pool, threads, stack_bytes);
  if (!pool)
    return RESCAST_EINVAL;
  memset (pool, 0, sizeof *pool);
  if (threads < 1)
    return RESCAST_EINVAL;
  pool->threads = threads;
  pool->parallel_for = config->parallel_for;
  pool->user = config->user;
  return RESCAST_OK;
}

void
rescast_pool_free (struct rescast_pool *pool)
{
  if (!pool || pool->threads < 1)
    return;
  if (!pool->parallel_for)
    join (pool, pool->threads);
  memset (pool, 0, sizeof *pool);
}
