/* Operators that work on each element: activations and arithmetic, which become expressions first; sums of
 * layers. */
#include "convert.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- expressions ---- */

enum
{
  MAX_EXPRESSION = 64, /* operators; activations have at most a dozen */
  MAX_EQUAL = 1024     /* elements of a constant that are looked at for whether all are equal */
};

/* V as a function of a layer's elements. A value with several readers becomes a layer of its own first, which they
 * share, and so does an expression that grows longer than any activation's. */
static const struct expression *
expression_of (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  if (v->f && (v->uses > 1 || v->f->size > MAX_EXPRESSION))
    layer_of_elements (c, n, v);
  return v->f ? v->f : expression_new (EXPRESSION_X, NULL, NULL);
}

/* The output of N has V's shape and layer, and is the function F of its elements. */
void
set_expression (struct conversion *c, const struct onnx_node *n, const struct value *v, const struct expression *f)
{
  struct value *out = value_out (c, n, 0);
  const struct value old = *out;
  if (value_has_margins (v))
    convert_bad (c, n, "reads a padded map; allowed: padding with zeros in front of a convolution");
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
               { "Abs", EXPRESSION_ABS },   { "Neg", EXPRESSION_NEG } };
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

static void
convert_hard_sigmoid (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  set_expression (c, n, v,
                  expression_with (EXPRESSION_HARD_SIGMOID, expression_of (c, n, v),
                                   attribute_real (c, n, "alpha", 0.2), attribute_real (c, n, "beta", 0.5)));
}

static void
convert_hard_swish (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct expression *x = expression_of (c, n, v);
  set_expression (c, n, v,
                  expression_new (EXPRESSION_MUL, x, expression_with (EXPRESSION_HARD_SIGMOID, x, 1.0 / 6, 0.5)));
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
  set_expression (c, n, v, expression_with (EXPRESSION_CLIP, expression_of (c, n, v), low, high));
}

/* ---- arithmetic with a constant ---- */

static enum expression_op
binary_of (const struct onnx_node *n)
{
  static const struct
  {
    const char *op;
    enum expression_op is;
  } list[]
      = { { "Add", EXPRESSION_ADD }, { "Sub", EXPRESSION_SUB }, { "Mul", EXPRESSION_MUL }, { "Div", EXPRESSION_DIV },
          { "Pow", EXPRESSION_POW }, { "Min", EXPRESSION_MIN }, { "Max", EXPRESSION_MAX } };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (!strcmp (list[i].op, n->op))
      return list[i].is;
  return EXPRESSION_X;
}

/* W has one value everywhere? */
static bool
is_number (const struct weight *w)
{
  for (size_t i = 1; i < w->count && i < MAX_EQUAL; i++)
    if (weight_at (w, i) != weight_at (w, 0))
      return false;
  return w->count && w->count <= MAX_EQUAL;
}

/* W's values for each channel of V, which is not stretched by them; NULL: W differs along another axis. */
double *
per_channel (const struct value *v, const struct weight *w)
{
  const int channel = value_axis (v, 1);
  const int64_t count = value_extent (v, 1);
  if (!v->rank || v->axis[channel] != 1)
    return NULL;
  for (int a = 0; a < w->rank; a++)
    if (w->shape[a] != 1 && a + v->rank - w->rank != channel)
      return NULL;
  if (w->rank > v->rank || w->count != (size_t) count)
    return NULL;
  double *list = NEW_ARRAY ((size_t) count, double);
  for (int64_t i = 0; i < count; i++)
    list[i] = weight_at (w, (size_t) i);
  return list;
}

/* Does W, a number, leave V's shape as it is? */
static bool
keeps_shape (const struct value *v, const struct weight *w)
{
  for (int a = 0; a < w->rank; a++)
    {
      const int own = a + v->rank - w->rank;
      if (w->shape[a] != 1 && (own < 0 || v->shape[own] != w->shape[a]))
        return false;
    }
  return w->rank <= v->rank;
}

