/* Operators of two operands that work on each element: with a constant, which becomes part of an expression where it is
 * a number, and between two layers. Operands are stretched as numpy does it. */
#include "convert.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum
{
  MAX_EQUAL = 1024 /* elements of a constant that are looked at for whether all are equal */
};

/* Operators of two operands; SWAPPED: the second one is the expression's first. */
static const struct binary
{
  const char *op;
  enum expression_op is;
  bool swapped;
} binaries[] = {
  { "Add", EXPRESSION_ADD, false },
  { "Sub", EXPRESSION_SUB, false },
  { "Mul", EXPRESSION_MUL, false },
  { "Div", EXPRESSION_DIV, false },
  { "Pow", EXPRESSION_POW, false },
  { "Min", EXPRESSION_MIN, false },
  { "Max", EXPRESSION_MAX, false },
  { "Sum", EXPRESSION_ADD, false },
  { "Less", EXPRESSION_LESS, false },
  { "LessOrEqual", EXPRESSION_LESS_EQUAL, false },
  { "Greater", EXPRESSION_LESS, true },
  { "GreaterOrEqual", EXPRESSION_LESS_EQUAL, true },
  { "Equal", EXPRESSION_EQUAL, false },
  { "And", EXPRESSION_AND, false },
  { "Or", EXPRESSION_OR, false },
};

static const struct binary *
row_of (const struct onnx_node *n)
{
  size_t i = 0;
  while (i + 1 < sizeof binaries / sizeof *binaries && strcmp (binaries[i].op, n->op))
    i++;
  return &binaries[i];
}

static enum expression_op
binary_of (const struct onnx_node *n)
{
  return row_of (n)->is;
}

/* What N makes of X and Y. */
static const struct expression *
join (const struct onnx_node *n, const struct expression *x, const struct expression *y)
{
  const struct binary *b = row_of (n);
  const bool first = x->op == EXPRESSION_NUMBER, number = first || y->op == EXPRESSION_NUMBER;
  const struct expression *a = first ? y : x;
  if (number && b->is == EXPRESSION_MIN)
    return expression_clip (a, -DBL_MAX, first ? x->p : y->p);
  if (number && b->is == EXPRESSION_MAX)
    return expression_clip (a, first ? x->p : y->p, DBL_MAX);
  return b->swapped ? expression_new (b->is, y, x) : expression_new (b->is, x, y);
}

/* ---- with a constant ---- */

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

/* Is x op P, or P op x where FIRST, x whatever that is? Untrained biases are such numbers. */
static bool
changes_nothing (enum expression_op op, double p, bool first)
{
  return op == EXPRESSION_ADD   ? p == 0
         : op == EXPRESSION_SUB ? p == 0 && !first
         : op == EXPRESSION_MUL ? p == 1
                                : op == EXPRESSION_DIV && p == 1 && !first;
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
      set_expression (c, n, v, changes_nothing (op, p->p, first) ? v->f : join (n, first ? p : x, first ? x : p));
      return;
    }
  if (op == EXPRESSION_MUL && keeps_shape (v, w) && convert_prelu_from (c, n, v))
    return;
  double *list = per_channel (v, w);
  const bool product = op == EXPRESSION_MUL || (op == EXPRESSION_DIV && !first);
  const bool sum = op == EXPRESSION_ADD || op == EXPRESSION_SUB;
  if (!list || (!product && !sum))
    {
      convert_with_elements (c, n, v, w, expression_layer_type (op), first);
      return;
    }
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

/* ---- of two layers ---- */

/* Do A's and B's axes mean the same, one after another? An axis of extent 1 means nothing. */
static bool
same_axes (const struct value *a, const struct value *b)
{
  for (int i = 0; i < a->rank && a->rank == b->rank; i++)
    if (a->axis[i] != b->axis[i] && a->shape[i] != 1 && b->shape[i] != 1)
      return false;
  return a->rank == b->rank;
}

