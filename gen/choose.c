/* The cost model, and the choice by least cost. */
#include "choose.h"

#include <stdio.h>
#include <stdlib.h>

/* A model of what a 3x3 or 3x3x3 convolution costs on a core that does MACS multiply-adds a nanosecond and streams weights
 * at STREAM bytes a nanosecond: the larger of both, and the transforms, some OPERATIONS a value. */
#define MACS 48.0
#define STREAM 24.0
#define TRANSFORM_OPERATIONS 3.0
#define CACHE_BYTES (256 * 1024.0)

static double
cost (double sums, double weights, double transformed)
{
  double stream = weights * sizeof (float) > CACHE_BYTES ? weights * sizeof (float) / STREAM : 0;
  double multiply = sums / MACS;
  return ((multiply > stream ? multiply : stream) + transformed * TRANSFORM_OPERATIONS / (MACS / 2)) * 1e-6;
}

double
choose_round (double ms)
{
  char text[32];
  snprintf (text, sizeof text, "%.4g", ms);
  return strtod (text, NULL);
}

static double
model_ms (const struct graph *g, const struct node *n, const struct candidate *c)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  double tiles = (double) g->batch, weights = (double) c->weight_floats;
  for (int a = 0; a < AXES; a++)
    tiles *= (double) ceil_div (out->dim[a], c->choice.algorithm == ALGORITHM_WINOGRAD ? c->choice.tile[a] : 1);
  if (c->choice.algorithm == ALGORITHM_DIRECT)
    return cost (tiles * weights, weights, 0);
  double positions = weights / ((double) in->c * (double) round_up (out->c, 16));
  return cost (tiles * weights, weights, tiles * positions * (double) (in->c + out->c));
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
decide_by_model (const struct graph *g, const struct node *n)
{
  struct decision *d = NEW (struct decision);
  d->count = choice_list (g, n, d->list);
  for (int i = 0; i < d->count; i++)
    d->list[i].ms = choose_round (model_ms (g, n, &d->list[i]));
  d->best = least (d);
  return d->count ? d : NULL;
}

/* The measured times of the candidates that apply to N here; NULL: none. */
static struct decision *
decide_by_wisdom (const struct graph *g, const struct node *n, const struct targets *targets)
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
  if (how->given_count != g->node_count)
    fatal ("%s: the manifest has %d nodes, and its options make %d: generate it again", how->file, how->given_count,
           g->node_count);
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      int64_t floats;
      struct candidate list[CHOICES_MAX];
      if ((how->given[i].decision != NULL) != (choice_list (g, n, list) > 0)
          || (how->given[i].decision && !choice_applies (g, n, how->given[i].choice, &floats)))
        fatal ("%s: the manifest's choice for the layer %s does not apply to it: generate it again", how->file,
               n->name);
      n->choice = how->given[i].choice;
      n->decision = how->given[i].decision;
    }
}

void
choose (struct graph *g, const struct targets *targets)
{
  if (g->choosing && g->choosing->given)
    {
      take_given (g, g->choosing);
      return;
    }
  for (int i = 1; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      struct decision *d = n->op == OP_CONV ? decide_by_wisdom (g, n, targets) : NULL;
      n->decision = d ? d : decide_by_model (g, n);
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
