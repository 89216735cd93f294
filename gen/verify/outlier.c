/* Layers whose outputs are made of tiles or pairs of pixels, with a few values among their inputs that are thousands
 * and millions times the others: every output against the reference, within what rounding may cost it by
 * backend/tile_bound.h. */
#include "verify_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/kernel.h"
#include "backend/phases.h"
#include "backend/backend.h"

enum
{
  MOST_PLANTED = 32,
  PIXELS_EACH = 60 /* of the input, for each large value, so that most outputs do not depend on any */
};

/* A large value: at one pixel of one input channel, or of all. */
struct planted
{
  int64_t sample, channel, at[AXES]; /* channel -1: all */
  double value;
  int bound; /* which of the tile_bound's channels this one is */
};

struct outliers
{
  struct random random;
  struct planted planted[MOST_PLANTED]; /* in the layer that is running */
  int count;
};

struct outliers *
outliers_new (uint64_t seed)
{
  struct outliers *l = NEW (struct outliers);
  l->random = random_seed (seed, "outliers");
  return l;
}

bool
outliers_concern (const struct node *n)
{
  return n->kernel->order->tiles;
}

/* ---- inputs ---- */

static int64_t
random_below (struct random *r, int64_t end)
{
  int64_t i = (int64_t) (random_uniform (r) * (double) end);
  return i < end ? i : end - 1;
}

void
outliers_plant (struct outliers *l, const struct graph *g, const struct view *v)
{
  static const double values[] = { 1e6, -1e4, -1e6, 1e4 };
  int64_t most = g->batch * shape_pixels (&v->shape) / PIXELS_EACH + 1;
  l->count = most < MOST_PLANTED ? (int) most : MOST_PLANTED;
  for (int i = 0; i < l->count; i++)
    {
      struct planted *p = &l->planted[i];
      *p = (struct planted){ .sample = random_below (&l->random, g->batch), .value = values[i % 4], .channel = -1 };
      for (int a = 0; a < AXES; a++)
        p->at[a] = random_below (&l->random, v->shape.dim[a]);
      if (i && random_uniform (&l->random) < 0.5)
        p->channel = random_below (&l->random, v->shape.c);
      for (int64_t c = 0; c < v->shape.c; c++)
        if (p->channel < 0 || p->channel == c)
          view_set (v, view_at (v, p->sample, c, p->at[AXIS_D], p->at[AXIS_H], p->at[AXIS_W]), p->value);
    }
}

/* ---- which outputs a large value may cost ---- */

/* Along axis A: the inputs [*first, *last] that tiles with output O may read, wherever tiles begin. */
static void
reach (const struct graph *g, const struct node *n, int a, int64_t o, int64_t *first, int64_t *last)
{
  const struct window *w = &n->win;
  int64_t m = n->choice.tile[a], kernel = m > 1 ? round_up (w->kernel[a], w->stride[a]) : w->kernel[a], end = o;
  if (n->op == OP_TRANSPOSED_CONV)
    {
      int64_t i = (o + w->pad_lo[a]) / w->stride[a];
      *first = a == AXIS_D ? i - phases_most_taps (w, a, g->tensors[n->out].shape.dim[a]) + 1 : i - m - 1;
      *last = a == AXIS_D ? i : i + m + 1;
      return;
    }
  if (n->pool)
    {
      o = o * n->pool->win.stride[a] - n->pool->win.pad_lo[a];
      end = o + n->pool->win.kernel[a] - 1;
    }
  *first = (o - (m - 1)) * w->stride[a] - w->pad_lo[a];
  *last = (end + m - 1) * w->stride[a] - w->pad_lo[a] + kernel - 1;
}

/* Strassen's pairs: pixels that are half of all pixels apart. */
static bool
paired (const struct node *n, const struct shape *out, const struct planted *p, const int64_t at[AXES])
{
  int64_t pixel = 0, large = 0, apart;
  for (int a = 0; a < AXES; a++)
    {
      if (p->at[a] % n->win.stride[a] || p->at[a] / n->win.stride[a] >= out->dim[a])
        return false;
      pixel = pixel * out->dim[a] + at[a];
      large = large * out->dim[a] + p->at[a] / n->win.stride[a];
    }
  apart = pixel > large ? pixel - large : large - pixel;
  return apart == 0 || apart == ceil_div (shape_pixels (out), 2);
}

