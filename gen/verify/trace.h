/* A generated network's own values, layer by layer, as its library computes them. */
#ifndef RESCAST_VERIFY_TRACE_H
#define RESCAST_VERIFY_TRACE_H

#include "verify.h"

struct trace
{
  const char *name, *target;
  const char *dir, *manifest;
  const struct graph *g; /* after all passes; a tensor has the name of the last layer that is computed with it */
  double *input;         /* what the network reads, (N, C, D, H, W) */
  double *raw;           /* the same before it was prepared: scaled and normalised */
  double **value;        /* of each of G's tensors, dense; NULL: it was not computed */
  double tolerance;      /* what such a network's output may differ by, in its precision */
  const char *failure;   /* why the library did not run to its end; or NULL */
};

/* Run the library in O->dir, the best target of the host's, on one batch: of O->reference, an .npz with an array input,
 * or random values. REFERENCE: that file, open. Fatal where the folder cannot be used. */
struct trace *trace_run (const struct verify_options *o, const struct weights *reference);
void trace_free (struct trace *t);

#endif
