/* Convolution, transposed convolution and the linear layer in double. */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

/* Output pixels computed together: so many independent sums keep the processor's adders busy. */
enum
{
  PIXELS = 8
};

/* COLUMNS[k][p] = what tap k of the window at output pixel FIRST + p reads in CHANNELS channels of X; 0 in padding.
 * Taps are counted in the weights' order: channel, D, H, W. */
static void
gather (const struct window *win, const double *x, const struct shape *in, int64_t channels, const struct shape *out,
        int64_t first, double *columns)
{
  const int64_t *k = win->kernel, *dil = win->dilation;
  for (int64_t p = 0; p < PIXELS; p++)
    {
      /* Behind the last pixel the last is computed again, and not stored. */
      int64_t pixel = first + p < shape_pixels (out) ? first + p : shape_pixels (out) - 1;
      int64_t ow = pixel % out->dim[AXIS_W], row = pixel / out->dim[AXIS_W];
      int64_t od = row / out->dim[AXIS_H], oh = row % out->dim[AXIS_H];
      int64_t d0 = od * win->stride[AXIS_D] - win->pad_lo[AXIS_D];
      int64_t h0 = oh * win->stride[AXIS_H] - win->pad_lo[AXIS_H];
      int64_t w0 = ow * win->stride[AXIS_W] - win->pad_lo[AXIS_W];
      double *to = columns + p;
      for (int64_t c = 0; c < channels; c++)
        for (int64_t a = 0; a < k[AXIS_D]; a++)
          for (int64_t b = 0; b < k[AXIS_H]; b++)
            {
              int64_t d = d0 + a * dil[AXIS_D], h = h0 + b * dil[AXIS_H];
              bool inside = d >= 0 && d < in->dim[AXIS_D] && h >= 0 && h < in->dim[AXIS_H];
              const double *from = inside ? x + ref_at (in, c, d, h, 0) : NULL;
              for (int64_t e = 0; e < k[AXIS_W]; e++, to += PIXELS)
                {
                  int64_t w = w0 + e * dil[AXIS_W];
                  *to = from && w >= 0 && w < in->dim[AXIS_W] ? from[w] : 0;
                }
            }
    }
}

/* Two doubles side by side. Sums in an array would be loaded and stored again for each tap: each has a variable. */
typedef double pair __attribute__ ((vector_size (16), may_alias));
typedef int64_t pair_bits __attribute__ ((vector_size (16)));

static inline pair
magnitudes (pair v)
{
  return (pair) ((pair_bits) v & INT64_MAX);
}

