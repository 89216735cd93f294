/* The table of layer types and their keys; `rescast options sequence`. */
#include "sequence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "builders.h"
#include "frontend/options/keys.h"
#include "sequence_table.h"

static const struct
{
  const char *name;
  int rank;
} types[LAYER_TYPES] = {
  [LAYER_CONV] = { "conv", 0 },
  [LAYER_BATCH_NORM] = { "batch-norm", -1 },
  [LAYER_INSTANCE_NORM] = { "instance-norm", 0 },
  [LAYER_GROUP_NORM] = { "group-norm", 0 },
  [LAYER_LAYER_NORM] = { "layer-norm", -1 },
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, name, ...) [LAYER_##id] = { name, -1 },
#include "graph/activations.def"
  [LAYER_MAX_POOL] = { "max-pool", 0 },
  [LAYER_AVERAGE_POOL] = { "average-pool", 0 },
  [LAYER_GLOBAL_AVERAGE_POOL] = { "global-average-pool", 0 },
  [LAYER_GLOBAL_MAX_POOL] = { "global-max-pool", 0 },
  [LAYER_UPSAMPLE] = { "upsample", 0 },
  [LAYER_SUBSAMPLE] = { "subsample", 0 },
  [LAYER_ADD] = { "add", -1 },
  [LAYER_SUBTRACT] = { "subtract", -1 },
  [LAYER_MULTIPLY] = { "multiply", -1 },
  [LAYER_DIVIDE] = { "divide", -1 },
  [LAYER_MAXIMUM] = { "maximum", -1 },
  [LAYER_MINIMUM] = { "minimum", -1 },
  [LAYER_POWER] = { "power", -1 },
  [LAYER_CONCAT] = { "concat", -1 },
  [LAYER_SLICE] = { "slice", -1 },
  [LAYER_SHUFFLE] = { "shuffle", -1 },
  [LAYER_GATHER] = { "gather", -1 },
  [LAYER_LINEAR] = { "linear", -1 },
  [LAYER_SOFTMAX] = { "softmax", -1 },
  [LAYER_LOG_SOFTMAX] = { "log-softmax", -1 },
  [LAYER_RESHAPE] = { "reshape", -1 },
  [LAYER_PAD] = { "pad", 0 },
  [LAYER_BOTTLENECK_3D] = { "bottleneck-3d", 3 },
  [LAYER_BOTTLENECK_2D] = { "bottleneck-2d", 2 },
  [LAYER_TRANSPOSED_CONV_3D] = { "transposed-conv-3d", 3 },
  [LAYER_TRANSPOSED_CONV_2D] = { "transposed-conv-2d", 2 },
};

#define BIT(t) (UINT64_C (1) << LAYER_##t)
#define CONV BIT (CONV)
#define POOLS (BIT (MAX_POOL) | BIT (AVERAGE_POOL))
#define BOTTLENECK (BIT (BOTTLENECK_3D) | BIT (BOTTLENECK_2D))
#define TRANSPOSED (BIT (TRANSPOSED_CONV_3D) | BIT (TRANSPOSED_CONV_2D))
#define NORMS (BIT (BATCH_NORM) | BIT (INSTANCE_NORM) | BIT (GROUP_NORM) | BIT (LAYER_NORM))
#define BINARY \
  (BIT (ADD) | BIT (SUBTRACT) | BIT (MULTIPLY) | BIT (DIVIDE) | BIT (MAXIMUM) | BIT (MINIMUM) | BIT (POWER))
#define WITH_FILTERS .min = 1, .max = MAX_FILTERS
#define SIZES .min = 1, .max = MAX_FILTER_SIZE
#define STRIDES .min = 1, .max = MAX_STRIDE

static const char *const modes[] = { "linear", "nearest", NULL };
static const char *const coordinates[] = { "half-pixel", "half-pixel-symmetric", "pytorch-half-pixel", "asymmetric",
                                           "align-corners", NULL };
