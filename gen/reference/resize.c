/* Operators that change extents or move elements, in double: pools, upsample, subsample, reshape. */
#include "ops.h"

#include <math.h>

/* What one window saw. */
struct seen
{
  double max, sum, magnitude;
  int64_t count, counted; /* positions inside the input; … or the padding that counts */
};

static struct seen
look (const struct node *n, const double *x, const struct shape *in, const int64_t first[AXES])
{
  const struct window *win = &n->win;
  int64_t end[AXES];
  for (int a = 0; a < AXES; a++)
    end[a] = in->dim[a] + win->pad_hi[a] - n->uncounted[a];
  struct seen s = { .max = -INFINITY };
  for (int64_t a = 0; a < win->kernel[AXIS_D]; a++)
    for (int64_t b = 0; b < win->kernel[AXIS_H]; b++)
      for (int64_t e = 0; e < win->kernel[AXIS_W]; e++)
        {
          int64_t d = first[AXIS_D] + a * win->dilation[AXIS_D];
          int64_t h = first[AXIS_H] + b * win->dilation[AXIS_H];
          int64_t w = first[AXIS_W] + e * win->dilation[AXIS_W];
          s.counted += d < end[AXIS_D] && h < end[AXIS_H] && w < end[AXIS_W];
          if (d < 0 || d >= in->dim[AXIS_D] || h < 0 || h >= in->dim[AXIS_H] || w < 0 || w >= in->dim[AXIS_W])
            continue;
          double v = x[ref_at (in, 0, d, h, w)];
          s.max = ref_max (s.max, v);
          s.sum += v;
          s.magnitude += fabs (v);
          s.count++;
        }
  return s;
}

/* Maxima leave the padding out. An average divides by what of the window lies inside,
 * the padding included or not. */
void
ref_pool (const struct ref *r)
{
  const struct node *n = r->n;
  const struct window *win = &n->win;
  const struct shape *in = ref_in_shape (r), *out = ref_out_shape (r);
  int64_t pixels = shape_pixels (out), size = win->kernel[AXIS_D] * win->kernel[AXIS_H] * win->kernel[AXIS_W];
  for (int64_t c = 0; c < r->g->batch * out->c; c++)
    for (int64_t p = 0; p < pixels; p++)
      {
        const int64_t at[AXES] = { p / out->dim[AXIS_W] / out->dim[AXIS_H], p / out->dim[AXIS_W] % out->dim[AXIS_H],
                                   p % out->dim[AXIS_W] };
        int64_t first[AXES];
        for (int axis = 0; axis < AXES; axis++)
          first[axis] = at[axis] * win->stride[axis] - win->pad_lo[axis];
        struct seen s = look (n, r->in[0] + c * shape_pixels (in), in, first);
        double divisor = n->divisor > 0 ? n->divisor : (double) (n->count_padding ? s.counted : s.count);
        bool max = n->op == OP_MAX_POOL;
        r->out[c * pixels + p] = max ? s.max : s.sum / divisor;
        if (r->magnitude)
          r->magnitude[c * pixels + p] = max ? fabs (s.max) : s.magnitude / divisor;
      }
  *r->terms = n->op == OP_MAX_POOL ? 1 : size;
}

void
ref_global_average_pool (const struct ref *r)
{
  const struct shape *in = ref_in_shape (r);
  int64_t pixels = shape_pixels (in);
  for (int64_t c = 0; c < r->g->batch * in->c; c++)
    {
      double sum = 0, magnitude = 0;
      for (int64_t i = c * pixels; i < (c + 1) * pixels; i++)
        {
          sum += r->in[0][i];
          magnitude += fabs (r->in[0][i]);
        }
      r->out[c] = sum / (double) pixels;
      if (r->magnitude)
        r->magnitude[c] = magnitude / (double) pixels;
    }
  *r->terms = pixels;
}

void
ref_global_max_pool (const struct ref *r)
{
  int64_t pixels = shape_pixels (ref_in_shape (r));
  for (int64_t c = 0; c < r->g->batch * ref_in_shape (r)->c; c++)
    {
      double max = -INFINITY;
      for (int64_t i = c * pixels; i < (c + 1) * pixels; i++)
        max = ref_max (max, r->in[0][i]);
      r->out[c] = max;
      if (r->magnitude)
        r->magnitude[c] = fabs (max);
    }
  *r->terms = 1;
}

/* The output position reads LO with weight 1 - part and HI with weight part. */
struct source
{
  int64_t lo, hi;
  double part;
};

