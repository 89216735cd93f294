/* Additions and activations move into the epilogue of the layer before them. */
#ifndef RESCAST_PASSES_FUSE_H
#define RESCAST_PASSES_FUSE_H

#include "graph/graph.h"

/* After fold_bn. An addition goes into the convolution that alone feeds it and is computed last; ReLU and PReLU into
 * whatever computes their input, when nobody else reads it. A max pool goes into a stem: there the convolution's result
 * is the network's largest tensor, and with the pool it is never stored. What is left stays a node of its own. */
void fuse (struct graph *g);

#endif
