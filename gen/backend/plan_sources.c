/* Which inputs an upsampling layer's outputs are made of. */
#include "plan_groups.h"

#include <math.h>

/* Output AT along an axis lies between inputs LO and HI, PART of the way. */
struct source
{
  int64_t lo, hi;
  double part;
};

/* An axis that keeps its extent is copied: PyTorch looks at the extents first, and a scale of 1.3 leaves 3 elements as
 * they are. With nearest neighbours it does so in maps of one channel alone, where it also doubles. */
static bool
repeats (const struct node *n, int64_t channels, int64_t in, int64_t out)
{
  return n->nearest ? channels == 1 && (out == in || out == 2 * in) : out == in;
}

/* PyTorch's rule for another nearest neighbour, with its rounding to float before the floor. */
static struct source
nearest_source (double scale, int64_t in, int64_t at)
{
  int64_t i = (int64_t) floorf ((float) (scale * (double) at));
  if (i > in - 1)
    i = in - 1;
  return (struct source){ i, i, 0 };
}

/* PyTorch's rules: corners aligned, the first and last elements coincide; otherwise the elements' borders do, and
 * before the first element's centre that element is repeated. The second input counts at weight 0 too: as in PyTorch,
 * it makes the output NaN where it is NaN or infinite. */
static struct source
linear_source (const struct node *n, double scale, int64_t in, int64_t out, int64_t at)
{
  double x = n->align_corners ? (out > 1 ? (double) (in - 1) / (double) (out - 1) * (double) at : 0)
                              : fmax (scale * ((double) at + 0.5) - 0.5, 0);
  int64_t lo = (int64_t) x < in - 1 ? (int64_t) x : in - 1;
  return (struct source){ lo, lo + (lo < in - 1), fmin (x - (double) lo, 1) };
}

/* ONNX's rules: where output AT lies, … */
static double
coordinate (const struct node *n, double scale, int64_t in, int64_t out, int64_t at)
{
  const double i = (double) at, half = (i + 0.5) / scale - 0.5;
  if (n->coordinates == COORDINATES_ASYMMETRIC)
    return i / scale;
  if (n->coordinates == COORDINATES_ALIGN_CORNERS)
    return out > 1 ? i * (double) (in - 1) / (double) (out - 1) : 0;
  if (n->coordinates == COORDINATES_PYTORCH_HALF_PIXEL && out == 1)
    return 0;
  if (n->coordinates == COORDINATES_HALF_PIXEL_SYMMETRIC)
    return half + (double) in / 2 * (1 - (double) out / (scale * (double) in));
  return half;
}

/* … and which inputs those are. Outside the map its outermost elements count. */
static struct source
source_by_coordinates (const struct node *n, double scale, int64_t in, int64_t out, int64_t at)
{
  double x = coordinate (n, scale, in, out, at);
  if (n->nearest)
    x = n->rounding == ROUND_FLOOR          ? floor (x)
        : n->rounding == ROUND_CEIL         ? ceil (x)
        : n->rounding == ROUND_PREFER_FLOOR ? ceil (x - 0.5)
                                            : floor (x + 0.5);
  x = fmin (fmax (x, 0), (double) (in - 1));
  const int64_t lo = (int64_t) x;
  return (struct source){ lo, n->nearest || lo == in - 1 ? lo : lo + 1, x - (double) lo };
}

/* The element of an axis of extent IN that stands AT elements behind its first one, which is outside. */
static int64_t
outside (const struct node *n, int64_t in, int64_t at)
{
  switch (n->pad_mode)
    {
    case PAD_REFLECT:
      return at < 0 ? -at : 2 * in - 2 - at;
    case PAD_WRAP:
      return (at + in) % in;
    default:
      return at < 0 ? 0 : in - 1;
    }
}

static struct source
source_of (const struct node *n, double scale, int64_t in, int64_t out, int64_t at)
{
  if (n->coordinates != COORDINATES_TORCH)
    return source_by_coordinates (n, 1 / scale, in, out, at);
  return n->nearest ? nearest_source (scale, in, at) : linear_source (n, scale, in, out, at);
}

/* Room for OUT outputs. */
static struct plan_sources
sources_new (int64_t out, int64_t **offset, double **weight)
{
  *offset = NEW_ARRAY ((size_t) (2 * out), int64_t);
  *weight = NEW_ARRAY ((size_t) (2 * out), double);
  return (struct plan_sources){ .table = { out, 2, 2, *offset, *weight } };
}

struct plan_sources
plan_padded_of (const struct node *n, int a, int64_t in, int64_t out, int64_t step)
{
  int64_t *offset;
  double *weight;
  struct plan_sources p = sources_new (out, &offset, &weight);
  for (int64_t i = 0; i < out; i++)
    {
      const int64_t at = i - n->win.pad_lo[a], from = at >= 0 && at < in ? at : outside (n, in, at);
      offset[2 * i] = offset[2 * i + 1] = from * step;
      weight[2 * i] = 1;
    }
  return p;
}

struct plan_sources
plan_sources_of (const struct node *n, int a, const struct shape *from, int64_t out, int64_t step)
{
  const int64_t in = from->dim[a];
  double scale = n->upsample_scale[a] > 0 ? 1 / n->upsample_scale[a] : (double) in / (double) out;
  int64_t *offset;
  double *weight;
  struct plan_sources p = sources_new (out, &offset, &weight);
  for (int64_t i = 0; i < out; i++)
    {
      struct source s = n->coordinates == COORDINATES_TORCH && repeats (n, from->c, in, out) 
                        ? (struct source){ i * in / out, i * in / out, 0 }
                        : source_of (n, scale, in, out, i);
      p.linear |= s.part > 0;
      offset[2 * i] = s.lo * step;
      offset[2 * i + 1] = s.hi * step;
      weight[2 * i] = 1 - s.part;
      weight[2 * i + 1] = s.part;
    }
  return p;
}
