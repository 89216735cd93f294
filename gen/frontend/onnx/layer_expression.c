/* Functions of a layer's elements as layers: an activation, or several with sums and products between them. */
#include "convert.h"

#include <inttypes.h>

enum
{
  MAX_CHANNELS = 65536 /* that are multiplied by numbers */
};

static const char *
layer_activation (struct conversion *c, const struct onnx_node *n, const struct activation *act, const char *input)
{
  const char *name = layer_begin (c, n, activation_name (act), NULL, input);
  const double p[2] = { act->a, act->b };
  for (int i = 0; i < 2; i++)
    if (activation_key (act, i))
      layer_key_real (c, activation_key (act, i), p[i]);
  layer_end (c);
  return name;
}

/* The layer TYPE of what the layer INPUT has, which has V's shape, and the number P, which may be the FIRST operand. */
static const char *
layer_with_number (struct conversion *c, const struct onnx_node *n, const char *type, const struct value *v,
                   const char *input, double p, bool first)
{
  const int64_t ones[4] = { 1, 1, 1, 1 };
  struct weight *w = constant_new (c, DTYPE_F64, 1, ones);
  constant_set_real (w, 0, p);
  return layer_with_constant (c, n, type, input, w, v->vector ? 1 : 1 + v->map, ones, first);
}

/* What the layer INPUT has times SCALE, plus BIAS. */
static const char *
layer_line (struct conversion *c, const struct onnx_node *n, const struct value *v, double scale, double bias,
            const char *input)
{
  const int64_t channels = value_extent (v, 1);
  if (channels > MAX_CHANNELS)
    convert_bad (c, n, "computes with numbers on %" PRId64 " channels; allowed: at most %d", channels, MAX_CHANNELS);
  double *scales = NEW_ARRAY ((size_t) channels, double), *biases = NEW_ARRAY ((size_t) channels, double);
  for (int64_t i = 0; i < channels; i++)
    {
      scales[i] = scale;
      biases[i] = bias;
    }
  return layer_affine (c, n, input, channels, scales, biases);
}

/* E, an operator of two operands for which there is the layer TYPE. */
static const char *
layer_binary (struct conversion *c, const struct onnx_node *n, const struct value *v, const struct expression *e,
              const char *type, const char *input)
{
  const bool first = e->a->op == EXPRESSION_NUMBER;
  if (!first && e->b->op != EXPRESSION_NUMBER)
    {
      const char *a = layer_expression (c, n, v, e->a, input), *b = layer_expression (c, n, v, e->b, input);
      return layer_of_two (c, n, type, a, b);
    }
  const char *inner = layer_expression (c, n, v, first ? e->b : e->a, input);
  if (e->op == EXPRESSION_POW && !first && e->b->p == 2)
    return layer_of_two (c, n, "multiply", inner, inner);
  return layer_with_number (c, n, type, v, inner, first ? e->a->p : e->b->p, first);
}

const char *
layer_expression (struct conversion *c, const struct onnx_node *n, const struct value *v, const struct expression *e,
                  const char *input)
{
  struct activation act;
  const struct expression *a;
  double scale, bias;
  if (!e || e->op == EXPRESSION_X)
    return input;
  if (expression_activation (e, &act))
    return layer_activation (c, n, &act, input);
  if (expression_affine (e, &a, &scale, &bias))
    return layer_line (c, n, v, scale, bias, layer_expression (c, n, v, a, input));
  if (expression_scaled (e, &act, &scale))
    return layer_line (c, n, v, scale, 0, layer_activation (c, n, &act, input));
  /* The outermost function of what is within. */
  struct expression x = { .op = EXPRESSION_X }, outer = *e;
  outer.a = &x;
  if (e->a && !e->b && e->a->op != EXPRESSION_X && expression_activation (&outer, &act))
    return layer_activation (c, n, &act, layer_expression (c, n, v, e->a, input));
  const char *type = expression_layer_type (e->op);
  if (!type)
    convert_bad (c, n,
                 "computes %s, which is no activation that rescast has; allowed: those of `rescast options sequence`",
                 expression_text (e));
  return layer_binary (c, n, v, e, type, input);
}