/* V op W, or W op V where FIRST. */
static void
convert_with_constant (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w,
                       bool first)
{
  const enum expression_op op = binary_of (n);
  if (is_number (w) && keeps_shape (v, w))
    {
      const struct expression *x = expression_of (c, n, v), *p = expression_number (weight_at (w, 0));
      set_expression (c, n, v, expression_new (op, first ? p : x, first ? x : p));
      return;
    }
  double *list = per_channel (v, w);
  const bool product = op == EXPRESSION_MUL || (op == EXPRESSION_DIV && !first);
  const bool sum = op == EXPRESSION_ADD || op == EXPRESSION_SUB;
  if (!list || (!product && !sum))
    convert_bad (
        c, n, "works on %s with a constant of %s; allowed: one number, or sums and products with one for each channel",
        value_shape (v), dims_text (w->rank, w->shape));
  const int64_t count = (int64_t) w->count;
  double *scale = NULL;
  if (op == EXPRESSION_SUB && first)
    {
      scale = NEW_ARRAY ((size_t) count, double);
      for (int64_t i = 0; i < count; i++)
        scale[i] = -1;
    }
  for (int64_t i = 0; i < count; i++)
    list[i] = op == EXPRESSION_DIV ? 1 / list[i] : op == EXPRESSION_SUB && !first ? -list[i] : list[i];
  const char *input = layer_of (c, n, v);
  const char *layer = layer_affine (c, n, input, count, product ? list : scale, product ? NULL : list);
  set_expression (c, n, v, NULL);
  value_of (c, n->out[0])->layer = layer;
}

/* ---- arithmetic with two layers ---- */

static bool
same_shape (const struct value *a, const struct value *b)
{
  return a->rank == b->rank && !memcmp (a->shape, b->shape, (size_t) a->rank * sizeof *a->shape)
         && !memcmp (a->axis, b->axis, (size_t) a->rank * sizeof *a->axis) && a->vector == b->vector;
}

/* A sum of layers; a difference is a sum with the negative. */
static void
convert_sum (struct conversion *c, const struct onnx_node *n, struct value *a, struct value *b)
{
  const enum expression_op op = binary_of (n);
  if (op != EXPRESSION_ADD && op != EXPRESSION_SUB)
    convert_bad (c, n, "joins two layers; allowed: Add and Sub, and products with constants");
  if (!same_shape (a, b))
    convert_bad (c, n, "adds %s and %s; allowed: equal shapes", value_shape (a), value_shape (b));
  if (op == EXPRESSION_SUB)
    {
      struct value negative = *b;
      negative.f = expression_new (EXPRESSION_NEG, expression_of (c, n, b), NULL);
      negative.layer = b->layer;
      b = NEW (struct value);
      *b = negative;
    }
  const char *first = layer_of (c, n, a), *second = layer_of (c, n, b), *layer = layer_sum (c, n, first, second);
  set_expression (c, n, a, NULL);
  value_of (c, n->out[0])->layer = layer;
}

static void
convert_binary (struct conversion *c, const struct onnx_node *n)
{
  struct value *a = value_needed (c, n, 0), *b = n->nin > 1 ? value_needed (c, n, 1) : a;
  if (n->nin != 2)
    convert_bad (c, n, "has %zu inputs; allowed: 2", n->nin);
  if (a->constant || b->constant)
    {
      convert_with_constant (c, n, a->constant ? b : a, a->constant ? a->constant : b->constant, a->constant != NULL);
      return;
    }
  const struct expression *x = expression_of (c, n, a), *y = expression_of (c, n, b);
  if (same_shape (a, b) && !strcmp (a->layer, b->layer) && a->flat == b->flat
      && (a->f || b->f || binary_of (n) != EXPRESSION_ADD))
    set_expression (c, n, a, expression_new (binary_of (n), x, y));
  else
    convert_sum (c, n, a, b);
}

/* Any number of summands. */
static void
convert_sum_of_many (struct conversion *c, const struct onnx_node *n)
{
  struct text list = { 0 };
  struct value *first = value_needed (c, n, 0);
  for (size_t i = 0; i < n->nin; i++)
    {
      struct value *v = value_needed (c, n, i);
      if (v->constant || !same_shape (v, first))
        convert_bad (c, n, "adds %s and %s; allowed: layers of equal shapes", value_shape (first), value_shape (v));
      text_printf (&list, "%s%s", i ? ", " : "[", layer_of (c, n, v));
    }
  const char *layer = layer_begin (c, n, "add", NULL, NULL);
  layer_key_text (c, "input", mem_printf ("%s]", list.s));
  layer_end (c);
  set_expression (c, n, first, NULL);
  value_of (c, n->out[0])->layer = layer;
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
                                                  { "Mish", convert_mish },
                                                  { "Gelu", convert_gelu },
                                                  { "Clip", convert_clip },
                                                  { "Add", convert_binary },
                                                  { "Sub", convert_binary },
                                                  { "Mul", convert_binary },
                                                  { "Div", convert_binary },
                                                  { "Pow", convert_binary },
                                                  { "Min", convert_binary },
                                                  { "Max", convert_binary },
                                                  { "Sum", convert_sum_of_many },
                                                  { "Identity", convert_same },
                                                  { "Dropout", convert_same },
                                                  { "Cast", convert_same },
                                                  { "CastLike", convert_same },
                                                  { 0 } };
