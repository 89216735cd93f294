/* What a phase of the runtime's pool costs, in time and in fairness.
 *
 *   cc -O2 -pthread -Iruntime -o pool bench/pool.c runtime/threads.c runtime/team.c runtime/cpus.c
 *   ./pool [THREADS [PIN [MICROSECONDS]]]
 *
 * Phases whose shares do nothing, then phases of MICROSECONDS of work (100 and 1000 where there is none given) in equal
 * shares; each beside one thread that does the same work alone. A line: the median and the least over rounds. */
#if !defined _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "../runtime/rescast.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 21

static double
now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* Dependent steps, which take as long on every thread. */
static void
work (void *arg, int phase, int t, int n, int caller)
{
  long steps = *(const long *) arg;
  double x = 1 + phase;
  (void) t, (void) caller;
  for (long i = 0; i < steps / n; i++)
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

/* Microseconds of a phase of STEPS. */
static void
measure (struct rescast_pool *pool, long steps, int phases, double *median, double *least)
{
  double us[ROUNDS];
  for (int r = -2; r < ROUNDS; r++)
    {
      double start = now ();
      rescast_pool_run (pool, 1, phases, work, &steps);
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
  int threads = argc > 1 ? atoi (argv[1]) : 2, pin = argc > 2 && atoi (argv[2]);
  double given = argc > 3 ? atof (argv[3]) : 0, sizes[] = { 0, given ? given : 10, given ? given : 100, 1000 };
  struct rescast_pool pool, one = { 0 };
  struct rescast_config config = { .threads = threads, .pin = pin };
  if (pin && rescast_pin_thread (RESCAST_PIN_CORE, 0) != RESCAST_OK)
    return 1;
  if (rescast_pool_start (&pool, &config, 0) != RESCAST_OK)
    return 1;
  double median, least, alone, alone_least;
  measure (&one, 1000000, 3, &alone, &alone_least);
  const double steps_per_us = 1000000 / alone_least;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
      long steps = (long) (sizes[i] * steps_per_us);
      int phases = sizes[i] ? (int) (50000 / sizes[i]) + 1 : 20000;
      measure (&one, steps, phases, &alone, &alone_least);
      measure (&pool, steps, phases, &median, &least);
      printf ("%d threads: phases of %6.0f us: %9.2f us (least %9.2f); alone %9.2f (%9.2f)\n", threads, sizes[i], median, least,
              alone, alone_least);
    }
  rescast_pool_free (&pool);
  return 0;
}
