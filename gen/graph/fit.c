/* A tensor's shape against a parameter's. */
#include "fit.h"

#include <string.h>

#include "keras_order.h"
#include "matlab_order.h"

static bool
same_dims (const struct weight *w, int rank, const int64_t *shape)
{
  return w->rank == rank && memcmp (w->shape, shape, (size_t) rank * sizeof *shape) == 0;
}

/* Input statistics may be given per element, (C, [D,] H, W). */
static bool
fits_per_element (const struct graph *g, const struct param *p, const struct weight *w)
{
  const struct shape *s = &g->tensors[g->nodes[0].out].shape;
  int64_t shape[1 + AXES] = { s->c };
  memcpy (shape + 1, s->dim + AXES - s->rank, (size_t) s->rank * sizeof *shape);
  return p->per_element && same_dims (w, 1 + s->rank, shape);
}

const struct shape *
fit_linear_input (const struct graph *g, const struct param *p)
{
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].op == OP_LINEAR && g->nodes[i].weight == p)
      return &g->tensors[g->nodes[i].in[0]].shape;
  return NULL;
}

static bool
fits_exactly (const struct graph *g, const struct param *p, const struct weight *w)
{
  if (same_dims (w, p->rank, p->shape) || fits_per_element (g, p, w))
    return true;
  if (p->or_count && same_dims (w, 1, &p->or_count))
    return true;
  /* a single value for one channel, as some writers store it */
  return p->rank == 1 && p->shape[0] == 1 && w->rank == 0;
}

/* Equal but for axes of 1 behind the last: a linear layer's weight as a convolution of 1x1 or of its whole map has it,
 * and a 1x1 convolution's as a linear layer has it. The order of elements is the same. */
static bool
fits_as_other_layer (const struct graph *g, const struct param *p, const struct weight *w)
{
  const struct shape *in = p->rank == 2 ? fit_linear_input (g, p) : NULL;
  int rank = w->rank < p->rank ? w->rank : p->rank;
  if (p->rank < 2 || w->rank < 2)
    return false;
  if (in && w->rank == 2 + in->rank && w->shape[0] == p->shape[0] && w->shape[1] == in->c
      && !memcmp (w->shape + 2, in->dim + AXES - in->rank, (size_t) in->rank * sizeof *w->shape))
    return true;
  for (int i = rank; i < w->rank; i++)
    if (w->shape[i] != 1)
      return false;
  for (int i = rank; i < p->rank; i++)
    if (p->shape[i] != 1)
      return false;
  return !memcmp (w->shape, p->shape, (size_t) rank * sizeof *w->shape);
}

bool
fit_shape (const struct graph *g, const struct param *p, const struct weight *t)
{
  return fits_exactly (g, p, t) || fits_as_other_layer (g, p, t);
}

const char *
fit_value (const struct graph *g, const struct param *p, struct weights *w, const struct weight *t)
{
  if (t->matlab)
    return matlab_order (g, p, w, t);
  if (t->keras)
    return keras_order (g, p, w, t);
  if (fits_exactly (g, p, t))
    return NULL;
  if (!fits_as_other_layer (g, p, t))
    return mem_printf ("%s is %s, not %s", t->name, dims_text (t->rank, t->shape), dims_text (p->rank, p->shape));
  weights_reshape (w, t, p->rank, p->shape);
  return NULL;
}
