/* The parameters of a graph meet the tensors of a weights file. */
#ifndef RESCAST_GRAPH_BIND_H
#define RESCAST_GRAPH_BIND_H

#include "graph.h"

/* Set value of every parameter of G from W. A leading "module." of the file's names is dropped; num_batches_tracked
 * is ignored, and tensors with MATLAB's axes are put in our order. Fatal with a list of every missing, extra and
 * wrongly shaped tensor, with both shapes. */
void bind_weights (struct graph *g, struct weights *w);

/* Zeros in P's shape, or in another one that was bound once: enough for the passes, which read values of vectors only.
 * No memory for more is taken. */
void bind_zeros (struct param *p);
void bind_zeros_as (struct param *p, int rank, const int64_t *shape);

#endif
