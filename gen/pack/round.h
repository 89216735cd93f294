/* Weights rounded to elements of 16 bits, each to one of the two next to it, so that sums of them are kept. */
#ifndef RESCAST_PACK_ROUND_H
#define RESCAST_PACK_ROUND_H

#include "graph/graph.h"

/* The weights of N, a convolution, a transposed one or a linear layer, with their scale folded in, as elements of type
 * E in the order of reference_params; … */
void *round_weights (const struct graph *g, const struct node *n, enum element e);
/* … and those of its second convolution, (O, I). The caller frees. */
void *round_second (const struct graph *g, const struct node *n, enum element e);

#endif
