/* Weights saved by PyTorch (.pt, .pth, .th), in both of its formats.
 *
 * zip (1.6 and later): NAME/data.pkl is the pickled object, NAME/data/KEY one storage each, NAME/byteorder "little"
 * or "big" (2.1 and later).
 * legacy: one file of pickles: magic number, protocol version, system, object, list of storage keys; then, in the
 * list's order, each storage: 8 bytes of element count and the elements, little-endian whatever the system.
 *
 * Tensors are views of storages: offset, size, stride. Those in C order are used where they lie; others are copied. */
#include "pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
  MAX_PROGRAM = 64 << 20, /* bytes of data.pkl */
  MAX_NESTING = 64,
  MAX_VISITS = 1 << 20 /* places seen while flattening: containers that share others can be walked without end */
};

struct torch
{
  struct weights_file *f;
  struct pickle *p;
  const char *folder; /* "NAME/" of the zip's entries; NULL: legacy */
  bool swap;
  size_t visits;
};

static int
compare_keys (const struct pickle_storage *a, const struct pickle_storage *b)
{
  size_t least = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
  int c = memcmp (a->key, b->key, least);
  return c ? c : (a->key_bytes > b->key_bytes) - (a->key_bytes < b->key_bytes);
}

static int
compare_storages (const void *a, const void *b)
{
  return compare_keys (*(struct pickle_storage *const *) a, *(struct pickle_storage *const *) b);
}

/* Every tensor names its storage anew: sort, and let those of one key share a root. */
static void
join_storages (struct pickle *p)
{
  if (p->storage_count)
    qsort (p->storages, p->storage_count, sizeof *p->storages, compare_storages);
  struct pickle_storage *root = NULL;
  for (size_t i = 0; i < p->storage_count; i++)
    {
      struct pickle_storage *s = p->storages[i];
      if (!root || compare_keys (root, s))
        root = s;
      if (s->dtype != root->dtype || s->count != root->count)
        weights_bad (p->f, "storage %s has two types or lengths; one is allowed", weights_show (s->key, s->key_bytes));
      s->root = root;
    }
}

static const unsigned char *
zip_storage (struct torch *t, const struct pickle_storage *s)
{
  const char *shown = weights_show (s->key, s->key_bytes);
  const struct weights_entry *e = NULL;
  if (s->key_bytes <= WEIGHTS_MAX_NAME && !memchr (s->key, 0, s->key_bytes))
    e = weights_zip_find (t->f, mem_printf ("%sdata/%.*s", t->folder, (int) s->key_bytes, s->key));
  if (!e)
    weights_bad (t->f, "storage %s is not in the archive; one entry data/KEY per storage is needed", shown);
  size_t size = dtype_bytes (s->dtype), bytes = s->count * size;
  if (e->bytes != bytes)
    weights_bad (t->f, "storage %s has %llu bytes; %zu are needed", shown, (unsigned long long) e->bytes, bytes);
  unsigned char *data = weights_block (t->f, bytes);
  weights_zip_start (t->f, e);
  weights_zip_read (t->f, e, data, bytes);
  weights_zip_end (t->f, e);
  if (t->swap)
    weights_swap (data, s->count, size);
  return data;
}

static const unsigned char *
storage_data (struct torch *t, const struct pickle_storage *s)
{
  struct pickle_storage *root = s->root;
  if (!root->data && t->folder)
    root->data = zip_storage (t, root);
  if (!root->data)
    weights_bad (t->f, "storage %s is not in the file's list of storages; each has to be",
                 weights_show (s->key, s->key_bytes));
  return root->data + s->view_begin * dtype_bytes (s->dtype);
}

/* Whether all COUNT elements lie one after the other; and no index leaves the storage, or fatal. */
static bool
check_strides (const struct torch *t, const struct weight *w, size_t offset, const int64_t *stride, size_t limit)
{
  size_t last = offset, run = 1;
  bool contiguous = true;
  for (int i = w->rank - 1; i >= 0; i--)
    {
      size_t step;
      if (w->shape[i] > 1 && stride[i] != (int64_t) run)
        contiguous = false;
      run *= (size_t) w->shape[i];
      if (!mul_size ((size_t) w->shape[i] - 1, (size_t) stride[i], &step) || !add_size (last, step, &last))
        last = SIZE_MAX;
      if (last >= limit)
        break;
    }
  if (last >= limit)
    weights_bad (t->f, "tensor %s reaches beyond its storage; the storage's %zu elements are allowed", w->name, limit);
  return contiguous;
}