static bool
same_shape (const struct value *a, const struct value *b)
{
  return a->rank == b->rank && !memcmp (a->shape, b->shape, (size_t) a->rank * sizeof *a->shape)
         && !memcmp (a->axis, b->axis, (size_t) a->rank * sizeof *a->axis) && a->vector == b->vector;
}

static bool
has_map (const struct value *v)
{
  return !v->vector;
}

/* The output of N is the layer TYPE of A and B. */
static void
convert_layers (struct conversion *c, const struct onnx_node *n, struct value *a, struct value *b)
{
  const char *type = expression_layer_type (binary_of (n));
  const struct value *wide = has_map (a) ? a : b;
  int64_t shape[ONNX_MAX_RANK];
  if (!same_axes (a, b))
    {
      view_settle (c, n, a);
      view_settle (c, n, b);
    }
  bool fits = type && same_axes (a, b) && a->map == b->map;
  for (int i = 0; i < a->rank && fits; i++)
    {
      const int64_t x = a->shape[i], y = b->shape[i];
      fits = x == y || ((x == 1 || y == 1) && wide->axis[i] != 0);
      shape[i] = x == 1 ? y : x;
    }
  if (!fits)
    convert_bad (c, n, "joins layers of %s and %s; allowed: sums, differences, products and quotients, and extents "
                 "that are equal or 1 along each axis", value_shape (a), value_shape (b));
  const char *first = layer_of (c, n, a), *second = layer_of (c, n, b);
  const char *layer = layer_of_two (c, n, type, first, second);
  set_expression (c, n, wide, NULL);
  struct value *out = value_of (c, n->out[0]);
  out->layer = layer;
  memcpy (out->shape, shape, (size_t) a->rank * sizeof *shape);
}

/* The constant B with axes of extent 1 behind its own, so that the first of those is the one of A that N, of an opset
 * before 7, says. */
static struct value *
from_axis (struct conversion *c, const struct onnx_node *n, const struct value *a, const struct value *b)
{
  struct value *wide = NEW (struct value);
  const struct weight *w = b->constant;
  const int rank = a->rank - convert_axis (c, n, attribute_int (c, n, "axis", -1), a->rank);
  int64_t shape[ONNX_MAX_RANK];
  if (rank < w->rank)
    convert_bad (c, n, "stretches %s over %s; allowed: what fits", value_shape (b), value_shape (a));
  for (int i = 0; i < rank; i++)
    shape[i] = i < w->rank ? w->shape[i] : 1;
  *wide = *b;
  wide->constant = constant_reshaped (w, rank, shape);
  return wide;
}

static void
convert_binary (struct conversion *c, const struct onnx_node *n)
{
  struct value *a = value_needed (c, n, 0), *b = n->nin > 1 ? value_needed (c, n, 1) : a;
  if (n->nin != 2)
    convert_bad (c, n, "has %zu inputs; allowed: 2", n->nin);
  if (onnx_attribute (n, "axis") && !a->constant && b->constant)
    b = from_axis (c, n, a, b);
  else if (onnx_attribute (n, "axis"))
    convert_bad (c, n, "has an axis, from which on the second input is stretched; allowed: a constant there");
  if (a->constant || b->constant)
    {
      convert_with_constant (c, n, a->constant ? b : a, a->constant ? a->constant : b->constant, a->constant != NULL);
      return;
    }
  const struct expression *x = expression_of (c, n, a), *y = expression_of (c, n, b);
  if (same_shape (a, b) && !strcmp (a->layer, b->layer) && a->flat == b->flat
      && (a->f || b->f || binary_of (n) != EXPRESSION_ADD))
    set_expression (c, n, a, join (n, x, y));
  else
    convert_layers (c, n, a, b);
}

/* Are all inputs of N layers of one shape? */
static bool
are_equal_layers (struct conversion *c, const struct onnx_node *n)
{
  const struct value *first = value_needed (c, n, 0);
  bool equal = true;
  for (size_t i = 0; i < n->nin; i++)
    equal = equal && !value_needed (c, n, i)->constant && same_shape (value_needed (c, n, i), first);
  return equal;
}

