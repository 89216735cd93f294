/* What works on each element: of one tensor as it is, or of two operands that are joined. */
#include "ops.h"

#include "graph/shape.h"

/* An operand: its values, of a whole batch or of one sample for all. */
struct operand
{
  const double *values;
  struct shape shape;
  bool each_sample;
};

/* The place in O of what is joined into the output's element (C, D, H, W) of a sample. */
static int64_t
place (const struct operand *o, int64_t sample, int64_t c, const int64_t at[AXES])
{
  const struct shape *s = &o->shape;
  int64_t i[AXES];
  for (int a = 0; a < AXES; a++)
    i[a] = s->dim[a] == 1 ? 0 : at[a];
  return (o->each_sample ? sample * shape_count (s) : 0) + ref_at (s, s->c == 1 ? 0 : c, i[0], i[1], i[2]);
}

/* As kernels have it, which take the logarithm of a: NaN stays NaN, also where the exponent is 0 or the base 1. */
static double
ref_power (double a, double b)
{
  return isnan (a) || isnan (b) ? NAN : pow (a, b);
}

/* Of POWER, the exponential of PRODUCT. */
static double
ref_power_magnitude (double power, double product)
{
  return power > 0 && isfinite (product) ? power * (1 + 4 * fabs (product)) : power;
}

static double
join (enum op op, double a, double b)
{
  switch (op)
    {
    case OP_SUBTRACT:
      return a - b;
    case OP_MULTIPLY:
      return a * b;
    case OP_DIVIDE:
      return a / b;
    case OP_MAXIMUM:
      return ref_max (a, b);
    case OP_MINIMUM:
      return -ref_max (-a, -b);
    case OP_POWER:
      return ref_power (a, b);
    default:
      return a + b;
    }
}

/* What is rounded once: a sum's operands, a product itself. Of the largest nothing is, but an operand's own error may
 * show. A power is the exponential of a product that has several roundings. */
static double
joined_magnitude (enum op op, double a, double b)
{
  if (op == OP_POWER)
    return ref_power_magnitude (fabs (pow (a, b)), b * log (fabs (a)));
  return op == OP_MULTIPLY ? fabs (a * b) : op == OP_DIVIDE ? fabs (a / b) : fabs (a) + fabs (b);
}

/* R's output joined with the operand Y; X is the other one. */
static void
join_all (const struct ref *r, const struct operand *x, const struct operand *y)
{
  const struct shape *s = ref_out_shape (r);
  const int64_t pixels = shape_pixels (s), rows = s->dim[AXIS_H], columns = s->dim[AXIS_W];
  for (int64_t i = 0; i < r->g->batch * s->c * pixels; i++)
    {
      const int64_t sample = i / pixels / s->c, c = i / pixels % s->c, p = i % pixels;
      const int64_t at[AXES] = { p / columns / rows, p / columns % rows, p % columns };
      const double a = x->values[place (x, sample, c, at)], b = y->values[place (y, sample, c, at)];
      r->out[i] = join (r->n->op, a, b);
      if (r->magnitude)
        r->magnitude[i] = joined_magnitude (r->n->op, a, b);
    }
}

/* Binary operators, identity and what has an activation alone. The activation is in the epilogue. */
void
ref_elementwise (const struct ref *r)
{
  const struct node *n = r->n;
  const struct shape *s = ref_out_shape (r);
  const bool constant = op_is_binary (n->op) && n->weight;
  *r->terms = n->nin + constant;
  struct operand all = { r->in[0], r->g->tensors[n->in[0]].shape, true };
  for (int i = 1; i < n->nin; i++)
    {
      const struct operand next = { r->in[i], r->g->tensors[n->in[i]].shape, true };
      join_all (r, &all, &next);
      all = (struct operand){ r->out, *s, true };
    }
  if (constant)
    {
      const struct operand next = { r->p->weight, shape_of_param (n->weight), false };
      join_all (r, n->constant_first ? &next : &all, n->constant_first ? &all : &next);
    }
  if (n->nin + constant > 1)
    return;
  for (int64_t i = 0; i < r->g->batch * shape_count (s); i++)
    {
      r->out[i] = r->in[0][i];
      if (r->magnitude)
        r->magnitude[i] = fabs (r->in[0][i]);
    }
}
