/* The manifest, written and read back. */
#include "manifest.h"

#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "build.h"
#include "config.h"
#include "cuda_tile.h"
#include "generate.h"
#include "manifest_choices.h"
#include "pack.h"
#include "select.h"
#include "unroll.h"

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
      json_t *o = json_pack ("{s:s, s:s, s:s, s:s, s:o, s:f, s:f}", "layers", n->covers, "op", op_name (n->op), "kernel",
                             n->kernel->function, "reason", n->kernel->reason, "shape", shape_json (g, &t->shape),
                             "macs", n->macs * (double) g->batch, "executed_macs",
                             n->kernel->executed_macs * (double) g->batch);
      if (t->bytes)
        json_object_set_new (o, "arena", json_pack ("{s:I, s:I, s:i, s:i}", "offset", (json_int_t) t->offset, "bytes",
                                                    (json_int_t) t->bytes, "first", t->first, "last", t->last));
      choice_write (o, n);
      json_array_append_new (list, o);
    }
  return list;
}

/* How far each kernel of each target is written out, and the bytes of object code that this was expected to take. */
static json_t *
unroll_json (const struct kernels *all)
{
  json_t *targets = json_object ();
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
      json_object_set_new (targets, ks->target->name, json_pack ("{s:I, s:o}", "code_bytes", (json_int_t) sum,
                                                                 "kernels", kernels));
    }
  return targets;
}

static int64_t
read_budget (const char *dir, const json_t *j)
{
  const json_t *budget = json_object_get (j, "unroll_budget");
  const char *text = json_string_value (budget);
  if (text && !strcmp (text, "max"))
    return UNROLL_MAX;
  if (!json_is_integer (budget) || json_integer_value (budget) < 0)
    fatal ("%s: the manifest has no unroll_budget that rescast writes: generate it again", dir);
  return json_integer_value (budget);
}

static json_t *
labels_json (const struct options *o)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < o->label_count; i++)
    json_array_append_new (list, json_string (o->labels[i]));
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
  char **lines = cuda_tiles_measured (e->g, e->kernels, &count);
  for (int i = 0; i < count; i++)
    json_array_append_new (list, json_string (lines[i]));
  return list;
}

static const struct cuda_tiles *
read_tiles (const char *dir, const json_t *list)
{
  struct cuda_tiles *t = cuda_tiles_new ();
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      const char *line = json_string_value (json_array_get (list, i));
      cuda_tiles_add_line (t, line ? line : "", (struct loc){ mem_printf ("%s (manifest): tile %zu", dir, i), 0, 0 });
    }
  return t;
}

/* What differs on the GPU. */
static json_t *
cuda_json (const struct emission *e)
{
  return json_pack ("{s:s, s:o, s:I, s:I, s:I, s:o, s:o}", "precision", precision_name (e->g->precision), "layout_hash",
                    hex (pack_layout_hash (e->g)),
                    "arena_bytes", (json_int_t) e->g->arena_bytes, "arena_lower_bound", (json_int_t) e->g->arena_bound,
                    "weights_bytes", e->weight_floats * (json_int_t) sizeof (float) + 64, "tiles", tiles_json (e),
                    "nodes", nodes_json (e));
}

