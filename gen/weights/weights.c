/* Trained weights: opening a file whatever its format, finding its tensors, reading their elements. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
  mine->matlab = mine->keras = false;
  weights_reshape (w, t, rank, shape);
}

/* FNV-1a over little-endian words of 8 bytes, then over the tail's bytes: byte by byte, 250 MB would take a third
 * of a second. The shift is not FNV's: without it the words' top bits, the signs of floats, would stay in the top
 * bits of the hash, where two changes cancel each other. */
uint64_t
weights_hash (const unsigned char *p, size_t bytes)
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
        weights_read_torch (f); /* the archive stays open for weights_load */
      else if (weights_is_keras (f))
        {
          weights_read_keras (f);
          weights_zip_close (f);
        }
      else
        {
          weights_read_npz (f);
          weights_zip_close (f);
        }
    }
  else if (weights_is_pickle (f))
    weights_read_torch_legacy (f);
  else if (weights_is_mat (f))
    weights_read_mat (f);
  else if (weights_is_hdf5 (f))
    weights_read_hdf5 (f);
  else if (weights_is_safetensors (f))
    weights_read_safetensors (f);
  else if (weights_is_index (f))
    weights_read_index (f);
  else if (weights_is_npy (f))
    weights_bad (f, "a lone .npy array has no name; .npz (named arrays), .safetensors, .pt, .pth, .th and .mat are "
                    "allowed");
  else
    weights_bad (f, "no format known by its content; .safetensors, .npz, .pt, .pth, .th and .mat are allowed");
}

void
weights_load (struct weights *w, const struct weight *t)
{
  struct weights_file *f = (struct weights_file *) w;
  struct weight *mine = &w->list[t - w->list];
  if (!mine->source)
    return;
  f->load (f, mine);
  mine->source = NULL;
}

static struct weights *
open_with (const char *path, void (*read) (struct weights_file *))
{
  struct weights_file *f = NEW (struct weights_file);
  f->w.path = mem_strdup (path);
  load (f);
  f->budget = weights_budget (f->bytes);
  read (f);
  sort_names (f);
  f->w.hash ^= weights_hash (f->data, f->bytes); /* of several files: with what index.c has of the others */
  return &f->w;
}

struct weights *
weights_list (const char *path)
{
  return open_with (path, read_any);
}

struct weights *
weights_open (const char *path)
{
  struct weights *w = weights_list (path);
  for (size_t i = 0; i < w->count; i++)
    weights_load (w, &w->list[i]);
  return w;
}

struct weights *
weights_of_list (const char *path, const struct weight *list, size_t count, uint64_t hash)
{
  struct weights_file *f = NEW (struct weights_file);
  f->w.path = mem_strdup (path);
  f->w.hash = hash;
  f->w.list = NEW_ARRAY (count, struct weight);
  f->w.count = f->cap = count;
  for (size_t i = 0; i < count; i++)
    {
      f->w.list[i] = list[i];
      f->bytes += list[i].count * dtype_bytes (list[i].dtype);
    }
  f->budget = weights_budget (f->bytes);
  sort_names (f);
  return &f->w;
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
  if (f->zip)
    weights_zip_close (f);
  if (f->index)
    weights_index_close (f);
  weights_drop_all (f);
  if (f->mapped)
    munmap ((void *) f->data, f->bytes);
  else
    free ((void *) f->data);
  f->data = NULL;
  f->mapped = false;
}
