/* Batch normalisation becomes a factor and a bias per channel, in double. */
#ifndef RESCAST_PASSES_FOLD_BN_H
#define RESCAST_PASSES_FOLD_BN_H

#include "graph/graph.h"

/* Replace every OP_BATCH_NORM by an epilogue: on the convolution, linear layer or addition that it alone reads, else
 * on an OP_IDENTITY of its own. Biases become those of epilogues. */
void fold_bn (struct graph *g);

#endif
