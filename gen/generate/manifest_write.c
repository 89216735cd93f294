/* The manifest, written. */
#include "manifest.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "backend/backend.h"
#include "backend/kernel.h"
#include "backend/targets.h"
#include "manifest_choices.h"
#include "pack/pack.h"

static json_t *
hex (uint64_t v)
{
  return json_string (mem_printf ("%016" PRIx64, v));
}

static json_t *
shape_json (const struct graph *g, const struct shape *s)
{
  json_t *a = json_array ();
  json_array_append_new (a, json_integer (g->batch));
  json_array_append_new (a, json_integer (s->c));
  for (int axis = AXES - s->rank; axis < AXES; axis++)
    json_array_append_new (a, json_integer (s->dim[axis]));
  return a;
}

static double
parameters (const struct graph *g)
{
  double n = 0;
  for (int i = 0; i < g->param_count; i++)
    if (!g->params[i]->state && g->params[i]->value)
      n += (double) g->params[i]->value->count;
  return n;
}

static json_t *
nodes_json (const struct emission *e)
{
  json_t *list = json_array ();
  const struct graph *g = e->g;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct tensor *t = &g->tensors[n->out];
      json_t *o = json_pack ("{s:s, s:s, s:s, s:s, s:o, s:f, s:f}", "layers", n->covers, "op", op_name (n->op),
                             "kernel", n->kernel->function, "reason", n->kernel->reason, "shape",
                             shape_json (g, &t->shape), "macs", n->macs * (double) g->batch, "executed_macs",
                             kernel_executed_macs (n->kernel) * (double) g->batch);
      if (t->bytes)
        json_object_set_new (o, "arena", json_pack ("{s:I, s:I, s:i, s:i}", "offset", (json_int_t) t->offset, "bytes",
                                                    (json_int_t) t->bytes, "first", t->first, "last", t->last));
      choice_write (o, n);
      json_array_append_new (list, o);
    }
  return list;
}

/* How far each kernel of each target is written out, and the bytes of object code that this was expected to take. */
static void
add_unroll (json_t *targets, const struct kernels *all)
{
  for (const struct kernels *ks = all; ks; ks = ks->next)
    {
      json_t *kernels = json_object ();
      int64_t sum = 0;
      for (int i = 0; i < ks->count; i++)
        {
          const struct kernel *k = ks->list[i];
          sum += k->code_bytes;
          json_object_set_new (kernels, k->function, json_pack ("{s:i, s:I}", "level", k->unroll, "code_bytes",
                                                                (json_int_t) k->code_bytes));
        }
      json_object_set_new (targets, ks->target_name, json_pack ("{s:I, s:o}", "code_bytes", (json_int_t) sum,
                                                                 "kernels", kernels));
    }
}

static json_t *
unroll_json (const struct emission *e)
{
  json_t *targets = json_object ();
  for (const struct emission *part = e; part; part = part->next)
    add_unroll (targets, part->kernels);
  return targets;
}

static json_t *
labels_json (const struct source *s)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < s->label_count; i++)
    json_array_append_new (list, json_string (s->labels[i]));
  return list;
}

json_t *
files_json (const struct names *files)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < files->count; i++)
    json_array_append_new (list, json_string (files->list[i]));
  return list;
}

/* The parameters' shapes as packed: what a file may leave out or give per element decides the generated code. */
static json_t *
params_json (const struct graph *g)
{
  json_t *o = json_object ();
  for (int i = 0; i < g->param_count; i++)
    {
      const struct weight *w = g->params[i]->value;
      if (!w)
        continue;
      json_t *shape = json_array ();
      for (int a = 0; a < w->rank; a++)
        json_array_append_new (shape, json_integer (w->shape[a]));
      json_object_set_new (o, g->params[i]->name, shape);
    }
  return o;
}

static double
total_macs (const struct graph *g)
{
  double macs = 0;
  for (int i = 0; i < g->node_count; i++)
    macs += g->nodes[i].macs;
  return macs;
}

/* Measured tiles as lines of a file of them: the code depends on them, and the file is not there any more. */
static json_t *
tiles_json (const struct emission *e)
{
  json_t *list = json_array ();
  int count;
  char **lines = e->g->backend->tiles_measured (e->g, e->kernels, &count);
  for (int i = 0; i < count; i++)
    json_array_append_new (list, json_string (lines[i]));
  return list;
}

const char *
manifest_key (const struct backend *backend, enum precision p)
{
  return backend->name ? backend->name : mem_printf ("cpu-%s", precision_name (p));
}

