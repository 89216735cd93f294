/* Variants of the whole network, timed in turn. Each layer's weights are then as cold as they are in use. */
#include "tune_cpu.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../runtime/rescast.h"
#include "base/output_dir.h"
#include "base/terminal.h"
#include "base/replace.h"
#include "base/temporary.h"
#include "generate/budget.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "pack/pack.h"
#include "wisdom.h"

/* What one run of the program should take, so that its median means something. */
#define RUN_MS 300.0
#define DISTURBED 1.2

/* A candidate's program that takes this much longer than the network as it is, and a minute more, does not end. */
#define ENDLESS 100
#define SPARE_SECONDS 60

struct tuning
{
  const struct tune_options *o;
  struct manifest m; /* m.g: as built, with values */
  struct weights *weights;
  struct targets target; /* the one that this CPU runs */
  const char *work;      /* a temporary folder */
  const char *name;
  struct graph *now; /* planned as the folder is */
  struct tuned_layers layers;
  int runs, threads;
  double seconds; /* that a program may take */
};

/* The best of the folder's targets that this CPU has: what its program chooses. */
static struct targets
target_here (const struct tuning *t)
{
  for (int i = 0; i < t->m.targets.count; i++)
    if (t->m.targets.list[i].cpu && target_runs_here (t->m.targets.list[i].cpu))
      return (struct targets){ .list = { t->m.targets.list[i] }, .count = 1 };
  fatal ("%s: %s", t->o->dir, rescast_strerror (RESCAST_ECPU));
}

/* The network with the choices of HOW for the target that is tuned. */
static struct graph *
fresh (const struct tuning *t, const struct choosing *how)
{
  return tune_fresh (&t->m, how, t->target.list[0].precision);
}

/* The network with the choices of HOW, compiled into TO. */
static void
compile (const struct tuning *t, const struct choosing *how, const char *to)
{
  struct generation one = { .source = t->m.source, .weights = t->weights, .targets = t->target };
  one.dir = mem_printf ("%s/build", t->work);
  generate_folder (&one, fresh (t, how));
  tune_make (one.dir, t->name, to);
}

static const char *
variant_folder (const struct tuning *t, int k)
{
  return mem_printf ("%s/%s", t->work, k < 0 ? "before" : mem_printf ("variant%d", k));
}

static void
open_folder (struct tuning *t)
{
  t->m = manifest_build (t->o->dir);
  t->name = t->m.g->name;
  t->target = target_here (t);
  t->weights = tune_weights (t->o->dir, &t->m, t->o->weights, &t->o->use);
  t->now = fresh (t, t->m.g->choosing);
  run_passes (t->now, t->target, false);
  t->layers = tuned_layers_of (t->now);
  t->work = tune_work ();
}

static struct timing
timed (const struct tuning *t, const char *folder, int runs, const char **failure)
{
  return tune_time (folder, t->name, runs, t->threads, t->now->node_count, t->seconds, failure);
}

/* Why the network does not run with candidate K for layers FIRST … END - 1; NULL: it does. */
static const char *
failure_with (const struct tuning *t, int k, int first, int end)
{
  const char *folder = variant_folder (t, k), *failure;
  if (access (folder, F_OK) == 0)
    remove_tree (folder);
  compile (t, tuned_variant (&t->layers, t->now, k, first, end, t->o->dir), folder);
  timed (t, folder, 1, &failure);
  return failure;
}

/* The network fails with candidate K for layers FIRST … END - 1: find the layers whose candidate it is, and leave it
 * out. */
static void
find_failing (struct tuning *t, int k, int first, int end, const char *failure)
{
  if (end - first == 1)
    {
      struct tuned_layer *l = &t->layers.list[first];
      if (k == l->current)
        fatal ("%s: %s of %s, which the folder has, fails now and then: %s", t->o->dir, choice_text (l->list[k].choice),
               l->name, failure);
      l->failed[k] = true;
      printf ("%s: %s is left out: %s\n", l->name, choice_text (l->list[k].choice), failure);
      return;
    }
  const int ends[] = { first, (first + end) / 2, end };
  for (int half = 0; half < 2; half++)
    {
      const char *why = failure_with (t, k, ends[half], ends[half + 1]);
      if (why)
        find_failing (t, k, ends[half], ends[half + 1], why);
    }
}

/* Compile variant K; candidates with which the program crashes, or does not end, are left out. */
static void
prepare_variant (struct tuning *t, int k)
{
  const char *failure = failure_with (t, k, 0, t->layers.count);
  if (!failure)
    return;
  find_failing (t, k, 0, t->layers.count, failure);
  failure = failure_with (t, k, 0, t->layers.count);
  if (failure)
    fatal ("%s: the program of variant %d failed, but with no layer's kernel alone: %s", t->o->dir, k, failure);
}

/* Every variant in every round; -1 is the network as it is. A run that took much longer than the variant's fastest one
 * was disturbed by other programs, and does not count. */
static void
measure_rounds (struct tuning *t)
{
  int variants = t->layers.variants + 1, nodes = t->now->node_count;
  struct timing *all = NEW_ARRAY ((size_t) (TUNE_ROUNDS * variants), struct timing);
  double *least = NEW_ARRAY ((size_t) variants, double);
  for (int i = 0; i < TUNE_ROUNDS * variants; i++)
    {
      int k = i % variants;
      progress_show ("timing", i, TUNE_ROUNDS * variants);
      all[i] = timed (t, variant_folder (t, k - 1), t->runs, NULL);
      if (i == k || all[i].total < least[k])
        least[k] = all[i].total;
    }
  for (int i = 0; i < TUNE_ROUNDS * variants; i++)
    if (all[i].total <= least[i % variants] * DISTURBED)
      tuned_add (&t->layers, all[i].layer, nodes, i % variants - 1);
}

