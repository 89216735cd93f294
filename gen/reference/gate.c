/* Squeeze-and-excitation in double: channels of a map multiplied by numbers that two products make of its means. */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

#include "base/util.h"

/* What N's activation makes of the sums Y, of sizes MAGNITUDE. */
static void
activate (const struct node *n, double *y, double *magnitude, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    {
      magnitude[i] *= activation_steepest (&n->ep.act, 1, y[i]);
      y[i] = activation_value (&n->ep.act, 1, y[i]);
      magnitude[i] += fabs (y[i]);
    }
}

/* The product of WEIGHT, (O, I) with O biases behind, and the vector X, then the activation; and the magnitudes, in
 * which those of X have a part. */
static void
gate_product (const struct node *n, const double *weight, int64_t outputs, int64_t inputs, const double *x,
              const double *x_magnitude, double *y, double *magnitude)
{
  for (int64_t o = 0; o < outputs; o++)
    {
      const double bias = weight[outputs * inputs + o];
      y[o] = bias;
      magnitude[o] = fabs (bias);
      for (int64_t i = 0; i < inputs; i++)
        {
          y[o] += weight[o * inputs + i] * x[i];
          magnitude[o] += fabs (weight[o * inputs + i]) * x_magnitude[i];
        }
    }
  activate (n, y, magnitude, outputs);
}

/* The first product of a sample of in[1]: where it comes in parts, their sum. */
static void
first_product (const struct ref *r, int64_t sample, double *hidden, double *size)
{
  const struct gate *gate = r->n->gate;
  const int64_t count = r->g->tensors[r->n->in[1]].shape.c, reduced = gate->reduce.shape_hint.c;
  const double *x = r->in[1] + sample * count;
  if (!gate->parts)
    {
      double *v = heap_array ((size_t) count, sizeof *v);
      for (int64_t i = 0; i < count; i++)
        v[i] = fabs (x[i]);
      gate_product (&gate->reduce, r->p->weight, reduced, count, x, v, hidden, size);
      free (v);
      return;
    }
  for (int64_t o = 0; o < reduced; o++)
    {
      hidden[o] = r->p->weight[reduced * gate->features + o];
      size[o] = fabs (hidden[o]);
      for (int64_t i = o; i < count; i += reduced)
        {
          hidden[o] += x[i];
          size[o] += fabs (x[i]);
        }
    }
  activate (&gate->reduce, hidden, size, reduced);
}

/* The activations' own errors are some roundings of the gate's. */
void
ref_gate (const struct ref *r)
{
  const struct shape *s = ref_out_shape (r);
  const struct gate *gate = r->n->gate;
  const int64_t count = r->g->tensors[r->n->in[1]].shape.c, reduced = gate->reduce.shape_hint.c;
  const int64_t pixels = shape_pixels (s);
  double *hidden = heap_array ((size_t) (2 * reduced + 2 * s->c), sizeof *hidden);
  double *hidden_size = hidden + reduced, *scale = hidden_size + reduced, *size = scale + s->c;
  for (int64_t sample = 0; sample < r->g->batch; sample++)
    {
      first_product (r, sample, hidden, hidden_size);
      gate_product (&gate->expand, r->p->second, s->c, reduced, hidden, hidden_size, scale, size);
      for (int64_t i = 0; i < s->c * pixels; i++)
        {
          const int64_t at = sample * s->c * pixels + i;
          r->out[at] = r->in[0][at] * scale[i / pixels];
          if (r->magnitude)
            r->magnitude[at] = fabs (r->in[0][at]) * size[i / pixels];
        }
    }
  free (hidden);
  *r->terms = (gate->parts ? gate->parts : count) + reduced + 1;
}

/* What part PART of SAMPLE's map adds to the first product, its bias left out. */
static void
squeeze_part (const struct ref *r, int64_t sample, int64_t part, double *out, double *magnitude)
{
  const struct gate *gate = r->n->gate;
  const struct shape *in = ref_in_shape (r);
  const int64_t pixels = shape_pixels (in), across = ceil_div (pixels, gate->part_pixels);
  const int64_t first_c = part / across * gate->part_channels, first = part % across * gate->part_pixels;
  for (int64_t c = first_c; c < in->c && c < first_c + gate->part_channels; c++)
    for (int64_t i = first; i < pixels && i < first + gate->part_pixels; i++)
      {
        const double mean = r->in[0][(sample * in->c + c) * pixels + i] / (double) pixels;
        for (int64_t o = 0; o < gate->reduce.shape_hint.c; o++)
          {
            const double w = r->p->weight[o * in->c + c];
            out[o] += w * mean;
            if (magnitude)
              magnitude[o] += fabs (w * mean);
          }
      }
}

void
ref_squeeze (const struct ref *r)
{
  const struct gate *gate = r->n->gate;
  const int64_t reduced = gate->reduce.shape_hint.c, count = r->g->batch * gate->parts * reduced;
  for (int64_t i = 0; i < count; i++)
    {
      r->out[i] = 0;
      if (r->magnitude)
        r->magnitude[i] = 0;
    }
  for (int64_t p = 0; p < r->g->batch * gate->parts; p++)
    squeeze_part (r, p / gate->parts, p % gate->parts, r->out + p * reduced,
                  r->magnitude ? r->magnitude + p * reduced : NULL);
  *r->terms = gate->part_pixels + gate->part_channels;
}