/* What differs in a part of the folder that is not the first. */
static json_t *
part_json (const struct emission *e)
{
  json_t *j = json_pack ("{s:s, s:o, s:I, s:I, s:I}", "precision", precision_name (e->g->precision), "layout_hash",
                    hex (pack_layout_hash (e->g)),
                    "arena_bytes", (json_int_t) e->g->arena_bytes, "arena_lower_bound", (json_int_t) e->g->arena_bound,
                    "weights_bytes", (json_int_t) e->weight_bytes);
  if (backend_of (e->g)->tiles)
    json_object_set_new (j, "tiles", tiles_json (e));
  json_object_set_new (j, "nodes", nodes_json (e));
  return j;
}

void
manifest_write (const struct emission *e, const struct source *source, const struct weights *w, json_t *files,
                const char *path)
{
  const struct graph *g = e->g;
  const char *options = source_text (source);
  json_t *j = json_object ();
  json_object_set_new (j, "generator", json_string ("rescast"));
  json_object_set_new (j, "version", json_string (PACKAGE_VERSION));
  json_object_set_new (j, "name", json_string (g->name));
  json_t *targets = json_array ();
  for (const struct emission *part = e; part; part = part->next)
    for (const struct kernels *ks = part->kernels; ks; ks = ks->next)
      json_array_append_new (targets, json_string (target_name_in (ks->target_name, part->g->precision)));
  if (e->device)
    json_array_append_new (targets,
                           json_string (target_name_in (e->device->g->backend->name, e->device->g->precision)));
  json_object_set_new (j, "targets", targets);
  json_object_set_new (j, "precision", json_string (precision_name (g->precision)));
  json_object_set_new (j, "embed", json_boolean (e->embed));
  json_object_set_new (j, "exact", json_boolean (g->exact));
  json_object_set_new (j, "keep_tensors", json_boolean (g->keep_tensors));
  json_object_set_new (j, "unroll_budget", g->straight ? json_string ("max") : json_integer (g->unroll_budget));
  json_object_set_new (j, "unroll", unroll_json (e));
  if (e->limits.max_ram)
    json_object_set_new (j, "max_ram", json_integer ((json_int_t) e->limits.max_ram));
  if (e->limits.max_weights)
    json_object_set_new (j, "max_weights", json_integer ((json_int_t) e->limits.max_weights));
  if (e->limits.max_code)
    json_object_set_new (j, "max_code", json_integer ((json_int_t) e->limits.max_code));
  if (e->limits.max_stack)
    json_object_set_new (j, "max_stack", json_integer ((json_int_t) e->limits.max_stack));
  json_object_set_new (j, "options", json_string (options));
  if (source->label_count)
    json_object_set_new (j, "labels", labels_json (source));
  json_object_set_new (j, "options_hash", hex (hash_bytes (HASH_START, options, strlen (options))));
  json_object_set_new (j, "weights", w ? json_string ("file") : json_string ("initialised"));
  if (w)
    json_object_set_new (j, "weights_hash", hex (w->hash));
  json_object_set_new (j, "layout_hash", hex (pack_layout_hash (g)));
  json_object_set_new (j, "input_shape", shape_json (g, &g->tensors[g->nodes[0].out].shape));
  json_object_set_new (j, "output_shape", shape_json (g, &g->tensors[g->nodes[g->node_count - 1].out].shape));
  json_object_set_new (j, "parameters", json_integer ((json_int_t) parameters (g)));
  json_object_set_new (j, "macs", json_integer ((json_int_t) (total_macs (g) * (double) g->batch)));
  json_object_set_new (j, "arena_bytes", json_integer ((json_int_t) g->arena_bytes));
  json_object_set_new (j, "arena_lower_bound", json_integer ((json_int_t) g->arena_bound));
  json_object_set_new (j, "weights_bytes", json_integer ((json_int_t) e->file_bytes));
  json_object_set_new (j, "nodes", nodes_json (e));
  json_object_set_new (j, "params", params_json (g));
  for (const struct emission *part = e->next; part; part = part->next)
    json_object_set_new (j, manifest_key (host_backend, part->g->precision), part_json (part));
  if (e->device)
    json_object_set_new (j, manifest_key (e->device->g->backend, e->device->g->precision), part_json (e->device));
  if (files)
    json_object_set_new (j, "files", files);
  char *text = json_dumps (j, JSON_INDENT (1));
  if (!text)
    fatal ("%s: its values are no JSON", path);
  file_write (path, text, strlen (text));
  free (text);
  json_decref (j);
}
