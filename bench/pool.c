/* What a phase of the runtime's pool costs, in time and in fairness.
 *
 *   cc -O2 -pthread -Iruntime -o pool bench/pool.c runtime/pool.c runtime/threads.c runtime/team.c runtime/cpus.c
 *   ./pool THREADS [PIN [PIECES [MICROSECONDS...]]]
 *
 * Phases of MICROSECONDS of work in equal shares (0, 10, 100 and 1000 where none are given), and the same by one thread
 * alone; then a job of ten such phases whose threads have to be woken first, and that job with all of them awake. PIN:
 * 1 pins the threads to cores. PIECES: into how many all shares of a phase together may be cut, 0 by default. A line:
 * the median and the least over rounds.
 */
#if !defined _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "../runtime/rescast.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 15

static double
now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* Dependent steps, which take as long on every thread. */
static void
work (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  long steps = *(const long *) arg;
  double x = 1 + phase;
  (void) caller;
  for (long i = (t.to - t.from) * steps / (RESCAST_PARTS * n); i > 0; i--)
    {
      x = x * 0.999 + 1;
      __asm__ volatile ("" : "+x"(x));
    }
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

#define MOST_PHASES 20001
static unsigned short pieces[MOST_PHASES + 1];

/* Microseconds of a phase of STEPS; GAP: of sleep before each job. */
static void
measure (struct rescast_pool *pool, long steps, int phases, int gap, double *median, double *least)
{
  double us[ROUNDS];
  for (int r = -2; r < ROUNDS; r++)
    {
      if (gap)
        nanosleep (&(struct timespec){ 0, 1000l * gap }, NULL);
      double start = now ();
      rescast_pool_run (pool, 1, phases, pieces, work, &steps);
      if (r >= 0)
        us[r] = 1e6 * (now () - start) / phases;
    }
  qsort (us, ROUNDS, sizeof *us, compare);
  *median = us[ROUNDS / 2];
  *least = us[0];
}

int
main (int argc, char **argv)
{
  static const char *const defaults[] = { "0", "10", "100", "1000" };
  const char *const *sizes = argc > 4 ? (const char *const *) argv + 4 : defaults;
  int threads = argc > 1 ? atoi (argv[1]) : 2, pin = argc > 2 && atoi (argv[2]) ? RESCAST_PIN_CORE : RESCAST_PIN_NONE;
  struct rescast_pool pool, one = { 0 };
  struct rescast_config config = { .threads = threads, .pin = pin };
  double median, least, alone, alone_least;
  if (rescast_pool_start (&pool, &config, 0) != RESCAST_OK || (pin && rescast_pin_thread (pin, 0) != RESCAST_OK))
    {
      fprintf (stderr, "pool: there are not %d threads to be had, or pinned\n", threads);
      return 1;
    }
  measure (&one, 1000000, 3, 0, &alone, &alone_least);
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
    pieces[i] = (unsigned short) (argc > 3 ? atoi (argv[3]) : 0);
  const double steps_per_us = 1000000 / alone_least;
  for (int i = 0; i < (argc > 4 ? argc - 4 : 4); i++)
    {
      double us = atof (sizes[i]);
      long steps = (long) (us * steps_per_us);
      int phases = us > 0 ? (int) (20000 / us) + 1 : MOST_PHASES;
      measure (&one, steps, phases, 0, &alone, &alone_least);
      measure (&pool, steps, phases, 0, &median, &least);
      printf ("%3d threads: phases of %6.0f us: %9.2f us (least %9.2f); alone %9.2f (%9.2f)\n", threads, us, median,
              least, alone, alone_least);
      double woken, woken_least;
      measure (&pool, steps, 10, 1000, &woken, &woken_least);
      measure (&pool, steps, 10, 0, &median, &least);
      printf ("             ten of them after a sleep: %9.2f us (least %9.2f), else %9.2f (%9.2f)\n", 10 * woken,
              10 * woken_least, 10 * median, 10 * least);
    }
  rescast_pool_free (&pool);
  return 0;
}
