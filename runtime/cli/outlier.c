/* A warning of inputs that rounding in Winograd's and Strassen's algorithms would spoil: they compute outputs in tiles
 * and pairs, of which one large value costs all its digits. How large it may be, the packed weights say. */
#include "cli.h"

#include <math.h>
#include <string.h>

#define SIGN_AND_MANTISSA 19 /* bits of a float that its bin leaves out: within a bin values differ by 1/16 at most */
#define INFINITE 0x7f800000u
#define REMEDY "rescast generate --exact makes a program without them"

static uint32_t
magnitude_bits (float x)
{
  uint32_t bits;
  memcpy (&bits, &x, sizeof bits);
  return bits & 0x7fffffffu;
}

static float
float_of (uint32_t bits)
{
  float x;
  memcpy (&x, &bits, sizeof x);
  return x;
}

void
cli_outliers_open (struct cli_outliers *o, const struct rescast_info *info, const struct rescast_weights *w,
                   const struct cli_shape *shape)
{
  *o = (struct cli_outliers){ .info = info, .shape = shape, .weights = w->data };
  size_t at = info->outlier_limit_at, floats = w->data_bytes / sizeof (float);
  if (at && at / sizeof (float) < floats && (size_t) info->input_means + (size_t) info->input_stds < floats)
    memcpy (&o->limit, (const char *) w->data + at, sizeof o->limit);
}

/* Element I as the first layer gets it: an input layer of the network's may normalise it. */
static float
element (const struct cli_outliers *o, const float *x, size_t i)
{
  const size_t plane = o->shape->count / (size_t) o->shape->extent[0];
  const size_t means = (size_t) o->info->input_means, stds = (size_t) o->info->input_stds;
  float v = x[i];
  if (means)
    v -= o->weights[means == o->shape->count ? i : i / plane];
  if (stds)
    v *= o->weights[means + (stds == o->shape->count ? i : i / plane)];
  return v;
}

/* The lower quartile of the COUNT magnitudes that are in bins. */
static float
lower_quartile (const struct cli_outliers *o, size_t count)
{
  size_t below = 0;
  uint32_t bin = 0;
  while (bin < CLI_OUTLIER_BINS - 1 && (below += o->bins[bin]) * 4 < count)
    bin++;
  return float_of ((bin << SIGN_AND_MANTISSA) + (1u << (SIGN_AND_MANTISSA - 1)));
}

/* "(0, 10, 10)" of element I. */
static const char *
place (const struct cli_outliers *o, size_t i, char *text, size_t bytes)
{
  uint64_t at[4] = { 0 };
  for (int a = o->shape->rank - 1; a >= 0; i /= (size_t) o->shape->extent[a--])
    at[a] = i % (size_t) o->shape->extent[a];
  return cli_shape_text (text, bytes, at, o->shape->rank);
}

void
cli_outliers_check (struct cli_outliers *o, const char *path, const char *sample, const float *x)
{
  char where[128];
  uint32_t most = 0;
  size_t largest = 0, count = 0;
  if (!(o->limit > 0) || o->warned)
    return;
  memset (o->bins, 0, sizeof o->bins);
  for (size_t i = 0; i < o->shape->count; i++)
    {
      uint32_t bits = magnitude_bits (element (o, x, i));
      count += bits != 0;
      o->bins[bits >> SIGN_AND_MANTISSA] += bits != 0;
      largest = bits > most ? i : largest;
      most = bits > most ? bits : most;
    }
  double value = (double) element (o, x, largest), ordinary = (double) lower_quartile (o, count);
  o->warned = most >= INFINITE || (count && fabs (value) > (double) o->limit * ordinary);
  if (!o->warned)
    return;
  place (o, largest, where, sizeof where);
  if (most >= INFINITE)
    cli_warn (path, "%sthe value %g at %s makes outputs NaN that do not depend on it, in tiles of Winograd's and "
              "Strassen's algorithms; " REMEDY, sample, value, where);
  else
    cli_warn (path,
              "%sthe value %g at %s is %.3g times an ordinary one, %.3g; above %.3g times it may cost outputs beside "
              "it a hundredth of their size, in tiles of Winograd's and Strassen's algorithms; " REMEDY,
              sample, value, where, fabs (value) / ordinary, ordinary, (double) o->limit);
}
