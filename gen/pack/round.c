/* Rounding that keeps sums.
 *
 * Behind a ReLU a layer's inputs are not negative: a part of each is what they have in common, and neighbours in a map
 * are alike. Errors of single weights, of either sign, average out over what is different; their sum over a window's
 * taps, and over all inputs of an output, multiplies what is common, in each pixel anew, and a global average pool
 * leaves just that. So a few weights that lie nearly in the middle between two elements are rounded to the farther one:
 * first in each channel's taps, then in all of an output's weights, until these sums are within half a step of what
 * they were in double. An element's own value stays, so small integers do. */
#include "round.h"

#include <math.h>
#include <stdlib.h>

#include "backend/weight_order.h"

/* Errors of up to half a step are told apart in so many parts. */
#define PARTS 16

/* A sum's weights: channels, each with its taps. */
struct row
{
  enum element e;
  int64_t channels, taps;
  int64_t *at; /* where each weight is in the source or the result */
  double *exact, *rounded;
  double *other; /* the element on the exact value's other side, if it is finite; else the same one */
};

static struct row
new_row (int64_t most, enum element e)
{
  struct row r = { .e = e };
  r.at = heap_array ((size_t) most, sizeof *r.at);
  r.exact = heap_array ((size_t) most, sizeof *r.exact);
  r.rounded = heap_array ((size_t) most, sizeof *r.rounded);
  r.other = heap_array ((size_t) most, sizeof *r.other);
  return r;
}

static void
free_row (struct row *r)
{
  free (r->at);
  free (r->exact);
  free (r->rounded);
  free (r->other);
}

/* The distance of the two elements between which X is. */
static double
step_at (double x, const struct element_type *t)
{
  int exponent;
  frexp (x, &exponent);
  return ldexp (1, exponent - t->digits > t->least_exponent ? exponent - t->digits : t->least_exponent);
}

static void
round_nearest (struct row *r)
{
  const struct element_type *t = element_type (r->e);
  for (int64_t i = 0; i < r->channels * r->taps; i++)
    {
      const double exact = r->exact[i], step = step_at (exact, t), nearest = nearbyint (exact / step) * step,
                   other = nearest
                           + (exact > nearest   ? step
                              : exact < nearest ? -step
                                                : 0);
      r->rounded[i] = nearest;
      r->other[i] = fabs (nearest) <= t->highest && fabs (other) <= t->highest ? other : nearest;
    }
}

/* Take the other element for weight I if that brings the sum, whose error is ERROR, nearer; returns what the error is
 * then. */
static double
take_other (struct row *r, int64_t i, double error)
{
  const double rounded = r->rounded[i], change = r->other[i] - rounded;
  if (!(change * error < 0 && fabs (change) < 2 * fabs (error)))
    return error;
  r->rounded[i] = r->other[i];
  r->other[i] = rounded;
  return error + change;
}

/* COUNT weights from number FIRST on: those nearest to the middle first, in their order, until half a step is left. */
static void
keep_sum (struct row *r, int64_t first, int64_t count)
{
  double error = 0, steps = 0;
  for (int64_t i = first; i < first + count; i++)
    {
      error += r->rounded[i] - r->exact[i];
      steps += fabs (r->other[i] - r->rounded[i]);
    }
  const double enough = steps / (double) (2 * count);
  for (int part = PARTS - 1; part >= 0 && fabs (error) > enough; part--)
    for (int64_t i = first; i < first + count && fabs (error) > enough; i++)
      if (2 * PARTS * fabs (r->rounded[i] - r->exact[i]) >= part * fabs (r->other[i] - r->rounded[i]))
        error = take_other (r, i, error);
}

static void
round_row (struct row *r, void *data)
{
  round_nearest (r);
  for (int64_t c = 0; c < r->channels && r->taps > 1; c++)
    keep_sum (r, c * r->taps, r->taps);
  keep_sum (r, 0, r->channels * r->taps);
  for (int64_t i = 0; i < r->channels * r->taps; i++)
    element_set (data, r->at[i], r->rounded[i], r->e);
}

/* Outputs of a convolution or a linear layer, whose weights lie one behind another. */
static void
round_outputs (const struct node *n, int64_t outputs, struct row *r, void *data)
{
  for (int64_t o = 0; o < outputs; o++)
    {
      int64_t tap[AXES] = { 0, 0, 0 };
      for (int64_t i = 0; i < r->channels * r->taps; i++)
        {
          r->at[i] = o * r->channels * r->taps + i;
          r->exact[i] = n->op == OP_CONV ? conv_weight (n, o, i / r->taps, tap) : scaled_weight (n, r->at[i], o);
          next_tap (tap, n->win.kernel);
        }
      round_row (r, data);
    }
}

/* One phase of a transposed convolution for each output: the taps from FIRST on, a stride apart. */
static void
round_phase (const struct node *n, int64_t outputs, const int64_t first[AXES], struct row *r, void *data)
{
  const int64_t *kernel = n->win.kernel, *stride = n->win.stride;
  int64_t taps[AXES];
  r->taps = 1;
  for (int a = 0; a < AXES; a++)
    r->taps *= taps[a] = ceil_div (kernel[a] - first[a], stride[a]);
  for (int64_t o = 0; o < outputs; o++)
    {
      int64_t tap[AXES] = { 0, 0, 0 };
      for (int64_t i = 0; i < r->channels * r->taps; i++, next_tap (tap, taps))
        {
          int64_t at = i / r->taps * outputs + o;
          for (int a = 0; a < AXES; a++)
            at = at * kernel[a] + first[a] + tap[a] * stride[a];
          r->at[i] = at;
          r->exact[i] = scaled_weight (n, at, o);
        }
      round_row (r, data);
    }
}

static void
round_phases (const struct node *n, int64_t outputs, struct row *r, void *data)
{
  int64_t first[AXES] = { 0, 0, 0 }, phases[AXES], count = 1;
  for (int a = 0; a < AXES; a++)
    {
      const int64_t kernel = n->win.kernel[a], stride = n->win.stride[a];
      count *= phases[a] = stride < kernel ? stride : kernel;
    }
  for (int64_t i = 0; i < count; i++, next_tap (first, phases))
    round_phase (n, outputs, first, r, data);
}

void *
round_weights (const struct graph *g, const struct node *n, enum element e)
{
  const struct shape *in = &g->tensors[n->in[0]].shape;
  const int64_t outputs = g->tensors[n->out].shape.c;
  const bool linear = n->op == OP_LINEAR;
  const int64_t channels = linear ? in->c : in->c / n->groups, taps = linear ? shape_pixels (in) : taps_left (n);
  void *data = heap_array ((size_t) (outputs * channels * taps), (size_t) element_bytes (e));
  struct row r = new_row (channels * taps, e);
  r.channels = channels;
  r.taps = taps;
  if (n->op == OP_TRANSPOSED_CONV)
    round_phases (n, outputs, &r, data);
  else
    round_outputs (n, outputs, &r, data);
  free_row (&r);
  return data;
}

void *
round_second (const struct graph *g, const struct node *n, enum element e)
{
  const int64_t outputs = g->tensors[n->out].shape.c, channels = g->tensors[n->in[1]].shape.c;
  void *data = heap_array ((size_t) (outputs * channels), (size_t) element_bytes (e));
  struct row r = new_row (channels, e);
  r.channels = channels;
  r.taps = 1;
  round_outputs (n->second, outputs, &r, data);
  free_row (&r);
  return data;
}
