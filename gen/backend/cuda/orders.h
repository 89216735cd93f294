/* Orders of weights for the GPU: matrices of rows, and zeros; struct matrices tells their extents. */
#ifndef RESCAST_BACKEND_CUDA_ORDERS_H
#define RESCAST_BACKEND_CUDA_ORDERS_H

#include "backend/kernel.h"

/* [group][tap][in channel of the group][row], a row the output channels of a group and zeros */
extern const struct weight_order cuda_conv_order;
/* [tap][in channel of the group][out channel] */
extern const struct weight_order cuda_grouped_order;
/* [phase][tap][in channel][row], taps in the order of their inputs */
extern const struct weight_order cuda_transposed_order;
/* [out channel][pixel][in channel] */
extern const struct weight_order cuda_linear_order;

/* a gate's first product: [in channel][result] */
extern const struct weight_order cuda_squeeze_order;
/* its biases; of the second one [in channel][out channel], then the biases */
extern const struct weight_order cuda_gate_order;

/* ---- orders_mma.c: elements of the graph's precision ---- */

/* [matrix][out channel][tap][in channel] */
extern const struct weight_order cuda_mma_order;
/* [64 out channels][tap along D and H][16 bytes of: tap along W, 4 in channels][channel of 64] */
extern const struct weight_order cuda_mma_stem_order;
/* [out channel][feature] */
extern const struct weight_order cuda_mma_linear_order;
/* [phase][out channel][tap][in channel] */
extern const struct weight_order cuda_mma_transposed_order;

#endif
