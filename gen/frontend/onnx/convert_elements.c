/* Operators that work on each element of one layer, which become expressions first. */
#include "convert.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- expressions ---- */

enum
{
  MAX_EXPRESSION = 64 /* operators; activations have at most a dozen */
};

const struct expression *
expression_of (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  if (value_has_margins (v) || (v->f && (v->uses > 1 || v->f->size > MAX_EXPRESSION)))
    layer_of_elements (c, n, v);
  return v->f ? v->f : expression_new (EXPRESSION_X, NULL, NULL);
}

/* The output of N has V's shape and layer, and is the function F of its elements. */
void
set_expression (struct conversion *c, const struct onnx_node *n, const struct value *v, const struct expression *f)
{
  struct value *out = value_out (c, n, 0);
  const struct value old = *out;
  *out = *v;
  out->name = old.name;
  out->uses = old.uses;
  out->never_negative = false;
  out->f = f;
  out->node = n;
}

static void
convert_unary (struct conversion *c, const struct onnx_node *n)
{
  static const struct
  {
    const char *op;
    enum expression_op is;
  } list[] = { { "Relu", EXPRESSION_RELU }, { "Sigmoid", EXPRESSION_SIGMOID },
               { "Tanh", EXPRESSION_TANH }, { "Softplus", EXPRESSION_SOFTPLUS },
               { "Erf", EXPRESSION_ERF },   { "Exp", EXPRESSION_EXP },
               { "Log", EXPRESSION_LOG },   { "Sqrt", EXPRESSION_SQRT },
               { "Abs", EXPRESSION_ABS },   { "Neg", EXPRESSION_NEG },
               { "Not", EXPRESSION_NOT } };
  struct value *v = value_needed (c, n, 0);
  const struct expression *x = expression_of (c, n, v);
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (!strcmp (list[i].op, n->op))
      set_expression (c, n, v, expression_new (list[i].is, x, NULL));
}

static void
convert_leaky_relu (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  set_expression (
      c, n, v,
      expression_with (EXPRESSION_LEAKY_RELU, expression_of (c, n, v), attribute_real (c, n, "alpha", 0.01), 0));
}

static void
convert_elu (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  set_expression (c, n, v,
                  expression_with (EXPRESSION_ELU, expression_of (c, n, v), attribute_real (c, n, "alpha", 1), 0));
}

/* From 0 to 1. */
static const struct expression *
hard_sigmoid (const struct expression *x, double slope, double bias)
{
  const struct expression *line = expression_new (EXPRESSION_MUL, x, expression_number (slope));
  return expression_clip (expression_new (EXPRESSION_ADD, line, expression_number (bias)), 0, 1);
}

static void
convert_hard_sigmoid (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  set_expression (c, n, v,
                  hard_sigmoid (expression_of (c, n, v), attribute_real (c, n, "alpha", 0.2),
                                attribute_real (c, n, "beta", 0.5)));
}

static void
convert_hard_swish (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct expression *x = expression_of (c, n, v);
  set_expression (c, n, v, expression_new (EXPRESSION_MUL, x, hard_sigmoid (x, 1.0 / 6, 0.5)));
}

static void
convert_reciprocal (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  set_expression (c, n, v, expression_new (EXPRESSION_DIV, expression_number (1), expression_of (c, n, v)));
}

static void
convert_softsign (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct expression *x = expression_of (c, n, v), *size = expression_new (EXPRESSION_ABS, x, NULL);
  set_expression (
      c, n, v, expression_new (EXPRESSION_DIV, x, expression_new (EXPRESSION_ADD, size, expression_number (1))));
}

/* gamma * elu (x). */
static void
convert_selu (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct expression *elu = expression_with (EXPRESSION_ELU, expression_of (c, n, v),
                                                  attribute_real (c, n, "alpha", 1.67326319217681884765625), 0);
  const double gamma = attribute_real (c, n, "gamma", 1.05070102214813232421875);
  set_expression (c, n, v, expression_new (EXPRESSION_MUL, elu, expression_number (gamma)));
}

/* alpha * elu (x / alpha). */
static void
convert_celu (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct expression *alpha = expression_number (attribute_real (c, n, "alpha", 1));
  const struct expression *part = expression_new (EXPRESSION_DIV, expression_of (c, n, v), alpha);
  set_expression (c, n, v,
                  expression_new (EXPRESSION_MUL, expression_with (EXPRESSION_ELU, part, 1, 0), alpha));
}

