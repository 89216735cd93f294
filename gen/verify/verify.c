/* `rescast verify`: the order of the checks, and their summary. */
#include "backend/backend.h"
#include "verify_internal.h"

#include <stdio.h>
#include <string.h>


/* Is tensor INDEX of the library the graph's tensor T, in the same place? */
static bool
same_tensor (const struct rescast_info *info, int index, const struct graph *g, int t)
{
  static const int layouts[] = { [LAYOUT_PLANAR] = RESCAST_PLANAR, [LAYOUT_BLOCKED] = RESCAST_BLOCKED,
                                 [LAYOUT_CHANNELS_LAST] = RESCAST_CHANNELS_LAST };
  if (index < 0 || index >= info->tensor_count)
    return false;
  const struct rescast_tensor *a = &info->tensors[index];
  const struct tensor *b = &g->tensors[t];
  const struct tensor_format *f = &b->format;
  bool same = a->offset == b->offset && a->bytes == b->bytes && a->n == g->batch && a->c == b->shape.c
              && a->d == b->shape.dim[AXIS_D] && a->h == b->shape.dim[AXIS_H] && a->w == b->shape.dim[AXIS_W]
              && a->element == element_type (f->element)->runtime && a->layout == layouts[f->layout]
              && a->block == f->block;
  for (int i = 0; i < AXES; i++)
    same = same && a->halo_lo[i] == f->halo_lo[i] && a->halo_hi[i] == f->halo_hi[i];
  return same && b->offset <= info->arena_bytes && b->bytes <= info->arena_bytes - b->offset;
}

static bool
same_shape (const int shape[4], const struct graph *g, const struct node *n)
{
  const struct shape *s = &g->tensors[n->out].shape;
  return shape[0] == s->c && shape[1] == s->dim[AXIS_D] && shape[2] == s->dim[AXIS_H] && shape[3] == s->dim[AXIS_W];
}

/* The rebuilt graph must describe the library, or every comparison would be meaningless. What is wrong, or NULL. */
static const char *
check_description (const struct library *lib, const struct graph *g)
{
  const struct rescast_info *info = lib->info;
  bool same = info->layer_count == g->node_count && info->batch == g->batch
              && same_shape (info->input_shape, g, g->nodes)
              && same_shape (info->output_shape, g, &g->nodes[g->node_count - 1]);
  for (int i = 0; same && i < g->node_count; i++)
    {
      const struct rescast_layer *layer = &info->layers[i];
      const struct node *n = &g->nodes[i];
      same = !strcmp (layer->name, n->covers) && !strcmp (layer->op, op_name (n->op))
             && (n->op == OP_OUTPUT || same_tensor (info, layer->output, g, n->out));
    }
  return same ? NULL
              : mem_printf ("%s: the generated code is not what its manifest describes; generate it again", lib->dir);
}

/* An outcome per layer, and perhaps one of what failed beside them. Returns how many; 0: this machine lacks what the
 * target needs. OUTLIERS: what layers_run does with them, or NULL. */
static int
verify_layers (const struct library *lib, const struct graph *g, const struct verify_options *o,
               struct outliers *outliers, struct outcome *list)
{
  const struct rescast_info *info = lib->info;
  struct layers l = { .g = g, .lib = lib, .options = o, .outliers = outliers, .outcomes = list,
                      .arena = guarded_new (info->arena_bytes, 64),
                      .context = guarded_new (lib->context_bytes, 64) };
  size_t batch = (size_t) g->batch * sizeof (float);
  int n = g->node_count;
  l.input = guarded_new (batch * (size_t) shape_count (&g->tensors[g->nodes[0].out].shape), sizeof (float));
  l.output = guarded_new (batch * (size_t) shape_count (&g->tensors[g->nodes[n - 1].out].shape), sizeof (float));
  for (int i = 0; i < n; i++)
    list[i] = (struct outcome){ .layer = info->layers[i].name, .op = info->layers[i].op,
                                .kernel = info->layers[i].kernel };
  enum layers_end end = layers_run (&l);
  l.non_finite = o->non_finite && !outliers;
  if (l.non_finite && end == LAYERS_RUN)
    end = layers_run (&l);
  for (int i = 0; i < n; i++)
    if (!list[i].ran)
      list[i].failure = "the layer was not run";
  if (end == LAYERS_FAILED)
    {
      const char *name
          = mem_printf ("%s_%s%s", lib->name, lib->device ? mem_printf ("%s_host_", lib->device->name) : "", l.where);
      list[n] = (struct outcome){ .layer = name, .op = l.where, .kernel = name, .failure = l.failure, .error = true };
    }
  guarded_free (&l.arena);
  guarded_free (&l.context);
  guarded_free (&l.input);
  guarded_free (&l.output);
  return end == LAYERS_NOT_HERE ? 0 : end == LAYERS_FAILED ? n + 1 : n;
}

