/* NAME.json: what was generated, from what, and why. */
#ifndef RESCAST_MANIFEST_H
#define RESCAST_MANIFEST_H

#include "emit.h"
#include "options.h"

/* WEIGHTS NULL: the initialisers'. */
void manifest_write (const struct emission *e, const struct options *o, const struct weights *w, const char *path);

/* The graph of a generated folder after all passes, ready to unpack its weights file; its parameters have the shapes
 * that were packed and the value 0. *KERNELS: as select made them. Fatal when DIR holds no manifest. */
struct manifest
{
  struct graph *g;
  struct kernels *kernels;
  struct options *options;
  const struct target *target;
  int64_t weight_floats;
};
struct manifest manifest_read (const char *dir);

/* For verify: the graph after all passes, and as built with the parameters of the file WEIGHTS. */
struct graph *manifest_planned (const char *dir, const char *manifest);
struct graph *manifest_unfolded (const char *dir, const char *manifest, const char *weights);

#endif
