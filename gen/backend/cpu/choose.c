/* The cost model, whose constants are in the row of the folder's best target, and the choice by least cost. */
#include "choose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What Winograd's smallest tiles make of the weights of a 3x3 filter: 4 x 4 numbers of 3 x 3. */
#define USUAL_GROWTH (16.0 / 9)

/* Bytes of the weights of all layers but N, which are taken as Winograd's with the smallest tiles: the choices of the
 * others are not known yet. */
static double
other_bytes (const struct graph *g, const struct node *n)
{
  double bytes = 0;
  for (int i = 1; i < g->node_count; i++)
    if (&g->nodes[i] != n && g->nodes[i].weight && g->nodes[i].weight->value)
      bytes += (double) g->nodes[i].weight->value->count * sizeof (float);
  return bytes * USUAL_GROWTH;
}

/* Nanoseconds until BYTES of N's weights are in the cache: none where they still are from the last run, which they are
 * only if the other layers' have not driven them out. */
static double
read_first (const struct target_cost *t, const struct graph *g, const struct node *n, double bytes)
{
  const bool driven_out = t->resident && other_bytes (g, n) + bytes > t->resident;
  return bytes > t->free || driven_out ? bytes / t->stream : 0;
}

/* Nanoseconds to read a direct convolution's weights, those of PHASES one after another: a register tile's stay in the
 * cache, or are read for each tile. FIRST: to read them once. */
static double
read_direct (const struct target_cost *t, double first, double bytes, double pixels, double out, double phases)
{
  bool kept = bytes / phases / ceil (out / t->tile_channels) <= t->kept;
  double again = kept ? 0 : bytes * pixels / t->tile_pixels / t->reread;
  return first > again ? first : again;
}

/* Of a transposed convolution; 1 otherwise. */
static double
phases (const struct node *n)
{
  const int64_t *s = n->win.stride;
  return n->op == OP_CONV ? 1 : (double) (s[AXIS_D] * s[AXIS_H] * s[AXIS_W]);
}

/* Values transformed, times a tile's extents. A stem's inputs are its phases'; a transposed convolution's tiles of
 * inputs serve all phases of its output. */
static double
transformed (const struct graph *g, const struct node *n, const struct candidate *c, double tiles, double edges)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = node_own_shape (g, n);
  double channels = (double) in->c, positions = 1;
  if (n->op == OP_TRANSPOSED_CONV)
    return tiles * (edges / 2 + 2) * (edges / 2 + 2) * (channels + phases (n) * (double) out->c) * edges;
  for (int a = 0; a < AXES; a++)
    {
      positions *= c->choice.tile[a] == 1 ? 1 : c->choice.tile[a] == 2 ? 4 : 6;
      channels *= (double) n->win.stride[a];
    }
  return tiles * positions * (channels + (double) out->c) * edges;
}

/* Pairs of pixels are added up and their products combined; each block of pairs reads all weights. */
static double
strassen_ms (const struct target_cost *t, const struct graph *g, const struct node *n, const struct candidate *c)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  double pairs = (double) (g->batch * ceil_div (shape_pixels (out), 2)),
         bytes = (double) c->weight_floats * sizeof (float);
  double sums = pairs * STRASSEN_PRODUCTS * (double) (in->c + out->c) / 2 * t->addition;
  double multiply = pairs * (double) c->weight_floats / t->macs;
  return (target_overlap (t, multiply, read_first (t, g, n, bytes)) + sums) * 1e-6;
}

static double
model_ms (const struct target_cost *t, const struct graph *g, const struct node *n, const struct candidate *c)
{
  const struct shape *out = node_own_shape (g, n);
  bool direct = c->choice.algorithm == ALGORITHM_DIRECT;
  if (c->choice.algorithm == ALGORITHM_STRASSEN)
    return strassen_ms (t, g, n, c);
  double tiles = (double) g->batch, weights = (double) c->weight_floats, bytes = weights * sizeof (float), edges = 0;
  for (int a = 0; a < AXES; a++)
    {
      int m = direct ? 1 : c->choice.tile[a];
      /* each phase of a transposed convolution has an output in STRIDE, and weights of its own */
      tiles *= (double) ceil_div (ceil_div (out->dim[a], n->op == OP_CONV ? 1 : n->win.stride[a]), m);
      edges += m > 1 ? m : 0;
    }
  const double multiply = tiles * weights / t->macs, first = read_first (t, g, n, bytes);
  if (direct)
    return target_overlap (t, multiply, read_direct (t, first, bytes, tiles, (double) out->c, phases (n))) * 1e-6;
  double transform = transformed (g, n, c, tiles, edges) * t->transform;
  return (target_overlap (t, multiply, first) + transform) * 1e-6;
}

/* The index of the least time. */
static int
least (const struct decision *d)
{
  int best = 0;
  for (int i = 1; i < d->count; i++)
    if (d->list[i].ms < d->list[best].ms)
      best = i;
  return best;
}

