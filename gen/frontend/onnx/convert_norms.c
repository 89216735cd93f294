/* Operators with a number for each channel, and softmax. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

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

/* W's number for each of GROUPS as one for each of CHANNELS; NULL where all are NEUTRAL. */
static const struct weight *
spread (struct conversion *c, const struct weight *w, int64_t groups, int64_t channels, double neutral)
{
  bool all = true;
  struct weight *each = constant_new (c, DTYPE_F64, 1, &channels);
  for (int64_t i = 0; i < channels; i++)
    {
      const double x = weight_at (w, (size_t) (i / (channels / groups)));
      constant_set_real (each, (size_t) i, x);
      all = all && x == neutral;
    }
  return all ? NULL : each;
}

/* Normalisation of GROUPS of the channels of the layer INPUT, then for each channel a factor and a term, or NULL. */
static const char *
layer_group_norm (struct conversion *c, const struct onnx_node *n, const char *input, int64_t groups, int64_t channels,
                  const struct weight *scale, const struct weight *bias)
{
  const char *layer = layer_begin (c, n, "group-norm", value_of (c, n->in[1])->name, input);
  layer_key_int (c, "groups", groups);
  layer_key_text (c, "affine", scale || bias ? "true" : "false");
  layer_key_real (c, "eps", attribute_real (c, n, "epsilon", 1e-5));
  layer_end (c);
  struct weight *ones = constant_new (c, DTYPE_F64, 1, &channels), *zeros = constant_new (c, DTYPE_F64, 1, &channels);
  for (int64_t i = 0; i < channels; i++)
    constant_set_real (ones, (size_t) i, 1);
  if (scale || bias)
    {
      layer_parameter (c, layer, "weight", scale ? scale : ones, 1, &channels);
      layer_parameter (c, layer, "bias", bias ? bias : zeros, 1, &channels);
    }
  return layer;
}

