/* Values that can't be computed with, parameter by parameter and then as batch normalisation and input use them. */
#include "check_values.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *
element_index (const struct weight *t, size_t at)
{
  int64_t index[WEIGHT_MAX_RANK];
  struct text s = { 0 };
  for (int i = t->rank - 1; i >= 0; i--)
    {
      index[i] = (int64_t) (at % (size_t) t->shape[i]);
      at /= (size_t) t->shape[i];
    }
  text_add (&s, t->rank ? "[" : "");
  for (int i = 0; i < t->rank; i++)
    text_printf (&s, "%s%" PRId64, i ? ", " : "", index[i]);
  text_add (&s, t->rank ? "]" : "");
  return s.s;
}

/* "FILE: NAME[INDEX]: VALUE" */
static const char *
place (const struct graph *g, const struct param *p, size_t at)
{
  const struct weight *t = p->value;
  bool from_file = g->weights_path != NULL;
  const char *file = from_file ? g->weights_path : p->init == INIT_FILE ? p->init_file : g->path;
  return mem_printf ("%s: %s%s: %g", file, from_file ? t->name : p->name, element_index (t, at), weight_at (t, at));
}

static bool
is_float (double v)
{
  return fabs (v) <= FLT_MAX; /* and no NaN */
}

/* The first of T's elements, from AT on, that is no finite float; T's count: there is none. */
static size_t
first_bad (const struct weight *t, size_t at)
{
  const unsigned char *data = t->data;
  if (t->dtype == DTYPE_F32)
    for (; at < t->count; at++)
      {
        uint32_t bits;
        memcpy (&bits, data + 4 * at, 4);
        if ((bits & 0x7f800000) == 0x7f800000)
          return at;
      }
  else
    for (; at < t->count; at++)
      if (!is_float (weight_at (t, at)))
        return at;
  return at;
}

static void
check_numbers (const struct graph *g, const struct param *p, bool variance)
{
  const struct weight *t = p->value;
  for (size_t i = first_bad (t, 0); i < t->count; i = first_bad (t, i + 1))
    {
      double v = weight_at (t, i);
      if (variance && isinf (v) && v > 0)
        warn ("%s: the channel's result is its bias, whatever comes in", place (g, p, i));
      else if (!isfinite (v))
        fatal ("%s: nothing can be computed with it; finite numbers are allowed", place (g, p, i));
      else
        fatal ("%s: is computed with as a float; up to %g is allowed", place (g, p, i), (double) FLT_MAX);
    }
}

static double
value_at (const struct param *p, size_t i, double otherwise)
{
  return p && p->value ? weight_at (p->value, p->value->count == 1 ? 0 : i) : otherwise;
}

/* (x - mean) / sqrt (variance + eps) * weight + bias, as passes/fold_bn.c makes one factor and one term of it. */
static void
check_batch_norm (const struct graph *g, const struct node *n)
{
  size_t channels = (size_t) g->tensors[n->out].shape.c;
  for (size_t i = 0; i < channels; i++)
    {
      double variance = value_at (n->variance, i, 1), scale = value_at (n->weight, i, 1) / sqrt (variance + n->eps);
      if (!(variance + n->eps > 0))
        fatal ("%s: a variance that is positive when eps, %g, is added is needed", place (g, n->variance, i), n->eps);
      if (variance < 0)
        warn ("%s: a variance below 0; with eps, %g, it is taken as %g", place (g, n->variance, i), n->eps,
              variance + n->eps);
      if (!is_float (scale))
        fatal ("%s: divided by the standard deviation, %g, it is beyond the largest float, %g", place (g, n->weight, i),
               sqrt (variance + n->eps), (double) FLT_MAX);
      if (!is_float (value_at (n->bias, i, 0) - value_at (n->mean, i, 0) * scale))
        fatal ("%s: multiplied by the channel's factor, %g, it is beyond the largest float, %g", place (g, n->mean, i),
               scale, (double) FLT_MAX);
    }
}

/* The input's standard deviations, which kernels have the reciprocals of. */
static void
check_deviations (const struct graph *g, const struct param *p)
{
  for (size_t i = 0; i < p->value->count; i++)
    {
      double v = weight_at (p->value, i);
      if (!is_float (1 / v))
        fatal ("%s: the input is divided by it; a standard deviation of at least %g is needed", place (g, p, i),
               1 / (double) FLT_MAX);
      if (v < 0)
        warn ("%s: a standard deviation below 0 turns the input's sign", place (g, p, i));
    }
}

void
check_values (const struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct param *params[] = { n->weight, n->bias, n->mean, n->variance };
      for (int k = 0; k < 4; k++)
        if (params[k] && params[k]->value)
          check_numbers (g, params[k], n->op == OP_BATCH_NORM && k == 3);
      if (n->op == OP_BATCH_NORM && n->variance && n->variance->value)
        check_batch_norm (g, n);
      if (n->op == OP_INPUT && n->variance && n->variance->value)
        check_deviations (g, n->variance);
    }
}