static const char *const roundings[] = { "floor", "ceil", "prefer-floor", "prefer-ceil", NULL };
static const char *const pad_modes[] = { "constant", "reflect", "edge", "wrap", NULL };
static const char *const norm_means[] = { "subtracted", "kept", "ignored", NULL };
static const char *const normalizers[] = { "pinst", "inst", "batch", "null", NULL };
static const char *const activators[] = { "prelu", "relu", "null", NULL };
static const char *const orders[] = { "new", "old", NULL };
static const char *const scalers[] = { "down", "up", NULL };
static const char l2_rule[] = "of training; kept in the manifest";

/* clang-format off */
static const struct layer_key keys[] = {
  { "filters", CONV, KIND_INT, NULL, WITH_FILTERS, .rule = "output channels" },
  { "channels", BIT (SUBSAMPLE), KIND_INT, "", WITH_FILTERS, .shown = "the input's",
    .rule = "at least the input's; those that are new are zero" },
  { "zeros-before", BIT (SUBSAMPLE), KIND_INT, "0", .max = MAX_FILTERS,
    .rule = "how many of them are in front of the input's; the others are behind" },
  { "kernel-size", CONV | POOLS, KIND_EXTENTS, NULL, SIZES },
  { "stride", CONV | BIT (SUBSAMPLE), KIND_EXTENTS, "1", STRIDES },
  { "stride", POOLS, KIND_EXTENTS, "", STRIDES, .shown = "kernel-size" },
  { "padding", CONV | POOLS, KIND_MARGINS, "0", .max = LAYER_MAX_PADDING },
  { "dilation", CONV | POOLS, KIND_EXTENTS, "1", STRIDES },
  { "standardize", CONV, KIND_REAL, "", .shown = "not",
    .rule = "added to the variance by which each filter is divided, its mean taken off; above 0" },
  { "groups", CONV, KIND_INT, "1", WITH_FILTERS, .rule = "divides the input's channels and the filters" },
  { "groups", BIT (GROUP_NORM), KIND_INT, NULL, WITH_FILTERS, .rule = "divides the input's channels" },
  { "bias", CONV | BIT (LINEAR) | TRANSPOSED, KIND_BOOL, "", .shown = "as the weights file" },
  { "affine", NORMS, KIND_BOOL, "",
    .shown = "as the weights file", .rule = "weight and bias for each channel" },
  { "mean", BIT (INSTANCE_NORM) | BIT (GROUP_NORM), KIND_CHOICE, "subtracted", .choices = norm_means,
    .rule = "kept: only divided by the deviation; ignored: divided by the root of the mean of squares" },
  { "eps", NORMS, KIND_REAL, "1e-5", .rule = "added to the variance" },
  { "ceil-mode", POOLS, KIND_BOOL, "false", .rule = "a last window may reach beyond the padding" },
  { "count-include-pad", BIT (AVERAGE_POOL), KIND_BOOL, "true", .rule = "divides by the window's whole size" },
  { "divisor", BIT (AVERAGE_POOL), KIND_REAL, "", .shown = "as many as are counted",
    .rule = "by which a window's sum is divided; above 0" },
  { "output-size", BIT (UPSAMPLE), KIND_EXTENTS, "", .min = 1, .max = MAX_EXTENT, .rule = "or scale, one of the two" },
  { "scale", BIT (UPSAMPLE), KIND_SCALE, "", .max = MAX_STRIDE, .rule = "or output-size, one of the two" },
  { "mode", BIT (UPSAMPLE), KIND_CHOICE, "linear", .choices = modes },
  { "align-corners", BIT (UPSAMPLE), KIND_BOOL, "true", .rule = "of mode linear" },
  { "constant", BINARY, KIND_OTHER, "", .min = 1, .max = INT64_C (1) << 33,
    .rule = "in place of a second input: [C], [C, H, W] or [C, D, H, W], the shape of the parameter NAME.weight, "
            "or NAME in a file" },
  { "constant-first", BINARY, KIND_BOOL, "false", .rule = "the constant is the first operand" },
  { "start", BIT (SLICE), KIND_INT, "0", .max = MAX_FILTERS, .rule = "the first channel, counted from 0" },
  { "end", BIT (SLICE), KIND_INT, "", .min = 1, .max = MAX_FILTERS, .shown = "the input's channels",
    .rule = "the channel behind the last" },
  { "step", BIT (SLICE), KIND_INT, "1", WITH_FILTERS, .rule = "from one channel to the next" },
  { "groups", BIT (SHUFFLE), KIND_INT, NULL, WITH_FILTERS,
    .rule = "divides the input's channels; the first channels of all groups come first, then the second ones" },
  { "channels", BIT (GATHER), KIND_OTHER, NULL,
    .rule = "a list of the input's channels, counted from 0, in the order of the output's" },
  { "coordinates", BIT (UPSAMPLE), KIND_CHOICE, "", .choices = coordinates,
    .rule = "as ONNX has them, in place of align-corners" },
  { "rounding", BIT (UPSAMPLE), KIND_CHOICE, "floor", .choices = roundings,
    .rule = "of mode nearest with coordinates" },
  { "before", BIT (PAD), KIND_EXTENTS, "0", .min = -MAX_EXTENT, .max = LAYER_MAX_PADDING,
    .rule = "pixels in front; below 0 they are taken away" },
  { "after", BIT (PAD), KIND_EXTENTS, "0", .min = -MAX_EXTENT, .max = LAYER_MAX_PADDING, .rule = "and behind" },
  { "mode", BIT (PAD), KIND_CHOICE, "constant", .choices = pad_modes },
  { "value", BIT (PAD), KIND_SIGNED_REAL, "0", .from = "-1e30", .rule = "the constant" },
  { "features", BIT (LINEAR), KIND_INT, NULL, .min = 1, .max = MAX_CLASSES },
  { "split", BIT (RESHAPE), KIND_OTHER, "", .rule = "a list of at most 8 extents, as which the input is read" },
  { "order", BIT (RESHAPE), KIND_OTHER, "",
    .rule = "a list of C and the input's axes, such as [D, H, W, C]; with split of its axes, from 0" },
  { "shape", BIT (RESHAPE), KIND_OTHER, NULL, .min = 1, .max = INT64_C (1) << 33,
    .rule = "[C], [C, H, W] or [C, D, H, W]" },
  { "in-planes", BOTTLENECK, KIND_INT, NULL, WITH_FILTERS, .rule = "the input's channels" },
  { "out-planes", BOTTLENECK, KIND_INT, NULL, WITH_FILTERS },
  { "kernel-size", BOTTLENECK, KIND_EXTENTS, "3", SIZES },
  { "stride", BOTTLENECK, KIND_EXTENTS, "1", STRIDES },
  { "padding", BOTTLENECK, KIND_EXTENTS, "1", .max = LAYER_MAX_PADDING },
  { "output-size", BOTTLENECK, KIND_EXTENTS, "", .min = 1, .max = MAX_EXTENT, .rule = "with scaler up" },
  { "normalizer", BOTTLENECK, KIND_CHOICE, "pinst", .choices = normalizers },
  { "activator", BOTTLENECK, KIND_CHOICE, "prelu", .choices = activators },
  { "eps", BOTTLENECK, KIND_REAL, "1e-5", .rule = "of the normalisations: added to the variance" },
  { "layer-order", BOTTLENECK, KIND_CHOICE, "new", .choices = orders },
  { "scaler", BOTTLENECK, KIND_CHOICE, "down", .choices = scalers },
  { "filter-size", TRANSPOSED, KIND_EXTENTS, NULL, SIZES },
  { "num-filters", TRANSPOSED, KIND_INT, NULL, WITH_FILTERS },
  { "stride", TRANSPOSED, KIND_EXTENTS, "1", STRIDES },
  { "cropping", TRANSPOSED, KIND_MARGINS, "0", .max = LAYER_MAX_PADDING },
  { "num-channels", TRANSPOSED, KIND_OTHER, "auto", .min = 1, .max = INT64_MAX,
    .rule = "auto, or the input's channels" },
  { "weights-initializer", TRANSPOSED, KIND_OTHER, "glorot",
    .rule = "glorot, he, narrow-normal, zeros, ones, or the name of a .npy file" },
  { "bias-initializer", TRANSPOSED, KIND_OTHER, "zeros",
    .rule = "zeros, narrow-normal, ones, or the name of a .npy file" },
  { "weight-learn-rate-factor", TRANSPOSED, KIND_REAL, "1", .rule = l2_rule },
  { "bias-learn-rate-factor", TRANSPOSED, KIND_REAL, "1", .rule = l2_rule },
  { "weight-l2-factor", TRANSPOSED, KIND_REAL, "1", .rule = l2_rule },
  { "bias-l2-factor", TRANSPOSED, KIND_REAL, "0", .rule = l2_rule },
#define PARAMETER(key, fallback, least, rule) key, KIND_SIGNED_REAL, #fallback, #least, rule
#define NO_PARAMETER NULL, KIND_OTHER, NULL, NULL, NULL
#define KEY(type, ...) KEY_OF (type, __VA_ARGS__)
#define KEY_OF(type, key, kind_of, number, least, words) \
  { key, key ? BIT (type) : 0, kind_of, number, .from = least, .rule = words },
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, steepest, relative, absolute, inlined, \
                   outside, first, second) \
  KEY (id, first) KEY (id, second)
