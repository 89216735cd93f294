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
#include "backend/code_budget.h"
#include "backend/decision.h"
#include "budget.h"
#include "manifest.h"
#include "network.h"
#include "pipeline.h"
#include "frontend/frontend.h"
#include "pack/pack.h"
#include "pack/weights_file.h"

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

/* What emission needs for BACKEND's targets in precision P, beside what FIRST has. */
static struct emission *
plan_part (const struct generation *o, const struct emission *first, const struct backend *backend, enum precision p)
{
  struct emission *e = NEW (struct emission);
  struct kernels *kernels;
  *e = *first;
  struct graph *g = further_graph (o->source, first->g, backend, p, &o->targets, &kernels, o->dump);
  e->g = g;
  e->kernels = kernels;
  e->weight_bytes = pack_plan (g);
  e->weights = NULL;
  return e;
}

/* The parts of E after the first: the host's in other precisions, a device's. */
static void
plan_parts (const struct generation *o, struct emission *e)
{
  const struct emission first = *e;
  enum precision list[PRECISION_COUNT];
  const int count = targets_precisions (&o->targets, host_backend, list);
  const struct backend *device = targets_device (&o->targets);
  for (int i = count - 1; i > 0; i--)
    {
      struct emission *part = plan_part (o, &first, host_backend, list[i]);
      limits_check (o->source, part->g, part->kernels, part->weight_bytes, &o->limits);
      part->next = e->next;
      e->next = part;
    }
  if (device)
    e->device = plan_part (o, &first, device, targets_precision (&o->targets, device));
}

enum
{
  MOST_SECTIONS = PRECISION_COUNT + 1
};

/* The parts of E in the order of the weights file's sections; how many. */
static int
sections_of (const struct emission *e, const struct emission *list[MOST_SECTIONS])
{
  int count = 0;
  for (const struct emission *part = e; part; part = part->next)
    list[count++] = part;
  if (e->device)
    list[count++] = e->device;
  return count;
}

int64_t
generate_weights_bytes (const struct emission *e)
{
  const struct emission *parts[MOST_SECTIONS];
  int64_t bytes[MOST_SECTIONS];
  const int count = sections_of (e, parts);
  for (int i = 0; i < count; i++)
    bytes[i] = parts[i]->weight_bytes;
  return weights_file_bytes (bytes, count);
}

void
generate_weights (const struct emission *e, void *packed, const char *dir)
{
  const struct emission *parts[MOST_SECTIONS];
  struct section sections[MOST_SECTIONS];
  void *data[MOST_SECTIONS];
  const int count = sections_of (e, parts);
  for (int i = 0; i < count; i++)
    {
      data[i] = i ? pack_weights (parts[i]->g, parts[i]->weight_bytes) : packed;
      sections[i] = (struct section){ .g = parts[i]->g, .data = data[i], .bytes = parts[i]->weight_bytes };
    }
  weights_file_write (sections, count, mem_printf ("%s/%s.weights", dir, e->g->name));
  for (int i = 0; i < count; i++)
    free (data[i]);
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
  plan_parts (o, &e);
  e.file_bytes = generate_weights_bytes (&e);
  emit_network (&e);
  if (e.device)
    {
      struct emission device = *e.device;
      device.file_bytes = e.file_bytes;
      device.g->backend->emit (&device);
    }
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
  limits_check (o->source, g, kernels, pack_plan (g), &o->limits);
  write_folder (o, g, kernels);
}

static const struct choosing *
choosing_of (const struct generate_options *o)
{
  struct choosing *how = NEW (struct choosing);
  how->max_weights = (int64_t) o->limits.max_weights;
  how->refused_later = true;
  if (o->wisdom_count)
    how->wisdom = host_backend->wisdom_of_files (o->wisdom, o->wisdom_count);
  return how;
}

void
generate (const struct generate_options *o)
{
  limits_check_targets (&o->targets, &o->limits, o->path);
  struct source *source = source_read (o->path, o->set, o->set_count, o->weights ? NULL : &o->use);
  struct weights *weights = o->weights ? weights_list (o->weights) : source->weights;
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
  code_budget_set (g, o->unroll_budget);
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
  if (source->recognised)
    note ("%s: %s", o->path, source->recognised);
  if (drawn)
    note ("%s: without -w the weights are random, drawn from seed %" PRIu64, g->path, source->seed);
}
