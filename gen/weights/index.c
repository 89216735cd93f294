/* Weights in several files: the index that Hugging Face's libraries write beside them, model.safetensors.index.json.
 *
 *   { "metadata": {…}, "weight_map": { "NAME": "model-00001-of-00002.safetensors", … } }
 *
 * The files lie in the index's folder and are of any format that holds tensors. Of each the tensors that the index
 * names are taken, and no others. */
#include "file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum
{
  MAX_FILES = 1024,
  MAX_INDEX = 16 << 20 /* bytes */
};

static const char weight_map[] = "weight_map", allowed[] = "{weight_map: {name: file}}";

struct index
{
  const char *name[MAX_FILES];
  struct weights *file[MAX_FILES];
  size_t count;
};

/* A tensor of one of the files. */
struct part
{
  struct weights *file;
  const struct weight *tensor;
};

bool
weights_index_begins (const char *head, size_t bytes)
{
  const size_t n = strlen (weight_map);
  size_t i = 0;
  while (i < bytes && (head[i] == ' ' || head[i] == '\t' || head[i] == '\r' || head[i] == '\n'))
    i++;
  if (i == bytes || head[i] != '{')
    return false;
  for (; i + n + 2 <= bytes; i++)
    if (head[i] == '"' && head[i + n + 1] == '"' && !memcmp (head + i + 1, weight_map, n))
      return true;
  return false;
}

bool
weights_is_index (const struct weights_file *f)
{
  return f->bytes <= MAX_INDEX && weights_index_begins ((const char *) f->data, f->bytes);
}

static void
load_part (struct weights_file *f, struct weight *t)
{
  const struct part *part = t->source;
  (void) f;
  weights_load (part->file, part->tensor);
  t->data = part->tensor->data;
}

/* A name in the index's own folder: the file may be anybody's, and leads nowhere else. */
static void
check_file_name (const struct weights_file *f, const char *tensor, const char *name)
{
  if (!name)
    weights_bad (f, "%s of tensor %s is no text; a file's name is allowed", weight_map, tensor);
  if (!*name || strchr (name, '/') || !strcmp (name, ".") || !strcmp (name, "..") || strlen (name) > 255)
    weights_bad (f, "%s: tensor %s is in %s; a file in the same folder is allowed", weight_map, tensor,
                 weights_show (name, strlen (name)));
}

/* The file NAME, opened once. */
static struct weights *
find_file (struct weights_file *f, struct index *x, const char *name)
{
  for (size_t i = 0; i < x->count; i++)
    if (!strcmp (x->name[i], name))
      return x->file[i];
  if (x->count == MAX_FILES)
    weights_bad (f, "its tensors are in more than %d files; no more are allowed", MAX_FILES);
  const char *slash = strrchr (f->w.path, '/');
  struct weights *opened
      = weights_list (mem_printf ("%.*s%s", slash ? (int) (slash + 1 - f->w.path) : 0, f->w.path, name));
  x->name[x->count] = mem_strdup (name);
  x->file[x->count++] = opened;
  f->w.hash = (f->w.hash ^ opened->hash) * UINT64_C (0x100000001b3);
  return opened;
}

static void
read_entry (struct weights_file *f, struct index *x, const char *name, const char *file)
{
  const char *shown = weights_show (name, strlen (name));
  check_file_name (f, shown, file);
  struct weights *w = find_file (f, x, file);
  const struct weight *from = weights_find (w, name);
  if (!from)
    weights_bad (f, "tensor %s is not in %s, where the index has it", shown, weights_show (file, strlen (file)));
  size_t bytes;
  struct weight *t = weights_add (f, name, strlen (name), from->dtype, from->rank, from->shape, &bytes);
  struct part *part = NEW (struct part);
  *part = (struct part){ w, from };
  t->source = part;
  t->container = from->container;
  t->matlab = from->matlab;
  t->keras = from->keras;
}

void
weights_index_close (struct weights_file *f)
{
  struct index *x = f->index;
  for (size_t i = 0; i < x->count; i++)
    weights_close (x->file[i]);
  f->index = NULL;
}

void
weights_read_index (struct weights_file *f)
{
  static bool within; /* an index that names another one, itself perhaps */
  struct index *x = f->index = NEW (struct index);
  if (within)
    weights_bad (f, "it is an index, and an index names it; a file that holds tensors is allowed");
  within = true;
  weights_json (f, "the index", allowed, (const char *) f->data, f->bytes);
  const json_t *map = json_object_get (f->json, weight_map);
  if (!json_is_object (map))
    weights_bad (f, "%s is no object; %s is allowed", weight_map, allowed);
  const char *name;
  json_t *file;
  f->load = load_part;
  json_object_foreach ((json_t *) map, name, file) read_entry (f, x, name, json_string_value (file));
  json_decref (f->json);
  f->json = NULL;
  within = false;
}
