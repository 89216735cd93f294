/* Which axes of its layer a value's axes are. */
#include "view_axes.h"

#include <string.h>

/* The axes of extent other than 1 but for the batch. */
static int
larger_axes (const struct value *v, int first, int64_t *shape, int *axis)
{
  int count = 0;
  for (int a = first; a < v->rank; a++)
    if (v->shape[a] != 1)
      {
        shape[count] = v->shape[a];
        axis[count++] = v->axis[a];
      }
  return count;
}

bool
view_relabel (const struct value *v, struct value *out, bool batch)
{
  int64_t from[ONNX_MAX_RANK], to[ONNX_MAX_RANK];
  int axis[ONNX_MAX_RANK], unused[ONNX_MAX_RANK], last = 0, next = 0;
  struct value sample = *v;
  if (value_has_batch (v)) /* it is out's first axis, or of extent 1 */
    sample.shape[value_axis (v, 0)] = 1;
  const int count = larger_axes (&sample, 0, from, axis);
  if (larger_axes (out, batch, to, unused) != count || memcmp (from, to, (size_t) count * sizeof *from))
    return false;
  bool used[2 * ONNX_MAX_RANK] = { false }, channel = false;
  for (int i = 0; i < count; i++)
    used[axis[i]] = true;
  for (int a = batch; a < out->rank; a++)
    {
      int i = last + 1;
      while (i < 2 + v->map && (i == 0 || used[i]))
        i++;
      if (out->shape[a] != 1)
        i = axis[next++];
      else if (i >= 2 + v->map || (next < count && i > axis[next]))
        i = 2 + v->map; /* one that the layer does not have */
      out->axis[a] = i;
      used[i] = i < 2 + v->map;
      channel = channel || i == 1;
      last = i < 2 + v->map ? i : last;
    }
  if (batch)
    out->axis[0] = 0;
  return channel || out->rank == batch;
}

void
view_place (struct value *v, bool batch)
{
  const int axes = v->rank - batch;
  v->map = axes == VIEW_MAX_AXES ? 3 : 2;
  if (batch)
    v->axis[0] = 0;
  for (int a = 0; a < axes; a++)
    v->axis[batch + a] = a == 1 && axes == 2 ? 3 : 1 + a;
}

const struct view *
view_of (const struct value *v, const struct value *of, bool batch)
{
  struct view *view = NEW (struct view);
  struct value *copy = NEW (struct value);
  *copy = *of;
  *view = (struct view){ .of = copy, .axes = v->rank - batch };
  for (int i = 0; i < view->axes; i++)
    {
      view->extent[i] = v->shape[batch + i];
      view->order[i] = i;
    }
  return view;
}
