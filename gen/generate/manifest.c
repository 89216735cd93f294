/* The manifest, read back: manifest_write.c. */
#include "manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "config.h"
#include "backend/backend.h"
#include "pipeline.h"
#include "graph/bind.h"
#include "backend/kernel.h"
#include "backend/code_budget.h"
#include "manifest_choices.h"
#include "pack/pack.h"

/* NULL when PATH is no JSON; fatal when it cannot be read. */
static json_t *
manifest_load (const char *path)
{
  json_error_t error;
  json_t *j = json_load_file (path, 0, &error);
  if (!j && json_error_code (&error) == json_error_cannot_open_file)
    fatal ("%s: cannot be opened: %s", path, strerror (errno));
  return j;
}

/* DIR's only *.json that says it is ours. */
static json_t *
find_manifest (const char *dir)
{
  size_t count;
  const char **names = folder_names (dir, &count);
  if (!names)
    fatal ("%s: is not a folder that can be read: %s", dir, strerror (errno));
  json_t *found = NULL;
  for (size_t i = 0; !found && i < count; i++)
    {
      size_t n = strlen (names[i]);
      if (n < 6 || strcmp (names[i] + n - 5, ".json"))
        continue;
      json_t *j = manifest_load (mem_printf ("%s/%s", dir, names[i]));
      const char *by = json_string_value (json_object_get (j, "generator"));
      if (by && strcmp (by, "rescast") == 0)
        found = j;
      else
        json_decref (j);
    }
  if (!found)
    fatal ("%s: no manifest of rescast's here; give a folder that `rescast generate` wrote", dir);
  return found;
}