void
manifest_write (const struct emission *e, const struct options *o, const struct weights *w, const char *path)
{
  const struct graph *g = e->g;
  const char *options = options_text (o);
  json_t *j = json_object ();
  json_object_set_new (j, "generator", json_string ("rescast"));
  json_object_set_new (j, "version", json_string (PACKAGE_VERSION));
  json_object_set_new (j, "name", json_string (g->name));
  json_t *targets = json_array ();
  for (const struct kernels *ks = e->kernels; ks; ks = ks->next)
    json_array_append_new (targets, json_string (ks->target->name));
  if (e->cuda)
    json_array_append_new (targets, json_string ("cuda"));
  json_object_set_new (j, "targets", targets);
  json_object_set_new (j, "precision", json_string (precision_name (e->cuda ? e->cuda->g->precision : PRECISION_FP32)));
  json_object_set_new (j, "embed", json_boolean (e->embed));
  json_object_set_new (j, "exact", json_boolean (g->exact));
  json_object_set_new (j, "keep_tensors", json_boolean (g->keep_tensors));
  json_object_set_new (j, "unroll_budget", g->straight ? json_string ("max") : json_integer (g->unroll_budget));
  json_object_set_new (j, "unroll", unroll_json (e->kernels));
  if (e->limits.max_ram)
    json_object_set_new (j, "max_ram", json_integer ((json_int_t) e->limits.max_ram));
  if (e->limits.max_weights)
    json_object_set_new (j, "max_weights", json_integer ((json_int_t) e->limits.max_weights));
  json_object_set_new (j, "options", json_string (options));
  if (o->label_count)
    json_object_set_new (j, "labels", labels_json (o));
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
  json_object_set_new (j, "weights_bytes", json_integer (e->weight_floats * (json_int_t) sizeof (float) + 64));
  json_object_set_new (j, "nodes", nodes_json (e));
  json_object_set_new (j, "params", params_json (g));
  if (e->cuda)
    json_object_set_new (j, "cuda", cuda_json (e->cuda));
  if (json_dump_file (j, path, JSON_INDENT (1)))
    fatal ("%s: cannot be written", path);
  json_decref (j);
}

/* DIR's only *.json that says it is ours. */
static json_t *
find_manifest (const char *dir)
{
  DIR *d = opendir (dir);
  if (!d)
    fatal ("%s: is not a folder that can be read", dir);
  json_t *found = NULL;
  for (struct dirent *f; !found && (f = readdir (d));)
    {
      size_t n = strlen (f->d_name);
      if (n < 6 || strcmp (f->d_name + n - 5, ".json"))
        continue;
      json_t *j = json_load_file (mem_printf ("%s/%s", dir, f->d_name), 0, NULL);
      const char *by = json_string_value (json_object_get (j, "generator"));
      if (by && strcmp (by, "rescast") == 0)
        found = j;
      else
        json_decref (j);
    }
  closedir (d);
  if (!found)
    fatal ("%s: no manifest of rescast's here; give a folder that `rescast generate` wrote", dir);
  return found;
}

static const char *
text_member (const char *dir, const json_t *j, const char *key)
{
  const char *s = json_string_value (json_object_get (j, key));
  if (!s)
    fatal ("%s: the manifest has no %s", dir, key);
  return s;
}

/* Zeros in the shape that was packed. */
static void
bind_shape (struct param *p, const json_t *shape)
{
  int64_t extent[WEIGHT_MAX_RANK];
  size_t rank = json_array_size (shape);
  if (rank > WEIGHT_MAX_RANK)
    fatal ("the manifest gives %s %zu axes", p->name, rank);
  for (size_t a = 0; a < rank; a++)
    extent[a] = json_integer_value (json_array_get (shape, a));
  bind_zeros_as (p, (int) rank, extent);
}

static void
zero_params (const char *dir, struct graph *g, const json_t *params)
{
  for (int i = 0; i < g->param_count; i++)
    {
      const json_t *shape = json_object_get (params, g->params[i]->name);
      if (shape)
        bind_shape (g->params[i], shape);
      else if (!g->params[i]->optional)
        fatal ("%s: the manifest lacks the parameter %s", dir, g->params[i]->name);
    }
}

static enum precision
read_precision (const char *dir, const json_t *j)
{
  enum precision p;
  const char *name = text_member (dir, j, "precision");
  if (!precision_parse (name, &p))
    fatal ("%s: the manifest's precision is %s, not fp32, tf32, fp16 or bf16", dir, name);
  return p;
}

static struct targets
read_targets (const char *dir, const json_t *names)
{
  struct text t = { 0 };
  for (size_t i = 0; i < json_array_size (names); i++)
    {
      const char *s = json_string_value (json_array_get (names, i));
      text_printf (&t, "%s%s", i ? "," : "", s ? s : "");
    }
  struct targets targets = targets_parse (t.n ? t.s : "");
  if (!targets.count)
    fatal ("%s: the manifest's targets are not of %s", dir, target_names ());
  return targets;
}

