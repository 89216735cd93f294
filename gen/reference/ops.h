/* The naive operators, one function each, as named in graph/ops.def. Only this folder includes this. */
#ifndef RESCAST_REFERENCE_OPS_H
#define RESCAST_REFERENCE_OPS_H

#include "reference.h"

#include <math.h>

/* One call of an operator. Every function fills out, magnitude where it is not NULL, and *terms; the epilogue comes
 * later, in reference_node. */
struct ref
{
  const struct graph *g;
  const struct node *n;
  const struct reference_params *p;
  const double *const *in;
  double *out, *magnitude;
  int64_t *terms;
};

typedef void ref_function (const struct ref *r);

ref_function ref_input, ref_conv, ref_transposed_conv, ref_batch_norm, ref_group_norm, ref_layer_norm, ref_squeeze,
  ref_gate, ref_elementwise, ref_pool, ref_global_average_pool, ref_global_max_pool, ref_upsample, ref_subsample,
  ref_pad, ref_linear, ref_softmax, ref_reshape, ref_channels;

/* The larger one; NaN where either is, unlike fmax. */
static inline double
ref_max (double a, double b)
{
  return b > a || isnan (b) ? b : a;
}

static inline const struct shape *
ref_out_shape (const struct ref *r)
{
  return node_own_shape (r->g, r->n);
}

/* The input node reads the caller's array, which has its output's shape. */
static inline const struct shape *
ref_in_shape (const struct ref *r)
{
  return r->n->nin ? &r->g->tensors[r->n->in[0]].shape : ref_out_shape (r);
}

/* Position of (C, D, H, W) in a sample of shape S. */
static inline int64_t
ref_at (const struct shape *s, int64_t c, int64_t d, int64_t h, int64_t w)
{
  return ((c * s->dim[AXIS_D] + d) * s->dim[AXIS_H] + h) * s->dim[AXIS_W] + w;
}

#endif
