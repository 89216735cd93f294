/* Operators that slide a window over a map: convolutions and pools. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

enum
{
  MAX_AXES = 3
};

/* A window over the axes of a layer's map, in their order; a value may lack some, whose extent is 1. */
struct sliding
{
  int axes;
  int64_t in[MAX_AXES]; /* without the zeros that a Pad adds */
  int64_t kernel[MAX_AXES], stride[MAX_AXES], dilation[MAX_AXES];
  int64_t before[MAX_AXES], after[MAX_AXES];
  bool given; /* there are margins of a Pad among them */
};

/* Which of the layer's axes is V's axis A, both counted behind N and C. */
static int
own_axis (const struct value *v, int a)
{
  return v->axis[2 + a] - 2;
}

static int64_t
extent_of_window (const struct sliding *s, int a)
{
  return (s->kernel[a] - 1) * s->dilation[a] + 1;
}

/* The map V as an operator over a window needs it. */
static void
check_map (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  if (v->constant)
    convert_bad (c, n, "reads a constant alone; allowed: what depends on the network's input");
  if (!value_has_margins (v) && !v->vector)
    view_settle (c, n, v);
  if (v->rank < 3 || v->rank > 5 || v->axis[0] != 0)
    convert_bad (c, n, "reads %s; allowed: (N, C, W), (N, C, H, W) and (N, C, D, H, W)", value_shape (v));
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
      int64_t all = (out - 1) * s->stride[a] + extent_of_window (s, a) - s->in[a];
      all = all > 0 ? all : 0;
      s->before[a] = lower ? all - all / 2 : all / 2;
      s->after[a] = all - s->before[a];
    }
}

