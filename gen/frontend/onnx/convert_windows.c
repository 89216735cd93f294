/* Convolutions, transposed ones too. */
#include <inttypes.h>
#include <string.h>

#include "window.h"

static const struct weight *
weights_of (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  const struct value *w = value_needed (c, n, 1);
  if (!w->constant)
    convert_bad (c, n, "has weights that depend on the network's input; allowed: constants");
  if (w->constant->rank != v->rank)
    convert_bad (c, n, "has weights of %s for a map of %s; allowed: as many axes", value_shape (w), value_shape (v));
  return w->constant;
}

/* The bias in input I, of so many FILTERS; NULL: there is none. */
static const struct weight *
bias_of (struct conversion *c, const struct onnx_node *n, size_t i, int64_t filters)
{
  const struct value *b = value_in (c, n, i);
  if (!b)
    return NULL;
  if (!b->constant || b->constant->count != (size_t) filters)
    convert_bad (c, n, "has a bias of %s for %" PRId64 " channels; allowed: a constant with one for each",
                 value_shape (b), filters);
  return b->constant;
}

static void
add_parameters (struct conversion *c, const char *layer, const struct weight *w, const struct weight *bias,
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
  const struct weight *w = weights_of (c, n, v);
  const int64_t filters = w->shape[0], groups = attribute_int (c, n, "group", 1);
  struct sliding s = window_read (c, n, v, w->shape + 2);
  if (groups < 1 || filters % groups || w->shape[1] > INT64_MAX / groups || w->shape[1] * groups != v->shape[1])
    convert_bad (c, n, "has weights of %s in %" PRId64 " groups for a map of %s; allowed: what fits",
                 value_shape (value_of (c, n->in[1])), groups, value_shape (v));
  const struct weight *bias = bias_of (c, n, 2, filters);
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
  add_parameters (c, layer, w, bias, filters, &s);
  window_set_result (c, n, v, layer, filters, out);
}

/* What is cropped of a transposed convolution's full result: pads, less the output padding, or what an output shape
 * leaves. */
static void
read_cropping (const struct conversion *c, const struct onnx_node *n, const struct value *v, struct sliding *s,
               int64_t *out)
{
  int64_t more[WINDOW_MAX_AXES] = { 0 }, wanted[WINDOW_MAX_AXES] = { 1, 1, 1 };
  const char *same = attribute_text (c, n, "auto_pad", "NOTSET");
  const bool given = window_read_extents (c, n, v, "output_shape", wanted);
  window_read_extents (c, n, v, "output_padding", more);
  for (int a = 0; a < s->axes; a++)
    {
      if (more[a] < 0 || more[a] > 65536 || (given && (wanted[a] < 1 || wanted[a] > INT32_MAX)))
        convert_bad (c, n,
                     "an output padding of %" PRId64 " or an output_shape that is none; allowed: 0 or more, 1 or more",
                     more[a]);
      const int64_t full = (s->in[a] - 1) * s->stride[a] + window_extent (s, a);
      if (!given && !strncmp (same, "SAME_", 5))
        wanted[a] = s->in[a] * s->stride[a];
      if (given || !strncmp (same, "SAME_", 5))
        {
          const int64_t all = full + more[a] - wanted[a];
          /* What is wanted beyond the full result stands behind it. */
          s->before[a] = all < 0 ? 0 : !strcmp (same, "SAME_UPPER") ? all / 2 : all - all / 2;
          s->after[a] = all - s->before[a];
        }
      s->after[a] -= more[a];
      out[a] = full - s->before[a] - s->after[a];
      if (out[a] < 1)
        convert_bad (c, n, "crops %" PRId64 " and %" PRId64 " of %" PRId64 "; allowed: what leaves something",
                     s->before[a], s->after[a], full);
    }
}

/* What S crops below 0 is a pad of zeros behind the layer: into BEFORE and AFTER. */
static bool
takes_pad (struct sliding *s, int64_t *before, int64_t *after)
{
  bool any = false;
  for (int a = 0; a < s->axes; a++)
    {
      before[a] = s->before[a] < 0 ? -s->before[a] : 0;
      after[a] = s->after[a] < 0 ? -s->after[a] : 0;
      s->before[a] += before[a];
      s->after[a] += after[a];
      any = any || before[a] || after[a];
    }
  return any;
}

/* Zeros around LAYER, then the bias, which is all that is there. */
static const char *
padded_layer (struct conversion *c, const struct onnx_node *n, const struct sliding *s, const char *layer,
              const struct weight *bias, const int64_t *before, const int64_t *after)
{
  const char *padded = pad_layer (c, n, s->axes, layer, before, after, "constant", 0);
  if (!bias)
    return padded;
  double *terms = NEW_ARRAY (bias->count, double);
  for (size_t i = 0; i < bias->count; i++)
    terms[i] = weight_at (bias, i);
  return layer_affine (c, n, padded, (int64_t) bias->count, NULL, terms);
}

static void
convert_conv_transpose (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  window_check_map (c, n, v);
  const struct weight *w = weights_of (c, n, v);
  struct sliding s = window_read (c, n, v, w->shape + 2);
  int64_t out[WINDOW_MAX_AXES], before[WINDOW_MAX_AXES], after[WINDOW_MAX_AXES];
  read_cropping (c, n, v, &s, out);
  const bool pads = takes_pad (&s, before, after);
  if (attribute_int (c, n, "group", 1) != 1 || w->shape[0] != v->shape[1])
    convert_bad (c, n, "has weights of %s in groups for a map of %s; allowed: one group, and what fits",
                 value_shape (value_of (c, n->in[1])), value_shape (v));
  for (int a = 0; a < s.axes; a++)
    if (s.dilation[a] != 1)
      convert_bad (c, n, "dilation %" PRId64 "; allowed: 1", s.dilation[a]);
  const struct weight *bias = bias_of (c, n, 2, w->shape[1]);
  const char *input = layer_of (c, n, v);
  const char *layer = layer_begin (c, n, s.axes == 3 ? "transposed-conv-3d" : "transposed-conv-2d",
                                   value_of (c, n->in[1])->name, input);
  layer_key_extents (c, "filter-size", s.kernel, s.axes, 0, true);
  layer_key_int (c, "num-filters", w->shape[1]);
  layer_key_extents (c, "stride", s.stride, s.axes, 1, true);
  layer_key_margins (c, "cropping", s.before, s.after, s.axes, true);
  layer_key_text (c, "bias", bias && !pads ? "true" : "false");
  layer_end (c);
  add_parameters (c, layer, w, pads ? NULL : bias, w->shape[1], &s);
  if (pads)
    layer = padded_layer (c, n, &s, layer, bias, before, after);
  window_set_result (c, n, v, layer, w->shape[1], out);
}

const struct operator operators_of_convolutions[] = { { "Conv", convert_conv },
                                                      { "ConvTranspose", convert_conv_transpose },
                                                      { 0 } };