/* The layers in tiles once more, with large values among their inputs: an outcome for each into LIST, and for whatever
 * else fails. Returns how many. */
static int
verify_outliers (const struct library *lib, const struct graph *g, const struct verify_options *o, struct outcome *list)
{
  int concerned = 0, count = 0;
  for (int i = 0; i < g->node_count; i++)
    concerned += outliers_concern (&g->nodes[i]);
  if (!concerned)
    return 0;
  struct outcome *all = NEW_ARRAY ((size_t) g->node_count + 1, struct outcome);
  int n = verify_layers (lib, g, o, outliers_new (o->seed), all);
  for (int i = 0; i < n; i++)
    if (i == g->node_count || outliers_concern (&g->nodes[i]) || all[i].failure)
      {
        list[count] = all[i];
        list[count++].layer = mem_printf ("%s, outliers", all[i].layer);
      }
  return count;
}

static void
print_failures (const char *name, const struct outcome *list, int count)
{
  for (int i = 0; i < count; i++)
    if (list[i].failure)
      printf ("%s: %s (%s, %s): %s\n", name, list[i].layer, list[i].op, list[i].kernel, list[i].failure);
}

static int
worst_of (const struct outcome *list, int first, int end)
{
  int worst = first;
  for (int i = first; i < end; i++)
    if (list[i].worst > list[worst].worst)
      worst = i;
  return worst;
}

/* The closing lines of one target; the number of failures. LIST: layers, checks of the whole network, TILES outcomes of
 * outliers. */
static int
summarize (const struct library *lib, const struct outcome *list, int layers, int tiles, int count,
           bool non_finite)
{
  int failures = 0, worst = worst_of (list, 0, layers), first = -1;
  const char *name = lib->name, *target = lib->target;
  for (int i = 0; i < count; i++)
    if (list[i].failure && !failures++)
      first = i;
  if (failures)
    {
      printf ("%s: %s: %d of %d checks failed; the first is %s\n", name, target, failures, count, list[first].layer);
      return failures;
    }
  printf ("%s: %s: %d layers agree with the double reference%s, worst error %.2f of the bound (layer %s)\n", name,
          target, layers, non_finite ? ", in NaN and infinities too" : "", list[worst].worst, list[worst].layer);
  if (tiles)
    {
      worst = worst_of (list, count - tiles, count);
      printf (
          "%s: %s: %d layer%s by Winograd or Strassen with inputs of up to 1e6: worst error %.2f of the tiles' bound "
          "(layer %s)\n",
          name, target, tiles, tiles == 1 ? "" : "s", list[worst].worst, list[worst].layer);
    }
  for (int i = layers; i < count - tiles; i++)
    printf ("%s: %s: %s: agrees, error %.2f of the tolerance\n", name, target, list[i].layer, list[i].worst);
  return 0;
}

double
verify_tolerance (const struct verify_options *o, const struct graph *g)
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
  o.tolerance = verify_tolerance (options, g);
  int n = verify_layers (lib, g, &o, NULL, list);
  bool runs = true; /* the whole network: not where a layer has ended its process */
  if (!n)
    {
      printf ("%s: %s: skipped, this %s\n", lib->name, lib->target, backend_of (g)->absent);
      return 0;
    }
  for (int i = 0; i < n; i++)
    runs = runs && !list[i].error;
  if (unfolded && runs)
    verify_unfolded (lib, unfolded, &o, &list[n++]);
  if (o.reference && runs)
    verify_reference (lib, &o, &list[n++]);
  int tiles = runs ? verify_outliers (lib, g, &o, &list[n]) : 0;
  n += tiles;
  if (!runs && (unfolded || o.reference))
    printf ("%s: %s: the whole network is not run, since the process of a part of it ended\n", lib->name, lib->target);
  if (o.verbose)
    report_table (lib->name, list, n);
  print_failures (lib->name, list, n);
  *count += n;
  return summarize (lib, list, g->node_count, tiles, n, o.non_finite);
}