/* Where output AT lies by ONNX's rules. */
static double
coordinate_of (const struct node *n, double scale, int64_t in, int64_t out, int64_t at)
{
  const double half = ((double) at + 0.5) / scale - 0.5;
  switch (n->coordinates)
    {
    case COORDINATES_ASYMMETRIC:
      return (double) at / scale;
    case COORDINATES_ALIGN_CORNERS:
      return out > 1 ? (double) at * (double) (in - 1) / (double) (out - 1) : 0;
    case COORDINATES_PYTORCH_HALF_PIXEL:
      return out > 1 ? half : 0;
    case COORDINATES_HALF_PIXEL_SYMMETRIC:
      return (double) in / 2 * (1 - (double) out / (scale * (double) in)) + half;
    default:
      return half;
    }
}

static struct source
source_by_coordinates (const struct node *n, double scale, int64_t in, int64_t out, int64_t at)
{
  const double x = coordinate_of (n, scale, in, out, at), last = (double) (in - 1);
  const double rounded = n->rounding == ROUND_FLOOR          ? floor (x)
                         : n->rounding == ROUND_CEIL         ? ceil (x)
                         : n->rounding == ROUND_PREFER_FLOOR ? ceil (x - 0.5)
                                                             : floor (x + 0.5);
  const double place = fmin (fmax (n->nearest ? rounded : x, 0), last);
  const int64_t lo = (int64_t) place;
  return (struct source){ lo, lo + (!n->nearest && lo < in - 1), place - (double) lo };
}

/* As in PyTorch's F.interpolate on float64. An axis that keeps its extent is copied, whatever the scale says; with
 * nearest neighbours only in maps of one channel, where one of twice the extent is doubled. Another nearest source is
 * rounded to float before the floor, there and here: 3 · (1 / 3) · 3 may come out a little below 3. */
static struct source
source_of (const struct node *n, int axis, const struct shape *from, int64_t out, int64_t at)
{
  const int64_t in = from->dim[axis];
  const double given = n->upsample_scale[axis];
  if (n->coordinates != COORDINATES_TORCH)
    return source_by_coordinates (n, given > 0 ? given : (double) out / (double) in, in, out, at);
  if (n->nearest ? from->c == 1 && (out == in || out == 2 * in) : out == in)
    {
      int64_t i = at / (out / in);
      return (struct source){ i, i, 0 };
    }
  const double scale = given > 0 ? 1 / given : (double) in / (double) out;
  if (n->nearest)
    {
      int64_t i = (int64_t) floorf ((float) (scale * (double) at));
      i = i < in ? i : in - 1;
      return (struct source){ i, i, 0 };
    }
  double x = scale * ((double) at + 0.5) - 0.5;
  if (n->align_corners)
    x = out > 1 ? (double) (in - 1) / (double) (out - 1) * (double) at : 0;
  if (x < 0)
    x = 0;
  int64_t lo = (int64_t) floor (x);
  if (lo > in - 1)
    lo = in - 1;
  int64_t hi = lo + (lo < in - 1);
  double part = fmin (x - (double) lo, 1);
  return (struct source){ lo, hi, part };
}

/* The weighted sum of the eight corners, or of fewer: along axes that are not BLENDED all lies at LO. Elsewhere an
 * infinite corner of weight 0 makes the sum NaN. ABSOLUTE: of their absolute values. */
static double
blend (const double *x, const struct shape *in, const struct source s[AXES], const bool blended[AXES], bool absolute)
{
  double sum = 0;
  for (int corner = 0; corner < 8; corner++)
    {
      if ((corner & 1 && !blended[0]) || (corner & 2 && !blended[1]) || (corner & 4 && !blended[2]))
        continue;
      int64_t i[AXES];
      double weight = 1;
      for (int axis = 0; axis < AXES; axis++)
        {
          bool hi = corner >> axis & 1;
          i[axis] = hi ? s[axis].hi : s[axis].lo;
          weight *= hi ? s[axis].part : 1 - s[axis].part;
        }
      double v = x[ref_at (in, 0, i[AXIS_D], i[AXIS_H], i[AXIS_W])];
      sum += weight * (absolute ? fabs (v) : v);
    }
  return sum;
}

void
ref_upsample (const struct ref *r)
{
  const struct shape *in = ref_in_shape (r), *out = ref_out_shape (r);
  const int64_t *to = out->dim;
  struct source *sources[AXES];
  bool blended[AXES] = { false };
  for (int axis = 0; axis < AXES; axis++)
    {
      sources[axis] = NEW_ARRAY ((size_t) to[axis], struct source);
      for (int64_t i = 0; i < to[axis]; i++)
        {
          sources[axis][i] = source_of (r->n, axis, in, to[axis], i);
          blended[axis] |= sources[axis][i].part > 0;
        }
    }
  for (int64_t c = 0; c < r->g->batch * out->c; c++)
    for (int64_t p = 0; p < shape_pixels (out); p++)
      {
        const double *x = r->in[0] + c * shape_pixels (in);
        const struct source s[AXES] = { sources[AXIS_D][p / to[AXIS_W] / to[AXIS_H]],
                                        sources[AXIS_H][p / to[AXIS_W] % to[AXIS_H]],
                                        sources[AXIS_W][p % to[AXIS_W]] };
        int64_t at = c * shape_pixels (out) + p;
        r->out[at] = blend (x, in, s, blended, false);
        if (r->magnitude)
          r->magnitude[at] = blend (x, in, s, blended, true);
      }
  *r->terms = r->n->nearest ? 1 : 8;
}

