/* Functions of one number: values, and which activation has the same ones. */
#include "expression.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#include "base/util.h"

const struct expression *
expression_new (enum expression_op op, const struct expression *a, const struct expression *b)
{
  struct expression *e = NEW (struct expression);
  *e = (struct expression){ .op = op, .a = a, .b = b, .size = 1 + (a ? a->size : 0) + (b ? b->size : 0) };
  return e;
}

const struct expression *
expression_number (double p)
{
  return expression_with (EXPRESSION_NUMBER, NULL, p, 0);
}

const struct expression *
expression_with (enum expression_op op, const struct expression *a, double p, double q)
{
  struct expression *e = NEW (struct expression);
  *e = (struct expression){ .op = op, .a = a, .p = p, .q = q, .size = 1 + (a ? a->size : 0) };
  return e;
}

static double
clip (double x, double low, double high)
{
  return x < low ? low : x > high ? high : x;
}

const struct expression *
expression_clip (const struct expression *a, double low, double high)
{
  if (a->op == EXPRESSION_CLIP && a->p <= a->q && low <= high)
    return expression_with (EXPRESSION_CLIP, a->a, clip (a->p, low, high), clip (a->q, low, high));
  return expression_with (EXPRESSION_CLIP, a, low, high);
}

static bool
is_same (const struct expression *a, const struct expression *b)
{
  if (!a || !b)
    return a == b;
  return a == b
         || (a->op == b->op && a->p == b->p && a->q == b->q && a->size == b->size && is_same (a->a, b->a)
             && is_same (a->b, b->b) && is_same (a->c, b->c));
}

const struct expression *
expression_where (const struct expression *a, const struct expression *b, const struct expression *c)
{
  /* The bound where x is beyond it, else x. */
  const bool compares = a->op == EXPRESSION_LESS || a->op == EXPRESSION_LESS_EQUAL;
  if (compares && b->op == EXPRESSION_NUMBER && is_same (a->a, c) && is_same (a->b, b))
    return expression_clip (c, b->p, DBL_MAX);
  if (compares && b->op == EXPRESSION_NUMBER && is_same (a->b, c) && is_same (a->a, b))
    return expression_clip (c, -DBL_MAX, b->p);
  struct expression *e = NEW (struct expression);
  *e = (struct expression){ .op = EXPRESSION_WHERE, .a = a, .b = b, .c = c, .size = 1 + a->size + b->size + c->size };
  return e;
}

double
expression_at (const struct expression *e, double x)
{
  const double a = e->a ? expression_at (e->a, x) : x, b = e->b ? expression_at (e->b, x) : 0;
  switch (e->op)
    {
    case EXPRESSION_X:
      return x;
    case EXPRESSION_NUMBER:
      return e->p;
    case EXPRESSION_ADD:
      return a + b;
    case EXPRESSION_SUB:
      return a - b;
    case EXPRESSION_MUL:
      return a * b;
    case EXPRESSION_DIV:
      return a / b;
    case EXPRESSION_POW:
      return pow (a, b);
    case EXPRESSION_MIN:
      return fmin (a, b);
    case EXPRESSION_MAX:
      return fmax (a, b);
    case EXPRESSION_NEG:
      return -a;
    case EXPRESSION_ABS:
      return fabs (a);
    case EXPRESSION_EXP:
      return exp (a);
    case EXPRESSION_LOG:
      return log (a);
    case EXPRESSION_SQRT:
      return sqrt (a);
    case EXPRESSION_ERF:
      return erf (a);
    case EXPRESSION_TANH:
      return tanh (a);
    case EXPRESSION_SIGMOID:
      return 1 / (1 + exp (-a));
    case EXPRESSION_RELU:
      return a > 0 ? a : 0;
    case EXPRESSION_SOFTPLUS:
      return fmax (a, 0) + log1p (exp (-fabs (a)));
    case EXPRESSION_LEAKY_RELU:
      return a > 0 ? a : a * e->p;
    case EXPRESSION_ELU:
      return a > 0 ? a : e->p * expm1 (a);
    case EXPRESSION_CLIP:
      return clip (a, e->p, e->q);
    case EXPRESSION_LESS:
      return a < b;
    case EXPRESSION_LESS_EQUAL:
      return a <= b;
    case EXPRESSION_EQUAL:
      return a == b;
    case EXPRESSION_AND:
      return a != 0 && b != 0;
    case EXPRESSION_OR:
      return a != 0 || b != 0;
    case EXPRESSION_NOT:
      return a == 0;
    case EXPRESSION_WHERE:
      return a != 0 ? b : expression_at (e->c, x);
    }
  return NAN;
}

/* The activation ID with the parameters that E must have if it is one. */
static struct activation
candidate (enum activation_id id, const struct expression *e)
{
  const double far = 1e4, farthest = 3e38;
  switch (id)
    {
    case ACT_LEAKY_RELU:
      return activation_with (id, -expression_at (e, -1), 0);
    case ACT_ELU:
      return activation_with (id, -expression_at (e, -far), 0);
    case ACT_CLIP:
      return activation_with (id, expression_at (e, -farthest), expression_at (e, farthest));
    case ACT_SOFTPLUS:
      return activation_with (id, 1, 20);
    default:
      return activation_with (id, 0, 0);
    }
}

