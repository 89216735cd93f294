/* Trained weights: named tensors in a file.
 *
 * One reader per format (safetensors.c, npz.c, torch.c, mat.c) behind one interface.
 * Files are untrusted: every length, offset and product of shapes is checked before it is used, and anything wrong
 * is one line through fatal(). Tensors keep the file's element type; weight_at converts one element at a time, so
 * that no second copy of a large file is made. */
#ifndef RESCAST_WEIGHTS_H
#define RESCAST_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dtype
{
  DTYPE_F16,
  DTYPE_BF16,
  DTYPE_F32,
  DTYPE_F64,
  DTYPE_I8,
  DTYPE_U8,
  DTYPE_I16,
  DTYPE_U16,
  DTYPE_I32,
  DTYPE_U32,
  DTYPE_I64,
  DTYPE_U64,
  DTYPE_BOOL
};

enum
{
  WEIGHT_MAX_RANK = 8
};

struct weight
{
  const char *name;
  enum dtype dtype;
  int rank;                       /* 0 for a scalar */
  int64_t shape[WEIGHT_MAX_RANK]; /* outermost axis first */
  size_t count;                   /* product of shape; 1 for a scalar */
  const void *data;               /* contiguous, C order, little-endian, not necessarily aligned */
  const void *source;             /* what the reader makes data from; NULL: data is there */
  size_t
      container; /* bytes of the name that lead to the dictionary this one is in, the last dot included; 0: to none */
  bool keras;  /* shape and data are Keras's: channels last; see graph/keras_order.c */
  bool matlab; /* shape and data are MATLAB's: the first axis runs fastest; see graph/matlab_order.c */
};

/* What stands in a file where a tensor could, and is not read: of a class that is never called. */
struct weights_object
{
  const char *name, *maker;
};

struct weights
{
  const char *path;
  struct weight *list; /* in the file's order */
  size_t count;
  struct weights_object *objects;
  size_t object_count;
  const char *keys; /* of a checkpoint with more in it than tensors: "epoch, state_dict, optimizer"; or NULL */
  uint64_t hash; /* of the file's bytes: FNV-1a over 8-byte words, each step mixed once more */
};

/* Open PATH, whatever its format: told by the content, not by the name. Fatal when it can't be read.
 * The result and all it points to live until weights_close. */
struct weights *weights_open (const char *path);
/* The same, but tensors may be without their elements until weights_load: of a checkpoint few are wanted. */
struct weights *weights_list (const char *path);
void weights_load (struct weights *w, const struct weight *t);
/* The same for a .npy file: one tensor, called "array". */
struct weights *weights_open_array (const char *path);
/* Tensors that another reader has found in PATH, whose bytes have the HASH: COUNT of LIST, with data that lives as long
 * as the program. */
struct weights *weights_of_list (const char *path, const struct weight *list, size_t count, uint64_t hash);
void weights_close (struct weights *w);
/* Does a file that begins like this name the files that hold the tensors? */
bool weights_index_begins (const char *head, size_t bytes);
/* The hash of a file's bytes. */
uint64_t weights_hash (const unsigned char *p, size_t bytes);
/* Write LIST as a safetensors file; fatal when it can't be. */
void weights_write (const char *path, const struct weight *list, size_t count);
/* Text of a file's, fit for one line of a message: escaped and cut. */
const char *weights_show (const char *s, size_t n);
const char *weights_shown (const char *s); /* all of it */

const struct weight *weights_find (const struct weights *w, const char *name);
double weight_at (const struct weight *t, size_t i);
/* T, one of W's, becomes a tensor of SHAPE in C order; along its axis I it walks STRIDE[I] elements (0: the same one
 * again) of T's data so far. The caller has checked that this stays inside. */
void weights_permute (struct weights *w, const struct weight *t, int rank, const int64_t *shape, const int64_t *stride);
/* Another shape of the same number of elements. */
void weights_reshape (struct weights *w, const struct weight *t, int rank, const int64_t *shape);
size_t dtype_bytes (enum dtype d);
const char *dtype_name (enum dtype d);

#endif
