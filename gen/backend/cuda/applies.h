/* What the tensor cores' kernels can compute: for select, and for passes that make nodes which only they can. */
#ifndef RESCAST_CUDA_APPLIES_H
#define RESCAST_CUDA_APPLIES_H

#include "graph/graph.h"

/* Convolution N, in the graph's precision. */
bool conv_mma_applies (const struct graph *g, const struct node *n);
/* … as a first layer that reads rows of an input of up to four channels, which it alone reads. */
bool stem_mma_applies (const struct graph *g, const struct node *n);
bool linear_mma_applies (const struct graph *g, const struct node *n);
bool transposed_mma_applies (const struct graph *g, const struct node *n);

#endif
