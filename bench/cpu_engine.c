/* A generated network as an engine of bench/cpu_peers.py: a process that stays, and runs when it is told to.
 *
 *   cc -O2 -IFOLDER -o engine bench/cpu_engine.c FOLDER/libnet.a -pthread -lm       (the network is called net)
 *   ./engine FOLDER/net.weights INPUT.npy REFERENCE.npy THREADS LABEL [TARGET]
 *
 * It prints {"LABEL": D}, D the relative L2 distance of its output from the reference (- for none: 0), or
 * {"error": "what is wrong"}. Then, for each line `SECONDS LABEL` of its input, [MS, ...]: how long each run took
 * within that time.
 */
#include "net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* As the other engines' in cpu_peers.py: seconds of runs that are not counted, and runs that are so long that they need
 * none. */
#define WARM_UP 0.002
#define LONG_RUN 0.02

static struct rescast_weights weights;
static struct net net;

static double
now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* Ends the process, as nothing can be measured. */
static _Noreturn void
fail (const char *what)
{
  printf ("{\"error\": \"%s\"}\n", what);
  exit (0);
}

/* The COUNT floats of a .npy file of version 1. */
static float *
read_npy (const char *path, size_t count)
{
  unsigned char head[10];
  float *data = malloc (count * sizeof *data);
  FILE *f = fopen (path, "rb");
  if (!f || !data || fread (head, 1, sizeof head, f) != sizeof head || fseek (f, head[8] + 256 * head[9], SEEK_CUR) != 0
      || fread (data, sizeof *data, count, f) != count)
    fail ("an input or a reference cannot be read");
  fclose (f);
  return data;
}

static double
distance (const float *y, const float *reference)
{
  double difference = 0, norm = 0;
  for (int i = 0; i < net_OUTPUT_FLOATS; i++)
    {
      difference += pow ((double) y[i] - reference[i], 2);
      norm += pow (reference[i], 2);
    }
  return sqrt (difference / norm);
}

static double
run (const float *x, float *y)
{
  double start = now ();
  if (net_run (&net, x, y) != RESCAST_OK)
    exit (1);
  return now () - start;
}

/* One run at least; they are printed while they are timed, and written when they are over. */
static void
time_runs (double seconds, const float *x, float *y)
{
  static double last;
  double start = now ();
  while (last < LONG_RUN)
    {
      last = run (x, y);
      if (now () - start >= WARM_UP)
        break;
    }
  start = now ();
  const char *before = "[";
  do
    {
      last = run (x, y);
      printf ("%s%.5f", before, 1e3 * last);
      before = ", ";
    }
  while (now () - start < seconds);
  printf ("]\n");
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  static char buffer[1 << 20];
  setvbuf (stdout, buffer, _IOFBF, sizeof buffer);
  if (argc < 6)
    fail ("WEIGHTS INPUT.npy REFERENCE.npy THREADS LABEL [TARGET]");
  struct rescast_config config = { .threads = atoi (argv[4]), .target = argc > 6 ? argv[6] : NULL };
  void *arena = rescast_arena_alloc (net_ARENA_BYTES);
  float *x = read_npy (argv[2], net_INPUT_FLOATS);
  float *reference = strcmp (argv[3], "-") == 0 ? NULL : read_npy (argv[3], net_OUTPUT_FLOATS);
  float *y = malloc (net_OUTPUT_FLOATS * sizeof *y);
  int error = net_weights_map_for (&weights, argv[1], &config);
  if (!error)
    error = net_init (&net, &weights, arena, net_ARENA_BYTES, &config);
  if (error || !y)
    fail (error ? rescast_strerror (error) : "out of memory");
  run (x, y);
  printf ("{\"%s\": %g}\n", argv[5], reference ? distance (y, reference) : 0);
  fflush (stdout);
  char line[256];
  while (fgets (line, sizeof line, stdin))
    time_runs (atof (line), x, y);
  net_free (&net);
  return 0;
}
