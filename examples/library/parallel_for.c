/* The network of examples/volumes in a program that has its own threads: no others are started.
 *
 *   rescast generate examples/volumes/volumes.yaml -w examples/volumes/volumes.safetensors
 *   make -C out/volumes
 *   cc -fopenmp -I out/volumes examples/library/parallel_for.c out/volumes/libvolumes.a -lm -pthread
 *   ./a.out out/volumes/volumes.weights VOLUME 4 > scores
 *
 * VOLUME is 24 x 24 x 24 bytes, 4 the number of shares. The scores are written as floats. Without -fopenmp the shares
 * run one after another; the scores are the same. */
#include "volumes.h"

#include <stdio.h>
#include <stdlib.h>

static float input[volumes_INPUT_FLOATS], scores[volumes_OUTPUT_FLOATS];

/* Any loop will do: over a thread pool, a task library, or this one. */
static void
loop (void *user, int n, void (*body) (void *arg, int i), void *arg)
{
  (void) user;
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
#endif
  for (int i = 0; i < n; i++)
    body (arg, i);
}

static int
read_volume (const char *path)
{
  FILE *f = fopen (path, "rb");
  if (!f)
    return 0;
  size_t n = 0;
  for (int c; n < volumes_INPUT_FLOATS && (c = getc (f)) != EOF; n++)
    input[n] = (float) c / 255;
  fclose (f);
  return n == volumes_INPUT_FLOATS;
}

static int
classify (const char *weights_path, int shares)
{
  struct rescast_config config = { .threads = shares, .parallel_for = loop, .check = 1 };
  struct rescast_weights weights;
  struct volumes net;
  int error = volumes_weights_map (&weights, weights_path);
  if (error)
    return error;
  void *arena = rescast_arena_alloc (volumes_ARENA_BYTES);
  error = volumes_init (&net, &weights, arena, volumes_ARENA_BYTES, &config);
  if (!error)
    {
      error = volumes_run (&net, input, scores);
      volumes_free (&net);
    }
  rescast_arena_free (arena, volumes_ARENA_BYTES);
  rescast_weights_unmap (&weights);
  return error;
}

int
main (int argc, char **argv)
{
  if (argc != 4 || !read_volume (argv[2]))
    {
      fprintf (stderr, "usage: %s volumes.weights VOLUME SHARES > SCORES\n", argv[0]);
      return 2;
    }
  int error = classify (argv[1], atoi (argv[3]));
  if (error)
    fprintf (stderr, "%s\n", rescast_strerror (error));
  return error || fwrite (scores, sizeof scores, 1, stdout) != 1;
}