#include "graph/activations.def"
};
/* clang-format on */
#define KEY_COUNT (sizeof keys / sizeof *keys)

static const char *const common_keys[] = { "type", "name", "input" };

int
layer_type_find (const char *name)
{
  for (int t = 0; t < LAYER_TYPES; t++)
    if (strcmp (types[t].name, name) == 0)
      return t;
  return -1;
}

const char *
layer_type_name (enum layer_type t)
{
  return types[t].name;
}

char *
layer_type_names (void)
{
  struct text t = { 0 };
  for (int i = 0; i < LAYER_TYPES; i++)
    text_printf (&t, "%s%s", !i ? "" : i + 1 < LAYER_TYPES ? ", " : " or ", types[i].name);
  return t.s;
}

int
layer_type_rank (enum layer_type t)
{
  return types[t].rank;
}

struct activation
layer_activation (const struct layer *l)
{
  switch (l->type)
    {
#define PARAMETER(key, fallback, least, rule) layer_real (l, key)
#define NO_PARAMETER 0
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, steepest, relative, absolute, inlined,         \
                   outside, first, second)                                                                             \
  case LAYER_##id:                                                                                                     \
    return activation_with (ACT_##id, first, second);
#include "graph/activations.def"
    default:
      return activation_with (ACT_NONE, 0, 0);
    }
}

