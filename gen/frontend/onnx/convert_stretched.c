/* A layer and a constant of any shape, each of which may be stretched by the other. */
#include "convert.h"

#include <string.h>

/* The extents of V and W joined, into SHAPE; false where they can't be. */
static bool
joined_shape (const struct value *v, const struct weight *w, int64_t shape[ONNX_MAX_RANK])
{
  memcpy (shape, v->shape, (size_t) v->rank * sizeof *shape);
  for (int a = 0; a < w->rank && w->rank <= v->rank; a++)
    {
      const int axis = v->axis[a + v->rank - w->rank];
      int64_t *own = &shape[a + v->rank - w->rank];
      if (w->shape[a] != 1 && ((*own != 1 && w->shape[a] != *own) || axis == 0 || axis >= 2 + v->map))
        return false;
      *own = *own == 1 ? w->shape[a] : *own;
    }
  return w->rank <= v->rank;
}

/* Give V places for those axes of extent 1 that W stretches and its layer has none for. */
static void
make_room (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w)
{
  bool lacks = false, batch = false;
  for (int a = 0; a < w->rank && w->rank <= v->rank; a++)
    {
      const int own = a + v->rank - w->rank;
      if (w->shape[a] == 1 || v->shape[own] != 1)
        continue;
      lacks = lacks || v->axis[own] >= 2 + v->map;
      batch = batch || (v->axis[own] == 0 && c->batch == 1);
    }
  if (lacks || batch)
    view_complete (c, n, v, batch);
}

void
convert_with_elements (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w,
                       const char *type, bool first)
{
  int64_t joined[ONNX_MAX_RANK], shape[ONNX_MAX_RANK], stride[ONNX_MAX_RANK], own[ONNX_MAX_RANK];
  make_room (c, n, v, w);
  if (!type || !joined_shape (v, w, joined))
    convert_bad (c, n,
                 "works on %s with a constant of %s; allowed: sums, products, quotients, and extents that are "
                 "equal or 1 along each axis",
                 value_shape (v), dims_text (w->rank, w->shape));
  const char *input = layer_of (c, n, v);
  bool vector = v->vector;
  for (int64_t a = w->rank - 1, step = 1; a >= 0; step *= w->shape[a--])
    own[a] = step;
  for (int i = 1; i < 2 + v->map; i++) /* channels, then the axes of the map */
    {
      const int at = v->rank ? value_axis (v, i) : 0, a = v->rank && v->axis[at] == i ? at + w->rank - v->rank : -1;
      shape[i - 1] = a < 0 ? 1 : w->shape[a];
      stride[i - 1] = a < 0 ? 0 : own[a];
      vector = vector && (i == 1 || shape[i - 1] == 1);
    }
  const int rank = vector ? 1 : 1 + v->map;
  const struct weight *m = constant_gather (c, w, 0, rank, shape, stride);
  const char *layer = layer_with_constant (c, n, type, input, m, rank, shape, first);
  set_expression (c, n, v, NULL);
  struct value *out = value_of (c, n->out[0]);
  out->layer = layer;
  out->vector = vector;
  memcpy (out->shape, joined, (size_t) v->rank * sizeof *joined);
}
