/* Pools, of windows and of whole maps. */
#include <inttypes.h>
#include <string.h>

#include "window.h"

/* The result's extents. With ceil_mode a last window may reach beyond the padding: *BEYOND is set, and MORE, by how
 * much. */
static void
pooled_extents (const struct conversion *c, const struct onnx_node *n, const struct sliding *s, int64_t *out,
                int64_t *more, bool *beyond)
{
  const bool up = attribute_int (c, n, "ceil_mode", 0) != 0;
  *beyond = false;
  for (int a = 0; a < s->axes; a++)
    {
      const int64_t room = s->in[a] + s->before[a] + s->after[a] - window_extent (s, a);
      if (room < 0)
        convert_bad (c, n, "has a window larger than its padded map; allowed: one that fits");
      out[a] = (up ? room + s->stride[a] - 1 : room) / s->stride[a] + 1;
      if (up && (out[a] - 1) * s->stride[a] >= s->in[a] + s->before[a])
        out[a]--;
      more[a] = (out[a] - 1) * s->stride[a] - room;
      more[a] = more[a] > 0 ? more[a] : 0;
      *beyond = *beyond || more[a] > 0;
    }
}

static void
convert_pool (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const bool average = !strcmp (n->op, "AveragePool");
  bool padded = false;
  for (int a = 2; a < v->rank; a++)
    padded = padded || onnx_attribute (n, "pads") || strncmp (attribute_text (c, n, "auto_pad", "NOTSET"), "NOTSET", 6);
  if (average ? padded && !attribute_int (c, n, "count_include_pad", 0) : !v->never_negative)
    layer_of (c, n, v); /* zeros that a Pad has put around the map count, and so does a maximum of them */
  window_check_map (c, n, v);
  if (n->nout > 1 && *n->out[1])
    convert_bad (c, n, "has a second output, the maxima's places; allowed: one");
  struct sliding s = window_read (c, n, v, NULL);
  bool count = attribute_int (c, n, "count_include_pad", 0) != 0, own = false, beyond;
  for (int a = 0; a < s.axes; a++)
    own = own || s.before[a] || s.after[a];
  window_add_margins (&s, v);
  count = count || s.given;
  int64_t out[WINDOW_MAX_AXES], more[WINDOW_MAX_AXES];
  pooled_extents (c, n, &s, out, more, &beyond);
  for (int a = 0; a < s.axes && !(average && count); a++)
    s.after[a] += more[a];
  const char *input = window_layer_inside (c, n, v);
  const char *layer = layer_begin (c, n, average ? "average-pool" : "max-pool", NULL, input);
  layer_key_extents (c, "kernel-size", s.kernel, s.axes, 0, false);
  if (memcmp (s.stride, s.kernel, (size_t) s.axes * sizeof *s.stride))
    layer_key_extents (c, "stride", s.stride, s.axes, 0, false);
  layer_key_margins (c, "padding", s.before, s.after, s.axes, false);
  layer_key_extents (c, "dilation", s.dilation, s.axes, 1, false);
  if (average && count && beyond)
    layer_key_text (c, "ceil-mode", "true");
  if (average && (own || s.given || beyond) && !count)
    layer_key_text (c, "count-include-pad", "false");
  layer_end (c);
  window_set_result (c, n, v, layer, v->shape[1], out);
  value_of (c, n->out[0])->never_negative = v->never_negative;
}

void
convert_global_pool (struct conversion *c, const struct onnx_node *n, struct value *v, bool largest, bool keep)
{
  const char *input = layer_of (c, n, v);
  const char *layer = layer_begin (c, n, largest ? "global-max-pool" : "global-average-pool", NULL, input);
  layer_end (c);
  struct value *out = value_out (c, n, 0);
  out->layer = layer;
  out->vector = true;
  out->map = v->map;
  for (int i = 0; i < v->rank; i++)
    if (keep || v->axis[i] < 2)
      {
        out->axis[out->rank] = v->axis[i];
        out->shape[out->rank++] = v->axis[i] < 2 ? v->shape[i] : 1;
      }
}

static void
convert_global (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  window_check_map (c, n, v);
  convert_global_pool (c, n, v, !strcmp (n->op, "GlobalMaxPool"), true);
}

/* ---- reductions ---- */

uint32_t
convert_reduced_axes (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  const uint32_t axes = convert_axes (c, n, 1, v->rank), all = (UINT32_C (1) << v->rank) - 1;
  return axes || attribute_int (c, n, "noop_with_empty_axes", 0) ? axes : all;
}

/* V without its axes AXES, whose extents are 1; KEEP: they stay. */
static void
drop_axes (struct value *v, uint32_t axes, bool keep)
{
  int rank = 0;
  for (int a = 0; a < v->rank; a++)
    if (keep || !(axes >> a & 1))
      {
        v->shape[rank] = axes >> a & 1 ? 1 : v->shape[a];
        v->axis[rank++] = v->axis[a];
      }
  v->rank = rank;
}

