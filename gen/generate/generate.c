/* Options and weights in, a folder of sources out. */
#include "generate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/data_dir.h"
#include "base/output_dir.h"
#include "base/program.h"
#include "backend/backend.h"
#include "graph/bind.h"
#include "graph/init.h"
#include "backend/cpu/choose.h"
#include "backend/cpu/unroll.h"
#include "manifest.h"
#include "network.h"
#include "frontend/frontend.h"
#include "pack/pack.h"
#include "pack/weights_file.h"
#include "passes/dead_taps.h"
#include "passes/fold_bn.h"
#include "passes/fuse.h"
#include "passes/merge_shortcuts.h"
#include "passes/plan_memory.h"
#include "passes/split_adds.h"

static void
run_early_passes (struct graph *g, bool dump)
{
  static const struct { const char *name; void (*run) (struct graph *); } passes[] = {
    { "split additions", split_adds },
    { "dead taps", dead_taps },
    { "fold batch normalisation", fold_bn },
    { "fuse", fuse },
    { "merge shortcuts", merge_shortcuts },
  };
  if (dump)
    graph_dump (g, stdout, "built");
  for (size_t i = 0; i < sizeof passes / sizeof *passes; i++)
    {
      passes[i].run (g);
      if (dump)
        graph_dump (g, stdout, passes[i].name);
    }
}

struct kernels *
run_passes (struct graph *g, struct targets t, bool dump)
{
  const struct backend *b = backend_of (g);
  const char *whose = b->name ? mem_printf (" for %s", b->name) : "";
  run_early_passes (g, dump);
  struct kernels *ks = b->select (g, &t);
  if (dump)
    graph_dump (g, stdout, mem_printf ("select%s", whose));
  plan_memory (g);
  if (dump)
    graph_dump (g, stdout, mem_printf ("plan memory%s", whose));
  return ks;
}

struct graph *
device_graph (const struct source *source, const struct graph *from, const struct backend *backend,
              enum precision precision, struct kernels **kernels, bool dump)
{
  struct graph *g = source_build (source);
  g->backend = backend;
  g->precision = precision;
  g->weights_path = from->weights_path;
  g->exact = from->exact;
  g->tiles = from->tiles;
  g->keep_tensors = from->keep_tensors;
  for (int i = 0; i < g->param_count; i++)
    g->params[i]->value = from->params[i]->value;
  *kernels = run_passes (g, (struct targets){ .count = 0 }, dump);
  return g;
}

/* One value per channel of what the user gave as one for all or one for each. */
static const double *
per_channel (const struct channel_values *l, int64_t c)
{
  if (!l->count)
    return NULL;
  double *v = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    v[i] = l->list[l->count == 1 ? 0 : i];
  return v;
}

/* What emission needs for the device of BACKEND. */
static struct emission
plan_device (const struct generation *o, const struct emission *cpu, const struct backend *backend)
{
  struct emission e = *cpu;
  struct kernels *kernels;
  struct graph *g = device_graph (o->source, cpu->g, backend, targets_precision (&o->targets, backend), &kernels, o->dump);
  e.g = g;
  e.kernels = kernels;
  e.weight_bytes = pack_plan (g);
  return e;
}

int64_t
generate_weights_bytes (const struct emission *e)
{
  const int64_t bytes[] = { e->weight_bytes, e->device ? e->device->weight_bytes : 0 };
  return weights_file_bytes (bytes, e->device ? 2 : 1);
}

void
generate_weights (const struct emission *e, void *packed, const char *dir)
{
  struct section sections[] = { { .g = e->g, .data = packed, .bytes = e->weight_bytes }, { 0 } };
  void *device = NULL;
  if (e->device)
    {
      device = pack_weights (e->device->g, e->device->weight_bytes);
      sections[1] = (struct section){ .g = e->device->g, .data = device, .bytes = e->device->weight_bytes };
    }
  weights_file_write (sections, e->device ? 2 : 1, mem_printf ("%s/%s.weights", dir, e->g->name));
  free (device);
  free (packed);
}

