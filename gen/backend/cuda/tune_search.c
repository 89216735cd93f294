/* Times, and what follows from them. A launch alone tells which candidates are good; at small batches kernels overlap
 * and share the caches, so that the whole network's time has the last word. */
#include "tune_variants.h"

#include <math.h>

#include "base/terminal.h"

/* Of the time for all: when candidates have been timed alone, when the search has to end. */
#define ALONE_UNTIL 0.7
#define SEARCH_UNTIL 0.95

/* Runs of the whole network at the beginning: clocks rise, and tensors get values. */
#define WARM_RUNS 100

/* Runs of a layer's graph of many launches, rounds of all candidates; what is slower than the best by so much after a
 * round is given up. */
#define ALONE_RUNS 5
#define ALONE_ROUNDS 3
#define GIVEN_UP 1.5

/* What one measurement of the whole network should take, in microseconds. */
#define WHOLE_US 8000.0
/* Rounds of old and new: first, and those that decide. */
#define FIRST_ROUNDS 3
#define ROUNDS 9
/* What must be gained for a change: less is noise. It may look worse by so much in the first rounds. */
#define LEAST_GAIN 0.003
#define HOPELESS 0.003
/* Candidates of a product, the fastest alone, that are tried in place, and how much slower alone they may be. */
#define TRIED 5
#define TRIED_SLOWER 1.25
#define PASSES 2

static bool
is_there (const struct cuda_tuning *t, const struct tuned_product *p, int c)
{
  for (int i = 0; i < p->kernel_count; i++)
    if (!t->variants[c].functions[p->kernels[i]])
      return false;
  return true;
}

static double
best_us (const struct tuned_product *p)
{
  double best = INFINITY;
  for (int c = 0; c < p->count; c++)
    best = fmin (best, p->us[c]);
  return best;
}

/* Homonyms count by their launches. */
static double
mean_us (struct cuda_tuning *t, const struct tuned_product *p)
{
  double sum = 0;
  for (int i = 0; i < p->kernel_count; i++)
    sum += p->launches[i] * cuda_network_time (t, p->first[i], ALONE_RUNS);
  return sum / p->layers;
}

static void
time_alone (struct cuda_tuning *t, struct tuned_product *p, int c, double samples[TILES_MOST][ALONE_ROUNDS], int round)
{
  if (round ? p->us[c] > GIVEN_UP * best_us (p) : !is_there (t, p, c))
    return;
  cuda_network_use (t, p, c);
  samples[c][round] = mean_us (t, p);
  p->us[c] = samples[c][round];
}

/* Medians of the candidates that were timed in all ROUNDS; the others keep one time, with which they are the last. */
static void
take_medians (struct tuned_product *p, double samples[TILES_MOST][ALONE_ROUNDS], int rounds)
{
  for (int c = 0; c < p->count; c++)
    if (rounds && isfinite (p->us[c]) && samples[c][rounds - 1] > 0)
      p->us[c] = median (samples[c], rounds);
}

void
cuda_search_alone (struct cuda_tuning *t)
{
  double (*samples)[TILES_MOST][ALONE_ROUNDS]
    = mem_array ((size_t) t->product_count, sizeof (double[TILES_MOST][ALONE_ROUNDS]));
  int round = 0;
  cuda_network_time (t, RESCAST_ALL_LAYERS, WARM_RUNS);
  for (; round < ALONE_ROUNDS && (!round || tune_cuda_spent (t) < ALONE_UNTIL); round++)
    for (int i = 0; i < t->product_count; i++)
      {
        struct tuned_product *p = &t->products[i];
        progress_show ("timing", round * t->product_count + i, ALONE_ROUNDS * t->product_count);
        for (int c = 0; c < p->count; c++)
          time_alone (t, p, c, samples[i], round);
        cuda_network_use (t, p, 0);
      }
  for (int i = 0; i < t->product_count; i++)
    take_medians (&t->products[i], samples[i], round);
  cuda_products_sort (t);
}

static int
whole_runs (struct cuda_tuning *t)
{
  return (int) fmin (fmax (WHOLE_US / cuda_network_time (t, RESCAST_ALL_LAYERS, 3), 3), 50);
}

