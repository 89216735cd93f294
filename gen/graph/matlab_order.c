/* MATLAB's arrays: the first axis runs fastest, channels come last, and trailing axes of extent 1 are not stored.
 *
 *   here                          MATLAB
 *   convolution (O, I, D, H, W)   (h, w, d, I, O), grouped (h, w, d, I/g, O/g, g); 2-D without d
 *   transposed  (I, O, D, H, W)   (h, w, d, O, I)
 *   linear (out, C·D·H·W)         (out, h·w·d·C)
 *   a vector (C)                  any one axis: (1, 1, 1, C), (C, 1)
 *   input statistics (C), (C, D, H, W)   a scalar, (1, 1, 1, C), (h, w, d, C)
 *
 * The rank that a stored array should have is known from the parameter alone. */
#include "matlab_order.h"

#include <inttypes.h>
#include <string.h>

/* How the elements of a parameter, in our order, lie in MATLAB's array. */
struct plan
{
  int rank; /* ours; walk may have more axes than the parameter itself */
  int64_t shape[WEIGHT_MAX_RANK], stride[WEIGHT_MAX_RANK];
  int matlab_rank;
  int64_t matlab[WEIGHT_MAX_RANK];
};

/* Equal but for trailing axes of 1. */
static bool
same_dims (const struct weight *t, int rank, const int64_t *dims)
{
  for (int i = 0; i < WEIGHT_MAX_RANK; i++)
    if ((i < t->rank ? t->shape[i] : 1) != (i < rank ? dims[i] : 1))
      return false;
  return true;
}

/* The node whose parameter P is. */
static const struct node *
owner (const struct graph *g, const struct param *p)
{
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->weight == p || n->bias == p || n->mean == p || n->variance == p)
        return n;
    }
  return NULL;
}

static void
ours (struct plan *x, int64_t extent, int64_t stride)
{
  x->shape[x->rank] = extent;
  x->stride[x->rank++] = stride;
}

static void
theirs (struct plan *x, int64_t extent)
{
  x->matlab[x->matlab_rank++] = extent;
}

/* (A, B, [D,] H, W) here is (h, w, [d,] B, A) there: for a convolution and for a transposed one. The groups' axis
 * stands behind the others, where A = g · (A/g) + … is one walk all the same. */
static struct plan
plan_filters (const struct param *p, int64_t groups)
{
  struct plan x = { 0 };
  int64_t d = p->rank == 5 ? p->shape[2] : 1, h = p->shape[p->rank - 2], w = p->shape[p->rank - 1];
  theirs (&x, h);
  theirs (&x, w);
  if (p->rank == 5)
    theirs (&x, d);
  theirs (&x, p->shape[1]);
  theirs (&x, p->shape[0] / groups);
  if (groups > 1)
    theirs (&x, groups);
  ours (&x, p->shape[0], h * w * d * p->shape[1]);
  ours (&x, p->shape[1], h * w * d);
  if (p->rank == 5)
    ours (&x, d, h * w);
  ours (&x, h, 1);
  ours (&x, w, h);
  return x;
}

/* Maps are flattened h first: (h, w, d, c) as MATLAB stores them. */
static struct plan
plan_linear (const struct param *p, const struct shape *in)
{
  struct plan x = { 0 };
  int64_t out = p->shape[0], d = in->dim[AXIS_D], h = in->dim[AXIS_H], w = in->dim[AXIS_W];
  theirs (&x, out);
  theirs (&x, p->shape[1]);
  ours (&x, out, 1);
  ours (&x, in->c, out * h * w * d);
  ours (&x, d, out * h * w);
  ours (&x, h, out);
  ours (&x, w, out * h);
  return x;
}

/* Input statistics per element, (c, [D,] H, W). */
static struct plan
plan_elements (const struct shape *s)
{
  struct plan x = { 0 };
  int64_t d = s->dim[AXIS_D], h = s->dim[AXIS_H], w = s->dim[AXIS_W];
  theirs (&x, h);
  theirs (&x, w);
  if (s->rank == 3)
    theirs (&x, d);
  theirs (&x, s->c);
  ours (&x, s->c, h * w * d);
  if (s->rank == 3)
    ours (&x, d, h * w);
  ours (&x, h, 1);
  ours (&x, w, h);
  return x;
}

/* T's only axis of more than 1, wherever it stands, or two of them where there are groups: (1, 1, n/g, g). A scalar is
 * repeated where input statistics may be one. */
static bool
fits_vector (const struct param *p, const struct weight *t, bool grouped, struct plan *x)
{
  int axes = 0;
  for (int i = 0; i < t->rank; i++)
    axes += t->shape[i] != 1;
  bool scalar = p->per_element && t->count == 1;
  ours (x, p->shape[0], scalar ? 0 : 1);
  return axes <= 1 + grouped && (scalar || t->count == (size_t) p->shape[0]);
}

const char *
matlab_order (const struct graph *g, const struct param *p, struct weights *w, const struct weight *t)
{
  const struct node *n = owner (g, p);
  const struct shape *in = n && n->nin ? &g->tensors[n->in[0]].shape : NULL;
  struct plan x = { 0 }, vector = { 0 };
  if (p->rank >= 4)
    x = plan_filters (p, n && n->groups > 1 ? n->groups : 1);
  else if (p->rank == 2 && in)
    x = plan_linear (p, in);
  else if (p->rank == 1 && fits_vector (p, t, n && n->op == OP_CONV && n->groups > 1, &vector))
    {
      weights_permute (w, t, vector.rank, vector.shape, vector.stride);
      return NULL;
    }
  else if (p->rank == 1 && p->per_element)
    x = plan_elements (&g->tensors[g->nodes[0].out].shape);
  else
    {
      for (int i = 0; p->rank == 1 && i < g->rank; i++)
        theirs (&x, 1);
      for (int i = 0; i < p->rank; i++)
        theirs (&x, p->shape[i]);
    }
  if (x.rank && same_dims (t, x.matlab_rank, x.matlab))
    {
      weights_permute (w, t, x.rank, x.shape, x.stride);
      if (p->rank == 2)
        weights_reshape (w, t, p->rank, p->shape);
      return NULL;
    }
  return mem_printf ("%s is %s in MATLAB's order, not %s%s, which is %s here", t->name, dims_text (t->rank, t->shape),
                     p->per_element ? mem_printf ("(..., %" PRId64 ") or ", p->shape[0]) : "",
                     dims_text (x.matlab_rank, x.matlab), dims_text (p->rank, p->shape));
}
