/* A network's layers run in parts of the shares of many threads, cut and ordered at random, give what one thread gives.
 * Compiled with -DNETWORK=NAME and -DSOURCE="NAME.c", a generated folder's; arguments: its weights file, a seed. */
#include SOURCE

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOINED(a, b) a##b
#define NAMED(a, b) JOINED (a, b)
#define NET(suffix) NAMED (NETWORK, suffix)
#define MOST_SHARES 256

static uint32_t state;

static int
draw (int n)
{
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (int) ((uint64_t) state * (uint32_t) n >> 32);
}

static void
nothing (void *user, int n, void (*body) (void *arg, int i), void *arg)
{
  (void) user, (void) n, (void) body, (void) arg;
}

/* A random part of what is left of a share; all of it where the layer's shares are WHOLE. */
static void
run_part (struct NETWORK *net, int step, int n, int *done, int t, bool whole)
{
  int left = RESCAST_PARTS - done[t], from = RESCAST_PARTS * t + done[t], count = whole ? left : 1 + draw (left);
  done[t] += count;
  net->target->run (net, step, (struct rescast_part){ from, from + count }, n, draw (2));
}

static void
run_steps (struct NETWORK *net, int n, const float *input, float *output)
{
#ifdef STEPS
  const int steps = net->steps;
  const unsigned short *const pieces = net->pieces;
#else
  const int steps = net->target->info->layer_count;
  const unsigned short *const pieces = net->target->pieces;
#endif
  net->input = input;
  net->output = output;
  for (int step = 0; step < steps; step++)
    {
      int done[MOST_SHARES] = { 0 };
      for (int left = n; left > 0;)
        {
          int t = draw (n);
          while (done[t] == RESCAST_PARTS)
            t = (t + 1) % n;
          run_part (net, step, n, done, t, pieces[step] == 0);
          left -= done[t] == RESCAST_PARTS;
        }
    }
}

/* The network on one thread, N being 0, or its parts for N threads. The arena is NaN before. */
static bool
run_network (const struct rescast_weights *weights, int n, const float *input, float *output)
{
  struct NETWORK net;
  const struct rescast_config config = { .threads = n, .parallel_for = nothing };
  const size_t bytes = NET (_info) ()->arena_bytes;
  void *arena = rescast_arena_alloc (bytes);
  if (!arena || NET (_init) (&net, weights, memset (arena, 0xff, bytes), bytes, n ? &config : NULL) != RESCAST_OK)
    return false;
  if (n)
    run_steps (&net, n, input, output);
  else
    NET (_run) (&net, input, output);
  NET (_free) (&net);
  rescast_arena_free (arena, bytes);
  return true;
}

int
main (int argc, char **argv)
{
  static const int threads[] = { 1, 2, 3, 5, 8, 16, 40, MOST_SHARES };
  static float input[NET (_INPUT_FLOATS)], expected[NET (_OUTPUT_FLOATS)], output[NET (_OUTPUT_FLOATS)];
  struct rescast_weights weights;
  state = argc > 2 ? (uint32_t) strtoul (argv[2], NULL, 10) : 1;
  for (int i = 0; i < NET (_INPUT_FLOATS); i++)
    input[i] = (float) (draw (2001) - 1000) / 1000;
  if (argc < 2 || NET (_weights_map) (&weights, argv[1]) != RESCAST_OK || !run_network (&weights, 0, input, expected))
    return 2;
  for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
    if (!run_network (&weights, threads[i], input, output) || memcmp (output, expected, sizeof output) != 0)
      {
        printf ("%d threads, seed %s: other results than one thread's\n", threads[i], argc > 2 ? argv[2] : "1");
        return 1;
      }
  rescast_weights_unmap (&weights);
  return 0;
}
