/* Convolutions; transposed ones are convert_transposed.c's. */
#include <inttypes.h>
#include <string.h>

#include "window.h"

const struct weight *
window_weights (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  const struct value *w = value_needed (c, n, 1);
  if (!w->constant)
    convert_bad (c, n, "has weights that depend on the network's input; allowed: constants");
  if (w->constant->rank != v->rank)
    convert_bad (c, n, "has weights of %s for a map of %s; allowed: as many axes", value_shape (w), value_shape (v));
  return w->constant;
}

const struct weight *
window_bias (struct conversion *c, const struct onnx_node *n, size_t i, int64_t filters)
{
  const struct value *b = value_in (c, n, i);
  if (!b)
    return NULL;
  if (!b->constant || b->constant->count != (size_t) filters)
    convert_bad (c, n, "has a bias of %s for %" PRId64 " channels; allowed: a constant with one for each",
                 value_shape (b), filters);
  return b->constant;
}

void
window_add_parameters (struct conversion *c, const char *layer, const struct weight *w, const struct weight *bias,
                       int64_t filters, const struct sliding *s)
{
  int64_t shape[2 + WINDOW_MAX_AXES] = { w->shape[0], w->shape[1] };
  memcpy (shape + 2, s->kernel, sizeof s->kernel);
  layer_parameter (c, layer, "weight", w, 2 + s->axes, shape);
  if (bias)
    layer_parameter (c, layer, "bias", bias, 1, &filters);
}

/* A 1x1 convolution of what a global pool has left. */
static void
convert_conv_of_vector (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w,
                        const struct weight *bias)
{
  const int64_t filters = w->shape[0], shape[2] = { filters, w->shape[1] };
  static const int64_t ones[WINDOW_MAX_AXES] = { 1, 1, 1 };
  const char *input = layer_of (c, n, v);
  const char *layer = layer_begin (c, n, "linear", value_of (c, n->in[1])->name, input);
  layer_key_int (c, "features", filters);
  layer_key_text (c, "bias", bias ? "true" : "false");
  layer_end (c);
  layer_parameter (c, layer, "weight", w, 2, shape);
  if (bias)
    layer_parameter (c, layer, "bias", bias, 1, &filters);
  window_set_result (c, n, v, layer, filters, ones);
  value_of (c, n->out[0])->vector = true;
}

static void
convert_conv (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  window_check_map (c, n, v);
  const struct weight *w = window_weights (c, n, v);
  const int64_t filters = w->shape[0], groups = attribute_int (c, n, "group", 1);
  struct sliding s = window_read (c, n, v, w->shape + 2);
  if (groups < 1 || filters % groups || w->shape[1] > INT64_MAX / groups || w->shape[1] * groups != v->shape[1])
    convert_bad (c, n, "has weights of %s in %" PRId64 " groups for a map of %s; allowed: what fits",
                 value_shape (value_of (c, n->in[1])), groups, value_shape (v));
  const struct weight *bias = window_bias (c, n, 2, filters);
  window_add_margins (&s, v);
  int64_t out[WINDOW_MAX_AXES];
  bool pointwise = groups == 1;
  for (int a = 0; a < s.axes; a++)
    {
      pointwise = pointwise && s.kernel[a] == 1 && !s.before[a] && !s.after[a];
      const int64_t room = s.in[a] + s.before[a] + s.after[a] - window_extent (&s, a);
      if (room < 0)
        convert_bad (c, n, "has a window larger than its padded map of %s; allowed: one that fits", value_shape (v));
      out[a] = room / s.stride[a] + 1;
    }
  if (v->vector && pointwise)
    {
      convert_conv_of_vector (c, n, v, w, bias);
      return;
    }
  if (v->vector)
    convert_bad (c, n, "reads what a global pool has left; allowed: 1x1 filters in one group");
  const char *input = window_layer_inside (c, n, v);
  const char *layer = layer_begin (c, n, "conv", value_of (c, n->in[1])->name, input);
  layer_key_int (c, "filters", filters);
  layer_key_extents (c, "kernel-size", s.kernel, s.axes, 0, false);
  layer_key_extents (c, "stride", s.stride, s.axes, 1, false);
  layer_key_margins (c, "padding", s.before, s.after, s.axes, false);
  layer_key_extents (c, "dilation", s.dilation, s.axes, 1, false);
  if (groups > 1)
    layer_key_int (c, "groups", groups);
  layer_key_text (c, "bias", bias ? "true" : "false");
  layer_end (c);
  window_add_parameters (c, layer, w, bias, filters, &s);
  window_set_result (c, n, v, layer, filters, out);
}

const struct operator operators_of_convolutions[] = { { "Conv", convert_conv },
                                                      { "ConvTranspose", convert_conv_transpose },
                                                      { 0 } };
