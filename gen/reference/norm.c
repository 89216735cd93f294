/* Normalisations, softmax and the input's statistics in double. */
#include "ops.h"

#include <math.h>

static double
or_else (const double *values, int64_t i, double otherwise)
{
  return values ? values[i] : otherwise;
}

/* y = (x - mean) · factor + shift over COUNT values. The subtraction may cancel, so the magnitude has both of its
 * operands; of MEAN, MEAN_MAGNITUDE is what was added up to get it. */
static void
normalize (const struct ref *r, int64_t at, int64_t count, double mean, double mean_magnitude, double factor,
           double shift)
{
  for (int64_t i = at; i < at + count; i++)
    {
      double x = r->in[0][i];
      r->out[i] = (x - mean) * factor + shift;
      if (r->magnitude)
        r->magnitude[i] = (fabs (x) + mean_magnitude) * fabs (factor) + fabs (shift);
    }
}

/* With the statistics of training. */
void
ref_batch_norm (const struct ref *r)
{
  const struct shape *s = ref_out_shape (r);
  int64_t pixels = shape_pixels (s);
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t c = 0; c < s->c; c++)
      {
        double mean = or_else (r->p->mean, c, 0);
        double factor = or_else (r->p->weight, c, 1) / sqrt (or_else (r->p->variance, c, 1) + r->n->eps);
        normalize (r, (sample * s->c + c) * pixels, pixels, mean, fabs (mean), factor, or_else (r->p->bias, c, 0));
      }
  *r->terms = 2;
}

/* With the sample's own statistics, over each group of channels; instance norm: a group per channel. */
void
ref_group_norm (const struct ref *r)
{
  const struct shape *s = ref_out_shape (r);
  int64_t groups = r->n->op == OP_INSTANCE_NORM ? s->c : r->n->groups;
  int64_t channels = s->c / groups, pixels = shape_pixels (s), count = channels * pixels;
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t group = 0; group < groups; group++)
      {
        int64_t at = (sample * s->c + group * channels) * pixels;
        double mean = 0, mean_magnitude = 0, variance = 0;
        for (int64_t i = at; i < at + count; i++)
          {
            mean += r->in[0][i];
            mean_magnitude += fabs (r->in[0][i]);
          }
        mean /= (double) count;
        for (int64_t i = at; i < at + count; i++)
          variance += pow (r->in[0][i] - (r->n->norm_mean == MEAN_IGNORED ? 0 : mean), 2);
        variance /= (double) count;
        const bool subtracted = r->n->norm_mean == MEAN_SUBTRACTED;
        for (int64_t c = group * channels; c < (group + 1) * channels; c++, at += pixels)
          normalize (r, at, pixels, subtracted ? mean : 0, subtracted ? mean_magnitude / (double) count : 0,
                     or_else (r->p->weight, c, 1) / sqrt (variance + r->n->eps), or_else (r->p->bias, c, 0));
      }
  *r->terms = count;
}

/* With each pixel's own statistics, over its channels. */
void
ref_layer_norm (const struct ref *r)
{
  const struct shape *s = ref_out_shape (r);
  const int64_t pixels = shape_pixels (s);
  for (int64_t i = 0; i < r->g->batch * pixels; i++)
    {
      const int64_t first = i / pixels * s->c * pixels + i % pixels;
      double mean = 0, mean_magnitude = 0, variance = 0;
      for (int64_t c = 0; c < s->c; c++)
        {
          mean += r->in[0][first + c * pixels];
          mean_magnitude += fabs (r->in[0][first + c * pixels]);
        }
      mean /= (double) s->c;
      for (int64_t c = 0; c < s->c; c++)
        variance += pow (r->in[0][first + c * pixels] - mean, 2);
      variance /= (double) s->c;
      for (int64_t c = 0; c < s->c; c++)
        normalize (r, first + c * pixels, 1, mean, mean_magnitude / (double) s->c,
                   or_else (r->p->weight, c, 1) / sqrt (variance + r->n->eps), or_else (r->p->bias, c, 0));
    }
  *r->terms = s->c;
}

/* Over the channels of each pixel, or the logarithm of that. The magnitude is the result's relative error in units of
 * float rounding: of exp (x - max), whose argument was rounded, and of the sum of all of them; of a logarithm the
 * absolute one. */
void
ref_softmax (const struct ref *r)
{
  const struct shape *s = ref_out_shape (r);
  int64_t pixels = shape_pixels (s);
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t p = 0; p < pixels; p++)
      {
        int64_t at = sample * s->c * pixels + p, end = at + s->c * pixels;
        double max = -INFINITY, sum = 0, spread = 0;
        for (int64_t i = at; i < end; i += pixels)
          max = fmax (max, r->in[0][i]);
        for (int64_t i = at; i < end; i += pixels)
          {
            r->out[i] = exp (r->in[0][i] - max);
            sum += r->out[i];
            spread += r->out[i] > 0 ? r->out[i] * (max - r->in[0][i]) : 0; /* an input of -inf has no part in it */
          }
        for (int64_t i = at; i < end; i += pixels)
          {
            r->out[i] = r->n->logarithm ? r->in[0][i] - max - log (sum) : r->out[i] / sum;
            if (r->magnitude && r->n->logarithm)
              r->magnitude[i] = 1 + (max - r->in[0][i]) + log (sum) + spread / sum;
            else if (r->magnitude)
              r->magnitude[i] = r->out[i] > 0 ? r->out[i] * (1 + (max - r->in[0][i]) + spread / sum) : 0;
          }
      }
  *r->terms = s->c;
}

/* The statistic I for element AT of a sample: one per channel, or one per element where the file says so. */
static double
statistic (const struct ref *r, const struct param *param, const double *values, int64_t at, double otherwise)
{
  const struct shape *s = ref_out_shape (r);
  if (!values)
    return otherwise;
  bool per_element = param && param->value && param->value->count == (size_t) shape_count (s);
  return values[per_element ? at : at / shape_pixels (s)];
}

/* (x - mean) / standard deviation. */
void
ref_input (const struct ref *r)
{
  int64_t count = shape_count (ref_out_shape (r));
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t i = 0; i < count; i++)
      {
        double mean = statistic (r, r->n->mean, r->p->mean, i, 0);
        double factor = 1 / statistic (r, r->n->variance, r->p->variance, i, 1);
        normalize (r, sample * count + i, 1, mean, fabs (mean), factor, 0);
      }
  *r->terms = 2;
}
