/* What may be otherwise with normalisations. */
#include "parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static bool
is_norm (const struct node *n)
{
  return n->op == OP_BATCH_NORM || n->op == OP_INSTANCE_NORM || n->op == OP_GROUP_NORM;
}

enum attempt
cause_eps (struct trial *t, int variant)
{
  static const double list[] = { 1e-5, 1e-3, 1e-6, 1e-4, 1e-2, 1e-8, 1e-12, 0, 2e-5, 1.001e-5, 1e-1 };
  struct node *n = trial_node (t);
  const double eps = n->eps;
  if (!is_norm (n) || variant >= (int) (sizeof list / sizeof *list))
    return ATTEMPT_END;
  n->eps = list[variant];
  t->what = mem_printf ("eps is %g there, %g here", n->eps, eps);
  return n->eps == eps ? ATTEMPT_SKIP : ATTEMPT_TRY;
}

static double *
constants (int64_t count, double value)
{
  double *v = heap_array ((size_t) count + 1, sizeof *v);
  for (int64_t i = 0; i < count; i++)
    v[i] = value;
  return v;
}

/* The statistics of the batch itself, as in training. */
static void
measure (struct trial *t)
{
  const struct shape *s = trial_in (t);
  const double *x = t->ours[trial_node (t)->in[0]];
  const int64_t pixels = shape_pixels (s);
  for (int64_t c = 0; c < s->c; c++)
    {
      double sum = 0, squares = 0;
      for (int pass = 0; pass < 2; pass++)
        for (int64_t row = c; row < t->base->batch * s->c; row += s->c)
          for (int64_t i = row * pixels; i < (row + 1) * pixels; i++)
            if (pass)
              squares += (x[i] - t->p.mean[c]) * (x[i] - t->p.mean[c]);
            else
              t->p.mean[c] = (sum += x[i]) / (double) (t->base->batch * pixels);
      t->p.variance[c] = squares / (double) (t->base->batch * pixels);
    }
}

enum attempt
cause_statistics (struct trial *t, int variant)
{
  static const char *const what[]
      = { "mean and variance are exchanged there",
          "the running statistics are missing there: mean 0, variance 1",
          "the statistics are those of the batch there: the other network was in training mode",
          "the variance is taken for a standard deviation there",
          "the standard deviation is taken for a variance there",
          "the mean is missing there",
          "the variance is missing there" };
  const int64_t c = trial_in (t)->c;
  if (trial_node (t)->op != OP_BATCH_NORM || !t->p.mean || !t->p.variance || variant > 6)
    return ATTEMPT_END;
  double *mean = t->p.mean, *variance = t->p.variance;
  t->what = what[variant];
  if (variant == 0)
    {
      t->p.mean = variance;
      t->p.variance = mean;
    }
  if (variant == 2)
    measure (t);
  for (int64_t i = 0; i < c; i++)
    {
      mean[i] = variant == 1 || variant == 5 ? 0 : mean[i];
      variance[i] = variant == 1 || variant == 6 ? 1
                    : variant == 3               ? variance[i] * variance[i]
                    : variant == 4               ? sqrt (variance[i])
                                                 : variance[i];
    }
  return ATTEMPT_TRY;
}

enum attempt
cause_affine (struct trial *t, int variant)
{
  const int64_t c = trial_in (t)->c;
  if (!is_norm (trial_node (t)) || !t->p.weight || !t->p.bias || variant > 3)
    return ATTEMPT_END;
  double *weight = t->p.weight, *bias = t->p.bias;
  t->p.weight = variant == 3 ? bias : variant == 2 ? weight : constants (c, 1);
  t->p.bias = variant == 3 ? weight : variant == 1 ? bias : constants (c, 0);
  if (t->p.weight != weight && variant != 3)
    free (weight);
  if (t->p.bias != bias && variant != 3)
    free (bias);
  t->what = variant == 3   ? "weight and bias are exchanged there"
            : variant == 2 ? "the normalisation has no bias there"
            : variant == 1 ? "the normalisation has no weight there"
                           : "the normalisation has neither weight nor bias there";
  return ATTEMPT_TRY;
}

enum attempt
cause_groups (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const int64_t c = trial_in (t)->c, before = n->op == OP_INSTANCE_NORM ? c : n->groups;
  if ((n->op != OP_GROUP_NORM && n->op != OP_INSTANCE_NORM) || variant >= c)
    return ATTEMPT_END;
  n->op = OP_GROUP_NORM;
  n->groups = variant + 1;
  if (c % n->groups || n->groups == before)
    {
      n->groups = before;
      return ATTEMPT_SKIP;
    }
  t->what = mem_printf ("the groups are %" PRId64 " there, %" PRId64 " here", n->groups, before);
  return ATTEMPT_TRY;
}

/* Whatever the statistics are there: the known value is another multiple of each channel and another shift. */
enum attempt
cause_norm_values (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const int64_t c = trial_in (t)->c;
  if (n->op != OP_BATCH_NORM || variant >= t->known->count)
    return ATTEMPT_END;
  const struct known *x = &t->known->list[variant];
  if (x->taken || x->constant || x->count != (size_t) (t->base->batch * shape_count (trial_in (t))))
    return ATTEMPT_SKIP;
  reference_params_free (&t->p);
  t->p.weight = constants (c, 1);
  t->p.bias = constants (c, 0);
  n->eps = 0;
  t->what = mem_printf ("weight, bias or statistics have other values there, in %s: of another checkpoint, perhaps",
                        x->name);
  return trial_affine (t, x, t->p.weight, t->p.bias) ? ATTEMPT_TRY : ATTEMPT_SKIP;
}