struct names
manifest_files (const char *dir, const char *manifest)
{
  struct names n = { 0 };
  json_t *j = json_load_file (mem_printf ("%s/%s", dir, manifest), 0, NULL);
  const json_t *files = json_object_get (j, "files");
  for (size_t i = 0; i < json_array_size (files); i++)
    {
      const char *s = json_string_value (json_array_get (files, i));
      if (s)
        names_add (&n, mem_strdup (s));
    }
  json_decref (j);
  return n;
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

static int64_t
read_budget (const char *dir, const json_t *j)
{
  const json_t *budget = json_object_get (j, "unroll_budget");
  const char *text = json_string_value (budget);
  if (text && !strcmp (text, "max"))
    return CODE_BUDGET_MAX;
  if (!json_is_integer (budget) || json_integer_value (budget) < 0)
    fatal ("%s: the manifest has no unroll_budget that rescast writes: generate it again", dir);
  return json_integer_value (budget);
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
  if (targets.wrong)
    fatal ("%s: the manifest's targets are wrong: %s", dir, targets.wrong);
  return targets;
}

/* What the manifest J keeps of what the network was made from. */
static struct source *
source_in (const char *dir, const json_t *j)
{
  return source_parse (mem_printf ("%s (manifest)", dir), mem_strdup (text_member (dir, j, "options")));
}

static void
read_labels (struct source *s, const json_t *labels)
{
  size_t count = json_array_size (labels);
  s->labels = count ? NEW_ARRAY (count, const char *) : NULL;
  for (size_t i = 0; i < count; i++)
    {
      const char *label = json_string_value (json_array_get (labels, i));
      s->labels[s->label_count++] = mem_strdup (label ? label : "");
    }
}

static const struct measured_tiles *
read_tiles (const char *dir, const struct backend *device, const json_t *list)
{
  const size_t count = json_array_size (list);
  const char **lines = NEW_ARRAY (count + 1, const char *);
  for (size_t i = 0; i < count; i++)
    {
      const char *line = json_string_value (json_array_get (list, i));
      lines[i] = line ? line : "";
    }
  return device->tiles_of_lines (lines, (int) count, dir);
}

/* The choices for each of the host's parts. */
static const struct choosing *
read_choosing (const char *dir, const json_t *j, const struct targets *targets)
{
  struct choosing *how = NEW (struct choosing);
  enum precision list[PRECISION_COUNT];
  const int count = targets_precisions (targets, host_backend, list);
  how->file = dir;
  for (int i = 0; i < count; i++)
    {
      const json_t *part = i ? json_object_get (j, manifest_key (host_backend, list[i])) : j;
      how->given[list[i]] = choices_read (dir, json_object_get (part, "nodes"));
    }
  return how;
}

struct manifest
manifest_build (const char *dir)
{
  output_dir_use (dir);
  json_t *j = find_manifest (dir);
  struct manifest m = { .json = j };
  if (strcmp (text_member (dir, j, "version"), PACKAGE_VERSION))
    fatal ("%s: was generated by rescast %s, this is %s: generate it again", dir, text_member (dir, j, "version"),
           PACKAGE_VERSION);
  m.source = source_in (dir, j);
  m.targets = read_targets (dir, json_object_get (j, "targets"));
  m.g = source_build (m.source);
  m.g->precision = targets_precision (&m.targets, host_backend);
  m.g->exact = json_is_true (json_object_get (j, "exact"));
  m.g->keep_tensors = json_is_true (json_object_get (j, "keep_tensors"));
  code_budget_set (m.g, read_budget (dir, j));
  m.g->choosing = read_choosing (dir, j, &m.targets);
  const struct backend *device = targets_device (&m.targets);
  m.precision = device ? targets_precision (&m.targets, device) : PRECISION_FP32;
  if (device && device->tiles)
    m.g->tiles = read_tiles (dir, device, json_object_get (json_object_get (j, device->name), "tiles"));
  m.embed = json_is_true (json_object_get (j, "embed"));
  m.limits.max_ram = (uint64_t) json_integer_value (json_object_get (j, "max_ram"));
  m.limits.max_weights = (uint64_t) json_integer_value (json_object_get (j, "max_weights"));
  m.limits.max_code = (uint64_t) json_integer_value (json_object_get (j, "max_code"));
  m.limits.max_stack = (uint64_t) json_integer_value (json_object_get (j, "max_stack"));
  read_labels (m.source, json_object_get (j, "labels"));
  return m;
}

static bool
same_layout (const char *dir, const struct graph *g, const json_t *j)
{
  char hash[17];
  snprintf (hash, sizeof hash, "%016" PRIx64, pack_layout_hash (g));
  return strcmp (hash, text_member (dir, j, "layout_hash")) == 0;
}

/* The part for BACKEND's targets in precision P into PART. */
static bool
plan_part (const char *dir, const struct manifest *m, const struct backend *backend, enum precision p,
           struct manifest_part *part)
{
  part->g = further_graph (m->source, m->g, backend, p, &m->targets, &part->kernels, false);
  part->weight_bytes = pack_plan (part->g);
  return same_layout (dir, part->g, json_object_get (m->json, manifest_key (backend, p)));
}

bool
manifest_plan (const char *dir, struct manifest *m)
{
  enum precision list[PRECISION_COUNT];
  const int count = targets_precisions (&m->targets, host_backend, list);
  const struct backend *device = targets_device (&m->targets);
  m->kernels = run_passes (m->g, m->targets, false);
  m->weight_bytes = pack_plan (m->g);
  if (!same_layout (dir, m->g, m->json))
    return false;
  for (int i = 1; i < count; i++)
    if (!plan_part (dir, m, host_backend, list[i], &m->further[m->further_count++]))
      return false;
  return !device || plan_part (dir, m, device, m->precision, &m->device);
}

struct manifest
manifest_whole (const char *dir)
{
  struct manifest m = manifest_build (dir);
  zero_params (dir, m.g, json_object_get (m.json, "params"));
  if (!manifest_plan (dir, &m))
    fatal ("%s: the manifest does not fit its own options: generate it again", dir);
  return m;
}

struct manifest
manifest_read (const char *dir)
{
  struct manifest m = manifest_whole (dir);
  json_decref (m.json);
  m.json = NULL;
  return m;
}

struct graph *const *
manifest_planned (const char *dir, const char *manifest)
{
  const struct manifest m = manifest_read (dir);
  struct graph **list = NEW_ARRAY (PRECISION_COUNT + 2, struct graph *);
  int count = 0;
  (void) manifest;
  list[count++] = m.g;
  for (int i = 0; i < m.further_count; i++)
    list[count++] = m.further[i].g;
  list[count] = m.device.g;
  return list;
}

struct graph *
manifest_unfolded (const char *dir, const char *manifest, const char *weights, const struct weights_use *use)
{
  (void) manifest;
  json_t *j = find_manifest (dir);
  struct graph *g = source_build (source_in (dir, j));
  json_decref (j);
  bind_weights (g, source_weights (weights, g), use);
  return g;
}