static void
add_tensor (struct torch *t, const char *name, size_t n, const struct pickle_value *v)
{
  const struct pickle_storage *s = v->items.v[0]->storage;
  const struct pickle_value *sizes = v->items.v[2], *strides = v->items.v[3];
  int64_t shape[WEIGHT_MAX_RANK] = { 0 }, stride[WEIGHT_MAX_RANK] = { 0 };
  int rank = (int) sizes->items.n; /* checked when the tensor was made */
  for (int i = 0; i < rank; i++)
    {
      shape[i] = sizes->items.v[i]->i;
      stride[i] = strides->items.v[i]->i;
    }
  size_t bytes, size = dtype_bytes (s->dtype), offset = (size_t) v->items.v[1]->i;
  struct weight *w = weights_add (t->f, name, n, s->dtype, rank, shape, &bytes);
  w->data = "";
  if (w->count == 0)
    return;
  bool contiguous = check_strides (t, w, offset, stride, s->view_count);
  const unsigned char *data = storage_data (t, s) + offset * size;
  w->data = data;
  if (contiguous)
    return;
  unsigned char *copy = weights_block (t->f, bytes);
  weights_gather (copy, data, size, rank, shape, stride);
  w->data = copy;
}

/* Tensors of a container, and of those in it, under dotted names: NAME has N bytes, then room for more. What is
 * neither tensor nor container (an epoch, an accuracy) is no weight. */
static void
flatten (struct torch *t, char *name, size_t n, const struct pickle_value *v, int nesting)
{
  if (++t->visits > MAX_VISITS)
    weights_bad (t->f, "its containers have more than %d places; no more are allowed", MAX_VISITS);
  if (nesting > MAX_NESTING)
    weights_bad (t->f, "its containers nest deeper than %d or in a circle; no deeper is allowed", MAX_NESTING);
  if (v->kind == PICKLE_TENSOR)
    {
      add_tensor (t, name, n, v);
      return;
    }
  bool dict = v->kind == PICKLE_DICT;
  if (!dict && v->kind != PICKLE_LIST && v->kind != PICKLE_TUPLE)
    return;
  for (size_t i = 0; i + dict < v->items.n; i += 1 + dict)
    {
      const struct pickle_value *key = v->items.v[i], *item = v->items.v[i + dict];
      char number[24];
      struct text part = { number, 0, 0 };
      if (dict && key->kind == PICKLE_STRING)
        part = (struct text){ (char *) key->text.s, key->text.n, 0 };
      else if (!dict || key->kind == PICKLE_INT)
        part.n = (size_t) snprintf (number, sizeof number, "%lld", dict ? (long long) key->i : (long long) i);
      else
        continue;
      if (part.n + n + 1 > WEIGHTS_MAX_NAME)
        weights_bad (t->f, "a tensor's name has more than %d bytes; no more are allowed", WEIGHTS_MAX_NAME);
      size_t m = n;
      if (nesting)
        name[m++] = '.';
      memcpy (name + m, part.s, part.n);
      flatten (t, name, m + part.n, item, nesting + 1);
    }
}

static bool
has_tensors (const struct pickle_value *v)
{
  for (size_t i = 1; i < v->items.n; i += 2)
    if (v->items.v[i]->kind == PICKLE_TENSOR)
      return true;
  return false;
}

/* A training checkpoint wraps the state_dict in a dictionary with the optimizer's and the like. */
static const struct pickle_value *
unwrap (const struct pickle_value *v)
{
  static const char *const keys[] = { "state_dict", "model_state_dict", "model" };
  if (has_tensors (v))
    return v;
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    for (size_t i = 0; i + 1 < v->items.n; i += 2)
      {
        const struct pickle_value *inner = v->items.v[i + 1];
        if (pickle_is (v->items.v[i], keys[k]) && inner->kind == PICKLE_DICT && has_tensors (inner))
          return inner;
      }
  return v;
}

static void
add_tensors (struct torch *t, const struct pickle_value *v)
{
  if (v->kind != PICKLE_DICT)
    weights_bad (t->f, "what was saved is no dictionary of tensors; a state_dict is allowed");
  char name[WEIGHTS_MAX_NAME + 1];
  flatten (t, name, 0, unwrap (v), 0);
}

/* The one entry NAME/data.pkl, or data.pkl. */
static const struct weights_entry *
find_program (const struct weights_file *f)
{
  const struct weights_entry *found = NULL;
  for (size_t i = 0; i < f->entry_count; i++)
    {
      const char *slash = strrchr (f->entries[i].name, '/');
      if (strcmp (slash ? slash + 1 : f->entries[i].name, "data.pkl"))
        continue;
      if (found)
        weights_bad (f, "two entries are named data.pkl; one is allowed");
      found = &f->entries[i];
    }
  return found;
}

