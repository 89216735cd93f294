/* What the parts of checkpoint_files share. */
#ifndef RESCAST_TESTS_CHECKPOINT_FILES_H
#define RESCAST_TESTS_CHECKPOINT_FILES_H

#include "weights_bytes.h"

/* The network's tensors, by their places. */
enum
{
  TENSORS = 8,
  /* In a .pth a storage's key is its tensor's place, and more … */
  OTHER = 10,  /* … for other values, */
  SCALAR = 20, /* … for a scalar, */
  EQUAL = 30   /* … for equal values in a storage of their own */
};
struct checkpoint_tensor
{
  const char *name;
  int rank;
  int64_t shape[4];
  double value[4];
};
extern const struct checkpoint_tensor checkpoint_tensors[TENSORS];
int64_t checkpoint_count (int i); /* elements; 1 for a place behind the last */

/* Write FOLDER/NAMESUFFIX. */
void checkpoint_put (const char *folder, const char *name, const char *suffix, struct bytes b);
struct bytes checkpoint_text (const char *s);

/* The .safetensors and .npz files. */
void checkpoint_values (const char *folder);

#endif
