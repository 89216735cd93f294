/* MATLAB's .mat files, version 5 (compressed or not) and 7.3 (HDF5).
 *
 * The file is parsed by matio and, for version 7.3, by HDF5: some hundred thousand lines that were not written for
 * hostile files and that follow offsets, counts and nested headers wherever they lead. Making them safe by a check
 * beforehand would take a second parser of both formats that agrees with theirs in every corner. So they run in a
 * child process with no more memory, time and files than a right file needs, which hands the tensors over through a
 * pipe. Whatever happens to the child is one line here; what comes out of it is checked like a file. */
#include "mat.h"

#include <string.h>

bool
weights_is_mat (const struct weights_file *f)
{
  return f->bytes >= 128 && !memcmp (f->data, "MATLAB ", 7)
         && (!memcmp (f->data + 126, "IM", 2) || !memcmp (f->data + 126, "MI", 2));
}

static void
work (const struct weights_file *f, const void *arg, int to)
{
  (void) arg;
  weights_mat_child (f->w.path, to);
}

/* The first axis runs fastest. */
static void
taken (struct weights_file *f, struct weight *t)
{
  if (t->dtype != DTYPE_F32 && t->dtype != DTYPE_F64)
    weights_bad (f, "a damaged .mat file: %s is of no type that is read", t->name);
  t->matlab = true;
}

void
weights_read_mat (struct weights_file *f)
{
  static const struct weights_child child = { .kind = ".mat file", .work = work, .taken = taken };
  if (!f->mapped)
    weights_bad (f, "a .mat file from a pipe; a regular file is allowed");
  weights_mat_check (f);
  weights_run_child (f, &child);
}
