/* Layers of a sequence as text. */
#include "writing.h"

#include <inttypes.h>
#include <string.h>

void
writing_begin (struct writing *w, const struct tensors *t, int axes)
{
  static const char *const activations[] = { "relu", "leaky-relu", "elu", "silu", "gelu", "hard-swish", "mish", NULL };
  const int chosen = tensors_choice (t, "activation", activations);
  *w = (struct writing){ .t = t, .axes = axes, .activation = activations[chosen < 0 ? 0 : chosen], .last = "input" };
  w->eps = tensors_setting (t, "eps");
}

struct map
writing_input (int64_t channels)
{
  return (struct map){ "input", channels };
}

struct map
write_layer (struct writing *w, struct map in, int64_t channels, const char *type, const char *name, const char *keys)
{
  text_printf (&w->text, "  - {type: %s, name: %s", type, name);
  if (strcmp (in.layer, w->last))
    text_printf (&w->text, ", input: %s", in.layer);
  text_printf (&w->text, "%s}\n", keys);
  w->last = name;
  return (struct map){ name, channels };
}

/* ", KEY: " and V for each axis, one number where all are equal; nothing where they are what is left out. */
static void
add_extents (struct text *t, const char *key, const int64_t *v, int axes, int64_t left_out)
{
  bool equal = true;
  for (int a = 1; a < axes; a++)
    equal = equal && v[a] == v[0];
  if (equal && v[0] == left_out)
    return;
  text_printf (t, ", %s: %s", key, equal ? "" : "[");
  for (int a = 0; a < (equal ? 1 : axes); a++)
    text_printf (t, "%s%" PRId64, a ? ", " : "", v[a]);
  text_add (t, equal ? "" : "]");
}

/* Axes of the sequence's maps: a signal is a map whose second axis has extent 1. */
static int
map_axes (const struct writing *w)
{
  return w->axes == 1 ? 2 : w->axes;
}

/* V for each axis, FIRST for the first one; ALONE for a signal's second one. */
static void
fill_extents (const struct writing *w, int64_t v[WEIGHT_MAX_RANK], int64_t first, int64_t value, int64_t alone)
{
  for (int a = 0; a < map_axes (w); a++)
    v[a] = !a ? first : w->axes == 1 ? alone : value;
}

struct map
write_conv (struct writing *w, struct map in, const char *name, int64_t first, int64_t stride, int64_t dilation)
{
  int64_t s[WEIGHT_MAX_RANK], padding[WEIGHT_MAX_RANK], strides[WEIGHT_MAX_RANK], dilations[WEIGHT_MAX_RANK];
  struct text keys = { 0 };
  w->failed = w->failed || tensors_shape (w->t, s, "%s.weight", name) != w->axes + 2 || s[1] < 1 || in.channels % s[1]
              || in.channels < s[1] || s[0] % (in.channels / s[1]);
  if (w->failed)
    return in;
  fill_extents (w, strides, first, stride, 1);
  fill_extents (w, dilations, dilation, dilation, 1);
  if (w->axes == 1)
    s[3] = 1;
  for (int a = 0; a < map_axes (w); a++)
    padding[a] = s[2 + a] / 2 * dilation;
  text_printf (&keys, ", filters: %" PRId64, s[0]);
  add_extents (&keys, "kernel-size", s + 2, map_axes (w), 0);
  add_extents (&keys, "stride", strides, map_axes (w), 1);
  add_extents (&keys, "padding", padding, map_axes (w), 0);
  add_extents (&keys, "dilation", dilations, map_axes (w), 1);
  add_extents (&keys, "groups", (const int64_t[]){ in.channels / s[1] }, 1, 1);
  if (w->conv_keys)
    text_add (&keys, w->conv_keys);
  w->grouped = w->grouped || in.channels != s[1];
  return write_layer (w, in, s[0], "conv", name, keys.s);
}

struct map
write_max_pool (struct writing *w, struct map in, const char *name)
{
  const char *keys = w->axes == 1 ? ", kernel-size: [3, 1], stride: [2, 1], padding: [1, 0]"
                                  : ", kernel-size: 3, stride: 2, padding: 1";
  return write_layer (w, in, in.channels, "max-pool", name, keys);
}

