/* `rescast verify`: the order of the checks, and their summary. */
#include "parts.h"

#include <stdio.h>
#include <string.h>

#include "graph/element.h"

/* Is tensor INDEX of the library the graph's tensor T, in the same place? */
static bool
same_tensor (const struct rescast_info *info, int index, const struct graph *g, int t)
{
  if (index < 0 || index >= info->tensor_count)
    return false;
  const struct rescast_tensor *a = &info->tensors[index];
  const struct tensor *b = &g->tensors[t];
  bool same = a->offset == b->offset && a->bytes == b->bytes && a->n == g->batch && a->c == b->shape.c
              && a->d == b->shape.dim[AXIS_D] && a->h == b->shape.dim[AXIS_H] && a->w == b->shape.dim[AXIS_W]
              && (a->layout == RESCAST_BLOCKED) == (b->layout == LAYOUT_BLOCKED)
              && (a->layout == RESCAST_CHANNELS_LAST) == (b->layout == LAYOUT_CHANNELS_LAST)
              && (a->layout == RESCAST_CHANNELS_4) == (b->layout == LAYOUT_CHANNELS_4)
              && a->element == element_of (tensor_precision (g, b));
  for (int i = 0; i < AXES; i++)
    same = same && a->halo_lo[i] == b->halo_lo[i] && a->halo_hi[i] == b->halo_hi[i];
  return same && b->offset <= info->arena_bytes && b->bytes <= info->arena_bytes - b->offset;
}

/* The rebuilt graph must describe the library, or every comparison would be meaningless. */
static void
check_description (const struct library *lib, const struct graph *g)
{
  const struct rescast_info *info = lib->info ();
  bool same = info->layer_count == g->node_count && info->batch == g->batch;
  for (int i = 0; same && i < g->node_count; i++)
    {
      const struct rescast_layer *layer = &info->layers[i];
      const struct node *n = &g->nodes[i];
      same = !strcmp (layer->name, n->covers) && !strcmp (layer->op, op_name (n->op))
             && (n->op == OP_OUTPUT || same_tensor (info, layer->output, g, n->out));
    }
  if (!same)
    fatal ("%s: the generated code is not what its manifest describes; generate it again", lib->dir);
}

/* An outcome per layer. */
static struct outcome *
verify_layers (const struct library *lib, const struct graph *g, const struct verify_options *o)
{
  const struct rescast_info *info = lib->info ();
  const struct rescast_weights *w = &lib->weights;
  struct layers l = { .g = g, .lib = lib, .arena = guarded_new (info->arena_bytes) };
  size_t batch = (size_t) g->batch * sizeof (float);
  l.input = guarded_new (batch * (size_t) shape_count (&g->tensors[g->nodes[0].out].shape));
  l.output = guarded_new (batch * (size_t) shape_count (&g->tensors[g->nodes[g->node_count - 1].out].shape));
  l.outcomes = NEW_ARRAY ((size_t) g->node_count, struct outcome);
  for (int i = 0; i < g->node_count; i++)
    l.outcomes[i] = (struct outcome){ .layer = info->layers[i].name, .op = info->layers[i].op,
                                      .kernel = info->layers[i].kernel };
  uint64_t hash = hash_bytes (HASH_START, w->data, w->data_bytes);
  layers_run (&l, o->threads, o->seed);
  l.non_finite = o->non_finite;
  if (o->non_finite)
    layers_run (&l, o->threads, o->seed);
  for (int i = 0; i < g->node_count; i++)
    if (!l.outcomes[i].ran)
      l.outcomes[i].failure = "the layer was not run";
  if (hash_bytes (HASH_START, w->data, w->data_bytes) != hash)
    fatal ("%s: the weights changed while the network ran", lib->name);
  guarded_free (&l.arena);
  guarded_free (&l.input);
  guarded_free (&l.output);
  return l.outcomes;
}

static void
print_failures (const char *name, const struct outcome *list, int count)
{
  for (int i = 0; i < count; i++)
    if (list[i].failure)
      printf ("%s: %s (%s, %s): %s\n", name, list[i].layer, list[i].op, list[i].kernel, list[i].failure);
}

