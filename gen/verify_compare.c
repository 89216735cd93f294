/* One layer's output against the reference.
 *
 * A float kernel and the reference in double start from the same inputs and the same packed weights, so they differ
 * by the kernel's rounding alone. With u = 2^-24 and m the sum of the absolute values of the terms added up in one
 * output (reference_node's magnitude), every order of adding K terms errs by at most (K + 1) u m, and by about
 * sqrt (K) u m when roundings are independent. The bound is
 *   u |reference| + SLACK u sqrt (K) m + TINY,
 * SLACK four standard deviations or so, TINY for results that underflow. An error of a wrong index, weight or bound is
 * thousands of times larger. */
#include "verify_parts.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "pack.h"

#define UNIT 0x1p-24
#define SLACK 4
/* Winograd's transforms add and subtract multiples of up to 36 inputs before the sum over channels and of up to 36
 * products behind it, Strassen's algorithm two inputs of other pixels and channels and four products: what cancels in the
 * result does not in the rounding. */
#define TRANSFORMED_SLACK 16
#define TINY (4.0 * FLT_MIN)

/* What the reference says of one layer. */
struct expected
{
  double *value, *magnitude;
  int64_t terms;
};

static struct expected
expect (const struct graph *g, const struct node *n, const float *packed, const double *const *in,
        const double *residual)
{
  size_t count = (size_t) (g->batch * shape_count (&g->tensors[n->out].shape));
  struct expected e = { .value = calloc (count, sizeof (double)), .magnitude = calloc (count, sizeof (double)) };
  if (!e.value || !e.magnitude)
    fatal ("out of memory");
  struct node unpacked = *n;
  struct reference_params p = pack_unpack (g, n, packed, &unpacked.ep);
  reference_node (g, &unpacked, &p, in, residual, e.value, e.magnitude, &e.terms);
  reference_params_free (&p);
  return e;
}

static char *
describe (const struct view *out, const float *at, double expected, double bound)
{
  return mem_printf ("at %s got %.9g, expected %.9g, bound %.3g", view_where (out, at), (double) *at, expected, bound);
}

void
compare_layer (const struct graph *g, const struct node *n, const float *packed, const double *const *in,
               const double *residual, const struct view *out, struct outcome *outcome)
{
  struct expected e = expect (g, n, packed, in, residual);
  const int64_t *dim = out->shape.dim;
  double factor = (n->choice.algorithm == ALGORITHM_DIRECT ? SLACK : TRANSFORMED_SLACK) * UNIT * sqrt ((double) e.terms);
  int64_t i = 0, wrong = 0;
  char *first = NULL;
  for (int64_t row = 0; row < out->n * out->shape.c; row++)
    for (int64_t d = 0; d < dim[AXIS_D]; d++)
      for (int64_t h = 0; h < dim[AXIS_H]; h++)
        for (int64_t w = 0; w < dim[AXIS_W]; w++, i++)
          {
            const float *at = view_at (out, row / out->shape.c, row % out->shape.c, d, h, w);
            double error = fabs ((double) *at - e.value[i]);
            double bound = UNIT * fabs (e.value[i]) + factor * e.magnitude[i] + TINY;
            if (error / bound > outcome->worst)
              outcome->worst = error / bound;
            if (error <= bound) /* false for NaN */
              continue;
            if (!wrong++)
              first = describe (out, at, e.value[i], bound);
          }
  if (wrong)
    outcome->failure = mem_printf ("%s; %lld of %lld elements differ", first, (long long) wrong, (long long) i);
  free (e.value);
  free (e.magnitude);
}