static void
write_folder (const struct generation *o, struct graph *g, const struct kernels *kernels)
{
  const struct source *source = o->source;
  int64_t c = g->tensors[g->nodes[0].out].shape.c;
  struct emission e = { .g = g, .kernels = kernels, .embed = o->embed, .labels = source->labels,
                        .label_count = source->label_count, .scale = source->scale,
                        .mean = per_channel (&source->mean, c), .std = per_channel (&source->std, c),
                        .resize = { source->resize[0], source->resize[1] }, .interpolation = source->interpolation,
                        .limits = o->limits };
  e.weight_bytes = pack_plan (g);
  e.dir = output_dir_begin (o->dir, mem_printf ("%s.json", g->name));
  float *data = pack_weights (g, e.weight_bytes);
  e.weights = data;
  const struct backend *backend = targets_device (&o->targets);
  struct emission device = { 0 };
  if (backend)
    {
      device = plan_device (o, &e, backend);
      e.device = &device;
    }
  device.file_bytes = e.file_bytes = generate_weights_bytes (&e);
  emit_network (&e);
  if (e.device)
    backend->emit (e.device);
  generate_weights (&e, data, e.dir);
  const char *manifest = mem_printf ("%s.json", g->name);
  struct names files = output_dir_files (), old = manifest_files (o->dir, manifest);
  names_add (&files, manifest);
  manifest_write (&e, source, o->weights, files_json (&files), mem_printf ("%s/%s", e.dir, manifest));
  program_flush (); /* the graphs of -d */
  output_dir_commit (&old);
}

void
generate_folder (const struct generation *o, struct graph *g)
{
  struct kernels *kernels = run_passes (g, o->targets, o->dump);
  if (o->limits.max_ram && g->arena_bytes > o->limits.max_ram)
    fatal ("%s: the network's arena of %zu bytes is more than the %" PRIu64 " of --max-ram", g->path, g->arena_bytes,
           o->limits.max_ram);
  write_folder (o, g, kernels);
}

static const struct choosing *
choosing_of (const struct generate_options *o)
{
  struct choosing *how = NEW (struct choosing);
  how->max_weights = (int64_t) o->limits.max_weights;
  if (!o->wisdom_count)
    return how;
  struct wisdom *w = NEW (struct wisdom);
  w->here = machine_here ();
  for (size_t i = 0; i < o->wisdom_count; i++)
    wisdom_read (w, wisdom_path (o->wisdom[i]));
  how->wisdom = w;
  return how;
}

void
generate (const struct generate_options *o)
{
  struct source *source = source_read (o->path, o->set, o->set_count);
  struct weights *weights = o->weights ? weights_list (o->weights) : NULL;
  if (weights)
    source_complete (source, weights);
  struct graph *g = source_build (source);
  g->precision = targets_precision (&o->targets, host_backend);
  g->keep_tensors = o->keep_tensors;
  g->exact = o->exact;
  g->choosing = choosing_of (o);
  const struct backend *device = targets_device (&o->targets);
  if (device && device->tiles)
    g->tiles = device->tiles_read (o->tiles ? o->tiles : mem_printf ("%s/%s", data_dir (), device->tiles));
  unroll_within (g, o->unroll_budget);
  int drawn = 0;
  if (weights)
    bind_weights (g, weights, &o->use);
  else
    drawn = init_params (g, source->seed);
  struct generation folder = { .source = source, .weights = weights, .targets = o->targets,
                               .dump = o->dump, .embed = o->embed, .limits = o->limits };
  folder.dir = o->dir ? o->dir : mem_printf ("out/%s", g->name);
  generate_folder (&folder, g);
  if (weights)
    weights_close (weights);
  if (drawn)
    note ("%s: without -w the weights are random, drawn from seed %" PRIu64, g->path, source->seed);
}