const struct layer_key *
layer_key_find (enum layer_type t, const char *name)
{
  for (size_t i = 0; i < KEY_COUNT; i++)
    if (keys[i].types >> t & 1 && strcmp (keys[i].name, name) == 0)
      return &keys[i];
  return NULL;
}

/* The names of a type's keys; returns their number. */
static size_t
key_names (enum layer_type t, const char **names)
{
  size_t n = 0;
  for (; n < sizeof common_keys / sizeof *common_keys; n++)
    names[n] = common_keys[n];
  for (size_t i = 0; i < KEY_COUNT; i++)
    if (keys[i].types >> t & 1)
      names[n++] = keys[i].name;
  return n;
}

void
layer_check_keys (enum layer_type t, const struct yaml *y)
{
  const char *names[KEY_COUNT + sizeof common_keys / sizeof *common_keys];
  size_t count = key_names (t, names);
  for (size_t i = 0; i < y->count; i++)
    {
      const struct yaml *m = &y->items[i];
      bool known = false;
      for (size_t k = 0; k < count; k++)
        known |= strcmp (names[k], m->key) == 0;
      if (known)
        continue;
      const char *near = strlen (m->key) < 64 ? nearest_name (m->key, names, count) : NULL;
      struct text allowed = { 0 };
      for (size_t k = 0; k < count; k++)
        text_printf (&allowed, "%s%s", k ? ", " : "", names[k]);
      fatal_at (m->key_loc, "unknown key %s of a layer of type %s%s; allowed: %s", yaml_quote (m->key), types[t].name,
                near ? mem_printf (", did you mean %s?", near) : "", allowed.s);
    }
}