static void
read_labels (struct options *o, const json_t *labels)
{
  size_t count = json_array_size (labels);
  o->labels = count ? NEW_ARRAY (count, const char *) : NULL;
  for (size_t i = 0; i < count; i++)
    {
      const char *s = json_string_value (json_array_get (labels, i));
      o->labels[o->label_count++] = mem_strdup (s ? s : "");
    }
}

struct manifest
manifest_build (const char *dir)
{
  json_t *j = find_manifest (dir);
  struct manifest m = { .json = j };
  const char *text = mem_strdup (text_member (dir, j, "options"));
  if (strcmp (text_member (dir, j, "version"), PACKAGE_VERSION))
    fatal ("%s: was generated by rescast %s, this is %s: generate it again", dir, text_member (dir, j, "version"),
           PACKAGE_VERSION);
  m.options = options_parse (mem_printf ("%s (manifest)", dir), text, strlen (text), NULL, 0);
  m.targets = read_targets (dir, json_object_get (j, "targets"));
  m.precision = read_precision (dir, j);
  m.g = build (m.options);
  m.g->exact = json_is_true (json_object_get (j, "exact"));
  m.g->keep_tensors = json_is_true (json_object_get (j, "keep_tensors"));
  unroll_within (m.g, read_budget (dir, j));
  m.g->choosing = choices_read (dir, json_object_get (j, "nodes"));
  if (m.targets.cuda)
    m.g->tiles = read_tiles (dir, json_object_get (json_object_get (j, "cuda"), "tiles"));
  m.embed = json_is_true (json_object_get (j, "embed"));
  m.limits.max_ram = (uint64_t) json_integer_value (json_object_get (j, "max_ram"));
  m.limits.max_weights = (uint64_t) json_integer_value (json_object_get (j, "max_weights"));
  read_labels (m.options, json_object_get (j, "labels"));
  return m;
}

static bool
same_layout (const char *dir, const struct graph *g, const json_t *j)
{
  char hash[17];
  snprintf (hash, sizeof hash, "%016" PRIx64, pack_layout_hash (g));
  return strcmp (hash, text_member (dir, j, "layout_hash")) == 0;
}

bool
manifest_plan (const char *dir, struct manifest *m)
{
  m->kernels = run_passes (m->g, m->targets, false);
  m->weight_floats = pack_plan (m->g);
  if (!same_layout (dir, m->g, m->json))
    return false;
  if (!m->targets.cuda)
    return true;
  m->cuda = cuda_graph (m->options, m->g, m->precision, &m->cuda_kernels, false);
  m->cuda_floats = pack_plan (m->cuda);
  return same_layout (dir, m->cuda, json_object_get (m->json, "cuda"));
}

struct manifest
manifest_read (const char *dir)
{
  struct manifest m = manifest_build (dir);
  zero_params (dir, m.g, json_object_get (m.json, "params"));
  if (!manifest_plan (dir, &m))
    fatal ("%s: the manifest does not fit its own options: generate it again", dir);
  json_decref (m.json);
  m.json = NULL;
  return m;
}

struct graph *
manifest_planned (const char *dir, const char *manifest)
{
  (void) manifest;
  return manifest_read (dir).g;
}

struct graph *
manifest_planned_cuda (const char *dir, const char *manifest)
{
  (void) manifest;
  return manifest_read (dir).cuda;
}

struct graph *
manifest_unfolded (const char *dir, const char *manifest, const char *weights)
{
  (void) manifest;
  json_t *j = find_manifest (dir);
  const char *text = mem_strdup (text_member (dir, j, "options"));
  json_decref (j);
  struct graph *g = build (options_parse (mem_printf ("%s (manifest)", dir), text, strlen (text), NULL, 0));
  bind_weights (g, weights_open (weights));
  return g;
}