/* Exporters write constants as floats. */
static bool
close_to (double a, double b)
{
  return a == b || (isnan (a) && isnan (b)) || fabs (a - b) <= 2e-6 * (1 + fabs (b));
}

static bool
same_values (const struct expression *e, const struct activation *act)
{
  for (int i = -300; i <= 300; i++)
    {
      const double x = i / 10.0;
      if (!close_to (expression_at (e, x), activation_value (act, 0, x)))
        return false;
    }
  return true;
}

/* No clip from a float's least value to its largest one: what clips at one side alone is a maximum. A slope of -1 is
 * abs. */
static bool
is_plain (const struct activation *act)
{
  if (act->id == ACT_LEAKY_RELU && act->a == -1)
    return false;
  return isfinite (act->a) && isfinite (act->b) && fabs (act->a) < 1e30 && fabs (act->b) < 1e30;
}

bool
expression_activation (const struct expression *e, struct activation *act)
{
  if (e->op == EXPRESSION_CLIP && e->a->op == EXPRESSION_X && !(e->p == 0 && (e->q == 6 || e->q >= 1e30)))
    {
      *act = activation_with (ACT_CLIP, fmax (e->p, -1e30), fmin (e->q, 1e30));
      return true;
    }
  for (int id = ACT_NONE + 1; id < ACT_COUNT; id++)
    {
      *act = candidate ((enum activation_id) id, e);
      if (id != ACT_PRELU && is_plain (act) && !(id == ACT_CLIP && act->a == 0 && act->b == 6) && same_values (e, act))
        return true;
    }
  return false;
}

bool
expression_scaled (const struct expression *e, struct activation *act, double *scale)
{
  *scale = expression_at (e, 1);
  return isfinite (*scale) && *scale != 0
         && expression_activation (expression_new (EXPRESSION_DIV, e, expression_number (*scale)), act);
}

static bool
number (const struct expression *e, double *p)
{
  *p = e && e->op == EXPRESSION_NUMBER ? e->p : 0;
  return e && e->op == EXPRESSION_NUMBER;
}

bool
expression_affine (const struct expression *e, const struct expression **a, double *scale, double *bias)
{
  double p;
  const bool behind = number (e->b, &p), before = !behind && e->b && number (e->a, &p);
  *a = before ? e->b : e->a;
  *scale = 1;
  *bias = 0;
  if (e->op == EXPRESSION_NEG)
    *scale = -1;
  else if (e->op == EXPRESSION_ADD && (behind || before))
    *bias = p;
  else if (e->op == EXPRESSION_SUB && (behind || before))
    {
      *scale = behind ? 1 : -1;
      *bias = behind ? -p : p;
    }
  else if (e->op == EXPRESSION_MUL && (behind || before))
    *scale = p;
  else if (e->op == EXPRESSION_DIV && behind && p != 0)
    *scale = 1 / p;
  else
    return false;
  *a = *a && (*a)->op != EXPRESSION_X ? *a : NULL;
  return true;
}

const char *
expression_layer_type (enum expression_op op)
{
  static const char *const types[] = { [EXPRESSION_ADD] = "add",     [EXPRESSION_SUB] = "subtract",
                                       [EXPRESSION_MUL] = "multiply", [EXPRESSION_DIV] = "divide",
                                       [EXPRESSION_MIN] = "minimum", [EXPRESSION_MAX] = "maximum",
                                       [EXPRESSION_POW] = "power" };
  return (size_t) op < sizeof types / sizeof *types ? types[op] : NULL;
}

static void
write_text (struct text *t, const struct expression *e, int depth)
{
  static const char *const names[]
      = { "x",       "",     "add",      "sub",        "mul", "div",          "pow", "min",
          "max",     "neg",  "abs",      "exp",        "log", "sqrt",         "erf", "tanh",
          "sigmoid", "relu", "softplus", "leaky-relu", "elu", "clip",         "less", "less-equal",
          "equal",   "and",  "or",       "not",        "where" };
  if (e->op == EXPRESSION_NUMBER)
    text_printf (t, "%.6g", e->p);
  else if (!e->a || depth == 4)
    text_add (t, e->a ? "..." : names[e->op]);
  else
    {
      text_printf (t, "%s (", names[e->op]);
      write_text (t, e->a, depth + 1);
      if (e->b)
        {
          text_add (t, ", ");
          write_text (t, e->b, depth + 1);
        }
      if (e->c)
        {
          text_add (t, ", ");
          write_text (t, e->c, depth + 1);
        }
      text_add (t, ")");
    }
}

const char *
expression_text (const struct expression *e)
{
  struct text t = { 0 };
  write_text (&t, e, 0);
  return t.s;
}
