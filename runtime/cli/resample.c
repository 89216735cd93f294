/* Resizing of images.
 *
 * The arithmetic is PIL's, which torchvision's and timm's transforms of images call: a filter stretched by the ratio
 * where the image shrinks (antialiasing), the rows first and then the columns, weights of 22 bits in fixed point, each
 * pass rounded to a byte. Only what the crop shows is computed, in strips of columns, so that beside the image and the
 * result no more than a strip is held. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>

#define BITS 22
#define STRIP_BYTES ((size_t) 16 << 20)
#define PI 3.14159265358979323846

static double
box (double x)
{
  return x > -0.5 && x <= 0.5;
}

static double
triangle (double x)
{
  x = fabs (x);
  return x < 1 ? 1 - x : 0;
}

static double
sinc (double x)
{
  return x == 0 ? 1 : sin (x * PI) / (x * PI);
}

/* A sinc under Hamming's window; the window's constants are floats in PIL. */
static double
hamming (double x)
{
  x = fabs (x);
  return x < 1 ? sinc (x) * ((double) 0.54f + (double) 0.46f * cos (x * PI)) : 0;
}

/* Keys's cubic convolution with a = -1/2. */
static double
cubic (double x)
{
  x = fabs (x);
  if (x < 1)
    return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

static double
lanczos (double x)
{
  return x >= -3 && x < 3 ? sinc (x) * sinc (x / 3) : 0;
}

static const struct filter
{
  double (*value) (double x); /* NULL: the nearest pixel */
  double support;             /* 0 outside -support … support */
} filters[] = {
  [RESCAST_BILINEAR] = { triangle, 1 }, [RESCAST_NEAREST] = { NULL, 0 }, [RESCAST_BOX] = { box, 0.5 },
  [RESCAST_HAMMING] = { hamming, 1 },   [RESCAST_BICUBIC] = { cubic, 2 }, [RESCAST_LANCZOS] = { lanczos, 3 },
};

/* One axis of the image: where each pixel of the result comes from. */
struct axis
{
  int in; /* pixels of the image */
  struct cli_span span;
  int taps; /* room per pixel */
  int *from, *count;
  int32_t *weight; /* [out][taps]; those of a pixel add up to 1 << BITS, but for rounding */
};

static void
axis_free (struct axis *a)
{
  free (a->from);
  free (a->count);
  free (a->weight);
}

static bool
axis_alloc (struct axis *a, double support)
{
  size_t n = (size_t) a->span.out;
  a->taps = (int) ceil (support) * 2 + 1;
  a->from = malloc (n * sizeof *a->from);
  a->count = malloc (n * sizeof *a->count);
  a->weight = calloc (n * (size_t) a->taps, sizeof *a->weight);
  return a->from && a->count && a->weight;
}

/* The weights of pixel I; W: room for them in double. */
static void
axis_weights (struct axis *a, const struct filter *f, double scale, int i, double *w)
{
  double stretch = scale > 1 ? scale : 1, support = f->support * stretch, shrink = 1 / stretch, sum = 0;
  double centre = ((double) (a->span.first + i) + 0.5) * scale;
  int lo = (int) (centre - support + 0.5), hi = (int) (centre + support + 0.5);
  lo = lo < 0 ? 0 : lo;
  hi = hi > a->in ? a->in : hi;
  int n = hi - lo;
  for (int k = 0; k < n; k++)
    sum += w[k] = f->value ((k + lo - centre + 0.5) * shrink);
  for (int k = 0; k < n; k++)
    {
      double fixed = (sum != 0 ? w[k] / sum : w[k]) * (1 << BITS);
      a->weight[(size_t) i * (size_t) a->taps + (size_t) k] = (int32_t) (fixed + (fixed < 0 ? -0.5 : 0.5));
    }
  a->from[i] = lo;
  a->count[i] = n;
}

/* PIL adds the ratio up from pixel to pixel, and the sum's rounding may decide between two neighbours: so this does the
 * same, as far as images go that PIL can make. */
static void
axis_nearest (struct axis *a, double scale)
{
  const int64_t most = (int64_t) 1 << 26;
  double at = 0.5 * scale;
  if (a->span.first > most)
    at = ((double) a->span.first + 0.5) * scale;
  else
    for (int64_t i = 0; i < a->span.first; i++)
      at += scale;
  for (int i = 0; i < a->span.out; i++, at += scale)
    {
      a->from[i] = at < a->in ? (int) at : a->in - 1;
      a->count[i] = 1;
      a->weight[(size_t) i * (size_t) a->taps] = 1 << BITS;
    }
}

static bool
axis_make (struct axis *a, const struct filter *f)
{
  double scale = (double) a->in / (double) a->span.full;
  bool ok = axis_alloc (a, f->support * (scale > 1 ? scale : 1));
  if (!f->value)
    {
      if (ok)
        axis_nearest (a, scale);
      return ok;
    }
  double *w = malloc ((size_t) a->taps * sizeof *w);
  ok = ok && w;
  for (int i = 0; ok && i < a->span.out; i++)
    axis_weights (a, f, scale, i, w);
  free (w);
  return ok;
}

/* A sum of bytes by weights, back to a byte. No sum reaches 2^31: of any filter here the positive weights of a pixel
 * add up to less than 1.3, whether its window is cut at the border or not. */
static unsigned char
byte (int32_t sum)
{
  sum = (sum + (1 << (BITS - 1))) >> BITS;
  return (unsigned char) (sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* COUNT pixels from pixel X on of ROW, resized, to OUT. */
static void
resize_row (const struct axis *a, int x, int count, int channels, const unsigned char *row, unsigned char *out)
{
  for (int end = x + count; x < end; x++)
    {
      const int32_t *w = a->weight + (size_t) x * (size_t) a->taps;
      const unsigned char *p = row + (size_t) a->from[x] * (size_t) channels;
      for (int c = 0; c < channels; c++)
        {
          int32_t sum = 0;
          for (int k = 0; k < a->count[x]; k++)
            sum += w[k] * p[(size_t) k * (size_t) channels + (size_t) c];
          *out++ = byte (sum);
        }
    }
}

/* ROWS: of BYTES each, the first of them row LO of the image. The result's rows lie PITCH bytes apart. */
static void
resize_columns (const struct axis *a, const unsigned char *rows, int lo, size_t bytes, unsigned char *out, size_t pitch)
{
  for (int y = 0; y < a->span.out; y++, out += pitch)
    {
      const int32_t *w = a->weight + (size_t) y * (size_t) a->taps;
      const unsigned char *p = rows + (size_t) (a->from[y] - lo) * bytes;
      for (size_t x = 0; x < bytes; x++)
        {
          int32_t sum = 0;
          for (int k = 0; k < a->count[y]; k++)
            sum += w[k] * p[(size_t) k * bytes + x];
          out[x] = byte (sum);
        }
    }
}

static bool
resize (struct cli_image *m, const struct axis *h, const struct axis *v)
{
  const int width = h->span.out, height = v->span.out, channels = m->channels;
  const size_t in = (size_t) m->width * (size_t) channels, pitch = (size_t) width * (size_t) channels;
  /* The rows that any pixel of the result needs. */
  const int lo = v->from[0], hi = v->from[height - 1] + v->count[height - 1];
  size_t strip = STRIP_BYTES / ((size_t) (hi - lo) * (size_t) channels);
  strip = strip < 1 ? 1 : strip > (size_t) width ? (size_t) width : strip;
  unsigned char *rows = malloc (strip * (size_t) channels * (size_t) (hi - lo)),
                *out = malloc (pitch * (size_t) height);
  bool ok = rows && out;
  for (int x = 0; ok && x < width; x += (int) strip)
    {
      int count = width - x < (int) strip ? width - x : (int) strip;
      size_t bytes = (size_t) count * (size_t) channels;
      for (int y = lo; y < hi; y++)
        resize_row (h, x, count, channels, m->pixels + (size_t) y * in, rows + (size_t) (y - lo) * bytes);
      resize_columns (v, rows, lo, bytes, out + (size_t) x * (size_t) channels, pitch);
    }
  free (rows);
  if (!ok)
    {
      free (out);
      return false;
    }
  free (m->pixels);
  *m = (struct cli_image){ .width = width, .height = height, .channels = channels, .pixels = out };
  return true;
}

bool
cli_image_resize (struct cli_image *m, const char *path, int interpolation, struct cli_span height,
                  struct cli_span width)
{
  const struct filter *f = &filters[interpolation];
  struct axis h = { .in = m->width, .span = width }, v = { .in = m->height, .span = height };
  bool ok = axis_make (&h, f) && axis_make (&v, f) && resize (m, &h, &v);
  axis_free (&h);
  axis_free (&v);
  return ok || cli_fail (path, "out of memory to resize the image");
}
