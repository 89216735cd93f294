/* Between mat.c, its check of the structure, and the child process that reads a .mat file for it. */
#ifndef RESCAST_WEIGHTS_MAT_H
#define RESCAST_WEIGHTS_MAT_H

#include <stdint.h>

#include "weights.h"

enum weights_mat_kind
{
  WEIGHTS_MAT_TENSOR = 0x7e50, /* followed by its name, then its elements, MATLAB's first axis running fastest */
  WEIGHTS_MAT_ERROR,           /* followed by a text: what is wrong */
  WEIGHTS_MAT_END
};

enum
{
  WEIGHTS_MAT_TEXT = 512 /* bytes of an error's text at most */
};

/* What comes through the pipe, in front of its bytes. The child may have been taken over by the file that it
 * reads: each field is checked. */
struct weights_mat_record
{
  uint32_t kind, dtype; /* DTYPE_F32 or DTYPE_F64 */
  uint32_t rank, name_bytes;
  int64_t shape[WEIGHT_MAX_RANK]; /* MATLAB's */
  uint64_t bytes;
};

/* Read PATH with matio and write records to the pipe TO. Calls nothing that ends in fatal(): the parent's exit
 * handlers are not the child's to run. */
_Noreturn void weights_mat_child (const char *path, int to);

struct weights_file;
/* Fatal when a file of version 5 is cut short or at odds with itself. */
void weights_mat_check (struct weights_file *f);

#endif
