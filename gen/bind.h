/* The parameters of a graph meet the tensors of a weights file. */
#ifndef RESCAST_BIND_H
#define RESCAST_BIND_H

#include "graph.h"

/* Set value of every parameter of G from W. A leading "module." of the file's names is dropped; num_batches_tracked
 * is ignored, and tensors with MATLAB's axes are put in our order. Fatal with a list of every missing, extra and
 * wrongly shaped tensor, with both shapes. */
void bind_weights (struct graph *g, struct weights *w);

#endif