static void
measure (struct tuning *t)
{
  const int variants = t->layers.variants;
  const char *before = variant_folder (t, -1);
  progress_show ("compiling", 0, variants + 1);
  compile (t, tuned_variant (&t->layers, t->now, -1, 0, 0, t->o->dir), before);
  t->threads = t->o->threads;
  struct timing first = timed (t, before, 1, NULL);
  t->threads = first.threads;
  t->runs = (int) fmin (fmax (RUN_MS / fmax (first.ms, 1e-3), 2), 200);
  t->seconds = SPARE_SECONDS + ENDLESS * 1e-3 * t->runs * fmax (first.ms, first.total);
  for (int k = 0; k < variants; k++)
    {
      progress_show ("compiling", k + 1, variants + 1);
      prepare_variant (t, k);
    }
  measure_rounds (t);
  tuned_decide (&t->layers);
}

/* The times as wisdom; the choice is the fastest, or what the folder has. */
static void
put_times (const struct tuning *t, struct wisdom *w, bool fastest)
{
  for (int i = 0; i < t->layers.count; i++)
    {
      const struct tuned_layer *l = &t->layers.list[i];
      struct wisdom_entry e = { .target = t->target.list[0].name, .machine = w->here, .threads = t->threads,
                                .layer = l->shape, .count = l->count };
      memcpy (e.list, l->list, (size_t) l->count * sizeof *l->list);
      e.choice = l->list[fastest ? l->best : l->current].choice;
      wisdom_put (w, &e);
    }
}

static bool
same_choices (const struct graph *a, const struct graph *b)
{
  for (int i = 0; i < a->node_count; i++)
    if (!choice_equal (tuned_choice (&a->nodes[i]), tuned_choice (&b->nodes[i])))
      return false;
  return true;
}

/* Is the network with the choices of HOW faster than it was? Prints both times. */
static bool
faster (const struct tuning *t, const struct choosing *how)
{
  double before[TUNE_ROUNDS], after[TUNE_ROUNDS];
  const char *folder = mem_printf ("%s/after", t->work);
  compile (t, how, folder);
  for (int i = 0; i < TUNE_ROUNDS; i++)
    {
      progress_show ("comparing", i, TUNE_ROUNDS);
      before[i] = timed (t, variant_folder (t, -1), t->runs, NULL).ms;
      after[i] = timed (t, folder, t->runs, NULL).ms;
    }
  double b = median (before, TUNE_ROUNDS), a = median (after, TUNE_ROUNDS);
  printf ("%s, %s, %d thread%s: %.4f ms before, %.4f ms after\n", t->name, t->target.list[0].name, t->threads,
          t->threads == 1 ? "" : "s", b, a);
  return a < b;
}

/* Does the network fit its limits with the choices of HOW? NEXT: it, planned. */
static bool
fits (const struct tuning *t, const struct choosing *how, struct graph **next)
{
  *next = fresh (t, how);
  const struct kernels *ks = run_passes (*next, t->m.targets, false);
  return limits_fit (t->m.source, *next, ks, pack_plan (*next), &t->m.limits);
}

/* Choose by the times and regenerate the folder, if that is faster; whether it is. */
static bool
improve (const struct tuning *t, const struct wisdom *times)
{
  struct choosing how = { .wisdom = times, .max_weights = (int64_t) t->m.limits.max_weights };
  struct graph *next;
  if (!fits (t, &how, &next))
    {
      printf ("%s: kept: with the fastest kernels it needs more than the folder's limits allow\n", t->o->dir);
      return false;
    }
  if (same_choices (next, t->now))
    {
      printf ("%s: kept: nothing is faster\n", t->o->dir);
      return true;
    }
  if (!faster (t, &how))
    {
      printf ("%s: kept: it is not faster with the fastest kernels\n", t->o->dir);
      return false;
    }
  struct generation g = { .source = t->m.source,
                          .weights = t->weights,
                          .dir = t->o->dir,
                          .targets = t->m.targets,
                          .embed = t->m.embed,
                          .limits = t->m.limits };
  generate_folder (&g, tune_fresh (&t->m, &how, t->m.g->precision));
  printf ("%s: generated again; run make\n", t->o->dir);
  return true;
}

static void
write_wisdom (const struct tuning *t, struct wisdom *known, bool fastest)
{
  put_times (t, known, fastest);
  wisdom_write (known, replace_begin (t->o->wisdom));
  replace_commit ();
}

bool
tune_cpu (const struct tune_options *o, const char **why)
{
  struct tuning t = { .o = o };
  struct wisdom known = { .here = machine_here () }, times = { .here = known.here };
  if (o->wisdom && access (o->wisdom, F_OK) == 0)
    wisdom_read (&known, o->wisdom);
  open_folder (&t);
  if (!t.layers.count)
    {
      *why = t.now->precision == PRECISION_FP32
                 ? "the network has no convolution that could be computed in several ways"
                 : mem_printf ("the target %s, which the program chooses here, computes in %s, where each layer has "
                               "one kernel: there is nothing to tune",
                               t.target.list[0].name, precision_name (t.now->precision));
      return false;
    }
  measure (&t);
  tune_table (&t.layers);
  put_times (&t, &times, true);
  bool fastest = improve (&t, &times);
  if (o->wisdom)
    write_wisdom (&t, &known, fastest);
  if (t.weights)
    weights_close (t.weights);
  return true;
}
