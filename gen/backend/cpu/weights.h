/* The orders that the CPU's kernels read weights in, and how many numbers each takes: what choices are priced with,
 * what selection reserves and what packing writes are one number. */
#ifndef RESCAST_BACKEND_CPU_WEIGHTS_H
#define RESCAST_BACKEND_CPU_WEIGHTS_H

#include "backend/kernel.h"

/* Does convolution N read the network's input, in planes? */
bool reads_planes (const struct graph *g, const struct node *n);

/* The order of node N's weights when it is computed by C, and how many numbers they are, the epilogue's vectors not
 * counted. */
const struct weight_order *weights_order (const struct graph *g, const struct node *n, struct choice c);
int64_t weights_count (const struct graph *g, const struct node *n, struct choice c);

/* How many means an input layer subtracts, behind which the reciprocals of the deviations stand. */
int64_t input_means (const struct graph *g, const struct node *n);

#endif