/* How a list with one number for each axis is read. */
static const char *
list_order (enum layer_type type, int rank)
{
  if (type == LAYER_TRANSPOSED_CONV_3D)
    return "[h, w, d] as in MATLAB, not [d, h, w]";
  return rank == 2 ? "[h, w]" : rank == 3 ? "[d, h, w]" : "[d, h, w], in 2-D [h, w]";
}

/* … and the two lists of what is added or taken away in front and behind. */
static const char *
margins_order (enum layer_type type, int rank)
{
  if (type == LAYER_TRANSPOSED_CONV_3D)
    return "[[top, left, front], [bottom, right, back]]";
  return rank == 2   ? "[[top, left], [bottom, right]]"
         : rank == 3 ? "[[front, top, left], [back, bottom, right]]"
                     : "[[front, top, left], [back, bottom, right]], in 2-D [[top, left], [bottom, right]]";
}

char *
layer_key_allowed (const struct layer_key *key, enum layer_type type, int rank)
{
  struct text text = { 0 }, *t = &text;
  const char *separator = "";
  if (!rank)
    rank = types[type].rank;
  if (key->kind == KIND_INT || key->kind == KIND_EXTENTS || key->kind == KIND_MARGINS)
    text_printf (t, "an integer from %" PRId64 " to %" PRId64, key->min, key->max);
  if (key->kind == KIND_SCALE)
    text_printf (t, "a number above 0, at most %" PRId64, key->max);
  if (key->kind == KIND_EXTENTS || key->kind == KIND_SCALE)
    text_printf (t, ", or a list %s", list_order (type, rank));
  else if (key->kind == KIND_MARGINS)
    text_printf (t, ", a list %s, two lists %s, or same", list_order (type, rank), margins_order (type, rank));
  else if (key->kind == KIND_REAL)
    text_add (t, "a number from 0 to 1e30");
  else if (key->kind == KIND_SIGNED_REAL)
    text_printf (t, "a number from %s to 1e30", key->from);
  else if (key->kind == KIND_BOOL)
    text_add (t, "true or false");
  else if (key->kind == KIND_CHOICE)
    for (int i = 0; key->choices[i]; i++)
      text_printf (t, "%s%s", !i ? "" : key->choices[i + 1] ? ", " : " or ", key->choices[i]);
  separator = t->n ? "; " : "";
  if (key->rule)
    text_printf (t, "%s%s", separator, key->rule);
  return text.s;
}

void
layers_print (void)
{
  static const struct layer_key common[] = {
    { .name = "type", .rule = "one of the following" },
    { .name = "name",
      .fallback = "its index",
      .rule = "at most 128 letters, digits, _ . : / and -, not input; parameters are NAME.weight, ..." },
    { .name = "input",
      .fallback = "the layer before",
      .rule = "input, or the name of an earlier layer; a list of two for subtract, multiply, divide, maximum, "
              "minimum and power, of any number for add and concat" },
  };
  puts ("\nlayers of network: sequence");
  for (size_t i = 0; i < sizeof common / sizeof *common; i++)
    option_print_row (common[i].name, common[i].fallback ? common[i].fallback : "required", common[i].rule);
  for (int t = 0; t < LAYER_TYPES; t++)
    {
      printf ("\ntype: %s%s\n", types[t].name,
              types[t].rank < 0    ? ""
              : types[t].rank == 2 ? " (2-D maps)"
              : types[t].rank == 3 ? " (3-D maps)"
                                   : " (maps)");
      for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].types >> t & 1)
          {
            const enum layer_type type = (enum layer_type) t;
            const char *fallback = keys[i].shown ? keys[i].shown : !keys[i].fallback ? "required" : keys[i].fallback;
            option_print_row (keys[i].name, *fallback ? fallback : "none", layer_key_allowed (&keys[i], type, 0));
          }
    }
}
