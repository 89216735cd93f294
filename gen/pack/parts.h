/* What the orders of weights share: one function per order of weights, for packing and unpacking. */
#ifndef RESCAST_PACK_PARTS_H
#define RESCAST_PACK_PARTS_H

#include "backend/phases.h"
#include "backend/kernel.h"
#include "pack.h"

/* One pass over a node's packed weights: packing (dense == NULL) computes data from the parameters, unpacking reads
 * data into dense. */
struct pass
{
  const struct graph *g;
  const struct node *n;
  const struct kernel *k;
  float *data;   /* the node's first packed float */
  double *dense; /* (O, I / groups, taps that are left), or NULL */
  double *second; /* (O, I) of the node's second convolution, where there are dense and such a one */
};

/* Where N's weights begin among all packed ones, which start at DATA. */
float *node_weights (const struct node *n, const void *data);
/* The pass of the kernel's order: the backend's. */
void pass_weights (const struct pass *p);
/* The CPU's. */
void pass_blocks (const struct pass *p);

int64_t taps_left (const struct node *n);
/* The next tap in the order of the window's axes. */
void next_tap (int64_t tap[AXES], const int64_t kernel[AXES]);
/* Move one weight, that of output channel O and input CHANNEL, one of all; O beyond the layer's own, or a CHANNEL that
 * is not of O's group, is a zero of the padding. */
void move_conv (const struct pass *p, int64_t o, int64_t channel, const int64_t tap[AXES], float *at);

/* Weight of output channel O, input channel I of its group, tap (D, H, W) among those left, with the scale folded in. */
double conv_weight (const struct node *n, int64_t o, int64_t i, const int64_t tap[AXES]);
/* T, an array of extents N, multiplied along AXIS by a matrix of ROWS rows, STRIDE doubles apart. */
void multiply_axis (double *t, int n[AXES], int axis, const double *matrix, int rows, int stride);

void pass_strassen (const struct pass *p);
void pass_stem_winograd (const struct pass *p);
void pass_conv_grouped (const struct pass *p);
void pass_transposed (const struct pass *p);
void pass_transposed_winograd (const struct pass *p);

/* Fatal, naming the value, when one of N's packed numbers is infinite. */
void pack_check (const struct graph *g, const struct node *n, const float *data);

/* ---- transposed.c ---- */

/* Move the weight of input channel I and output channel O at tap TAP of the phase PH, taps in the order of their inputs. */
void move_transposed (const struct pass *p, const struct phase ph[AXES], int64_t i, int64_t o, const int64_t tap[AXES],
                      float *at);

#endif
