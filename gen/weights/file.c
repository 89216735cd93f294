/* A weights file that is being read: messages, tensors, memory. */
#include "file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct weights_block
{
  struct weights_block *next;
  size_t bytes;
  _Alignas (max_align_t) unsigned char data[];
};

void
weights_bad (const struct weights_file *f, const char *fmt, ...)
{
  char what[1024];
  va_list args;
  va_start (args, fmt);
  vsnprintf (what, sizeof what, fmt, args);
  va_end (args);
  fatal ("%s: %s", f->w.path, what);
}

/* Bytes of the UTF-8 character at S that may stand in a name or a message: 0 for anything malformed, for control
 * characters (they would forge lines and move the cursor) and for the line separators U+2028 and U+2029. */
static size_t
printable (const char *s, size_t n)
{
  uint32_t c;
  size_t bytes = utf8_decode (s, n, &c);
  return bytes && c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != 0x2028 && c != 0x2029 ? bytes : 0;
}

const char *
weights_show (const char *s, size_t n)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (size_t i = 0; i < n;)
    {
      size_t bytes = printable (s + i, n - i);
      if (t.n > 96)
        {
          text_add (&t, "...");
          break;
        }
      if (bytes)
        text_addn (&t, s + i, bytes);
      else
        text_printf (&t, "\\x%02x", (unsigned char) s[i]);
      i += bytes ? bytes : 1;
    }
  return t.s;
}

const char *
weights_shown (const char *s)
{
  return weights_show (s, strlen (s));
}

void
weights_add_object (struct weights_file *f, const char *name, const char *maker)
{
  if (f->w.object_count == f->object_cap)
    {
      f->object_cap = f->object_cap ? 2 * f->object_cap : 64;
      struct weights_object *grown = NEW_ARRAY (f->object_cap, struct weights_object);
      if (f->w.object_count)
        memcpy (grown, f->w.objects, f->w.object_count * sizeof *grown);
      f->w.objects = grown;
    }
  f->w.objects[f->w.object_count++] = (struct weights_object){ name, maker };
}

static void
check_name (const struct weights_file *f, const char *name, size_t n)
{
  if (n == 0)
    weights_bad (f, "a tensor has an empty name; a name of 1 to %d bytes is allowed", WEIGHTS_MAX_NAME);
  if (n > WEIGHTS_MAX_NAME)
    weights_bad (f, "the name %s has %zu bytes; %d are allowed", weights_show (name, n), n, WEIGHTS_MAX_NAME);
  for (size_t i = 0; i < n;)
    {
      size_t bytes = printable (name + i, n - i);
      if (!bytes)
        weights_bad (f, "the name %s is no plain text; UTF-8 without control characters is allowed",
                     weights_show (name, n));
      i += bytes;
    }
}

struct weight *
weights_add (struct weights_file *f, const char *name, size_t n, enum dtype dtype, int rank, const int64_t *shape,
             size_t *bytes)
{
  check_name (f, name, n);
  if (f->w.count == WEIGHTS_MAX_TENSORS)
    weights_bad (f, "more than %d tensors; no more are allowed", WEIGHTS_MAX_TENSORS);
  if (rank > WEIGHT_MAX_RANK)
    weights_bad (f, "tensor %s has rank %d; at most %d is allowed", weights_show (name, n), rank, WEIGHT_MAX_RANK);
  if (f->w.count == f->cap)
    {
      f->cap = f->cap ? 2 * f->cap : 64;
      struct weight *grown = NEW_ARRAY (f->cap, struct weight);
      if (f->w.count)
        memcpy (grown, f->w.list, f->w.count * sizeof *grown);
      f->w.list = grown;
    }
  struct weight *t = &f->w.list[f->w.count++];
  *t = (struct weight){ .name = mem_strndup (name, n), .dtype = dtype, .rank = rank, .count = 1 };
  /* The product of the extents that aren't 0 must fit too, so that strides computed from them do. */
  size_t product = dtype_bytes (dtype);
  for (int i = 0; i < rank; i++)
    {
      if (shape[i] < 0 || (shape[i] && !mul_size (product, (size_t) shape[i], &product)) || product > PTRDIFF_MAX)
        weights_bad (f,
                     "tensor %s: extent %lld of axis %d: the shape has no size that fits; "
                     "extents of 0 or more whose product fits 63 bits are allowed",
                     t->name, (long long) shape[i], i);
      t->shape[i] = shape[i];
      t->count *= (size_t) shape[i];
    }
  *bytes = t->count * dtype_bytes (dtype);
  return t;
}

/* Bytes that a file of BYTES bytes may unpack or copy. Trained weights hardly shrink and are seldom expanded: what
 * makes hundreds of megabytes from next to nothing is an attack. */
size_t
weights_budget (size_t bytes)
{
  if (bytes > WEIGHTS_MAX_MEMORY / 2)
    return 2 * bytes;
  if (bytes > WEIGHTS_MAX_MEMORY / WEIGHTS_MAX_RATIO)
    return WEIGHTS_MAX_MEMORY;
  return bytes * WEIGHTS_MAX_RATIO > WEIGHTS_SMALL ? bytes * WEIGHTS_MAX_RATIO : WEIGHTS_SMALL;
}

void *
weights_block (struct weights_file *f, size_t bytes)
{
  if (bytes > f->budget)
    weights_bad (f, "its tensors take more memory than the %zu bytes a file of %zu bytes is allowed",
                 weights_budget (f->bytes), f->bytes);
  struct weights_block *b = malloc (sizeof *b + bytes);
  if (!b)
    weights_bad (f, "out of memory (%zu bytes)", bytes);
  b->bytes = bytes;
  b->next = f->blocks;
  f->blocks = b;
  f->budget -= bytes;
  return b->data;
}

void
weights_drop (struct weights_file *f, void *block)
{
  for (struct weights_block **at = &f->blocks; *at; at = &(*at)->next)
    if ((*at)->data == block)
      {
        struct weights_block *b = *at;
        *at = b->next;
        f->budget += b->bytes;
        free (b);
        return;
      }
}

void
weights_drop_all (struct weights_file *f)
{
  while (f->blocks)
    weights_drop (f, f->blocks->data);
}
