/* Trained weights: opening a file whatever its format, finding its tensors, reading their elements. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct
{
  const char *name;
  size_t bytes;
} dtypes[] = {
  [DTYPE_F16] = { "F16", 2 }, [DTYPE_BF16] = { "BF16", 2 }, [DTYPE_F32] = { "F32", 4 }, [DTYPE_F64] = { "F64", 8 },
  [DTYPE_I8] = { "I8", 1 },   [DTYPE_U8] = { "U8", 1 },     [DTYPE_I16] = { "I16", 2 }, [DTYPE_I32] = { "I32", 4 },
  [DTYPE_I64] = { "I64", 8 }, [DTYPE_BOOL] = { "BOOL", 1 },
};

size_t
dtype_bytes (enum dtype d)
{
  return dtypes[d].bytes;
}

const char *
dtype_name (enum dtype d)
{
  return dtypes[d].name;
}

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
printable (const unsigned char *s, size_t n)
{
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  if (n == 0 || s[0] < 0x20 || s[0] == 0x7f)
    return 0;
  if (s[0] < 0x80)
    return 1;
  size_t bytes = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4 || n < bytes)
    return 0;
  uint32_t c = s[0] & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; i++)
    {
      if ((s[i] & 0xc0) != 0x80)
        return 0;
      c = c << 6 | (s[i] & 0x3f);
    }
  if (c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c < 0xa0 || c == 0x2028 || c == 0x2029)
    return 0;
  return bytes;
}

const char *
weights_show (const char *s, size_t n)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (size_t i = 0; i < n;)
    {
      size_t bytes = printable ((const unsigned char *) s + i, n - i);
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

static void
check_name (const struct weights_file *f, const char *name, size_t n)
{
  if (n == 0)
    weights_bad (f, "a tensor has an empty name; a name of 1 to %d bytes is allowed", WEIGHTS_MAX_NAME);
  if (n > WEIGHTS_MAX_NAME)
    weights_bad (f, "the name %s has %zu bytes; %d are allowed", weights_show (name, n), n, WEIGHTS_MAX_NAME);
  for (size_t i = 0; i < n;)
    {
      size_t bytes = printable ((const unsigned char *) name + i, n - i);
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
static size_t
budget (size_t bytes)
{
  if (bytes > WEIGHTS_MAX_MEMORY / 2)
    return 2 * bytes;
  if (bytes > WEIGHTS_MAX_MEMORY / WEIGHTS_MAX_RATIO)
    return WEIGHTS_MAX_MEMORY;
  return bytes * WEIGHTS_MAX_RATIO > WEIGHTS_SMALL ? bytes * WEIGHTS_MAX_RATIO : WEIGHTS_SMALL;
}

struct weights_block
{
  struct weights_block *next;
  size_t bytes;
  _Alignas (max_align_t) unsigned char data[];
};

void *
weights_block (struct weights_file *f, size_t bytes)
{
  if (bytes > f->budget)
    weights_bad (f, "its tensors take more memory than the %zu bytes a file of %zu bytes is allowed", budget (f->bytes),
                 f->bytes);
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

/* Names in order, for weights_find; two tensors of one name are an error. */
static int
compare_names (const void *a, const void *b)
{
  return strcmp ((*(const struct weight *const *) a)->name, (*(const struct weight *const *) b)->name);
}

static void
sort_names (struct weights_file *f)
{
  f->sorted = NEW_ARRAY (f->w.count, const struct weight *);
  for (size_t i = 0; i < f->w.count; i++)
    f->sorted[i] = &f->w.list[i];
  if (f->w.count)
    qsort (f->sorted, f->w.count, sizeof *f->sorted, compare_names);
  for (size_t i = 1; i < f->w.count; i++)
    if (!strcmp (f->sorted[i - 1]->name, f->sorted[i]->name))
      weights_bad (f, "two tensors are named %s; a name is allowed once",
                   weights_show (f->sorted[i]->name, strlen (f->sorted[i]->name)));
}

const struct weight *
weights_find (const struct weights *w, const char *name)
{
  const struct weights_file *f = (const struct weights_file *) w;
  struct weight key = { .name = name }, *p = &key;
  const struct weight **found = f->w.count ? bsearch (&p, f->sorted, f->w.count, sizeof p, compare_names) : NULL;
  return found ? *found : NULL;
}

void
weights_reshape (struct weights *w, const struct weight *t, int rank, const int64_t *shape)
{
  struct weight *mine = &w->list[t - w->list];
  memcpy (mine->shape, shape, (size_t) rank * sizeof *shape);
  mine->rank = rank;
}

