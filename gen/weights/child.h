/* Files that a library reads for us, in a child process with no more memory, time and files than a right file needs:
 * what happens to the child is one line here, and what comes out of it is checked like a file. */
#ifndef RESCAST_WEIGHTS_CHILD_H
#define RESCAST_WEIGHTS_CHILD_H

#include "file.h"

enum weights_child_kind
{
  WEIGHTS_CHILD_TENSOR = 0x7e50, /* followed by its name, then its elements */
  WEIGHTS_CHILD_ERROR,           /* followed by a text: what is wrong */
  WEIGHTS_CHILD_END
};

enum
{
  WEIGHTS_CHILD_TEXT = 512 /* bytes of an error's text at most */
};

/* What comes through the pipe, in front of its bytes. The child may have been taken over by the file that it
 * reads: each field is checked. */
struct weights_child_record
{
  uint32_t kind, dtype;
  uint32_t rank, name_bytes;
  int64_t shape[WEIGHT_MAX_RANK]; /* as the file has it */
  uint64_t bytes;
};

struct weights_child
{
  const char *kind; /* of file, for messages: ".mat file" */
  /* In the child: read F and write records to the pipe TO. Calls nothing that ends in fatal(): the parent's exit
   * handlers are not the child's to run. */
  void (*work) (const struct weights_file *f, const void *arg, int to);
  const void *arg;
  size_t memory; /* bytes that it needs beside the tensors and the libraries */
  void (*taken) (struct weights_file *f, struct weight *t); /* in the parent: T has come */
};

/* In the child: all of BYTES to the pipe TO. Ends the process when nobody reads there. */
void weights_child_write (int to, const void *data, size_t bytes);

void weights_run_child (struct weights_file *f, const struct weights_child *c);

#endif