bool
weights_is_torch (const struct weights_file *f)
{
  return find_program (f) != NULL;
}

static bool
is_big_endian (struct torch *t)
{
  const struct weights_entry *e = weights_zip_find (t->f, mem_printf ("%sbyteorder", t->folder));
  char s[8] = { 0 };
  if (!e)
    return false;
  if (e->bytes < sizeof s)
    {
      weights_zip_start (t->f, e);
      weights_zip_read (t->f, e, s, (size_t) e->bytes);
      weights_zip_end (t->f, e);
    }
  if (strcmp (s, "little") && strcmp (s, "big"))
    weights_bad (t->f, "the byteorder is '%s'; little and big are allowed", weights_show (s, strlen (s)));
  return s[0] == 'b';
}

void
weights_read_torch (struct weights_file *f)
{
  const struct weights_entry *e = find_program (f);
  if (e->bytes > MAX_PROGRAM)
    weights_bad (f, "data.pkl has %llu bytes; %d are allowed", (unsigned long long) e->bytes, MAX_PROGRAM);
  unsigned char *program = weights_block (f, (size_t) e->bytes);
  weights_zip_start (f, e);
  weights_zip_read (f, e, program, (size_t) e->bytes);
  weights_zip_end (f, e);
  struct torch t = { .f = f, .p = pickle_new (f, &torch_meaning, program, (size_t) e->bytes) };
  t.folder = mem_strndup (e->name, strlen (e->name) - strlen ("data.pkl"));
  t.swap = is_big_endian (&t);
  const struct pickle_value *v = pickle_load (t.p);
  join_storages (t.p);
  add_tensors (&t, v);
}

/* A pickle of protocol 2 to 5. A safetensors file whose header has 640 to 1407 bytes may begin likewise; its
 * length goes on with zeros. */
bool
weights_is_pickle (const struct weights_file *f)
{
  return f->bytes >= 3 && f->data[0] == 0x80 && f->data[1] >= 2 && f->data[1] <= 5 && f->data[2] != 0;
}

/* The storages behind the pickles, in the order of KEYS. */
static void
read_storages (struct torch *t, const struct pickle_value *keys)
{
  struct pickle *p = t->p;
  if (keys->kind != PICKLE_LIST)
    weights_bad (t->f, "the storages' keys are no list; the list torch.save writes is allowed");
  for (size_t i = 0; i < keys->items.n; i++)
    {
      const struct pickle_value *k = keys->items.v[i];
      struct pickle_storage key = { 0 }, *at = &key, **found = NULL;
      if (k->kind == PICKLE_STRING && p->storage_count)
        {
          key.key = k->text.s;
          key.key_bytes = k->text.n;
          found = bsearch (&at, p->storages, p->storage_count, sizeof at, compare_storages);
        }
      if (!found || (*found)->root->data)
        weights_bad (t->f, "the list of storages has one unknown or twice; each that tensors use is allowed once");
      struct pickle_storage *s = (*found)->root;
      size_t left = (size_t) (p->end - p->at), bytes = s->count * dtype_bytes (s->dtype);
      if (left < 8 || weights_le (p->at, 8) != s->count || left - 8 < bytes)
        weights_bad (t->f, "storage %s has %llu elements and %zu bytes are left in the file; %zu elements are needed",
                     weights_show (s->key, s->key_bytes), left < 8 ? 0 : (unsigned long long) weights_le (p->at, 8),
                     left < 8 ? left : left - 8, s->count);
      s->data = p->at + 8;
      p->at += 8 + bytes;
    }
}

void
weights_read_torch_legacy (struct weights_file *f)
{
  static const unsigned char magic[] = { 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19 };
  struct torch t = { .f = f, .p = pickle_new (f, &torch_meaning, f->data, f->bytes) };
  const struct pickle_value *v = pickle_load (t.p);
  if (v->kind != PICKLE_LONG || v->text.n != sizeof magic || memcmp (v->text.s, magic, sizeof magic))
    weights_bad (f, "a pickle, but not by torch.save: its magic number is missing; .pt, .pth and .th are allowed");
  v = pickle_load (t.p);
  if (v->kind != PICKLE_INT || v->i != 1001)
    weights_bad (f, "PyTorch's legacy protocol version is not 1001; no other is allowed");
  pickle_load (t.p); /* the system's sizes: none concerns the storages */
  v = pickle_load (t.p);
  join_storages (t.p);
  read_storages (&t, pickle_load (t.p));
  add_tensors (&t, v);
}
