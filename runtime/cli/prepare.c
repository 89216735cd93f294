/* An image to the network's size: resized to cover it, the centre kept.
 *
 * The arithmetic is PIL's bilinear with antialiasing, of which torchvision's Resize is a wrapper: a triangle as wide
 * as the ratio, horizontal pass first, 22 bits of fixed point, each pass rounded to a byte. Only what the crop
 * shows is computed. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BITS 22

/* One axis: OUT pixels from position FIRST of an axis of IN pixels resized to FULL. */
struct axis
{
  int in, out;
  int64_t full, first;
  int taps; /* room per pixel */
  int *from, *count;
  int32_t *weight; /* [out][taps] */
};

static void
axis_free (struct axis *a)
{
  free (a->from);
  free (a->count);
  free (a->weight);
}

static void
axis_weights (struct axis *a, double scale, double support, int i, double *w)
{
  double centre = ((double) (a->first + i) + 0.5) * scale, sum = 0;
  int lo = (int) (centre - support + 0.5), hi = (int) (centre + support + 0.5);
  lo = lo < 0 ? 0 : lo;
  hi = hi > a->in ? a->in : hi;
  int n = hi - lo;
  for (int k = 0; k < n; k++)
    {
      double d = fabs ((k + lo - centre + 0.5) / support);
      sum += w[k] = d < 1 ? 1 - d : 0;
    }
  for (int k = 0; k < n; k++)
    a->weight[(size_t) i * (size_t) a->taps + (size_t) k] = (int32_t) (w[k] / sum * (1 << BITS) + 0.5);
  a->from[i] = lo;
  a->count[i] = n;
}

static bool
axis_make (struct axis *a)
{
  double scale = (double) a->in / (double) a->full, support = scale > 1 ? scale : 1;
  a->taps = (int) ceil (support) * 2 + 1;
  size_t n = (size_t) a->out;
  double *w = malloc ((size_t) a->taps * sizeof *w);
  a->from = malloc (n * sizeof *a->from);
  a->count = malloc (n * sizeof *a->count);
  a->weight = calloc (n * (size_t) a->taps, sizeof *a->weight);
  bool ok = w && a->from && a->count && a->weight;
  for (int i = 0; ok && i < a->out; i++)
    axis_weights (a, scale, support, i, w);
  free (w);
  return ok;
}

/* A sum of bytes by weights that add up to 1, back to a byte. 30 bits are used. */
static unsigned char
byte (int32_t sum)
{
  sum = (sum + (1 << (BITS - 1))) >> BITS;
  return (unsigned char) (sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* OUT: a->out pixels from the pixels of ROW. */
static void
resize_row (const struct axis *a, int channels, const unsigned char *row, unsigned char *out)
{
  for (int x = 0; x < a->out; x++)
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

/* Rows LO … HI - 1 to OUT, which may be M's own pixels when they become no wider. */
static void
horizontal (const struct axis *a, const struct cli_image *m, int lo, int hi, unsigned char *line, unsigned char *out)
{
  size_t from = (size_t) m->width * (size_t) m->channels, to = (size_t) a->out * (size_t) m->channels;
  for (int y = lo; y < hi; y++, out += to)
    {
      resize_row (a, m->channels, m->pixels + (size_t) y * from, line);
      memcpy (out, line, to);
    }
}

/* ROWS begins with row LO of the image. */
static void
vertical (const struct axis *a, const unsigned char *rows, int lo, size_t row, unsigned char *out)
{
  for (int y = 0; y < a->out; y++)
    {
      const int32_t *w = a->weight + (size_t) y * (size_t) a->taps;
      const unsigned char *p = rows + (size_t) (a->from[y] - lo) * row;
      for (size_t x = 0; x < row; x++)
        {
          int32_t sum = 0;
          for (int k = 0; k < a->count[y]; k++)
            sum += w[k] * p[(size_t) k * row + x];
          *out++ = byte (sum);
        }
    }
}

static bool
resize (struct cli_image *m, const struct axis *h, const struct axis *v)
{
  const size_t row = (size_t) h->out * (size_t) m->channels;
  int lo = v->from[0], last = v->out - 1, hi = v->from[last] + v->count[last];
  /* A large image shrinks in place: 256 Mpixel are held once. A small one that grows needs room for the few rows
   * that the crop shows. */
  bool in_place = h->out <= m->width;
  unsigned char *line = malloc (row), *out = malloc (row * (size_t) v->out);
  unsigned char *rows = in_place ? m->pixels : malloc (row * (size_t) (hi - lo));
  bool ok = line && out && rows;
  if (ok)
    {
      horizontal (h, m, lo, hi, line, rows);
      vertical (v, rows, lo, row, out);
      free (m->pixels);
      *m = (struct cli_image){ .width = h->out, .height = v->out, .channels = m->channels, .pixels = out };
    }
  if (!ok)
    free (out);
  if (!in_place)
    free (rows);
  free (line);
  return ok;
}

/* Half of what is cropped, a half pixel rounded to even, as torchvision's center_crop does. */
static int64_t
crop_start (int64_t full, int out)
{
  int64_t d = full - out;
  return d / 2 + (d % 2 && d / 2 % 2);
}

bool
cli_image_cover (struct cli_image *m, const char *path, int height, int width)
{
  if (m->width == width && m->height == height)
    return true;
  struct axis h = { .in = m->width, .out = width }, v = { .in = m->height, .out = height };
  /* The ratio is the larger of the two sides'; the other side is rounded down, and still covers. */
  if ((int64_t) width * m->height >= (int64_t) height * m->width)
    {
      h.full = width;
      v.full = (int64_t) m->height * width / m->width;
    }
  else
    {
      v.full = height;
      h.full = (int64_t) m->width * height / m->height;
    }
  h.first = crop_start (h.full, width);
  v.first = crop_start (v.full, height);
  bool ok = axis_make (&h) && axis_make (&v) && resize (m, &h, &v);
  axis_free (&h);
  axis_free (&v);
  return ok || cli_fail (path, "out of memory to resize the image");
}
