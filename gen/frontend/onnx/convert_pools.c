/* Pools, of windows and of whole maps. */
#include <inttypes.h>
#include <string.h>

#include "window.h"

/* The result's extents. With ceil_mode a last window may reach beyond the padding: AFTER grows, and *BEYOND is set. */
static void
pooled_extents (const struct conversion *c, const struct onnx_node *n, struct sliding *s, int64_t *out, bool *beyond)
{
  const bool up = attribute_int (c, n, "ceil_mode", 0) != 0;
  *beyond = false;
  for (int a = 0; a < s->axes; a++)
    {
      const int64_t room = s->in[a] + s->before[a] + s->after[a] - s->kernel[a];
      if (s->dilation[a] != 1)
        convert_bad (c, n, "dilation %" PRId64 "; allowed: 1", s->dilation[a]);
      if (room < 0)
        convert_bad (c, n, "has a window larger than its padded map; allowed: one that fits");
      out[a] = (up ? room + s->stride[a] - 1 : room) / s->stride[a] + 1;
      if (up && (out[a] - 1) * s->stride[a] >= s->in[a] + s->before[a])
        out[a]--;
      const int64_t more = (out[a] - 1) * s->stride[a] - room;
      s->after[a] += more > 0 ? more : 0;
      *beyond = *beyond || more > 0;
    }
}

static void
convert_pool (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const bool average = !strcmp (n->op, "AveragePool");
  window_check_map (c, n, v);
  if (n->nout > 1 && *n->out[1])
    convert_bad (c, n, "has a second output, the maxima's places; allowed: one");
  struct sliding s = window_read (c, n, v, NULL);
  bool count = attribute_int (c, n, "count_include_pad", 0) != 0, own = false, beyond;
  for (int a = 0; a < s.axes; a++)
    own = own || s.before[a] || s.after[a];
  window_add_margins (&s, v);
  if (s.given && average && own && !count)
    convert_bad (c, n, "averages over zeros that count and padding that does not; allowed: one kind of padding");
  if (s.given && !average && !v->never_negative)
    convert_bad (c, n,
                 "takes maxima of a map padded with zeros that may be below 0; allowed: one that a relu has left");
  count = count || s.given;
  int64_t out[WINDOW_MAX_AXES];
  pooled_extents (c, n, &s, out, &beyond);
  if (average && beyond && count)
    convert_bad (c, n, "averages with count_include_pad and ceil_mode beyond the padding; allowed: one of the two");
  const char *input = window_layer_inside (c, n, v);
  const char *layer = layer_begin (c, n, average ? "average-pool" : "max-pool", NULL, input);
  layer_key_extents (c, "kernel-size", s.kernel, s.axes, 0, false);
  if (memcmp (s.stride, s.kernel, (size_t) s.axes * sizeof *s.stride))
    layer_key_extents (c, "stride", s.stride, s.axes, 0, false);
  layer_key_margins (c, "padding", s.before, s.after, s.axes, false);
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

const struct operator operators_of_pools[] = { { "MaxPool", convert_pool },
                                               { "AveragePool", convert_pool },
                                               { "GlobalAveragePool", convert_global },
                                               { "GlobalMaxPool", convert_global },
                                               { 0 } };
