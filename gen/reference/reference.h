/* Every operator once more, naively and in double: the oracle of `rescast verify` and of the tests.
 *
 * Arrays are dense, (N, C, D, H, W), whatever layout the generated code uses. */
#ifndef RESCAST_REFERENCE_H
#define RESCAST_REFERENCE_H

#include "graph/graph.h"

/* The parameters of one node as dense arrays of doubles; NULL where the node has none.
 * weight: (O, I / groups, D, H, W) with the taps that are left (win.kernel), for a transposed convolution
 * (I, O, D, H, W), for linear (O, I). For a node after the passes they come from unpacking (pack/pack.h), with
 * scale, bias and slope already in weight and ep. */
struct reference_params
{
  double *weight, *bias, *mean, *variance;
  double *second; /* (O, I) of a node's second convolution; a gate's two products have their biases behind */
};

/* Parameters as the weights file gives them, before any pass. malloc'ed; reference_params_free frees. */
struct reference_params reference_params_of (const struct graph *g, const struct node *n);
void reference_params_free (struct reference_params *p);

/* Compute node N for the whole batch. in[i]: its inputs' dense arrays; residual: the epilogue's, or NULL.
 * out: N·C·D·H·W doubles. magnitude: NULL, or as many doubles: the sum of the absolute values of the terms that
 * were added to make each output, which bounds the rounding error of a float kernel. terms: NULL or the
 * largest number of terms added for one output. */
void reference_node (const struct graph *g, const struct node *n, const struct reference_params *p,
                     const double *const *in, const double *residual, double *out, double *magnitude,
                     int64_t *terms);

/* Run the whole graph on INPUT (N, C, D, H, W): the returned array is the output, malloc'ed. Frees every tensor as
 * soon as it is no longer needed. Works before and after the passes that do not need a packed file (parameters
 * from the weights file, epilogues applied). */
double *reference_run (const struct graph *g, const double *input);
/* The same, with every tensor's array kept: as many pointers as there are tensors. All is malloc'ed. */
double **reference_values (const struct graph *g, const double *input);

#endif
