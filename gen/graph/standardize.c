/* (w - mean) / sqrt (variance + eps) over each filter, in double. */
#include "standardize.h"

#include <math.h>
#include <string.h>

/* COUNT weights of T from FIRST on, into Y. */
static void
standardize_filter (const struct weight *t, size_t first, size_t count, double eps, double *y)
{
  double mean = 0, variance = 0;
  for (size_t i = 0; i < count; i++)
    mean += weight_at (t, first + i) / (double) count;
  for (size_t i = 0; i < count; i++)
    {
      const double d = weight_at (t, first + i) - mean;
      variance += d * d / (double) count;
    }
  for (size_t i = 0; i < count; i++)
    y[i] = (weight_at (t, first + i) - mean) / sqrt (variance + eps);
}

void
standardize_params (struct graph *g)
{
  for (int i = 0; i < g->param_count; i++)
    {
      struct param *p = g->params[i];
      if (!p->value || !(p->standardize > 0))
        continue;
      struct weight *t = NEW (struct weight);
      double *values = NEW_ARRAY (p->value->count, double);
      const size_t filters = (size_t) p->shape[0], count = p->value->count / filters;
      for (size_t f = 0; f < filters; f++)
        standardize_filter (p->value, f * count, count, p->standardize, values + f * count);
      *t = *p->value;
      t->dtype = DTYPE_F64;
      t->data = values;
      t->source = NULL;
      p->value = t;
      p->standardize = 0;
    }
}