/* The channels of V, which are reduced, to an axis of the map that it lacks or that has extent 1, or whose elements go
 * to the channels. */
static void
move_channels (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  layer_of (c, n, v);
  view_settle (c, n, v);
  int other = 1 + v->map;
  for (int i = 1 + v->map; i > 1; i--)
    if (value_extent (v, i) == 1)
      other = i;
  struct value next = *v;
  for (int a = 0; a < v->rank; a++)
    if (v->axis[a] == other)
      next.axis[a] = 1;
    else if (v->axis[a] == 1)
      next.axis[a] = other;
  view_exchange (c, n, &next, 1, other);
  *v = next;
}

/* A pool as large as the map along the axes that are reduced. */
static const char *
layer_reduced (struct conversion *c, const struct onnx_node *n, struct value *v, uint32_t axes, bool largest)
{
  int64_t kernel[WINDOW_MAX_AXES] = { 1, 1, 1 };
  for (int a = 0; a < v->rank; a++)
    if (axes >> a & 1 && v->axis[a] > 1 && v->axis[a] < 2 + v->map)
      kernel[v->axis[a] - 2] = v->shape[a];
  const char *input = layer_of (c, n, v);
  const char *layer = layer_begin (c, n, largest ? "max-pool" : "average-pool", NULL, input);
  layer_key_extents (c, "kernel-size", kernel, v->map, 0, false);
  layer_end (c);
  return layer;
}

/* V with extents of 1 along AXES: the map's first, then the channels, which take the place of one of those. */
static void
reduce_map (struct conversion *c, const struct onnx_node *n, struct value *v, uint32_t axes, bool largest)
{
  uint32_t map = 0, channels = 0;
  for (int a = 0; a < v->rank; a++)
    if (axes >> a & 1 && v->shape[a] != 1)
      *(v->axis[a] == 1 ? &channels : &map) |= UINT32_C (1) << a;
  const uint32_t steps[] = { map, channels };
  for (int i = 0; i < 2; i++)
    {
      if (!steps[i])
        continue;
      if (steps[i] == channels)
        move_channels (c, n, v);
      v->layer = layer_reduced (c, n, v, steps[i], largest);
      for (int a = 0; a < v->rank; a++)
        v->shape[a] = steps[i] >> a & 1 ? 1 : v->shape[a];
    }
}

static void
convert_reduce (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  if (convert_layer_norm_from (c, n, v))
    return;
  const uint32_t axes = convert_reduced_axes (c, n, v);
  const bool keep = attribute_int (c, n, "keepdims", 1) != 0, largest = !strcmp (n->op, "ReduceMax");
  const bool smallest = !strcmp (n->op, "ReduceMin");
  struct value r = *v;
  uint32_t map = 0;
  int64_t count = 1;
  for (int a = 0; a < v->rank; a++)
    {
      map |= (uint32_t) (v->axis[a] > 1 && !v->view) << a;
      count *= axes >> a & 1 ? v->shape[a] : 1;
      if (axes >> a & 1 && v->axis[a] == 0 && v->shape[a] != 1)
        convert_bad (c, n, "reduces the batch of %s; allowed: other axes", value_shape (v));
    }
  if (axes == map && v->rank > 3 && !v->vector && (largest || !strcmp (n->op, "ReduceMean")))
    {
      convert_global_pool (c, n, v, largest, keep);
      return;
    }
  if (smallest)
    {
      layer_of (c, n, v);
      r = *v;
      r.f = expression_new (EXPRESSION_NEG, expression_new (EXPRESSION_X, NULL, NULL), NULL);
      r.node = n;
    }
  else
    {
      layer_of (c, n, v);
      r = *v;
    }
  if (r.vector && count != 1)
    view_to_map (c, n, &r);
  reduce_map (c, n, &r, axes, largest || smallest);
  drop_axes (&r, axes, keep);
  view_finish (c, n, &r);
  const struct expression *x = expression_new (EXPRESSION_X, NULL, NULL);
  if (smallest)
    r.f = expression_new (EXPRESSION_NEG, x, NULL);
  else if (!strcmp (n->op, "ReduceSum") && count != 1)
    r.f = expression_new (EXPRESSION_MUL, x, expression_number ((double) count));
  set_expression (c, n, &r, r.f);
}

const struct operator operators_of_pools[] = { { "MaxPool", convert_pool },
                                               { "AveragePool", convert_pool },
                                               { "GlobalAveragePool", convert_global },
                                               { "GlobalMaxPool", convert_global },
                                               { "ReduceMean", convert_reduce },
                                               { "ReduceSum", convert_reduce },
                                               { "ReduceMax", convert_reduce },
                                               { "ReduceMin", convert_reduce },
                                               { 0 } };
