/* Composition of per-channel factors. */
#include "epilogue.h"

#include <assert.h>

static double *
filled (int64_t c, double value)
{
  double *v = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    v[i] = value;
  return v;
}

/* *FACTOR *= SCALE, where NULL stands for 1. */
static void
multiply (double **factor, int64_t c, const double *scale)
{
  if (!*factor)
    *factor = filled (c, 1);
  for (int64_t i = 0; i < c; i++)
    (*factor)[i] *= scale[i];
}

void
epilogue_affine (struct epilogue *ep, int64_t c, const double *scale, const double *bias)
{
  assert (ep->act.id == ACT_NONE);
  if (scale)
    {
      multiply (&ep->scale, c, scale);
      if (ep->bias)
        multiply (&ep->bias, c, scale);
      if (ep->residual >= 0)
        multiply (&ep->residual_scale, c, scale);
    }
  if (!bias)
    return;
  if (!ep->bias)
    ep->bias = filled (c, 0);
  for (int64_t i = 0; i < c; i++)
    ep->bias[i] += bias[i];
}

void
epilogue_add_bias (struct epilogue *ep, int64_t c, const double *more)
{
  if (!more)
    return;
  double *sum = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    sum[i] = more[i] + (ep->bias ? ep->bias[i] : 0);
  ep->bias = sum;
}