/* The closing lines of one target; the number of failures. */
static int
summarize (const struct library *lib, const struct outcome *list, int layers, int count, bool non_finite)
{
  int failures = 0, worst = 0, first = -1;
  const char *name = lib->name, *target = lib->target;
  for (int i = 0; i < count; i++)
    {
      if (list[i].failure && !failures++)
        first = i;
      if (i < layers && list[i].worst > list[worst].worst)
        worst = i;
    }
  if (failures)
    {
      printf ("%s: %s: %d of %d checks failed; the first is %s\n", name, target, failures, count, list[first].layer);
      return failures;
    }
  printf ("%s: %s: %d layers agree with the double reference%s, worst error %.2f of the bound (layer %s)\n", name, target,
          layers, non_finite ? ", in NaN and infinities too" : "", list[worst].worst, list[worst].layer);
  for (int i = layers; i < count; i++)
    printf ("%s: %s: %s: agrees, error %.2f of the tolerance\n", name, target, list[i].layer, list[i].worst);
  return 0;
}

/* What the whole network may differ by: the user's word, or the experience with each precision. */
static double
tolerance_of (const struct verify_options *o, const struct graph *g)
{
  static const double usual[] = { [PRECISION_FP32] = 1e-5, [PRECISION_TF32] = 2e-3, [PRECISION_FP16] = 5e-3,
                                  [PRECISION_BF16] = 3e-2 };
  return o->tolerance > 0 ? o->tolerance : usual[g->precision];
}

/* All checks of lib->target, their outcomes into LIST; the number of failures. UNFOLDED: the graph before the passes,
 * or NULL. */
static int
verify_target (const struct library *lib, const struct graph *g, const struct graph *unfolded,
               const struct verify_options *options, struct outcome *list, int *count)
{
  struct verify_options o = *options;
  o.tolerance = tolerance_of (options, g);
  struct outcome *layers = verify_layers (lib, g, &o);
  int n = g->node_count;
  memcpy (list, layers, (size_t) n * sizeof *list);
  if (unfolded)
    verify_unfolded (lib, unfolded, &o, &list[n++]);
  if (o.reference)
    verify_reference (lib, &o, &list[n++]);
  if (o.verbose)
    report_table (lib->name, list, n);
  print_failures (lib->name, list, n);
  *count += n;
  return summarize (lib, list, g->node_count, n, o.non_finite);
}

/* The outcomes of all targets. */
struct outcomes
{
  struct outcome *list;
  int count, failures;
};

/* Every target of the library that this machine has. */
static void
verify_targets (struct library *lib, const struct graph *g, const struct graph *unfolded, const struct verify_options *o,
                struct outcomes *all)
{
  const char *const *targets = lib->info ()->targets;
  int known = 0;
  while (targets[known])
    known++;
  struct outcome *list = NEW_ARRAY ((size_t) all->count + (size_t) known * ((size_t) g->node_count + 2), struct outcome);
  if (all->count)
    memcpy (list, all->list, (size_t) all->count * sizeof *list);
  all->list = list;
  for (int i = 0; i < known; i++)
    if (library_runs (lib, lib->target = targets[i]))
      all->failures += verify_target (lib, g, unfolded, o, list + all->count, &all->count);
    else
      printf ("%s: %s: skipped, this %s\n", lib->name, targets[i], g->cuda ? "machine has no such GPU" : "CPU lacks it");
}

static void
verify_cuda (const struct library *lib, const struct graph *unfolded, const struct verify_options *o,
             struct outcomes *all)
{
  struct library cuda;
  const struct graph *g = o->planned_cuda ? o->planned_cuda (lib->dir, lib->manifest) : NULL;
  if (!g)
    return;
  library_open_cuda (&cuda, lib);
  check_description (&cuda, g);
  verify_targets (&cuda, g, unfolded, o, all);
  library_close (&cuda);
}

int
verify_run (const struct verify_options *options)
{
  struct verify_options o = *options;
  struct library lib;
  if (o.threads < 1)
    o.threads = 1;
  library_open (&lib, o.dir);
  const struct graph *g = o.planned (lib.dir, lib.manifest);
  check_description (&lib, g);
  struct outcomes all = { .count = 0 };
  const struct graph *unfolded = o.weights ? o.unfolded (lib.dir, lib.manifest, o.weights) : NULL;
  verify_targets (&lib, g, unfolded, &o, &all);
  verify_cuda (&lib, unfolded, &o, &all);
  if (!all.count) /* nothing was checked: a failure too */
    printf ("%s: %s\n", lib.name, rescast_strerror (RESCAST_ECPU));
  if (o.junit)
    report_junit (o.junit, lib.name, all.list, all.count);
  library_close (&lib);
  return all.failures || !all.count;
}
