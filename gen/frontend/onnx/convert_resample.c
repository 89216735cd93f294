/* Resizing that upsample has no kernel for: cubic, smoothed, and of a part of the map. Along each axis it is a product
 * with a constant matrix. */
#include <math.h>
#include <string.h>

#include "resize.h"

/* The weight of an element at the distance D, in elements. */
static double
kernel_at (const struct resampling *r, double d)
{
  const double x = fabs (d), a = r->cubic;
  if (!r->is_cubic)
    return x < 1 ? 1 - x : 0;
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/* Where the output I of an axis lies among the inputs. */
static double
place (const struct resampling *r, int64_t i)
{
  const double x = (double) i, in = (double) r->in, exact = r->scale * in;
  if (!strcmp (r->coordinates, "asymmetric"))
    return x / r->scale;
  if (!strcmp (r->coordinates, "align_corners"))
    return exact == 1 ? 0 : x * (in - 1) / (exact - 1);
  if (!strcmp (r->coordinates, "tf_crop_and_resize"))
    return r->start * (in - 1)
           + (exact == 1 ? (r->end - r->start) * (in - 1) / 2 : x * (r->end - r->start) * (in - 1) / (exact - 1));
  if (!strcmp (r->coordinates, "pytorch_half_pixel") && exact == 1)
    return -0.5;
  if (!strcmp (r->coordinates, "half_pixel_symmetric"))
    return in / 2 * (1 - (double) r->out / exact) + (x + 0.5) / r->scale - 0.5;
  return (x + 0.5) / r->scale - 0.5;
}

static double
rounded (const struct resampling *r, double x)
{
  return !strcmp (r->rounding, "floor")               ? floor (x)
         : !strcmp (r->rounding, "ceil")              ? ceil (x)
         : !strcmp (r->rounding, "round_prefer_ceil") ? floor (x + 0.5)
                                                      : ceil (x - 0.5);
}

/* The weights of the input's elements for the one at X, into ROW, OUT numbers apart. */
static void
fill_row (const struct resampling *r, double x, struct weight *m, size_t at)
{
  const double scale = r->antialias && r->scale < 1 ? r->scale : 1, reach = (r->is_cubic ? 2 : 1) / scale;
  const double last = (double) (r->in - 1), first = floor (x - reach), end = ceil (x + reach);
  double sum = 0;
  if (r->nearest)
    {
      const size_t k = (size_t) fmin (fmax (rounded (r, x), 0), last);
      constant_set_real (m, k * (size_t) r->out + at, 1);
      return;
    }
  for (int pass = 0; pass < 2; pass++)
    for (double k = first; k <= end; k++)
      {
        const double w = r->exclude && (k < 0 || k > last) ? 0 : kernel_at (r, scale * (k - x));
        const size_t i = (size_t) fmin (fmax (k, 0), last) * (size_t) r->out + at;
        if (pass == 0)
          sum += w;
        else if (w != 0)
          constant_set_real (m, i, weight_at (m, i) + w / sum);
      }
}

void
resample_axis (struct conversion *c, const struct onnx_node *n, struct value *v, int axis, const struct resampling *r)
{
  const int64_t shape[2] = { r->in, r->out };
  struct weight *m = constant_new (c, DTYPE_F64, 2, shape), *bias = NULL;
  for (int64_t i = 0; i < r->out; i++)
    {
      const double x = place (r, i);
      const bool outside = !strcmp (r->coordinates, "tf_crop_and_resize") && !(x >= 0 && x <= (double) (r->in - 1));
      if (outside)
        {
          bias = bias ? bias : constant_new (c, DTYPE_F64, 1, &r->out);
          constant_set_real (bias, (size_t) i, r->outside);
        }
      else
        fill_row (r, fmin (fmax (x, -2e9), 2e9), m, (size_t) i);
    }
  product_along (c, n, v, axis, m, bias);
}