/* SUM[p] = Σ w[k] · columns[k][p]. */
static void
multiply (const double *w, const double *columns, int64_t taps, pair sum[PIXELS / 2])
{
  pair s0 = { 0 }, s1 = s0, s2 = s0, s3 = s0;
  const pair *x = (const pair *) columns;
  for (int64_t k = 0; k < taps; k++, x += PIXELS / 2)
    {
      s0 += w[k] * x[0], s1 += w[k] * x[1];
      s2 += w[k] * x[2], s3 += w[k] * x[3];
    }
  sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

/* The same of absolute values. */
static void
multiply_magnitudes (const double *w, const double *columns, int64_t taps, pair sum[PIXELS / 2])
{
  pair s0 = { 0 }, s1 = s0, s2 = s0, s3 = s0;
  const pair *x = (const pair *) columns;
  for (int64_t k = 0; k < taps; k++, x += PIXELS / 2)
    {
      s0 += magnitudes (w[k] * x[0]), s1 += magnitudes (w[k] * x[1]);
      s2 += magnitudes (w[k] * x[2]), s3 += magnitudes (w[k] * x[3]);
    }
  sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

/* One block of output pixels of the COUNT output channels from O on, which share their input channels. */
static void
conv_block (const struct ref *r, const double *columns, int64_t taps, int64_t o, int64_t count, int64_t sample,
            int64_t first)
{
  const struct shape *out = ref_out_shape (r);
  int64_t pixels = shape_pixels (out);
  pair sum[PIXELS / 2];
  for (int64_t end = o + count; o < end; o++)
    {
      double bias = r->p->bias ? r->p->bias[o] : 0;
      int64_t at = (sample * out->c + o) * pixels + first;
      multiply (r->p->weight + o * taps, columns, taps, sum);
      for (int64_t p = 0; p < PIXELS && first + p < pixels; p++)
        r->out[at + p] = sum[p / 2][p % 2] + bias;
      if (!r->magnitude)
        continue;
      multiply_magnitudes (r->p->weight + o * taps, columns, taps, sum);
      for (int64_t p = 0; p < PIXELS && first + p < pixels; p++)
        r->magnitude[at + p] = sum[p / 2][p % 2] + fabs (bias);
    }
}

void
ref_conv (const struct ref *r)
{
  const struct node *n = r->n;
  const struct shape *in = ref_in_shape (r), *out = ref_out_shape (r);
  int64_t channels = in->c / n->groups, filters = out->c / n->groups;
  int64_t taps = channels * n->win.kernel[AXIS_D] * n->win.kernel[AXIS_H] * n->win.kernel[AXIS_W];
  double *columns = heap_array ((size_t) (taps * PIXELS), sizeof (double));
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t group = 0; group < n->groups; group++)
      {
        const double *x = r->in[0] + (sample * in->c + group * channels) * shape_pixels (in);
        for (int64_t first = 0; first < shape_pixels (out); first += PIXELS)
          {
            gather (&n->win, x, in, channels, out, first, columns);
            conv_block (r, columns, taps, group * filters, filters, sample, first);
          }
      }
  free (columns);
  *r->terms = taps + (r->p->bias != NULL);
}

/* The input positions [*LO, *HI) along AXIS that tap K sends to a position of the output; such a position I goes to
 * I · stride + *SHIFT. */
static void
reach (const struct window *win, int axis, int64_t k, int64_t in, int64_t out, int64_t *lo, int64_t *hi,
       int64_t *shift)
{
  int64_t stride = win->stride[axis];
  *shift = k * win->dilation[axis] - win->pad_lo[axis];
  *lo = *shift < 0 ? ceil_div (-*shift, stride) : 0;
  *hi = *shift < out ? ceil_div (out - *shift, stride) : 0;
  if (*hi > in)
    *hi = in;
}

/* Add all that one input channel X gives to one output channel Y through its taps W; ABSOLUTE: of their absolute
 * values. */
static void
spread (const struct window *win, const double *w, const double *x, const struct shape *in, double *y,
        const struct shape *out, bool absolute)
{
  int64_t lo[AXES], hi[AXES], shift[AXES];
  const int64_t *k = win->kernel, *s = win->stride;
  for (int64_t a = 0; a < k[AXIS_D]; a++)
    for (int64_t b = 0; b < k[AXIS_H]; b++)
      for (int64_t e = 0; e < k[AXIS_W]; e++)
        {
          const int64_t tap[AXES] = { a, b, e };
          for (int axis = 0; axis < AXES; axis++)
            reach (win, axis, tap[axis], in->dim[axis], out->dim[axis], &lo[axis], &hi[axis], &shift[axis]);
          double weight = w[(a * k[AXIS_H] + b) * k[AXIS_W] + e];
          for (int64_t d = lo[0]; d < hi[0]; d++)
            for (int64_t h = lo[1]; h < hi[1]; h++)
              {
                const double *from = x + ref_at (in, 0, d, h, 0);
                double *to = y + ref_at (out, 0, d * s[0] + shift[0], h * s[1] + shift[1], 0);
                for (int64_t i = lo[2]; i < hi[2]; i++)
                  {
                    double term = weight * from[i];
                    to[i * s[2] + shift[2]] += absolute ? fabs (term) : term;
                  }
              }
        }
}

void
ref_transposed_conv (const struct ref *r)
{
  const struct node *n = r->n;
  const struct shape *in = ref_in_shape (r), *out = ref_out_shape (r);
  int64_t channels = in->c / n->groups, filters = out->c / n->groups, pixels = shape_pixels (out);
  int64_t taps = n->win.kernel[AXIS_D] * n->win.kernel[AXIS_H] * n->win.kernel[AXIS_W];
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t o = 0; o < out->c; o++)
      {
        double bias = r->p->bias ? r->p->bias[o] : 0;
        int64_t at = (sample * out->c + o) * pixels;
        for (int64_t p = 0; p < pixels; p++)
          {
            r->out[at + p] = bias;
            if (r->magnitude)
              r->magnitude[at + p] = fabs (bias);
          }
        for (int64_t c = o / filters * channels; c < (o / filters + 1) * channels; c++)
          {
            const double *x = r->in[0] + (sample * in->c + c) * shape_pixels (in);
            const double *w = r->p->weight + (c * filters + o % filters) * taps;
            spread (&n->win, w, x, in, r->out + at, out, false);
            if (r->magnitude)
              spread (&n->win, w, x, in, r->magnitude + at, out, true);
          }
      }
  /* At most every stride-th tap meets an output position. */
  int64_t met = channels;
  for (int axis = 0; axis < AXES; axis++)
    met *= ceil_div (n->win.kernel[axis], n->win.dilation[axis] == 1 ? n->win.stride[axis] : 1);
  *r->terms = met + (r->p->bias != NULL);
}

/* weight (O, C·D·H·W). */
void
ref_linear (const struct ref *r)
{
  int64_t count = shape_count (ref_in_shape (r)), features = ref_out_shape (r)->c;
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    for (int64_t o = 0; o < features; o++)
      {
        const double *x = r->in[0] + sample * count, *w = r->p->weight + o * count;
        double bias = r->p->bias ? r->p->bias[o] : 0, sum = 0, magnitude = 0;
        for (int64_t i = 0; i < count; i++)
          {
            sum += w[i] * x[i];
            magnitude += fabs (w[i] * x[i]);
          }
        r->out[sample * features + o] = sum + bias;
        if (r->magnitude)
          r->magnitude[sample * features + o] = magnitude + fabs (bias);
      }
  *r->terms = count + (r->p->bias != NULL);
}
