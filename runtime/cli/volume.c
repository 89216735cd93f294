/* Volumes as inputs: numbers in a file, x fastest, made as large as the network's input.
 *
 * Interpolation is linear, one axis after the other, with half-pixel centres: element i of n reads the source's
 * place (i + 1/2) · source / n - 1/2, held inside it; nothing is smoothed before shrinking, and an axis of the right
 * extent is taken as it is. The file is read row by row, once per channel: two lines and two planes of the result's
 * size are all that is held, however large the source. */
#include "cli.h"

#include <stdlib.h>

struct sampler
{
  struct cli_source *s;
  const struct cli_volume *v;
  uint64_t base;         /* in the file, of the channel's first value; of the sample's where they are interleaved */
  size_t channel;
  size_t d, h, w;        /* of the result */
  unsigned char *raw;    /* a row as it is in the file */
  double *values;        /* [v->x] */
  double *line[2];       /* [w], of the source's row line_y */
  double *plane[2];      /* [h][w], of the source's plane plane_z */
  int64_t line_y[2], plane_z[2]; /* -1: none */
};

/* Element I of OUT lies between LO and LO + 1 of IN, at the fraction *F; LO + 1 is inside where *F is not 0. */
static size_t
place (uint64_t in, size_t out, size_t i, double *f)
{
  double at = ((double) i + 0.5) * ((double) in / (double) out) - 0.5;
  if (at < 0)
    at = 0;
  if (at > (double) (in - 1))
    at = (double) (in - 1);
  size_t lo = (size_t) at;
  *f = at - (double) lo;
  return lo;
}

/* Of A and B at the fraction F; where F is 0 B, which may be no number, has no part in it. */
static void
mix (double *out, const double *a, const double *b, double f, size_t count)
{
  for (size_t i = 0; i < count; i++)
    out[i] = f == 0 ? a[i] : a[i] * (1 - f) + b[i] * f;
}

static bool
read_row (struct sampler *p, size_t z, size_t y)
{
  const struct cli_volume *v = p->v;
  const size_t size = (size_t) v->type.size, step = v->interleaved ? v->channels : 1, count = (size_t) v->x * step;
  uint64_t at = p->base + ((uint64_t) z * v->y + y) * count * size;
  if (!v->read (p->s, at, p->raw, count * size))
    return false;
  for (size_t i = 0; step > 1 && i < v->x; i++) /* bytes: colours */
    p->raw[i] = p->raw[i * step + p->channel];
  cli_npy_convert (&v->type, p->raw, (size_t) v->x, p->values);
  return true;
}

/* The source's row Y of plane Z, W wide; NULL when it can't be read. Asked for in rising order of Y. */
static const double *
get_line (struct sampler *p, size_t z, size_t y)
{
  for (int i = 0; i < 2; i++)
    if (p->line_y[i] == (int64_t) y)
      return p->line[i];
  int slot = p->line_y[0] > p->line_y[1];
  if (!read_row (p, z, y))
    return NULL;
  for (size_t i = 0; i < p->w; i++)
    {
      double f;
      size_t lo = place (p->v->x, p->w, i, &f);
      mix (&p->line[slot][i], &p->values[lo], &p->values[lo + (f > 0)], f, 1);
    }
  p->line_y[slot] = (int64_t) y;
  return p->line[slot];
}

/* The source's plane Z, H x W. */
static const double *
get_plane (struct sampler *p, size_t z)
{
  for (int i = 0; i < 2; i++)
    if (p->plane_z[i] == (int64_t) z)
      return p->plane[i];
  int slot = p->plane_z[0] > p->plane_z[1];
  p->line_y[0] = p->line_y[1] = -1;
  for (size_t y = 0; y < p->h; y++)
    {
      double f;
      size_t lo = place (p->v->y, p->h, y, &f);
      const double *a = get_line (p, z, lo), *b = a && f > 0 ? get_line (p, z, lo + 1) : a;
      if (!b)
        return NULL;
      mix (p->plane[slot] + y * p->w, a, b, f, p->w);
    }
  p->plane_z[slot] = (int64_t) z;
  return p->plane[slot];
}

static bool
read_channel (struct sampler *p, int c, float *out)
{
  double mul, add, f;
  cli_affine (p->s->info, p->s->plain, c, &mul, &add);
  p->plane_z[0] = p->plane_z[1] = -1;
  for (size_t z = 0; z < p->d; z++)
    {
      size_t lo = place (p->v->z, p->d, z, &f);
      const double *a = get_plane (p, lo), *b = a && f > 0 ? get_plane (p, lo + 1) : a;
      if (!b)
        return false;
      for (size_t i = 0; i < p->h * p->w; i++)
        {
          double x;
          mix (&x, a + i, b + i, f, 1);
          *out++ = (float) ((x * p->v->slope + p->v->inter) * mul + add);
        }
    }
  return true;
}

static void
sampler_free (struct sampler *p)
{
  free (p->raw);
  free (p->values);
  for (int i = 0; i < 2; i++)
    {
      free (p->line[i]);
      free (p->plane[i]);
    }
}

static bool
sampler_make (struct sampler *p)
{
  const size_t x = (size_t) p->v->x, channels = p->v->interleaved ? p->v->channels : 1;
  p->raw = malloc (x * channels * (size_t) p->v->type.size);
  p->values = malloc ((x + 1) * sizeof *p->values);
  bool ok = p->raw && p->values;
  for (int i = 0; i < 2; i++)
    {
      p->line[i] = malloc (p->w * sizeof (double));
      p->plane[i] = malloc (p->h * p->w * sizeof (double));
      ok = ok && p->line[i] && p->plane[i];
    }
  return ok;
}

bool
cli_volume_read (struct cli_source *s, const struct cli_volume *v, size_t index, float *out)
{
  size_t shape[3];
  cli_source_extents (s, shape);
  struct sampler p = { .s = s, .v = v, .d = shape[0], .h = shape[1], .w = shape[2] };
  const uint64_t bytes = v->x * v->y * v->z * (uint64_t) v->type.size; /* of one channel */
  bool ok = sampler_make (&p) || cli_fail (s->path, "out of memory");
  for (size_t c = 0; ok && c < v->channels; c++)
    {
      p.base = v->data + bytes * (index * v->channels + (v->interleaved ? 0 : c));
      p.channel = c;
      ok = read_channel (&p, (int) c, out + c * (p.d * p.h * p.w));
    }
  sampler_free (&p);
  return ok;
}

bool
cli_volume_map (struct cli_source *s, const struct cli_volume *v, size_t index, struct rescast_elements *e)
{
  const size_t size = (size_t) v->type.size, channels = v->channels;
  size_t extent[3], bytes;
  e->element = cli_npy_element (&v->type);
  if (e->element < 0 || v->slope != 1 || v->inter != 0 || !cli_mul (s->samples * size, s->shape.count, &bytes))
    return false;
  cli_source_extents (s, extent);
  const size_t pixel = v->interleaved ? channels * size : size, row = extent[2] * pixel, plane = extent[1] * row;
  const size_t sample = s->shape.count * size;
  const size_t strides[] = { sample, v->interleaved ? size : extent[0] * plane, plane, row, pixel };
  for (int i = 0; i < 5; i++)
    s->strides[i] = (ptrdiff_t) strides[i];
  const unsigned char *data = cli_source_map (s, v->data, bytes);
  e->data = data ? data + index * sample : NULL;
  e->strides = s->strides;
  return data != NULL;
}
