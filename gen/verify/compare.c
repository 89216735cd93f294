/* One layer's output against the reference.
 *
 * A float kernel and the reference in double start from the same inputs and the same packed weights, so they differ
 * by the kernel's rounding alone. With u = 2^-24 and m the sum of the absolute values of the terms added up in one
 * output (reference_node's magnitude), every order of adding K terms errs by at most (K + 1) u m, and by about
 * sqrt (K) u m when roundings are independent. The bound is
 *   u |reference| + SLACK u sqrt (K) m + TINY,
 * SLACK four standard deviations or so, TINY for results that underflow. An error of a wrong index, weight or bound is
 * thousands of times larger. An activation adds its own error; the magnitude has been multiplied by how steep it is.
 *
 * On GPUs sums are of floats too, whatever the precision, but the result is rounded to an element: the first u becomes
 * the element's, and TINY half a step of the smallest elements more. In tf32 both factors of a product are rounded to
 * 11 bits on their way: 2^-10 m more. */
#include "backend/backend.h"
#include "verify_internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "backend/kernel.h"
#include "pack/pack.h"

#define UNIT 0x1p-24
#define SLACK 4
/* Winograd's transforms add and subtract multiples of up to 36 inputs before the sum over channels and of up to 36
 * products behind it, Strassen's algorithm two inputs of other pixels and channels and four products: what cancels in
 * the result does not in the rounding. */
#define TRANSFORMED_SLACK 16
#define TINY (4.0 * FLT_MIN)

struct bound
direct_bound (int64_t terms)
{
  return (struct bound){ .value = UNIT, .magnitude = SLACK * UNIT * sqrt ((double) terms), .tiny = TINY };
}

static struct bound
bound_of (const struct graph *g, const struct node *n, const struct view *out, int64_t terms)
{
  struct bound b = direct_bound (terms);
  if (n->choice.algorithm != ALGORITHM_DIRECT)
    b.magnitude *= (double) TRANSFORMED_SLACK / SLACK;
  if (out->format.element == ELEMENT_F16)
    b = (struct bound){ 0x1p-11, b.magnitude, TINY + 0x1p-25 };
  else if (out->format.element == ELEMENT_BF16)
    b.value = 0x1p-8;
  if (g->precision == PRECISION_TF32 && (n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV))
    b.magnitude += 0x1p-10;
  return b;
}

/* The second convolution's sum and magnitudes, which the first one's expectation is to take as its residual. */
static struct expected
expect_second (const struct graph *g, const struct node *n, double *weight, const double *input)
{
  size_t count = (size_t) (g->batch * shape_count (&g->tensors[n->out].shape));
  struct expected e
      = { .value = heap_array (count, sizeof (double)), .magnitude = heap_array (count, sizeof (double)) };
  struct node second = *n->second;
  const struct reference_params p = { .weight = weight };
  second.in = &n->in[1];
  second.nin = 1;
  second.out = n->out;
  second.ep = (struct epilogue){ .residual = -1 };
  reference_node (g, &second, &p, &input, NULL, e.value, e.magnitude, &e.terms);
  return e;
}

struct expected
expect_layer (const struct graph *g, const struct node *n, const float *packed, const double *const *in,
              const double *residual, struct epilogue *ep)
{
  size_t count = (size_t) (g->batch * shape_count (&g->tensors[n->out].shape));
  struct expected e
      = { .value = heap_array (count, sizeof (double)), .magnitude = heap_array (count, sizeof (double)) };
  struct node unpacked = *n;
  struct reference_params p = pack_unpack (g, n, packed, &unpacked.ep);
  struct expected more = { 0 };
  *ep = unpacked.ep;
  if (n->second)
    {
      more = expect_second (g, n, p.second, in[1]);
      unpacked.ep.residual = n->in[1]; /* any: what counts is the array */
      residual = more.value;
    }
  reference_node (g, &unpacked, &p, in, residual, e.value, e.magnitude, &e.terms);
  for (size_t i = 0; n->second && i < count; i++)
    e.magnitude[i] += more.magnitude[i];
  e.terms += more.terms;
  free (more.value);
  free (more.magnitude);
  reference_params_free (&p);
  return e;
}

char *
describe_element (const struct view *out, int64_t at, double expected, double bound)
{
  return mem_printf ("at %s got %.9g, expected %.9g, bound %.3g", view_where (out, at), (double) view_get (out, at),
                     expected, bound);
}

/* Is GOT right where WANT or GOT is not finite? SPREADING: it may be NaN everywhere, but not finite where WANT is
 * none. */
static bool
same_special (double got, double want, bool spreading)
{
  if (isnan (got) && (isnan (want) || spreading))
    return true;
  return isinf (got) && got == want;
}

void
compare_layer (const struct graph *g, const struct node *n, const float *packed, const double *const *in,
               const double *residual, bool non_finite, const struct view *out, struct outcome *outcome)
{
  struct epilogue ep;
  struct expected e = expect_layer (g, n, packed, in, residual, &ep);
  const int64_t *dim = out->shape.dim;
  const struct bound b = bound_of (g, n, out, e.terms);
  const bool spreading = non_finite && backend_of (g)->spreads (g, n);
  int64_t i = 0, wrong = 0;
  char *first = NULL;
  for (int64_t row = 0; row < out->n * out->shape.c; row++)
    for (int64_t d = 0; d < dim[AXIS_D]; d++)
      for (int64_t h = 0; h < dim[AXIS_H]; h++)
        for (int64_t w = 0; w < dim[AXIS_W]; w++, i++)
          {
            int64_t at = view_at (out, row / out->shape.c, row % out->shape.c, d, h, w);
            double got = view_get (out, at), error = fabs (got - e.value[i]);
            if (same_special (got, e.value[i], spreading))
              continue;
            double bound = b.value * fabs (e.value[i]) + b.magnitude * e.magnitude[i] + b.tiny
                           + activation_error (&n->ep.act, e.value[i]);
            if (error / bound > outcome->worst) /* false where both are infinite: a -inf that a ReLU took away */
              outcome->worst = error / bound;
            if (error <= bound && isfinite (e.value[i])) /* false for NaN */
              continue;
            if (!wrong++)
              first = describe_element (out, at, e.value[i], bound);
          }
  if (wrong)
    outcome->failure = mem_printf ("%s; %lld of %lld elements differ", first, (long long) wrong, (long long) i);
  free (e.value);
  free (e.magnitude);
}