struct map
write_padded_max_pool (struct writing *w, struct map in, const char *pad, const char *name)
{
  /* the means of single pixels */
  struct map x = write_layer (w, in, in.channels, "average-pool", pad, ", kernel-size: 1, padding: 1");
  return write_layer (w, x, x.channels, "max-pool", name, ", kernel-size: 3, stride: 2");
}

struct map
write_halved (struct writing *w, struct map in, const char *name)
{
  return write_layer (w, in, in.channels, "average-pool", name,
                      ", kernel-size: 2, padding: [[0, 0], [1, 1]], count-include-pad: false");
}

struct map
write_norm (struct writing *w, struct map in, const char *name)
{
  const char *groups = w->norm_groups ? mem_printf (", groups: %" PRId64, w->norm_groups) : "";
  const char *eps = w->eps ? mem_printf (", eps: %s", w->eps) : "";
  return write_layer (w, in, in.channels, w->norm_groups ? "group-norm" : "batch-norm", name,
                      mem_printf ("%s%s", groups, eps));
}

struct map
write_activation (struct writing *w, struct map in, const char *name)
{
  return write_layer (w, in, in.channels, w->activation, name, "");
}

struct map
write_binary (struct writing *w, const char *type, struct map a, struct map b, const char *name)
{
  w->failed = w->failed || a.channels != b.channels;
  text_printf (&w->text, "  - {type: %s, name: %s, input: [%s, %s]}\n", type, name, a.layer, b.layer);
  w->last = name;
  return (struct map){ name, a.channels };
}

struct map
write_concat (struct writing *w, struct map a, struct map b, const char *name)
{
  text_printf (&w->text, "  - {type: concat, name: %s, input: [%s, %s]}\n", name, a.layer, b.layer);
  w->last = name;
  return (struct map){ name, a.channels + b.channels };
}

struct map
write_add (struct writing *w, struct map a, struct map b, const char *name)
{
  return write_binary (w, "add", a, b, name);
}

struct map
write_conv_norm (struct writing *w, struct map in, const char *name, const char *norm, const char *activation,
                 int64_t stride, int64_t dilation)
{
  struct map x = write_norm (w, write_conv (w, in, name, stride, stride, dilation), norm);
  return activation ? write_activation (w, x, activation) : x;
}

struct map
write_shortcut (struct writing *w, struct map in, const char *block, int64_t stride, int64_t channels)
{
  struct text keys = { 0 };
  int64_t strides[WEIGHT_MAX_RANK];
  if (tensors_have (w->t, "%sdownsample.0.weight", block))
    return write_conv_norm (w, in, mem_printf ("%sdownsample.0", block), mem_printf ("%sdownsample.1", block), NULL,
                            stride, 1);
  if (stride == 1 && in.channels == channels)
    return in;
  w->failed = w->failed || channels < in.channels;
  fill_extents (w, strides, stride, stride, 1);
  add_extents (&keys, "stride", strides, map_axes (w), 1);
  add_extents (&keys, "channels", &channels, 1, in.channels);
  return write_layer (w, in, channels, "subsample", mem_printf ("%sdownsample", block), keys.s);
}

struct map
write_dense (struct writing *w, struct map in, const char *name)
{
  int64_t s[WEIGHT_MAX_RANK] = { 0 };
  const int rank = tensors_shape (w->t, s, "%s.weight", name);
  w->failed = w->failed || rank < 2 || s[1] != in.channels;
  for (int a = 2; a < rank; a++)
    w->failed = w->failed || s[a] != 1;
  return write_layer (w, in, s[0], "linear", name, mem_printf (", features: %" PRId64, s[0]));
}

struct map
write_head (struct writing *w, struct map in, const char *pool, const char *name, int64_t *classes)
{
  struct map x = write_layer (w, in, in.channels, "global-average-pool", pool, "");
  x = write_dense (w, x, name);
  *classes = x.channels;
  return x;
}

struct map
write_features (struct writing *w, struct map in, const char *pool, struct reading *reading)
{
  static const char *const choices[] = { "mean", "map", NULL };
  const int chosen = tensors_choice (w->t, "features", choices);
  if (chosen < 0 && reading)
    reading->either = "features of a network without a last layer: their mean (--set features=mean); the map itself "
                      "(--set features=map)";
  return chosen == 1 ? in : write_layer (w, in, in.channels, "global-average-pool", pool, "");
}
