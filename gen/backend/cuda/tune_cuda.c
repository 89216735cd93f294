/* Tiles of a GPU's products by their times: candidates in variants of the network, each product's launch alone, then
 * the whole network with one product after the other changed in place. */
#include "backend/cuda/tune_cuda.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cuda.h"
#include "tune_variants.h"
#include "generate/generate.h"

/* What outputs may differ by, relative, in the root of the mean square: sums are in another order, and a softmax makes
 * much of little. Wrong kernels differ by more; verify tells the rest. */
static const double differences[]
    = { [PRECISION_FP32] = 1e-4, [PRECISION_TF32] = 1e-2, [PRECISION_FP16] = 3e-2, [PRECISION_BF16] = 0.2 };

const char *
tune_cuda_missing (const struct tune_options *o)
{
  struct manifest m = manifest_build (o->dir);
  int major, minor;
  const char *why = NULL;
  if (targets_device (&m.targets) != &cuda_backend)
    why = "the target cuda is not among those that it was generated for";
  else if (m.precision == PRECISION_FP32)
    why = "in fp32 there are no tensor cores' tiles to choose";
  json_decref (m.json);
  return why ? why : tune_cuda_gpu (o->gpu, &major, &minor);
}

static const char *
make_folder (void)
{
  const char *folder = mem_printf ("%s/cuda", tune_work ());
  if (mkdir (folder, 0777))
    fatal ("%s: cannot be made", folder);
  return folder;
}

static void
plan (struct cuda_tuning *t)
{
  t->variants = NEW_ARRAY (TILES_MOST, struct cuda_variant);
  t->variants[0] = cuda_variant_plan (t, 0, t->m.g->tiles);
  t->weight_bytes = t->variants[0].all.weight_bytes;
  t->variant_count = 1;
  cuda_products (t);
  for (int i = 0; i < t->product_count; i++)
    if (t->products[i].count > t->variant_count)
      t->variant_count = t->products[i].count;
  for (int k = 1; k < t->variant_count; k++)
    t->variants[k] = cuda_variant_plan (t, k, cuda_products_tiles (t, k));
}

/* Of what was finite before: random weights may be too much for fp16. */
static double
relative_difference (const float *before, const float *after, int64_t count)
{
  double squares = 0, sum = 0;
  for (int64_t i = 0; i < count; i++)
    if (isfinite (before[i]))
      {
        double d = (double) after[i] - (double) before[i];
        squares += d * d;
        sum += (double) before[i] * (double) before[i];
      }
  return squares > 0 || isnan (squares) ? sqrt (squares / sum) : 0;
}

/* The relative difference of the outputs as the network is now and as it was. */
static double
difference (struct cuda_tuning *t)
{
  int64_t count;
  int *now = NEW_ARRAY ((size_t) t->product_count, int);
  float *after = cuda_network_output (t, &count);
  for (int i = 0; i < t->product_count; i++)
    {
      now[i] = t->products[i].now;
      cuda_network_use (t, &t->products[i], 0);
    }
  float *before = cuda_network_output (t, &count);
  for (int i = 0; i < t->product_count; i++)
    cuda_network_use (t, &t->products[i], now[i]);
  double d = relative_difference (before, after, count);
  free (after);
  free (before);
  return d;
}

static void
forget_changes (struct cuda_tuning *t)
{
  for (int i = 0; i < t->product_count; i++)
    cuda_network_use (t, &t->products[i], 0);
}

/* Is the network as it is now faster and as right as it was? */
static bool
is_better (struct cuda_tuning *t)
{
  double before, after, d = difference (t);
  cuda_search_compare (t, &before, &after);
  printf ("%s, GPU %d, %s: %.4f ms before, %.4f ms after\n", tuned_graph (t)->name, t->o->gpu, t->info.precision,
          before / 1e3, after / 1e3);
  if (!(d <= differences[t->m.precision]))
    printf ("%s: kept: with these tiles its output differs by %.2g\n", t->o->dir, d);
  else if (!(after < before))
    printf ("%s: kept: no tiles are faster\n", t->o->dir);
  return d <= differences[t->m.precision] && after < before;
}

static void
regenerate (const struct cuda_tuning *t, char **lines, int count)
{
  struct measured_tiles *tiles = cuda_tiles_new ();
  for (int i = 0; i < count; i++)
    cuda_tiles_add_line (tiles, lines[i], (struct loc){ "the fastest tiles", i + 1, 1 });
  struct graph *g = tune_fresh (&t->m, t->m.g->choosing, t->m.g->precision);
  g->tiles = tiles;
  struct generation folder = { .source = t->m.source,
                               .weights = t->weights,
                               .dir = t->o->dir,
                               .targets = t->m.targets,
                               .embed = t->m.embed,
                               .limits = t->m.limits };
  generate_folder (&folder, g);
  printf ("%s: generated again; run make\n", t->o->dir);
}

/* Everything between loading and unloading; what is in use at its end is best. */
static bool
search (struct cuda_tuning *t)
{
  cuda_search_alone (t);
  cuda_search_whole (t);
  cuda_report_table (t);
  bool better = is_better (t);
  if (!better)
    forget_changes (t);
  return better;
}

bool
tune_cuda (const struct tune_options *o, const char **why)
{
  struct cuda_tuning t = { .o = o };
  clock_gettime (CLOCK_MONOTONIC, &t.start);
  if (o->tiles && access (o->tiles, F_OK) == 0)
    cuda_tiles_read (o->tiles); /* what is wrong with it is told now */
  t.m = manifest_build (o->dir);
  t.weights = tune_weights (o->dir, &t.m, o->weights, &o->use);
  plan (&t);
  *why
      = t.product_count ? tune_cuda_gpu (o->gpu, &t.major, &t.minor) : "the network has no product on the tensor cores";
  if (*why)
    return false;
  const char *folder = make_folder (), *words;
  cuda_variants_compile (&t, folder, &words);
  if (!t.variants[0].source)
    {
      *why = words;
      return false;
    }
  if (words)
    fprintf (stderr, "rescast: tiles are left out: %s\n", words);
  cuda_driver_open (&t.driver);
  words = cuda_network_open (&t);
  if (words)
    fatal ("%s: %s", o->dir, words);
  int count;
  bool better = search (&t);
  char **lines = cuda_products_lines (&t, &count);
  cuda_network_close (&t);
  if (better)
    regenerate (&t, lines, count);
  if (o->tiles)
    cuda_report_tiles (o->tiles, lines, count);
  if (t.weights)
    weights_close (t.weights);
  return true;
}