/* The outcomes of all targets. */
struct outcomes
{
  struct outcome *list;
  int count, failures;
};

/* Make room for more outcomes; returns the list. */
static struct outcome *
grow (struct outcomes *all, size_t more)
{
  struct outcome *list = NEW_ARRAY ((size_t) all->count + more, struct outcome);
  if (all->count)
    memcpy (list, all->list, (size_t) all->count * sizeof *list);
  return all->list = list;
}

/* The library, or its part for a device, cannot be used. */
static struct outcome
library_failure (const struct library *lib, const char *why)
{
  return (struct outcome){ .layer = library_backend (lib)->library, .op = "library", .kernel = lib->name,
                           .failure = why, .error = true };
}

/* Nothing can be verified: the report says so, and the program ends. */
static void
stop_if (const struct library *lib, const struct verify_options *o, const char *why)
{
  if (!why)
    return;
  struct outcome outcome = library_failure (lib, why);
  if (o->junit)
    report_junit (o->junit, lib->name, &outcome, 1);
  fatal ("%s", why);
}

/* The same when other outcomes are there. */
static void
add_failure (struct outcomes *all, const struct library *lib, const char *why)
{
  struct outcome *list = grow (all, 1);
  list[all->count++] = library_failure (lib, why);
  all->failures++;
  printf ("%s: %s\n", lib->name, why);
}

/* The graph of LIST for the target that LIB was opened with, or NULL. */
static const struct graph *
graph_of (const struct library *lib, struct graph *const *list)
{
  for (; *list; list++)
    if ((*list)->backend == lib->device && !strcmp (precision_name ((*list)->precision), lib->info->precision))
      return *list;
  return NULL;
}

const struct graph *
verify_graph (const struct library *lib, struct graph *const *list, const char **why)
{
  const struct graph *g = graph_of (lib, list);
  *why = g ? check_description (lib, g) : mem_printf ("%s: its manifest lacks the target %s", lib->dir, lib->target);
  return *why ? NULL : g;
}

/* One of the folder's targets, if this machine has it. */
static void
verify_one (const struct library *folder, const struct backend *device, const char *target, struct graph *const *graphs,
            const struct graph *unfolded, const struct verify_options *o, struct outcomes *all)
{
  struct library lib = {
    .dir = folder->dir, .name = folder->name, .manifest = folder->manifest, .path = folder->path, .device = device
  };
  const char *why = library_open (&lib, target, limit_of_start (o, host_backend));
  const struct graph *g = why ? NULL : verify_graph (&lib, graphs, &why);
  if (why)
    add_failure (all, &lib, why);
  else
    {
      struct outcome *list = grow (all, 2 * (size_t) g->node_count + 3);
      all->failures += verify_target (&lib, g, unfolded, o, list + all->count, &all->count);
    }
  library_close (&lib);
}

int
verify_run (const struct verify_options *options)
{
  struct verify_options o = *options;
  struct library lib;
  if (o.threads < 1)
    o.threads = 1;
  library_find (&lib, o.dir);
  stop_if (&lib, &o, library_build (&lib));
  stop_if (&lib, &o, library_open (&lib, NULL, limit_of_start (&o, host_backend)));
  struct graph *const *graphs = o.planned (lib.dir, lib.manifest);
  const char *why;
  verify_graph (&lib, graphs, &why);
  stop_if (&lib, &o, why);
  struct outcomes all = { .count = 0 };
  const struct graph *unfolded = o.weights ? o.unfolded (lib.dir, lib.manifest, o.weights, &o.use) : NULL;
  for (const char *const *t = lib.info->targets; *t; t++)
    verify_one (&lib, NULL, *t, graphs, unfolded, &o, &all);
  for (int i = 0; graphs[i]; i++)
    if (graphs[i]->backend)
      verify_one (&lib, graphs[i]->backend, graphs[i]->backend->name, graphs, unfolded, &o, &all);
  if (!all.count) /* nothing was checked: a failure too */
    printf ("%s: %s\n", lib.name, rescast_strerror (RESCAST_ECPU));
  if (o.junit)
    report_junit (o.junit, lib.name, all.list, all.count);
  for (int i = 0; o.found && i < all.count; i++)
    o.found (o.user, all.list[i].layer, all.list[i].failure);
  library_close (&lib);
  return all.failures || !all.count;
}