/* Which element of an axis of extent IN stands at AT, counted from its first one; -1: the constant. */
static int64_t
padded_from (enum pad_mode mode, int64_t in, int64_t at)
{
  if (at >= 0 && at < in)
    return at;
  if (mode == PAD_EDGE)
    return at < 0 ? 0 : in - 1;
  if (mode == PAD_WRAP)
    return at < 0 ? at + in : at - in;
  return mode == PAD_REFLECT ? (at < 0 ? -at : 2 * (in - 1) - at) : -1;
}

void
ref_pad (const struct ref *r)
{
  const struct node *n = r->n;
  const struct shape *in = ref_in_shape (r), *out = ref_out_shape (r);
  int64_t i = 0, from[AXES];
  for (int64_t c = 0; c < r->g->batch * out->c; c++)
    for (int64_t d = 0; d < out->dim[AXIS_D]; d++)
      for (int64_t h = 0; h < out->dim[AXIS_H]; h++)
        for (int64_t w = 0; w < out->dim[AXIS_W]; w++, i++)
          {
            const int64_t at[AXES] = { d, h, w };
            bool inside = true;
            for (int a = 0; a < AXES; a++)
              {
                from[a] = padded_from (n->pad_mode, in->dim[a], at[a] - n->win.pad_lo[a]);
                inside = inside && from[a] >= 0;
              }
            r->out[i] = inside ? r->in[0][ref_at (in, c, from[AXIS_D], from[AXIS_H], from[AXIS_W])] : n->pad_value;
            if (r->magnitude)
              r->magnitude[i] = fabs (r->out[i]);
          }
  *r->terms = 1;
}

/* Every stride-th pixel; channels of zeros in front and behind, the odd one behind. */
void
ref_subsample (const struct ref *r)
{
  const struct shape *in = ref_in_shape (r), *out = ref_out_shape (r);
  const int64_t *stride = r->n->win.stride;
  int64_t front = r->n->zeros_before, i = 0;
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t c = -front; c < out->c - front; c++)
      for (int64_t d = 0; d < out->dim[AXIS_D]; d++)
        for (int64_t h = 0; h < out->dim[AXIS_H]; h++)
          for (int64_t w = 0; w < out->dim[AXIS_W]; w++, i++)
            {
              const double *x = r->in[0] + sample * shape_count (in);
              r->out[i] = c < 0 || c >= in->c ? 0 : x[ref_at (in, c, d * stride[0], h * stride[1], w * stride[2])];
              if (r->magnitude)
                r->magnitude[i] = fabs (r->out[i]);
            }
  *r->terms = 1;
}

/* Each channel of the output is one of an input's. */
void
ref_channels (const struct ref *r)
{
  const struct shape *out = ref_out_shape (r);
  const int64_t pixels = shape_pixels (out);
  for (int64_t at = 0; at < r->g->batch * out->c; at++)
    {
      const struct channel_source *s = &r->n->sources[at % out->c];
      const int64_t channels = r->g->tensors[r->n->in[s->input]].shape.c;
      const double *x = r->in[s->input] + (at / out->c * channels + s->channel) * pixels;
      for (int64_t i = 0; i < pixels; i++)
        {
          r->out[at * pixels + i] = x[i];
          if (r->magnitude)
            r->magnitude[at * pixels + i] = fabs (x[i]);
        }
    }
  *r->terms = 1;
}

/* The elements in the order that the node reads them in; the output node copies. */
void
ref_reshape (const struct ref *r)
{
  const struct element_order *read = &r->n->read;
  const int64_t count = shape_count (ref_in_shape (r));
  for (int64_t i = 0; i < r->g->batch * count; i++)
    {
      int64_t left = i % count, at = i, stride[READ_MAX_AXES], step = 1;
      for (int a = read->axes - 1; a >= 0; step *= read->extent[a], a--)
        stride[a] = step;
      if (read->axes)
        at -= left;
      for (int k = read->axes - 1; k >= 0; left /= read->extent[read->order[k]], k--)
        at += left % read->extent[read->order[k]] * stride[read->order[k]];
      r->out[i] = r->in[0][at];
      if (r->magnitude)
        r->magnitude[i] = fabs (r->out[i]);
    }
  *r->terms = 1;
}