/* A node as N, of the operands FIRST and SECOND. */
static const struct onnx_node *
node_of_two (const struct onnx_node *n, const char *first, const char *second, const char *result)
{
  struct onnx_node *two = NEW (struct onnx_node);
  *two = *n;
  two->in = NEW_ARRAY (2, const char *);
  two->in[0] = first;
  two->in[1] = second;
  two->nin = 2;
  two->out = NEW_ARRAY (1, const char *);
  two->out[0] = result;
  two->nout = 1;
  return two;
}

/* One operand of N after another, of which the first is no constant: their order does not matter. */
static void
convert_chain (struct conversion *c, const struct onnx_node *n)
{
  size_t first = 0, left = n->nin - 1;
  while (first + 1 < n->nin && value_needed (c, n, first)->constant)
    first++;
  const char *result = n->in[first];
  for (size_t i = 0; i < n->nin; i++)
    {
      if (i == first)
        continue;
      const char *to = --left ? mem_printf ("%s, operand %zu", n->out[0], i) : n->out[0];
      value_of (c, to)->uses += left > 0;
      convert_binary (c, node_of_two (n, result, n->in[i], to));
      result = to;
    }
}

/* Any number of operands: layers of equal shapes are one sum. */
static void
convert_many (struct conversion *c, const struct onnx_node *n)
{
  if (n->nin == 1)
    {
      struct value *v = value_needed (c, n, 0);
      set_expression (c, n, v, expression_of (c, n, v));
      return;
    }
  if (binary_of (n) != EXPRESSION_ADD || !are_equal_layers (c, n))
    {
      convert_chain (c, n);
      return;
    }
  struct text list = { 0 };
  for (size_t i = 0; i < n->nin; i++)
    text_printf (&list, "%s%s", i ? ", " : "[", layer_of (c, n, value_needed (c, n, i)));
  const char *layer = layer_begin (c, n, "add", NULL, NULL);
  layer_key_text (c, "input", mem_printf ("%s]", list.s));
  layer_end (c);
  set_expression (c, n, value_needed (c, n, 0), NULL);
  value_of (c, n->out[0])->layer = layer;
}

/* The input I of N as a function of the layer that V is: a number, or an expression. */
static const struct expression *
operand (struct conversion *c, const struct onnx_node *n, size_t i, const struct value *v)
{
  struct value *own = value_needed (c, n, i);
  if (own->constant && is_number (own->constant) && keeps_shape (v, own->constant))
    return expression_number (weight_at (own->constant, 0));
  const struct expression *x = own->constant ? NULL : expression_of (c, n, own);
  if (!x || !same_shape (own, v) || strcmp (own->layer, v->layer) || own->flat != v->flat)
    convert_bad (c, n, "chooses from %s for %s; allowed: numbers, and functions of one layer", value_shape (own),
                 value_shape (v));
  return x;
}

static void
convert_where (struct conversion *c, const struct onnx_node *n)
{
  const struct value *v = value_needed (c, n, 0);
  if (v->constant)
    convert_bad (c, n, "chooses by the constant %s; allowed: by what depends on the input", weights_shown (v->name));
  const struct expression *x = operand (c, n, 0, v), *yes = operand (c, n, 1, v), *no = operand (c, n, 2, v);
  set_expression (c, n, v, expression_where (x, yes, no));
}

const struct operator operators_of_two[] = { { "Add", convert_binary },
                                             { "Sub", convert_binary },
                                             { "Mul", convert_binary },
                                             { "Div", convert_binary },
                                             { "Pow", convert_binary },
                                             { "Min", convert_many },
                                             { "Max", convert_many },
                                             { "Sum", convert_many },
                                             { "Less", convert_binary },
                                             { "LessOrEqual", convert_binary },
                                             { "Greater", convert_binary },
                                             { "GreaterOrEqual", convert_binary },
                                             { "Equal", convert_binary },
                                             { "And", convert_binary },
                                             { "Or", convert_binary },
                                             { "Where", convert_where },
                                             { 0 } };