void
weights_permute (struct weights *w, const struct weight *t, int rank, const int64_t *shape, const int64_t *stride)
{
  struct weights_file *f = (struct weights_file *) w;
  struct weight *mine = &w->list[t - w->list];
  size_t bytes = dtype_bytes (t->dtype);
  mine->count = 1;
  for (int i = 0; i < rank; i++)
    {
      bytes *= (size_t) shape[i];
      mine->count *= (size_t) shape[i];
    }
  unsigned char *to = weights_block (f, bytes);
  weights_gather (to, t->data, dtype_bytes (t->dtype), rank, shape, stride);
  weights_drop (f, (void *) t->data);
  mine->data = to;
  mine->matlab = false;
  weights_reshape (w, t, rank, shape);
}

/* FNV-1a over little-endian words of 8 bytes, then over the tail's bytes: byte by byte, 250 MB would take a third
 * of a second. The shift is not FNV's: without it the words' top bits, the signs of floats, would stay in the top
 * bits of the hash, where two changes cancel each other. */
static uint64_t
hash_file (const unsigned char *p, size_t bytes)
{
  uint64_t h = HASH_START;
  size_t i = 0;
  for (; i + 8 <= bytes; i += 8)
    {
      h = (h ^ weights_le (p + i, 8)) * UINT64_C (0x100000001b3);
      h ^= h >> 32;
    }
  return hash_bytes (h, p + i, bytes - i);
}

/* The file's bytes: mapped, or read where that can't be (a pipe). */
static void
load (struct weights_file *f)
{
  struct stat st;
  int fd = open (f->w.path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &st))
    weights_bad (f, "%s", strerror (errno));
  if (S_ISDIR (st.st_mode))
    weights_bad (f, "a directory; a file of weights is allowed");
  if (S_ISREG (st.st_mode) && st.st_size > 0 && (uintmax_t) st.st_size <= PTRDIFF_MAX)
    {
      void *p = mmap (NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
      if (p != MAP_FAILED)
        {
          f->data = p;
          f->bytes = (size_t) st.st_size;
          f->mapped = true;
          posix_madvise (p, f->bytes, POSIX_MADV_WILLNEED);
        }
    }
  close (fd);
  if (!f->mapped)
    f->data = (unsigned char *) file_read (f->w.path, WEIGHTS_MAX_MEMORY / 2, &f->bytes);
  if (f->bytes == 0)
    weights_bad (f, "the file is empty; .safetensors, .npz, .pt, .pth, .th and .mat are allowed");
}

/* A new format is a line here and a reader in a file of its own.
 * The order matters only in that a safetensors file, which has no magic number, is asked after last. */
static void
read_any (struct weights_file *f)
{
  if (weights_is_zip (f))
    {
      weights_zip_open (f);
      if (weights_is_torch (f))
        weights_read_torch (f);
      else
        weights_read_npz (f);
      weights_zip_close (f);
    }
  else if (weights_is_pickle (f))
    weights_read_torch_legacy (f);
  else if (weights_is_mat (f))
    weights_read_mat (f);
  else if (weights_is_safetensors (f))
    weights_read_safetensors (f);
  else if (weights_is_npy (f))
    weights_bad (f, "a lone .npy array has no name; .npz (named arrays), .safetensors, .pt, .pth, .th and .mat are "
                    "allowed");
  else
    weights_bad (f, "no format known by its content; .safetensors, .npz, .pt, .pth, .th and .mat are allowed");
}

static struct weights *
open_with (const char *path, void (*read) (struct weights_file *))
{
  struct weights_file *f = NEW (struct weights_file);
  f->w.path = mem_strdup (path);
  load (f);
  f->budget = budget (f->bytes);
  read (f);
  if (f->w.count == 0)
    weights_bad (f, "holds no tensors; at least one is needed");
  sort_names (f);
  f->w.hash = hash_file (f->data, f->bytes);
  return &f->w;
}

struct weights *
weights_open (const char *path)
{
  return open_with (path, read_any);
}

struct weights *
weights_open_array (const char *path)
{
  return open_with (path, weights_read_npy);
}

void
weights_close (struct weights *w)
{
  struct weights_file *f = (struct weights_file *) w;
  while (f->blocks)
    weights_drop (f, f->blocks->data);
  if (f->mapped)
    munmap ((void *) f->data, f->bytes);
  else
    free ((void *) f->data);
  f->data = NULL;
  f->mapped = false;
}
