/* How nodes say which window slides over a map. */
#include "window.h"

#include <inttypes.h>
#include <string.h>

/* Which of the layer's axes is V's axis A, both counted behind N and C. */
static int
own_axis (const struct value *v, int a)
{
  return v->axis[2 + a] - 2;
}

int64_t
window_extent (const struct sliding *s, int a)
{
  return (s->kernel[a] - 1) * s->dilation[a] + 1;
}

void
window_check_map (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  if (v->constant)
    convert_bad (c, n, "reads a constant alone; allowed: what depends on the network's input");
  if (!value_has_margins (v) && !v->vector)
    view_settle (c, n, v);
  if (v->rank < 3 || v->rank > 5 || v->axis[0] != 0)
    convert_bad (c, n, "reads %s; allowed: (N, C, W), (N, C, H, W) and (N, C, D, H, W)", value_shape (v));
  if (!v->vector && !value_is_map (v) && !value_has_margins (v))
    view_complete (c, n, v, false);
  if (!v->vector && !value_is_map (v))
    convert_bad (c, n, "reads a map with its axes in another order; allowed: N, C and then the map's");
  if (v->before[0] || v->after[0] || v->before[1] || v->after[1])
    convert_bad (c, n, "reads a map with padded channels; allowed: padding of the map");
}

static void
check_positive (const struct conversion *c, const struct onnx_node *n, const char *what, const int64_t *v, int axes)
{
  for (int a = 0; a < axes; a++)
    if (v[a] < 1 || v[a] > 65536)
      convert_bad (c, n, "%s of %" PRId64 "; allowed: 1 to 65536", what, v[a]);
}

/* SAME_UPPER and SAME_LOWER: the result has ceil (in / stride); the odd zero is behind, or before. */
static void
pad_same (struct sliding *s, bool lower)
{
  for (int a = 0; a < s->axes; a++)
    {
      const int64_t out = (s->in[a] + s->stride[a] - 1) / s->stride[a];
      int64_t all = (out - 1) * s->stride[a] + window_extent (s, a) - s->in[a];
      all = all > 0 ? all : 0;
      s->before[a] = lower ? all - all / 2 : all / 2;
      s->after[a] = all - s->before[a];
    }
}

static void
read_pads (const struct conversion *c, const struct onnx_node *n, const struct value *v, struct sliding *s)
{
  int64_t pads[2 * WINDOW_MAX_AXES];
  const int axes = v->rank - 2;
  if (!attribute_ints (c, n, "pads", 2 * (size_t) axes, pads))
    return;
  for (int a = 0; a < axes; a++)
    {
      s->before[own_axis (v, a)] = pads[a];
      s->after[own_axis (v, a)] = pads[axes + a];
      if (pads[a] < 0 || pads[axes + a] < 0 || pads[a] > 65536 || pads[axes + a] > 65536)
        convert_bad (c, n, "pads of %" PRId64 " and %" PRId64 "; allowed: 0 to 65536", pads[a], pads[axes + a]);
    }
}

bool
window_read_extents (const struct conversion *c, const struct onnx_node *n, const struct value *v, const char *name,
              int64_t *to)
{
  int64_t list[WINDOW_MAX_AXES];
  if (!attribute_ints (c, n, name, (size_t) (v->rank - 2), list))
    return false;
  for (int a = 0; a < v->rank - 2; a++)
    to[own_axis (v, a)] = list[a];
  return true;
}

struct sliding
window_read (const struct conversion *c, const struct onnx_node *n, const struct value *v, const int64_t *kernel)
{
  struct sliding s = { .axes = v->map };
  const char *same = attribute_text (c, n, "auto_pad", "NOTSET");
  for (int a = 0; a < s.axes; a++)
    s.in[a] = s.stride[a] = s.dilation[a] = s.kernel[a] = 1;
  for (int a = 0; a < v->rank - 2; a++)
    {
      s.in[own_axis (v, a)] = v->shape[2 + a] - v->before[2 + a] - v->after[2 + a];
      s.kernel[own_axis (v, a)] = kernel ? kernel[a] : 0;
    }
  const struct sliding of_weights = s;
  if (!window_read_extents (c, n, v, "kernel_shape", s.kernel) && !kernel)
    convert_bad (c, n, "has no kernel_shape; allowed: one extent for each axis of the map");
  if (kernel && memcmp (of_weights.kernel, s.kernel, sizeof s.kernel))
    convert_bad (c, n, "has a kernel_shape that its weights do not have; allowed: theirs");
  window_read_extents (c, n, v, "strides", s.stride);
  window_read_extents (c, n, v, "dilations", s.dilation);
  check_positive (c, n, "a kernel", s.kernel, s.axes);
  check_positive (c, n, "a stride", s.stride, s.axes);
  check_positive (c, n, "a dilation", s.dilation, s.axes);
  if (!strcmp (same, "SAME_UPPER") || !strcmp (same, "SAME_LOWER"))
    pad_same (&s, !strcmp (same, "SAME_LOWER"));
  else if (!strcmp (same, "NOTSET") || !*same)
    read_pads (c, n, v, &s);
  else if (strcmp (same, "VALID"))
    convert_bad (c, n, "auto_pad %s; allowed: NOTSET, SAME_UPPER, SAME_LOWER and VALID", same);
  return s;
}

void
window_add_margins (struct sliding *s, struct value *v)
{
  for (int a = 0; a < v->rank - 2; a++)
    {
      s->given = s->given || v->before[2 + a] || v->after[2 + a];
      s->before[own_axis (v, a)] += v->before[2 + a];
      s->after[own_axis (v, a)] += v->after[2 + a];
    }
}

const char *
window_layer_inside (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  const struct value padded = *v;
  memset (v->before, 0, sizeof v->before);
  memset (v->after, 0, sizeof v->after);
  const char *layer = layer_of (c, n, v);
  memcpy (v->before, padded.before, sizeof v->before);
  memcpy (v->after, padded.after, sizeof v->after);
  return layer;
}

void
window_set_result (struct conversion *c, const struct onnx_node *n, const struct value *in, const char *layer,
            int64_t channels, const int64_t *extents)
{
  struct value *out = value_out (c, n, 0);
  int64_t shape[ONNX_MAX_RANK] = { in->shape[0], channels };
  for (int a = 2; a < in->rank; a++)
    shape[a] = extents[own_axis (in, a - 2)];
  value_is_layer (out, layer, in->rank, shape);
  memcpy (out->axis, in->axis, sizeof out->axis);
  out->map = in->map;
}
