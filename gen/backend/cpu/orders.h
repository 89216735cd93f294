/* The orders of the CPU's weights. */
#ifndef RESCAST_BACKEND_CPU_ORDERS_H
#define RESCAST_BACKEND_CPU_ORDERS_H

#include "backend/kernel.h"

/* [out block][in block][tap][in channel][16 out channels] */
extern const struct weight_order cpu_blocked_order;
/* [out block][tap][channel of the group][16 out channels] */
extern const struct weight_order cpu_grouped_order;
/* [out block][in channel][tap][16 out channels] */
extern const struct weight_order cpu_planar_order;
/* [phase][out block][tap][in channel][16 out channels], taps in the order of their inputs */
extern const struct weight_order cpu_transposed_order;
/* [phase of H][of W][of D][out block][position in the transformed tile where the phase's filter is not zero][tap along
 * D][in channel][16 out channels] */
extern const struct weight_order cpu_transposed_winograd_order;
/* [out block][position in the transformed tile][in channel][16 out channels] */
extern const struct weight_order cpu_winograd_order;
/* [out block][position][channel of a phase, those that count there][16 out channels] */
extern const struct weight_order cpu_stem_winograd_order;
/* [out block of the first half][product][in channel of a half][16 out channels] */
extern const struct weight_order cpu_strassen_order;
/* [out block][in block][pixel][16 in channels][16 out channels] */
extern const struct weight_order cpu_linear_order;

/* of a gate's two products: each [out block][input][block of outputs], then the biases; floats in every precision */
extern const struct weight_order cpu_gate_order;

/* In bf16, of dense convolutions: [block of 32 outputs][k-step][half of 16 outputs][16 pairs of inputs][16 outputs][2];
 * pairs.h tells what a k-step is */
extern const struct weight_order cpu_pairs_order;
/* … of groups of 2 to 16 channels: [out block][tap][pair of the group][32 out channels][2] */
extern const struct weight_order cpu_grouped_pairs_order;
/* … of transposed convolutions: [phase][out block][in block][tap], then as a k-step, taps in the order of their inputs
 */
extern const struct weight_order cpu_transposed_pairs_order;
/* … of linear layers: [out block][in block][pixel], then as a k-step */
extern const struct weight_order cpu_linear_pairs_order;

/* Their functions. */
void conv_blocked_weights (const struct weight_move *p);
void conv_grouped_weights (const struct weight_move *p);
void conv_planar_weights (const struct weight_move *p);
void transposed_weights (const struct weight_move *p);
void transposed_winograd_weights (const struct weight_move *p);
void winograd_weights (const struct weight_move *p);
void stem_winograd_weights (const struct weight_move *p);
void strassen_weights (const struct weight_move *p);
void gate_weights (const struct weight_move *p);
void linear_weights (const struct weight_move *p);
void pairs_weights (const struct weight_move *p);
void grouped_pairs_weights (const struct weight_move *p);
void transposed_pairs_weights (const struct weight_move *p);
void linear_pairs_weights (const struct weight_move *p);

/* T, an array of extents N, multiplied along AXIS by a matrix of ROWS rows, STRIDE doubles apart. */
void multiply_axis (double *t, int n[AXES], int axis, const double *matrix, int rows, int stride);

#endif