static struct decision *
decide_by_model (const struct target_cost *t, const struct graph *g, const struct node *n)
{
  struct decision *d = NEW (struct decision);
  d->count = choice_list (g, n, d->list);
  for (int i = 0; i < d->count; i++)
    d->list[i].ms = decision_round (model_ms (t, g, n, &d->list[i]));
  d->best = least (d);
  return d->count ? d : NULL;
}

/* The measured times of the candidates that apply to N here; NULL: none. */
static struct decision *
decide_by_wisdom (const struct graph *g, const struct node *n, const struct cpu_targets *targets)
{
  const struct choosing *how = g->choosing;
  const struct wisdom_entry *e = how && how->wisdom ? wisdom_find (how->wisdom, targets, choice_layer (g, n)) : NULL;
  struct decision *d = NEW (struct decision);
  int best = -1;
  d->measured = true;
  for (int i = 0; e && i < e->count; i++)
    {
      struct candidate c = e->list[i];
      if (!choice_applies (g, n, c.choice, &c.weight_floats))
        continue;
      if (choice_equal (c.choice, e->choice))
        best = d->count;
      d->list[d->count++] = c;
    }
  d->best = best < 0 ? least (d) : best;
  return d->count ? d : NULL;
}

static void
take_given (struct graph *g, const struct choosing *how)
{
  const struct choices *given = &how->given[g->precision];
  if (given->count != g->node_count)
    fatal ("%s: the manifest has %d nodes, and its options make %d: generate it again", how->file, given->count,
           g->node_count);
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      int64_t floats;
      struct candidate list[CHOICES_MAX];
      if ((given->list[i].decision != NULL) != (choice_list (g, n, list) > 0)
          || (given->list[i].decision && !choice_applies (g, n, given->list[i].choice, &floats)))
        fatal ("%s: the manifest's choice for the layer %s does not apply to it: generate it again", how->file,
               n->name);
      n->choice = given->list[i].choice;
      n->decision = given->list[i].decision;
    }
}

void
choose (struct graph *g, const struct cpu_targets *targets)
{
  if (g->choosing && g->choosing->given[g->precision].list)
    {
      take_given (g, g->choosing);
      return;
    }
  for (int i = 1; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      struct decision *d = n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV ? decide_by_wisdom (g, n, targets) : NULL;
      n->decision = d ? d : decide_by_model (targets->list[0]->cost, g, n);
      if (n->decision)
        n->choice = n->decision->list[n->decision->best].choice;
    }
}

/* ---- a limit on the weights ---- */

static const struct candidate *
current (const struct node *n)
{
  const struct decision *d = n->decision;
  for (int i = 0; d && i < d->count; i++)
    if (choice_equal (d->list[i].choice, n->choice))
      return &d->list[i];
  return NULL;
}

/* Of all layers' candidates with fewer weights, the one that loses least time for each float saved. *NODE: whose. */
static const struct candidate *
cheapest_saving (const struct graph *g, int *node)
{
  const struct candidate *best = NULL;
  double price = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct candidate *now = current (&g->nodes[i]);
      for (int k = 0; now && k < g->nodes[i].decision->count; k++)
        {
          const struct candidate *c = &g->nodes[i].decision->list[k];
          if (c->weight_floats >= now->weight_floats)
            continue;
          double p = (c->ms - now->ms) / (double) (now->weight_floats - c->weight_floats);
          if (!best || p < price)
            {
              best = c;
              price = p;
              *node = i;
            }
        }
    }
  return best;
}

/* Of all candidates that need at most SPARE more floats, the one that gains most time. */
static const struct candidate *
best_return (const struct graph *g, int64_t spare, int *node)
{
  const struct candidate *best = NULL;
  double gain = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct candidate *now = current (&g->nodes[i]);
      for (int k = 0; now && k < g->nodes[i].decision->count; k++)
        {
          const struct candidate *c = &g->nodes[i].decision->list[k];
          if (c->weight_floats - now->weight_floats <= spare && now->ms - c->ms > gain)
            {
              best = c;
              gain = now->ms - c->ms;
              *node = i;
            }
        }
    }
  return best;
}

bool
choose_smaller (struct graph *g, int64_t floats)
{
  const struct candidate *c;
  int i = 0;
  while (floats > 0 && (c = cheapest_saving (g, &i)))
    {
      floats -= current (&g->nodes[i])->weight_floats - c->weight_floats;
      g->nodes[i].choice = c->choice;
    }
  /* the last saving may have been more than needed */
  while (floats < 0 && (c = best_return (g, -floats, &i)))
    {
      floats += c->weight_floats - current (&g->nodes[i])->weight_floats;
      g->nodes[i].choice = c->choice;
    }
  return floats <= 0;
}
