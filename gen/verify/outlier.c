/* Layers whose outputs are made of tiles or pairs of pixels, with a few values among their inputs that are thousands and
 * millions times the others: every output against the reference, within what rounding may cost it by pack/tile_bound.h.
 *
 * The network runs once more, from inside its hook: before such a layer its inputs are overwritten with random values from
 * -1 to 1 and the large ones, after it the output is compared. */
#include "parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernel.h"
#include "kernels/phases.h"
#include "pack/tile_bound.h"

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
};

struct outliers
{
  const struct graph *g;
  const struct library *lib;
  struct guarded arena, input, output;
  struct random random;
  struct outcome *outcomes; /* one per node; ran only in those of layers in tiles */

  /* of the layer that is running */
  struct planted planted[MOST_PLANTED];
  int count;
  double *in, *residual;
};

/* ---- inputs ---- */

static int64_t
random_below (struct random *r, int64_t end)
{
  int64_t i = (int64_t) (random_uniform (r) * (double) end);
  return i < end ? i : end - 1;
}

static void
plant (struct outliers *l, const struct view *v)
{
  static const double values[] = { 1e6, -1e4, -1e6, 1e4 };
  int64_t most = l->g->batch * shape_pixels (&v->shape) / PIXELS_EACH + 1;
  l->count = most < MOST_PLANTED ? (int) most : MOST_PLANTED;
  for (int i = 0; i < l->count; i++)
    {
      struct planted *p = &l->planted[i];
      *p = (struct planted){ .sample = random_below (&l->random, l->g->batch), .value = values[i % 4], .channel = -1 };
      for (int a = 0; a < AXES; a++)
        p->at[a] = random_below (&l->random, v->shape.dim[a]);
      if (random_uniform (&l->random) < 0.5)
        p->channel = random_below (&l->random, v->shape.c);
      for (int64_t c = 0; c < v->shape.c; c++)
        if (p->channel < 0 || p->channel == c)
          view_set (v, view_at (v, p->sample, c, p->at[AXIS_D], p->at[AXIS_H], p->at[AXIS_W]), p->value);
    }
}

static void
before (struct outliers *l, const struct node *n)
{
  struct view in = view_of_tensor (l->g, n->in[0], l->arena.data);
  if (n->ep.residual >= 0 && n->ep.residual != n->in[0])
    {
      struct view residual = view_of_tensor (l->g, n->ep.residual, l->arena.data);
      view_randomize (&residual, &l->random, -1, 1);
    }
  view_randomize (&in, &l->random, -1, 1);
  plant (l, &in);
  l->in = view_read (&in);
  if (n->ep.residual >= 0)
    {
      struct view residual = view_of_tensor (l->g, n->ep.residual, l->arena.data);
      l->residual = view_read (&residual);
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
tile_error (const struct outliers *l, const struct node *n, const struct tile_bound *b, int64_t sample, int64_t o,
            const int64_t at[AXES])
{
  double sum = b->ordinary[o];
  for (int i = 0; i < l->count; i++)
    {
      const struct planted *p = &l->planted[i];
      if (p->sample == sample && reaches (l->g, n, p, at))
        sum += fabs (p->value) * (p->channel < 0 ? b->pixel[o] : b->one[o * b->channels + i]);
    }
  return sum;
}

static void
compare (struct outliers *l, const struct node *n, const struct view *out, struct outcome *outcome)
{
  const double *in[] = { l->in };
  struct epilogue ep;
  struct expected e = expect_layer (l->g, n, l->lib->weights.data, in, l->residual, &ep);
  int64_t channels[MOST_PLANTED];
  for (int i = 0; i < l->count; i++)
    channels[i] = l->planted[i].channel < 0 ? 0 : l->planted[i].channel;
  struct tile_bound b = tile_bound_of (l->g, n, l->lib->weights.data, channels, l->count);
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
                     + tile_error (l, n, &b, sample, o, place) * (ep.slope ? fmax (1, fabs (ep.slope[o])) : 1);
      outcome->worst = fmax (outcome->worst, error / bound);
      if (!(error <= bound) && !wrong++)
        first = describe_element (out, at, e.value[i], bound);
    }
  if (wrong)
    outcome->failure = mem_printf ("with inputs of up to 1e6: %s; %lld of %lld elements differ", first, (long long) wrong,
                                   (long long) count);
  tile_bound_free (&b);
  free (e.value);
  free (e.magnitude);
}

static void
after (struct outliers *l, const struct node *n, struct outcome *outcome)
{
  struct view out = view_of_tensor (l->g, n->out, l->arena.data);
  compare (l, n, &out, outcome);
  outcome->ran = true;
  free (l->in);
  free (l->residual);
  l->in = l->residual = NULL;
}

/* ---- the run ---- */

static void
hook (void *user, const struct rescast_info *info, int layer, int is_after, void *arena)
{
  struct outliers *l = user;
  const struct node *n = &l->g->nodes[layer];
  (void) arena;
  l->outcomes[layer].kernel = info->layers[layer].kernel;
  if (packs_tiles (n->kernel->packing) && is_after)
    after (l, n, &l->outcomes[layer]);
  else if (packs_tiles (n->kernel->packing))
    before (l, n);
}

static void
run (struct outliers *l, int threads)
{
  const struct library *lib = l->lib;
  struct rescast_config config = { .threads = threads, .target = lib->target };
  struct guarded context = guarded_new (lib->context_bytes ());
  int error = lib->init (context.data, &lib->weights, l->arena.data, l->arena.bytes, &config);
  if (error)
    fatal ("%s_init: %s", lib->name, library_error (lib, error));
  lib->set_hook (context.data, hook, l);
  error = lib->run (context.data, (const float *) (const void *) l->input.data, (float *) (void *) l->output.data);
  if (error)
    fatal ("%s_run: %s", lib->name, library_error (lib, error));
  lib->free (context.data);
  guarded_free (&context);
}

int
verify_outliers (const struct library *lib, const struct graph *g, const struct verify_options *o, struct outcome *list)
{
  const struct rescast_info *info = lib->info ();
  size_t batch = (size_t) g->batch * sizeof (float);
  struct outliers l = { .g = g, .lib = lib, .random = random_seed (o->seed, "outliers") };
  int count = 0;
  l.outcomes = NEW_ARRAY ((size_t) g->node_count, struct outcome);
  for (int i = 0; i < g->node_count; i++)
    count += packs_tiles (g->nodes[i].kernel->packing);
  if (!count)
    return 0;
  l.arena = guarded_new (info->arena_bytes);
  l.input = guarded_new (batch * (size_t) shape_count (&g->tensors[g->nodes[0].out].shape));
  l.output = guarded_new (batch * (size_t) shape_count (&g->tensors[g->nodes[g->node_count - 1].out].shape));
  memset (l.input.data, 0, l.input.bytes);
  run (&l, o->threads);
  count = 0;
  for (int i = 0; i < g->node_count; i++)
    if (packs_tiles (g->nodes[i].kernel->packing))
      {
        struct outcome *result = &list[count++];
        *result = l.outcomes[i];
        result->layer = mem_printf ("%s, outliers", info->layers[i].name);
        result->op = info->layers[i].op;
        if (!result->ran)
          {
            result->kernel = info->layers[i].kernel;
            result->failure = "the layer was not run";
          }
      }
  guarded_free (&l.arena);
  guarded_free (&l.input);
  guarded_free (&l.output);
  return count;
}
