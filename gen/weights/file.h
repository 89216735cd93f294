/* What the readers of weights share: the open file, its memory, and the tensors found so far.
 *
 * Only this folder includes this. Everything that fatal() could leave behind (blocks, libzip's and jansson's handles)
 * hangs on struct weights_file, which lives in the arena, so that an exit in the middle of a file leaks nothing. */
#ifndef RESCAST_WEIGHTS_FILE_H
#define RESCAST_WEIGHTS_FILE_H

#include "base/util.h"
#include "weights.h"

/* Limits on what a file may ask for. No trained network comes near them. */
enum
{
  WEIGHTS_MAX_TENSORS = 65536,
  WEIGHTS_MAX_NAME = 1024,         /* bytes */
  WEIGHTS_MAX_MEMORY = 1 << 30,    /* bytes unpacked or copied; twice the file's size when that is more */
  WEIGHTS_MAX_DIRECTORY = 1 << 20, /* bytes of a zip's directory: libzip takes quadratic time on hostile names */
  WEIGHTS_MAX_RATIO = 200          /* of those bytes to the file's size, above WEIGHTS_SMALL */
};
#define WEIGHTS_SMALL ((size_t) 64 << 20)

struct index;
struct zip;
struct zip_file;
struct json_t;

/* One entry of a zip archive, in the archive's order. */
struct weights_entry
{
  const char *name;
  uint64_t index, bytes;
};

struct weights_file
{
  struct weights w; /* first: weights_close and weights_find are given a pointer to it */
  const unsigned char *data;
  size_t bytes;
  bool mapped;
  size_t cap; /* of w.list */
  const struct weight **sorted;
  struct weights_block *blocks;
  size_t budget; /* bytes that may still be copied */
  size_t object_cap;
  void (*load) (struct weights_file *f, struct weight *t); /* for tensors with a source */
  void *reader;

  struct index *index; /* index.c: the other files; or NULL */
  struct zip *zip;
  struct zip_file *open; /* the entry being read */
  struct weights_entry *entries, **by_name;
  size_t entry_count;
  struct json_t *json;
};

/* One reader per format: told by the first bytes, then read whole or fatal. */
bool weights_is_safetensors (const struct weights_file *f);
bool weights_is_hdf5 (const struct weights_file *f);
bool weights_is_keras (const struct weights_file *f); /* f->zip is open */
void weights_read_hdf5 (struct weights_file *f);
void weights_read_keras (struct weights_file *f);
bool weights_is_index (const struct weights_file *f);
bool weights_is_zip (const struct weights_file *f);
bool weights_is_pickle (const struct weights_file *f);
bool weights_is_mat (const struct weights_file *f);
void weights_read_safetensors (struct weights_file *f);
void weights_read_index (struct weights_file *f);
void weights_index_close (struct weights_file *f);    /* the files that it names */
void weights_read_npz (struct weights_file *f);       /* f->zip is open */
bool weights_is_npy (const struct weights_file *f);
void weights_read_npy (struct weights_file *f);
bool weights_is_torch (const struct weights_file *f); /* f->zip is open */
void weights_read_torch (struct weights_file *f);     /* f->zip is open */
void weights_read_torch_legacy (struct weights_file *f);
void weights_read_mat (struct weights_file *f);

/* `rescast: FILE: WHAT`, exit 1. */
_Noreturn void weights_bad (const struct weights_file *f, const char *fmt, ...) PRINTF (2, 3);

/* A new tensor; the caller sets data before the next one is added. Checks name, rank, shape and their product;
 * *BYTES is what its elements take. */
struct weight *weights_add (struct weights_file *f, const char *name, size_t n, enum dtype dtype, int rank,
                            const int64_t *shape, size_t *bytes);
/* What is there in a tensor's place, made by the class MAKER: both fit for a message, and in the arena. */
void weights_add_object (struct weights_file *f, const char *name, const char *maker);
/* What may be copied of a file of so many BYTES. */
size_t weights_budget (size_t bytes);
/* Memory for tensors, until weights_close or weights_drop; counted against f->budget. */
void *weights_block (struct weights_file *f, size_t bytes);
void weights_drop (struct weights_file *f, void *block);
void weights_drop_all (struct weights_file *f);

/* COUNT elements of SIZE bytes, byte order reversed in place. */
void weights_swap (void *data, size_t count, size_t size);
/* Elements of SIZE bytes at FROM, STRIDE (in elements) apart along each axis, to TO in C order. Bounds are the
 * caller's business. */
void weights_gather (unsigned char *to, const unsigned char *from, size_t size, int rank, const int64_t *shape,
                     const int64_t *stride);
uint64_t weights_le (const unsigned char *p, int bytes);

/* json.c: F->json becomes the N bytes at S, the file's WHAT, which has to be an object such as ALLOWED. */
void weights_json (struct weights_file *f, const char *what, const char *allowed, const char *s, size_t n);

/* zip.c */
void weights_zip_open (struct weights_file *f);
void weights_zip_close (struct weights_file *f);
const struct weights_entry *weights_zip_find (const struct weights_file *f, const char *name);
void weights_zip_start (struct weights_file *f, const struct weights_entry *e);
void weights_zip_read (struct weights_file *f, const struct weights_entry *e, void *to, size_t bytes);
void weights_zip_end (struct weights_file *f, const struct weights_entry *e); /* the entry must end here */
void weights_zip_skip (struct weights_file *f); /* the rest of the entry is of no interest */

#endif
