/* Transposed convolutions. */
#include <inttypes.h>
#include <string.h>

#include "window.h"

enum
{
  MANY_GROUPS = 16 /* more than these are multiplied with zeros between them, not apart from each other */
};

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

/* What all groups of a transposed convolution have in common. */
struct transposed
{
  struct sliding s;
  bool pads; /* zeros stand around the result, behind the layer, and then the bias */
  int64_t before[WINDOW_MAX_AXES], after[WINDOW_MAX_AXES];
};

/* W with zeros between its taps, in place of S's dilation. */
static const struct weight *
spread_taps (struct conversion *c, const struct weight *w, struct sliding *s)
{
  int64_t shape[ONNX_MAX_RANK], taps = 1, inner = 1;
  bool dilated = false;
  for (int a = 0; a < w->rank; a++)
    shape[a] = w->shape[a];
  for (int a = 0; a < s->axes; a++)
    {
      dilated = dilated || s->dilation[a] != 1;
      taps *= s->kernel[a];
      inner *= window_extent (s, a);
    }
  if (!dilated)
    return w;
  /* As (C, F, D, H, W) or (C, F, H, W), whatever axes of extent 1 W lacks. */
  for (int a = 0; a < s->axes; a++)
    shape[2 + a] = window_extent (s, a);
  struct weight *to = constant_new (c, DTYPE_F64, 2 + s->axes, shape);
  for (size_t i = 0; i < w->count; i++)
    {
      int64_t left = (int64_t) i % taps, at = 0, step = 1;
      for (int a = s->axes - 1; a >= 0; a--)
        {
          at += left % s->kernel[a] * s->dilation[a] * step;
          left /= s->kernel[a];
          step *= window_extent (s, a);
        }
      constant_set_real (to, i / (size_t) taps * (size_t) inner + (size_t) at, weight_at (w, i));
    }
  for (int a = 0; a < s->axes; a++)
    {
      s->kernel[a] = window_extent (s, a);
      s->dilation[a] = 1;
    }
  return to;
}

/* W, (C, F / GROUPS, …), as (C, F, …) with zeros where a channel has no part in a filter. */
static const struct weight *
dense_weights (struct conversion *c, const struct weight *w, int64_t groups)
{
  int64_t shape[ONNX_MAX_RANK];
  memcpy (shape, w->shape, sizeof shape);
  shape[1] *= groups;
  struct weight *to = constant_new (c, DTYPE_F64, w->rank, shape);
  const size_t row = w->count / (size_t) w->shape[0], rows = (size_t) (w->shape[0] / groups);
  for (size_t i = 0; i < w->count; i++)
    {
      const size_t channel = i / row, group = channel / rows;
      constant_set_real (to, channel * row * (size_t) groups + group * row + i % row, weight_at (w, i));
    }
  return to;
}

/* The layer with the filters W and BIAS, or NULL, of INPUT. */
static const char *
layer_transposed (struct conversion *c, const struct onnx_node *n, const struct transposed *t, const char *input,
                  const struct weight *w, const struct weight *bias)
{
  const struct sliding *s = &t->s;
  const char *layer = layer_begin (c, n, s->axes == 3 ? "transposed-conv-3d" : "transposed-conv-2d",
                                   value_of (c, n->in[1])->name, input);
  layer_key_extents (c, "filter-size", s->kernel, s->axes, 0, true);
  layer_key_int (c, "num-filters", w->shape[1]);
  layer_key_extents (c, "stride", s->stride, s->axes, 1, true);
  layer_key_margins (c, "cropping", s->before, s->after, s->axes, true);
  layer_key_text (c, "bias", bias && !t->pads ? "true" : "false");
  layer_end (c);
  window_add_parameters (c, layer, w, t->pads ? NULL : bias, w->shape[1], s);
  return t->pads ? padded_layer (c, n, s, layer, bias, t->before, t->after) : layer;
}

/* COUNT rows of W from the row FIRST on. */
static const struct weight *
rows_of (struct conversion *c, const struct weight *w, int64_t first, int64_t count)
{
  int64_t shape[ONNX_MAX_RANK], stride[ONNX_MAX_RANK], step = 1;
  memcpy (shape, w->shape, sizeof shape);
  for (int a = w->rank - 1; a >= 0; a--)
    {
      stride[a] = step;
      step *= w->shape[a];
    }
  shape[0] = count;
  return constant_gather (c, w, (size_t) (first * stride[0]), w->rank, shape, stride);
}

/* Each group's channels by a layer of their own, whose results are joined. */
static const char *
layer_of_groups (struct conversion *c, const struct onnx_node *n, const struct transposed *t, const char *input,
                 const struct weight *w, const struct weight *bias, int64_t groups)
{
  const int64_t channels = w->shape[0] / groups, filters = w->shape[1];
  struct text list = { 0 };
  for (int64_t i = 0; i < groups; i++)
    {
      const char *part = layer_begin (c, n, "slice", NULL, input);
      layer_key_int (c, "start", i * channels);
      layer_key_int (c, "end", (i + 1) * channels);
      layer_end (c);
      text_printf (&list, "%s%s", i ? ", " : "[",
                   layer_transposed (c, n, t, part, rows_of (c, w, i * channels, channels),
                                     bias ? rows_of (c, bias, i * filters, filters) : NULL));
    }
  const char *layer = layer_begin (c, n, "concat", NULL, NULL);
  layer_key_text (c, "input", mem_printf ("%s]", list.s));
  layer_end (c);
  return layer;
}

void
convert_conv_transpose (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  window_check_map (c, n, v);
  const struct weight *w = window_weights (c, n, v);
  const int64_t groups = attribute_int (c, n, "group", 1);
  struct transposed t = { .s = window_read (c, n, v, w->shape + 2) };
  int64_t out[WINDOW_MAX_AXES];
  read_cropping (c, n, v, &t.s, out);
  t.pads = takes_pad (&t.s, t.before, t.after);
  if (groups < 1 || w->shape[0] != v->shape[1] || w->shape[0] % groups || w->shape[1] > 65536 / groups)
    convert_bad (c, n, "has weights of %s in %" PRId64 " groups for a map of %s; allowed: what fits",
                 value_shape (value_of (c, n->in[1])), groups, value_shape (v));
  const int64_t filters = w->shape[1] * groups;
  const struct weight *bias = window_bias (c, n, 2, filters);
  const char *input = layer_of (c, n, v);
  w = spread_taps (c, w, &t.s);
  const char *layer = groups == 1             ? layer_transposed (c, n, &t, input, w, bias)
                      : groups <= MANY_GROUPS ? layer_of_groups (c, n, &t, input, w, bias, groups)
                                              : layer_transposed (c, n, &t, input, dense_weights (c, w, groups), bias);
  window_set_result (c, n, v, layer, filters, out);
}
