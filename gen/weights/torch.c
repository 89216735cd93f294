/* Weights saved by PyTorch (.pt, .pth, .th), in both of its formats.
 *
 * zip (1.6 and later): NAME/data.pkl is the pickled object, NAME/data/KEY one storage each, NAME/byteorder "little"
 * or "big" (2.1 and later).
 * legacy: one file of pickles: magic number, protocol version, system, object, list of storage keys; then, in the
 * list's order, each storage: 8 bytes of element count and the elements, little-endian whatever the system.
 *
 * A plain pickle, by pickle.dump, has each storage as a file of the legacy format in its bytes, and NumPy's arrays.
 *
 * Tensors are views of storages: offset, size, stride. Those in C order are used where they lie; others are copied. */
#include "torch_parts.h"

#include <stdlib.h>
#include <string.h>

enum
{
  MAX_PROGRAM = 64 << 20 /* bytes of data.pkl */
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
      if (s->dtype != root->dtype || s->count != root->count || s->size != root->size)
        weights_bad (p->f, "storage %s has two types or lengths; one is allowed", weights_show (s->key, s->key_bytes));
      s->root = root;
    }
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
  struct torch *t = NEW (struct torch);
  *t = (struct torch){ .f = f, .p = pickle_new (f, &torch_meaning, program, (size_t) e->bytes) };
  t->folder = mem_strndup (e->name, strlen (e->name) - strlen ("data.pkl"));
  t->swap = is_big_endian (t);
  struct pickle_value *v = pickle_load (t->p);
  join_storages (t->p);
  torch_list (t, v);
}

/* The legacy format's first pickle as protocol 1 writes it. */
static const char magic_line[] = "L119547037146038801333356L\n.";

/* A pickle of protocol 2 to 5, or the legacy format's of protocol 1. A safetensors file whose header has 640 to 1407
 * bytes may begin like the first; its length goes on with zeros. */
bool
weights_is_pickle (const struct weights_file *f)
{
  if (f->bytes >= sizeof magic_line && !memcmp (f->data, magic_line, sizeof magic_line - 1))
    return true;
  return f->bytes >= 3 && f->data[0] == 0x80 && f->data[1] >= 2 && f->data[1] <= 5 && f->data[2] != 0;
}

/* The storages behind the pickles, in the order of KEYS. */
static void
read_storages (struct pickle *p, const struct pickle_value *keys)
{
  if (keys->kind != PICKLE_LIST)
    weights_bad (p->f, "the storages' keys are no list; the list torch.save writes is allowed");
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
        weights_bad (p->f, "the list of storages has one unknown or twice; each that tensors use is allowed once");
      struct pickle_storage *s = (*found)->root;
      if (!s->size)
        weights_bad (p->f, "storage %s is a %s, of unknown length; those of PyTorch's types of elements are allowed",
                     weights_show (s->key, s->key_bytes), pickle_global_text (s->unread));
      size_t left = (size_t) (p->end - p->at), bytes = s->count * s->size;
      if (left < 8 || weights_le (p->at, 8) != s->count || left - 8 < bytes)
        weights_bad (p->f, "storage %s has %llu elements and %zu bytes are left in the file; %zu elements are needed",
                     weights_show (s->key, s->key_bytes), left < 8 ? 0 : (unsigned long long) weights_le (p->at, 8),
                     left < 8 ? left : left - 8, s->count);
      s->data = p->at + 8;
      p->at += 8 + bytes;
    }
}

static bool
is_magic (const struct pickle_value *v)
{
  static const unsigned char magic[] = { 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19 };
  const size_t digits = strlen (magic_line) - strlen ("LL\n.");
  if (v->kind != PICKLE_LONG)
    return false;
  return (v->text.n == sizeof magic && !memcmp (v->text.s, magic, sizeof magic))
         || (v->text.n == digits && !memcmp (v->text.s, magic_line + 1, digits));
}

/* What comes behind the magic number. */
static struct pickle_value *
legacy_object (struct pickle *p)
{
  struct pickle_value *v = pickle_load (p);
  if (v->kind != PICKLE_INT || v->i != 1001)
    weights_bad (p->f, "PyTorch's legacy protocol version is not 1001; no other is allowed");
  pickle_load (p); /* the system's sizes: none concerns the storages */
  v = pickle_load (p);
  join_storages (p);
  read_storages (p, pickle_load (p));
  return v;
}

struct pickle_value *
torch_inner (struct pickle *p, const struct pickle_value *bytes)
{
  if (!p->inner)
    p->inner = pickle_new (p->f, p->meaning, NULL, 0);
  struct pickle *q = p->inner;
  q->begin = q->at = (const unsigned char *) bytes->text.s;
  q->end = q->begin + bytes->text.n;
  q->is_inner = true;
  q->values = p->values;
  q->places = p->places;
  q->storage_count = 0;
  if (!is_magic (pickle_load (q)))
    pickle_bad (q, "a storage is no file of torch.save's");
  struct pickle_value *v = legacy_object (q);
  p->values = q->values;
  p->places = q->places;
  return v;
}

void
weights_read_torch_legacy (struct weights_file *f)
{
  struct torch *t = NEW (struct torch);
  *t = (struct torch){ .f = f, .p = pickle_new (f, &torch_meaning, f->data, f->bytes) };
  struct pickle_value *v = pickle_load (t->p);
  if (is_magic (v))
    v = legacy_object (t->p);
  else if (t->p->at != t->p->end)
    weights_bad (f, "a pickle, but by neither torch.save nor pickle.dump: the magic number of the one is missing, and "
                    "there is more behind it; .pt, .pth, .th and .pkl are allowed");
  torch_list (t, v);
}