static bool
reaches (const struct graph *g, const struct node *n, const struct planted *p, const int64_t at[AXES])
{
  int64_t first, last;
  if (n->choice.algorithm == ALGORITHM_STRASSEN)
    return paired (n, &g->tensors[n->out].shape, p, at);
  for (int a = 0; a < AXES; a++)
    {
      reach (g, n, a, at[a], &first, &last);
      if (p->at[a] < first || p->at[a] > last)
        return false;
    }
  return true;
}

/* ---- the comparison ---- */

/* What tiles add to the error of the output AT of channel O and SAMPLE. */
static double
tile_error (const struct outliers *l, const struct graph *g, const struct node *n, const struct tile_bound *b,
            int64_t sample, int64_t o, const int64_t at[AXES])
{
  double sum = b->ordinary[o];
  for (int i = 0; i < l->count; i++)
    {
      const struct planted *p = &l->planted[i];
      if (p->sample == sample && reaches (g, n, p, at))
        sum += fabs (p->value) * (p->channel < 0 ? b->pixel[o] : b->one[o * b->channels + p->bound]);
    }
  return sum;
}

/* CHANNELS: those that have large values of their own, each once. */
static int
planted_channels (struct outliers *l, int64_t channels[MOST_PLANTED])
{
  int count = 0;
  for (int i = 0; i < l->count; i++)
    {
      struct planted *p = &l->planted[i];
      if (p->channel < 0)
        continue;
      for (p->bound = 0; p->bound < count && channels[p->bound] != p->channel;)
        p->bound++;
      if (p->bound == count)
        channels[count++] = p->channel;
    }
  return count;
}

void
outliers_compare (struct outliers *l, const struct graph *g, const struct node *n, const float *packed,
                  const double *const *in, const double *residual, const struct view *out, struct outcome *outcome)
{
  struct epilogue ep;
  struct expected e = expect_layer (g, n, packed, in, residual, &ep);
  int64_t channels[MOST_PLANTED];
  const int alone = planted_channels (l, channels);
  struct tile_bound b = backend_of (g)->tile_bound (g, n, packed, channels, alone);
  const struct bound direct = direct_bound (e.terms);
  const int64_t *dim = out->shape.dim, pixels = shape_pixels (&out->shape);
  int64_t wrong = 0, count = out->n * shape_count (&out->shape);
  char *first = NULL;
  for (int64_t i = 0; i < count; i++)
    {
      int64_t o = i / pixels % out->shape.c, sample = i / pixels / out->shape.c;
      const int64_t place[AXES] = { i % pixels / (dim[AXIS_H] * dim[AXIS_W]), i / dim[AXIS_W] % dim[AXIS_H],
                                    i % dim[AXIS_W] };
      int64_t at = view_at (out, sample, o, place[AXIS_D], place[AXIS_H], place[AXIS_W]);
      double error = fabs ((double) view_get (out, at) - e.value[i]);
      double bound = direct.value * fabs (e.value[i]) + direct.magnitude * e.magnitude[i] + direct.tiny
                     + tile_error (l, g, n, &b, sample, o, place)
                           * activation_steepest (&ep.act, ep.slope ? ep.slope[o] : 0, 0)
                     + activation_error (&ep.act, e.value[i]);
      outcome->worst = fmax (outcome->worst, error / bound);
      if (!(error <= bound) && !wrong++)
        first = describe_element (out, at, e.value[i], bound);
    }
  if (wrong)
    outcome->failure = mem_printf ("with inputs of up to 1e6: %s; %lld of %lld elements differ", first,
                                   (long long) wrong, (long long) count);
  tile_bound_free (&b);
  free (e.value);
  free (e.magnitude);
}
