/* Operators with a number for each channel, and softmax. */
#include "convert.h"

#include <inttypes.h>

/* The input I of N, one number for each of so many CHANNELS. */
static const struct weight *
vector_in (struct conversion *c, const struct onnx_node *n, size_t i, int64_t channels)
{
  const struct value *v = value_needed (c, n, i);
  if (!v->constant || v->constant->count != (size_t) channels)
    convert_bad (c, n, "has %s where %" PRId64 " constants are needed",
                 v->constant ? value_shape (v) : "what depends on the input", channels);
  return v->constant;
}

static void
convert_batch_norm (struct conversion *c, const struct onnx_node *n)
{
  static const char *const suffixes[] = { "weight", "bias", "running_mean", "running_var" };
  struct value *v = value_needed (c, n, 0);
  if (v->rank < 2 || attribute_int (c, n, "training_mode", 0))
    convert_bad (c, n, "normalises %s%s; allowed: channels, with statistics of training", value_shape (v),
                 v->rank < 2 ? "" : " by what it finds there");
  const int64_t channels = value_extent (v, 1);
  const struct weight *list[4];
  for (size_t i = 0; i < 4; i++)
    list[i] = vector_in (c, n, i + 1, channels);
  const char *input = layer_of (c, n, v);
  const char *layer = layer_begin (c, n, "batch-norm", value_of (c, n->in[1])->name, input);
  layer_key_real (c, "eps", attribute_real (c, n, "epsilon", 1e-5));
  layer_end (c);
  for (size_t i = 0; i < 4; i++)
    layer_parameter (c, layer, suffixes[i], list[i], 1, &channels);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

static void
convert_instance_norm (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const int64_t channels = v->rank > 2 ? v->shape[1] : 0;
  if (!value_is_map (v))
    convert_bad (c, n, "normalises %s; allowed: a map", value_shape (v));
  const struct weight *scale = vector_in (c, n, 1, channels), *bias = vector_in (c, n, 2, channels);
  const char *input = layer_of (c, n, v);
  const char *layer = layer_begin (c, n, "instance-norm", value_of (c, n->in[1])->name, input);
  layer_key_text (c, "affine", "true");
  layer_key_real (c, "eps", attribute_real (c, n, "epsilon", 1e-5));
  layer_end (c);
  layer_parameter (c, layer, "weight", scale, 1, &channels);
  layer_parameter (c, layer, "bias", bias, 1, &channels);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

static void
convert_prelu (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct value *slope = value_needed (c, n, 1);
  if (!slope->constant || (slope->constant->count != 1 && !per_channel (v, slope->constant)))
    convert_bad (c, n, "has a slope of %s for %s; allowed: a constant, one or one for each channel",
                 value_shape (slope), value_shape (v));
  const int64_t count = (int64_t) slope->constant->count;
  const char *input = layer_of (c, n, v), *layer = layer_begin (c, n, "prelu", slope->name, input);
  layer_end (c);
  layer_parameter (c, layer, "weight", slope->constant, 1, &count);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

static void
convert_softmax (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", c->model->opset < 13 ? 1 : -1), v->rank);
  for (int a = 0; a < v->rank; a++)
    if ((v->axis[a] > 1 && v->shape[a] != 1) || (v->axis[a] == 1 && a != axis))
      convert_bad (c, n, "is taken along axis %d of %s; allowed: over the channels of a vector", axis, value_shape (v));
  if (!v->vector && !v->flat)
    convert_bad (c, n, "is taken of a map, %s; allowed: of a vector", value_shape (v));
  const char *input = layer_of (c, n, v), *layer = layer_begin (c, n, "softmax", NULL, input);
  layer_end (c);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

const struct operator operators_of_channels[] = { { "BatchNormalization", convert_batch_norm },
                                                  { "InstanceNormalization", convert_instance_norm },
                                                  { "PRelu", convert_prelu },
                                                  { "Softmax", convert_softmax },
                                                  { 0 } };
