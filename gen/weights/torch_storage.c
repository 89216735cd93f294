/* The elements that tensors are views of. */
#include "torch_parts.h"

#include <string.h>

static const unsigned char *
zip_storage (struct torch *t, const struct pickle_storage *s)
{
  const char *shown = weights_show (s->key, s->key_bytes);
  const struct weights_entry *e = NULL;
  if (s->key_bytes <= WEIGHTS_MAX_NAME && !memchr (s->key, 0, s->key_bytes))
    e = weights_zip_find (t->f, mem_printf ("%sdata/%.*s", t->folder, (int) s->key_bytes, s->key));
  if (!e)
    weights_bad (t->f, "storage %s is not in the archive; one entry data/KEY per storage is needed", shown);
  size_t bytes = s->count * s->size;
  if (e->bytes != bytes)
    weights_bad (t->f, "storage %s has %llu bytes; %zu are needed", shown, (unsigned long long) e->bytes, bytes);
  unsigned char *data = weights_block (t->f, bytes);
  weights_zip_start (t->f, e);
  weights_zip_read (t->f, e, data, bytes);
  weights_zip_end (t->f, e);
  if (t->swap)
    weights_swap (data, s->count, s->size);
  return data;
}

const unsigned char *
torch_storage (struct torch *t, const struct pickle_storage *s)
{
  struct pickle_storage *root = s->root;
  if (!root->data && t->folder)
    root->data = zip_storage (t, root);
  if (!root->data)
    weights_bad (t->f, "storage %s is not in the file's list of storages; each has to be",
                 weights_show (s->key, s->key_bytes));
  return root->data + s->view_begin * s->size;
}