/* Exporters write group normalisation as instance normalisation of a map whose groups are its channels. */
static void
convert_group_norm_written (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  const struct value *of = v->view->of;
  const int64_t groups = v->rank > 1 ? v->shape[1] : 0, channels = value_extent (of, 1);
  if (v->rank < 3 || v->axis[0] != 0 || !value_is_map (of) || channels % groups)
    convert_bad (c, n, "normalises %s, written as %s; allowed: groups of channels", value_shape (of), value_shape (v));
  const struct weight *scale = vector_in (c, n, 1, groups), *bias = vector_in (c, n, 2, groups);
  const char *layer = layer_group_norm (c, n, v->layer, groups, channels, spread (c, scale, groups, channels, 1),
                                        spread (c, bias, groups, channels, 0));
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

/* Factors and terms are of groups in opset 18, of channels from 21 on. */
static void
convert_group_norm (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const int64_t channels = v->rank > 2 ? v->shape[1] : 0, groups = attribute_int (c, n, "num_groups", 0);
  if (!value_is_map (v) || groups < 1 || channels % groups)
    convert_bad (c, n, "normalises %s in %" PRId64 " groups; allowed: a map, in groups of equally many channels",
                 value_shape (v), groups);
  const int64_t count = c->model->opset < 21 ? groups : channels;
  const struct weight *scale = spread (c, vector_in (c, n, 1, count), count, channels, 1);
  const struct weight *bias = spread (c, vector_in (c, n, 2, count), count, channels, 0);
  const char *layer = layer_group_norm (c, n, layer_of (c, n, v), groups, channels, scale, bias);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

static void
convert_instance_norm (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const int64_t channels = v->rank > 2 ? v->shape[1] : 0;
  if (v->view && view_in_order (v))
    {
      convert_group_norm_written (c, n, v);
      return;
    }
  view_settle (c, n, v);
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
  if (!slope->constant)
    convert_bad (c, n, "has a slope that depends on the network's input; allowed: a constant");
  /* Up to opset 6 what has as many numbers as there are channels is of these. */
  const bool of_channels = c->model->opset < 7 && slope->constant->count == (size_t) value_extent (v, 1);
  if (slope->constant->count != 1 && !of_channels && !per_channel (v, slope->constant))
    {
      /* What is above 0 and the rest, times slopes of any shape. */
      const char *zero = written_number (c, n, 0), *above, *below;
      layer_of_elements (c, n, v);
      above = written_node (c, n, "Max", n->in[0], zero, NULL, 0, NULL);
      below = written_node (c, n, "Min", n->in[0], zero, NULL, 0, NULL);
      below = written_node (c, n, "Mul", below, n->in[1], NULL, 0, NULL);
      written_node (c, n, "Add", above, below, NULL, 0, n->out[0]);
      return;
    }
  const int64_t count = (int64_t) slope->constant->count;
  const char *input = layer_of (c, n, v), *layer = layer_begin (c, n, "prelu", slope->name, input);
  layer_end (c);
  layer_parameter (c, layer, "weight", slope->constant, 1, &count);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

/* Is E, of what is true or false, x < 0 (SIGN -1) or x > 0 (1), or with x = 0? */
static bool
tells_sign (const struct expression *e, int sign)
{
  if (e->op != EXPRESSION_LESS && e->op != EXPRESSION_LESS_EQUAL)
    return false;
  const struct expression *x = sign < 0 ? e->a : e->b, *zero = sign < 0 ? e->b : e->a;
  return x->op == EXPRESSION_X && zero->op == EXPRESSION_NUMBER && zero->p == 0;
}

/* A Where that chooses V or, where that is below 0, what N makes of it; N's next reader, and the only one. */
static size_t
find_choice (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  for (size_t at = c->at + 1; at < c->node_count && at < c->at + 8 && value_of (c, n->out[0])->uses == 1; at++)
    {
      const struct onnx_node *w = c->nodes[at];
      if (!w || strcmp (w->op, "Where") || *w->domain || w->nin != 3 || w->nout != 1)
        continue;
      const bool yes = !strcmp (w->in[1], n->out[0]), no = !strcmp (w->in[2], n->out[0]);
      const struct value *sign = value_of (c, w->in[0]);
      if (yes != no && value_of (c, w->in[yes ? 2 : 1]) == v && !sign->constant && sign->layer && sign->f
          && !strcmp (sign->layer, v->layer) && sign->rank == v->rank
          && !memcmp (sign->axis, v->axis, (size_t) v->rank * sizeof *v->axis)
          && !memcmp (sign->shape, v->shape, (size_t) v->rank * sizeof *v->shape) && sign->flat == v->flat
          && tells_sign (sign->f, yes ? -1 : 1))
        return at;
    }
  return c->node_count;
}

bool
convert_prelu_from (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  const size_t at = v->f || v->view ? c->node_count : find_choice (c, n, v);
  if (at == c->node_count)
    return false;
  const struct onnx_node *choice = c->nodes[at];
  const bool first = value_of (c, n->in[0]) == v;
  c->nodes[at] = NULL;
  written_node (c, choice, "PRelu", n->in[first ? 0 : 1], n->in[first ? 1 : 0], NULL, 0, choice->out[0]);
  return true;
}

/* Softmax of V along its axis AXIS, whose elements become the channels: the output's axes say where they are. */
static void
softmax_along (struct conversion *c, const struct onnx_node *n, struct value *v, int axis)
{
  layer_of (c, n, v);
  struct value r = *v;
  view_to_channels (c, n, &r, axis);
  r.layer = layer_begin (c, n, strcmp (n->op, "Softmax") ? "log-softmax" : "softmax", NULL, r.layer);
  layer_end (c);
  set_expression (c, n, &r, NULL);
}

static void
convert_softmax (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const bool old = c->model->opset < 13;
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", old ? 1 : -1), v->rank);
  /* Up to opset 12 all axes from this one on are one. */
  for (int a = axis + 1; old && a < v->rank; a++)
    if (v->shape[a] != 1)
      convert_bad (c, n, "is taken along axis %d of %s and those behind it; allowed: along one", axis, value_shape (v));
  softmax_along (c, n, v, axis);
}

const struct operator operators_of_channels[] = { { "BatchNormalization", convert_batch_norm },
                                                  { "InstanceNormalization", convert_instance_norm },
                                                  { "GroupNormalization", convert_group_norm },
                                                  { "PRelu", convert_prelu },
                                                  { "Softmax", convert_softmax },
                                                  { "LogSoftmax", convert_softmax },
                                                  { 0 } };
