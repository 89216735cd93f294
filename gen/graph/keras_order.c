/* Keras's arrays: the last axis runs fastest, and channels come last.
 *
 *   here                          Keras
 *   convolution (O, I, [D,] H, W) ([d,] h, w, I, O), of each channel's own filters (h, w, C, n) with O = C · n
 *   transposed  (I, O, [D,] H, W) ([d,] h, w, O, I)
 *   linear (out, C·D·H·W)         ([d·]h·w·C, out)
 *   a vector (C)                  (C) */
#include "keras_order.h"

#include <string.h>

#include "fit.h"

static bool
is_shape (const struct weight *t, int rank, const int64_t *shape)
{
  return t->rank == rank && !memcmp (t->shape, shape, (size_t) rank * sizeof *shape);
}

static const char *
wrong (const struct weight *t, int rank, const int64_t *theirs, const struct param *p)
{
  return mem_printf ("%s is %s in Keras's order, not %s, which is %s here", t->name, dims_text (t->rank, t->shape),
                     dims_text (rank, theirs), dims_text (p->rank, p->shape));
}

static const char *
put_filters (const struct param *p, struct weights *w, const struct weight *t)
{
  int64_t theirs[PARAM_MAX_RANK], stride[PARAM_MAX_RANK] = { 1, p->shape[0] };
  const int rank = p->rank, space = rank - 2;
  memcpy (theirs, p->shape + 2, (size_t) space * sizeof *theirs);
  theirs[space] = p->shape[1];
  theirs[space + 1] = p->shape[0];
  const bool own = p->shape[1] == 1 && t->rank == rank && !memcmp (t->shape, theirs, (size_t) space * sizeof *theirs)
                   && t->count && t->shape[space] * t->shape[space + 1] == p->shape[0];
  if (!own && !is_shape (t, rank, theirs))
    return wrong (t, rank, theirs, p);
  int64_t step = p->shape[0] * p->shape[1];
  for (int i = rank - 1; i >= 2; i--)
    {
      stride[i] = step;
      step *= p->shape[i];
    }
  weights_permute (w, t, rank, p->shape, stride);
  return NULL;
}

static const char *
put_linear (const struct graph *g, const struct param *p, struct weights *w, const struct weight *t)
{
  const int64_t out = p->shape[0], theirs[] = { p->shape[1], out };
  const struct shape *in = fit_linear_input (g, p);
  if (!is_shape (t, 2, theirs))
    return wrong (t, 2, theirs, p);
  const int64_t c = in ? in->c : p->shape[1], d = in ? in->dim[AXIS_D] : 1, h = in ? in->dim[AXIS_H] : 1,
                x = in ? in->dim[AXIS_W] : 1;
  weights_permute (w, t, 5, (const int64_t[]){ out, c, d, h, x },
                   (const int64_t[]){ 1, out, h * x * c * out, x * c * out, c * out });
  weights_reshape (w, t, p->rank, p->shape);
  return NULL;
}

const char *
keras_order (const struct graph *g, const struct param *p, struct weights *w, const struct weight *t)
{
  if (p->rank >= 4)
    return put_filters (p, w, t);
  if (p->rank == 2)
    return put_linear (g, p, w, t);
  if (t->count == 1 && p->rank == 1 && p->shape[0] == 1)
    {
      weights_reshape (w, t, p->rank, p->shape);
      return NULL;
    }
  return is_shape (t, p->rank, p->shape) ? NULL : wrong (t, p->rank, p->shape, p);
}