static void
read_pads (const struct conversion *c, const struct onnx_node *n, const struct value *v, struct sliding *s)
{
  int64_t pads[2 * MAX_AXES];
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

/* The integers NAME, one for each of V's axes, to the layer's; false where there are none. */
static bool
read_extents (const struct conversion *c, const struct onnx_node *n, const struct value *v, const char *name,
              int64_t *to)
{
  int64_t list[MAX_AXES];
  if (!attribute_ints (c, n, name, (size_t) (v->rank - 2), list))
    return false;
  for (int a = 0; a < v->rank - 2; a++)
    to[own_axis (v, a)] = list[a];
  return true;
}

/* KERNEL: what a convolution's weights say, or NULL. */
static struct sliding
read_window (const struct conversion *c, const struct onnx_node *n, const struct value *v, const int64_t *kernel)
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
  if (!read_extents (c, n, v, "kernel_shape", s.kernel) && !kernel)
    convert_bad (c, n, "has no kernel_shape; allowed: one extent for each axis of the map");
  if (kernel && memcmp (of_weights.kernel, s.kernel, sizeof s.kernel))
    convert_bad (c, n, "has a kernel_shape that its weights do not have; allowed: theirs");
  read_extents (c, n, v, "strides", s.stride);
  read_extents (c, n, v, "dilations", s.dilation);
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

/* The zeros that a Pad has put around V come to those of the window. */
static void
add_margins (struct sliding *s, struct value *v)
{
  for (int a = 0; a < v->rank - 2; a++)
    {
      s->given = s->given || v->before[2 + a] || v->after[2 + a];
      s->before[own_axis (v, a)] += v->before[2 + a];
      s->after[own_axis (v, a)] += v->after[2 + a];
    }
}

/* The layer of V without them. */
static const char *
layer_inside (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  const struct value padded = *v;
  memset (v->before, 0, sizeof v->before);
  memset (v->after, 0, sizeof v->after);
  const char *layer = layer_of (c, n, v);
  memcpy (v->before, padded.before, sizeof v->before);
  memcpy (v->after, padded.after, sizeof v->after);
  return layer;
}

/* The output of N has the layer LAYER, so many channels, and EXTENTS along the axes of IN's layer. */
static void
set_result (struct conversion *c, const struct onnx_node *n, const struct value *in, const char *layer,
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

/* ---- convolutions ---- */

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
  int64_t shape[2 + MAX_AXES] = { w->shape[0], w->shape[1] };
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
  static const int64_t ones[MAX_AXES] = { 1, 1, 1 };
  const char *input = layer_of (c, n, v);
  const char *layer = layer_begin (c, n, "linear", value_of (c, n->in[1])->name, input);
  layer_key_int (c, "features", filters);
  layer_key_text (c, "bias", bias ? "true" : "false");
  layer_end (c);
  layer_parameter (c, layer, "weight", w, 2, shape);
  if (bias)
    layer_parameter (c, layer, "bias", bias, 1, &filters);
  set_result (c, n, v, layer, filters, ones);
  value_of (c, n->out[0])->vector = true;
}

static void
convert_conv (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  check_map (c, n, v);
  const struct weight *w = weights_of (c, n, v);
  const int64_t filters = w->shape[0], groups = attribute_int (c, n, "group", 1);
  struct sliding s = read_window (c, n, v, w->shape + 2);
  if (groups < 1 || filters % groups || w->shape[1] > INT64_MAX / groups || w->shape[1] * groups != v->shape[1])
    convert_bad (c, n, "has weights of %s in %" PRId64 " groups for a map of %s; allowed: what fits",
                 value_shape (value_of (c, n->in[1])), groups, value_shape (v));
  const struct weight *bias = bias_of (c, n, 2, filters);
  add_margins (&s, v);
  int64_t out[MAX_AXES];
  bool pointwise = groups == 1;
  for (int a = 0; a < s.axes; a++)
    {
      pointwise = pointwise && s.kernel[a] == 1 && !s.before[a] && !s.after[a];
      const int64_t room = s.in[a] + s.before[a] + s.after[a] - extent_of_window (&s, a);
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
  const char *input = layer_inside (c, n, v);
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
  set_result (c, n, v, layer, filters, out);
}

/* What is cropped of a transposed convolution's full result: pads, less the output padding, or what an output shape
 * leaves. */
static void
read_cropping (const struct conversion *c, const struct onnx_node *n, const struct value *v, struct sliding *s,
               int64_t *out)
{
  int64_t more[MAX_AXES] = { 0 }, wanted[MAX_AXES] = { 1, 1, 1 };
  const char *same = attribute_text (c, n, "auto_pad", "NOTSET");
  const bool given = read_extents (c, n, v, "output_shape", wanted);
  read_extents (c, n, v, "output_padding", more);
  for (int a = 0; a < s->axes; a++)
    {
      if (more[a] < 0 || more[a] > 65536 || (given && (wanted[a] < 1 || wanted[a] > INT32_MAX)))
        convert_bad (c, n,
                     "an output padding of %" PRId64 " or an output_shape that is none; allowed: 0 or more, 1 or more",
                     more[a]);
      const int64_t full = (s->in[a] - 1) * s->stride[a] + extent_of_window (s, a);
      if (!given && !strncmp (same, "SAME_", 5))
        wanted[a] = s->in[a] * s->stride[a];
      if (given || !strncmp (same, "SAME_", 5))
        {
          const int64_t all = full + more[a] - wanted[a];
          s->before[a] = !strcmp (same, "SAME_UPPER") ? all / 2 : all - all / 2;
          s->after[a] = all - s->before[a];
        }
      s->after[a] -= more[a];
      out[a] = full - s->before[a] - s->after[a];
      if (s->before[a] < 0 || s->after[a] < 0 || out[a] < 1)
        convert_bad (c, n,
                     "crops %" PRId64 " before and %" PRId64 " behind of %" PRId64 "; allowed: 0 or more that leave "
                     "something",
                     s->before[a], s->after[a], full);
    }
}

static void
convert_conv_transpose (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  check_map (c, n, v);
  const struct weight *w = weights_of (c, n, v);
  struct sliding s = read_window (c, n, v, w->shape + 2);
  int64_t out[MAX_AXES];
  read_cropping (c, n, v, &s, out);
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
  layer_key_text (c, "bias", bias ? "true" : "false");
  layer_end (c);
  add_parameters (c, layer, w, bias, w->shape[1], &s);
  set_result (c, n, v, layer, w->shape[1], out);
}

/* ---- pools ---- */

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
  check_map (c, n, v);
  if (n->nout > 1 && *n->out[1])
    convert_bad (c, n, "has a second output, the maxima's places; allowed: one");
  struct sliding s = read_window (c, n, v, NULL);
  bool count = attribute_int (c, n, "count_include_pad", 0) != 0, own = false, beyond;
  for (int a = 0; a < s.axes; a++)
    own = own || s.before[a] || s.after[a];
  add_margins (&s, v);
  if (s.given && average && own && !count)
    convert_bad (c, n, "averages over zeros that count and padding that does not; allowed: one kind of padding");
  if (s.given && !average && !v->never_negative)
    convert_bad (c, n,
                 "takes maxima of a map padded with zeros that may be below 0; allowed: one that a relu has left");
  count = count || s.given;
  int64_t out[MAX_AXES];
  pooled_extents (c, n, &s, out, &beyond);
  if (average && beyond && count)
    convert_bad (c, n, "averages with count_include_pad and ceil_mode beyond the padding; allowed: one of the two");
  const char *input = layer_inside (c, n, v);
  const char *layer = layer_begin (c, n, average ? "average-pool" : "max-pool", NULL, input);
  layer_key_extents (c, "kernel-size", s.kernel, s.axes, 0, false);
  if (memcmp (s.stride, s.kernel, (size_t) s.axes * sizeof *s.stride))
    layer_key_extents (c, "stride", s.stride, s.axes, 0, false);
  layer_key_margins (c, "padding", s.before, s.after, s.axes, false);
  if (average && (own || s.given || beyond) && !count)
    layer_key_text (c, "count-include-pad", "false");
  layer_end (c);
  set_result (c, n, v, layer, v->shape[1], out);
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
  check_map (c, n, v);
  convert_global_pool (c, n, v, !strcmp (n->op, "GlobalMaxPool"), true);
}

const struct operator operators_of_windows[] = { { "Conv", convert_conv },
                                                 { "ConvTranspose", convert_conv_transpose },
                                                 { "MaxPool", convert_pool },
                                                 { "AveragePool", convert_pool },
                                                 { "GlobalAveragePool", convert_global },
                                                 { "GlobalMaxPool", convert_global },
                                                 { 0 } };
