/* Inputs and outputs of more axes than layers have: the layer's consist of several neighbours each. */
#include "view_axes.h"

#include <string.h>

/* AXES extents as those of a tensor: neighbours become one, those of the smallest product first, until there are
 * VIEW_MAX_AXES. How many there are. */
static int
merge (int axes, int64_t *shape)
{
  for (; axes > VIEW_MAX_AXES; axes--)
    {
      int least = 0;
      for (int a = 1; a < axes - 1; a++)
        if ((double) shape[a] * (double) shape[a + 1] < (double) shape[least] * (double) shape[least + 1])
          least = a;
      shape[least] *= shape[least + 1];
      memmove (shape + least + 1, shape + least + 2, (size_t) (axes - least - 2) * sizeof *shape);
    }
  return axes;
}

const struct value *
view_input (struct conversion *c, struct value *v)
{
  struct value *layer = NEW (struct value);
  const bool batch = v->axis[0] == 0;
  *layer = *v;
  layer->rank = batch + merge (v->rank - batch, layer->shape + batch);
  view_place (layer, batch);
  c->input_axes = v->rank - batch;
  v->view = view_of (v, layer, batch);
  v->map = layer->map;
  for (int a = batch; a < v->rank; a++)
    v->axis[a] = 2 + ONNX_MAX_RANK; /* none of the layer's */
  return layer;
}

struct value *
view_output (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  int64_t shape[ONNX_MAX_RANK];
  const bool batch = v->rank && v->axis[0] == 0;
  int larger = 0;
  for (int a = batch; a < v->rank; a++)
    larger += v->shape[a] != 1;
  if (v->view && larger > VIEW_MAX_AXES)
    {
      memcpy (shape, v->shape, sizeof shape);
      const int rank = batch + merge (v->rank - batch, shape + batch);
      v = value_of (c, written_reshape (c, n, c->output, rank, shape, NULL));
    }
  view_settle (c, n, v);
  return v;
}