/* x * sigmoid (alpha * x). */
static void
convert_swish (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct expression *x = expression_of (c, n, v), *alpha = expression_number (attribute_real (c, n, "alpha", 1));
  const struct expression *gate = expression_new (EXPRESSION_SIGMOID, expression_new (EXPRESSION_MUL, x, alpha), NULL);
  set_expression (c, n, v, expression_new (EXPRESSION_MUL, x, gate));
}

static void
convert_mish (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct expression *x = expression_of (c, n, v), *softplus = expression_new (EXPRESSION_SOFTPLUS, x, NULL);
  set_expression (c, n, v, expression_new (EXPRESSION_MUL, x, expression_new (EXPRESSION_TANH, softplus, NULL)));
}

static void
convert_gelu (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const char *how = attribute_text (c, n, "approximate", "none");
  const struct activation act = activation_with (!strcmp (how, "tanh") ? ACT_GELU_TANH : ACT_GELU, 0, 0);
  if (strcmp (how, "tanh") && strcmp (how, "none"))
    convert_bad (c, n, "approximate %s; allowed: none and tanh", how);
  const char *input = layer_of_elements (c, n, v), *layer = layer_begin (c, n, activation_name (&act), NULL, input);
  layer_end (c);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

/* A bound of Clip: an attribute in old opsets, an input in new ones. */
static double
bound (struct conversion *c, const struct onnx_node *n, const char *name, size_t i, double fallback)
{
  const struct value *v = c->model->opset < 11 ? NULL : value_in (c, n, i);
  if (!v)
    return c->model->opset < 11 ? attribute_real (c, n, name, fallback) : fallback;
  if (!v->constant || v->constant->count != 1)
    convert_bad (c, n, "its %s is no constant; allowed: one number", name);
  return weight_at (v->constant, 0);
}

static void
convert_clip (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const double low = bound (c, n, "min", 1, -3.4e38), high = bound (c, n, "max", 2, 3.4e38);
  set_expression (c, n, v, expression_clip (expression_of (c, n, v), low, high));
}

/* ---- what changes nothing in inference ---- */

static void
convert_same (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0), *out = value_out (c, n, 0);
  const int64_t to = !strcmp (n->op, "Cast") ? attribute_int (c, n, "to", ONNX_FLOAT) : ONNX_FLOAT;
  if (to != ONNX_FLOAT && to != ONNX_DOUBLE && to != ONNX_FLOAT16 && to != ONNX_BFLOAT16)
    convert_bad (c, n, "makes %s of the network's numbers; allowed: floats", onnx_type_name (to));
  expression_of (c, n, v); /* a layer that both share, where there are more readers */
  const struct value old = *out;
  *out = *v;
  out->name = old.name;
  out->uses = old.uses;
}

const struct operator operators_of_elements[] = { { "Relu", convert_unary },
                                                  { "Sigmoid", convert_unary },
                                                  { "Tanh", convert_unary },
                                                  { "Softplus", convert_unary },
                                                  { "Erf", convert_unary },
                                                  { "Exp", convert_unary },
                                                  { "Log", convert_unary },
                                                  { "Sqrt", convert_unary },
                                                  { "Abs", convert_unary },
                                                  { "Neg", convert_unary },
                                                  { "LeakyRelu", convert_leaky_relu },
                                                  { "Elu", convert_elu },
                                                  { "HardSigmoid", convert_hard_sigmoid },
                                                  { "HardSwish", convert_hard_swish },
                                                  { "Selu", convert_selu },
                                                  { "Celu", convert_celu },
                                                  { "Swish", convert_swish },
                                                  { "Softsign", convert_softsign },
                                                  { "Reciprocal", convert_reciprocal },
                                                  { "Not", convert_unary },
                                                  { "Mish", convert_mish },
                                                  { "Gelu", convert_gelu },
                                                  { "Clip", convert_clip },
                                                  { "Identity", convert_same },
                                                  { "Dropout", convert_same },
                                                  { "Cast", convert_same },
                                                  { "CastLike", convert_same },
                                                  { 0 } };