/* The settings of all products. */
static void
use_all (struct cuda_tuning *t, const int *settings)
{
  for (int i = 0; i < t->product_count; i++)
    if (t->products[i].now != settings[i])
      cuda_network_use (t, &t->products[i], settings[i]);
}

/* Two settings in turn; what the medians of ROUNDS rounds are in microseconds. After the first rounds it may be clear
 * that the second one is slower. */
static void
compare (struct cuda_tuning *t, const int *first, const int *second, bool whole, double *us_first, double *us_second)
{
  double a[ROUNDS], b[ROUNDS], sorted_a[ROUNDS], sorted_b[ROUNDS];
  const int runs = whole_runs (t);
  for (int i = 0; i < ROUNDS; i++)
    {
      use_all (t, first);
      a[i] = cuda_network_time (t, RESCAST_ALL_LAYERS, runs);
      use_all (t, second);
      b[i] = cuda_network_time (t, RESCAST_ALL_LAYERS, runs);
      for (int j = 0; j <= i; j++)
        {
          sorted_a[j] = a[j];
          sorted_b[j] = b[j];
        }
      *us_first = median (sorted_a, i + 1);
      *us_second = median (sorted_b, i + 1);
      if (!whole && i + 1 == FIRST_ROUNDS && *us_second > *us_first * (1 + HOPELESS))
        return;
    }
}

static int *
settings_now (const struct cuda_tuning *t)
{
  int *s = NEW_ARRAY ((size_t) t->product_count, int);
  for (int i = 0; i < t->product_count; i++)
    s[i] = t->products[i].now;
  return s;
}

static bool
is_faster (struct cuda_tuning *t, const int *than, const int *it)
{
  double old, new;
  compare (t, than, it, false, &old, &new);
  return new < old * (1 - LEAST_GAIN);
}

/* The product NUMBER's other good candidates in place of the one that it has; did it change? */
static bool
try_candidates (struct cuda_tuning *t, int number)
{
  const struct tuned_product *p = &t->products[number];
  int *old = settings_now (t), *new = settings_now (t);
  bool changed = false;
  for (int rank = 0; rank < p->count && tune_cuda_spent (t) < SEARCH_UNTIL; rank++)
    {
      const int c = p->order[rank];
      /* and the one that the folder has, in any case */
      if (c == old[number] || !isfinite (p->us[c]) || (c && (rank >= TRIED || p->us[c] > TRIED_SLOWER * best_us (p))))
        continue;
      new[number] = c;
      if (is_faster (t, old, new))
        {
          old[number] = c;
          changed = true;
        }
    }
  use_all (t, old);
  return changed;
}

/* Products by their share of the time, the largest first. */
static int *
by_share (const struct cuda_tuning *t)
{
  int *order = NEW_ARRAY ((size_t) t->product_count, int);
  for (int i = 0; i < t->product_count; i++)
    {
      int at = i;
      const struct tuned_product *p = &t->products[i];
      for (; at > 0; at--)
        {
          const struct tuned_product *q = &t->products[order[at - 1]];
          if (p->us[p->now] * p->layers <= q->us[q->now] * q->layers)
            break;
          order[at] = order[at - 1];
        }
      order[at] = i;
    }
  return order;
}

void
cuda_search_whole (struct cuda_tuning *t)
{
  const int *before = settings_now (t);
  for (int i = 0; i < t->product_count; i++)
    cuda_network_use (t, &t->products[i], t->products[i].order[0]);
  const int *fastest = settings_now (t);
  if (!is_faster (t, before, fastest))
    use_all (t, before); /* where all of them are not faster together, some of them may be */
  for (int pass = 0; pass < PASSES; pass++)
    {
      const int *order = by_share (t);
      bool changed = false;
      for (int i = 0; i < t->product_count; i++)
        {
          progress_show ("choosing", pass * t->product_count + i, PASSES * t->product_count);
          changed |= try_candidates (t, order[i]);
        }
      if (!changed)
        break;
    }
  progress_show ("choosing", PASSES * t->product_count - 1, PASSES * t->product_count);
}

void
cuda_search_compare (struct cuda_tuning *t, double *before, double *after)
{
  const int *now = settings_now (t), *then = NEW_ARRAY ((size_t) t->product_count, int);
  compare (t, then, now, true, before, after);
  use_all (t, now);
}
