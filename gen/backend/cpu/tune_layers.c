/* Shapes of convolutions, their candidates and samples. */
#include "tune_cpu.h"

#include <stdlib.h>
#include <string.h>

#include "backend/kernel.h"

/* What must be gained for a change: less is noise. */
#define LEAST_GAIN 0.02

struct choice
tuned_choice (const struct node *n)
{
  struct choice c = n->choice;
  if (c.order == ORDER_OF_SHAPE && n->kernel->family == &cpu_conv_direct_family)
    {
      const struct cpu_conv_direct *p = n->kernel->plan;
      c.order = p->strips_first ? ORDER_STRIPS_FIRST : ORDER_BLOCKS_FIRST;
    }
  return c;
}

static int
index_of (const struct tuned_layer *l, struct choice c)
{
  for (int i = 0; i < l->count; i++)
    if (choice_equal (l->list[i].choice, c))
      return i;
  return -1;
}

static struct tuned_layer
layer_of (const struct graph *g, const struct node *n, const char *shape)
{
  struct tuned_layer l = { .shape = shape, .name = n->name, .nodes = 1 };
  l.count = choice_list_measured (g, n, l.list);
  l.current = index_of (&l, tuned_choice (n));
  if (l.current < 0)
    l.current = index_of (&l, n->choice);
  if (l.current < 0)
    l.current = 0;
  return l;
}

struct tuned_layers
tuned_layers_of (const struct graph *g)
{
  struct tuned_layers l = { .list = NEW_ARRAY ((size_t) g->node_count, struct tuned_layer) };
  l.of_node = NEW_ARRAY ((size_t) g->node_count, int);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      l.of_node[i] = -1;
      if (!n->decision)
        continue;
      const char *shape = choice_layer (g, n);
      int k = 0;
      while (k < l.count && strcmp (l.list[k].shape, shape))
        k++;
      if (k == l.count)
        l.list[l.count++] = layer_of (g, n, shape);
      else
        l.list[k].nodes++;
      l.of_node[i] = k;
      if (l.list[k].count > l.variants)
        l.variants = l.list[k].count;
    }
  return l;
}

/* The candidate that a layer has in variant K. */
static int
candidate_of (const struct tuned_layer *l, int k)
{
  return k >= 0 && k < l->count && !l->failed[k] ? k : l->current;
}

struct choosing *
tuned_variant (const struct tuned_layers *l, const struct graph *g, int k, int first, int end, const char *dir)
{
  struct choosing *how = NEW (struct choosing);
  struct chosen *list = NEW_ARRAY ((size_t) g->node_count, struct chosen);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const int layer = l->of_node[i];
      list[i] = (struct chosen){ n->choice, n->decision };
      if (layer >= first && layer < end && candidate_of (&l->list[layer], k) == k)
        list[i].choice = l->list[layer].list[k].choice;
    }
  *how = (struct choosing){ .file = dir };
  how->given[g->precision] = (struct choices){ list, g->node_count };
  return how;
}

static void
add_sample (struct tuned_layer *l, int c, double ms)
{
  if (l->sample_count[c] == l->sample_cap[c])
    {
      l->sample_cap[c] = l->sample_cap[c] ? 2 * l->sample_cap[c] : 16;
      double *grown = NEW_ARRAY ((size_t) l->sample_cap[c], double);
      if (l->sample_count[c])
        memcpy (grown, l->samples[c], (size_t) l->sample_count[c] * sizeof *grown);
      l->samples[c] = grown;
    }
  l->samples[c][l->sample_count[c]++] = ms;
}

/* A layer's sample is the mean of its nodes: they differ by what else is in the caches. */
void
tuned_add (struct tuned_layers *l, const double *ms, int nodes, int k)
{
  double *sum = NEW_ARRAY ((size_t) l->count + 1, double);
  for (int i = 0; i < nodes; i++)
    if (l->of_node[i] >= 0)
      sum[l->of_node[i]] += ms[i];
  for (int i = 0; i < l->count; i++)
    add_sample (&l->list[i], candidate_of (&l->list[i], k), sum[i] / l->list[i].nodes);
}

static void
leave_out_failed (struct tuned_layer *t)
{
  int kept = 0, current = t->current;
  for (int c = 0; c < t->count; c++)
    {
      if (t->failed[c])
        continue;
      if (c == current)
        t->current = kept;
      t->list[kept] = t->list[c];
      t->samples[kept] = t->samples[c];
      t->sample_count[kept++] = t->sample_count[c];
    }
  t->count = kept;
}

void
tuned_decide (struct tuned_layers *l)
{
  for (int i = 0; i < l->count; i++)
    {
      struct tuned_layer *t = &l->list[i];
      leave_out_failed (t);
      for (int c = 0; c < t->count; c++)
        t->list[c].ms = decision_round (median (t->samples[c], t->sample_count[c]));
      t->best = t->current;
      for (int c = 0; c < t->count; c++)
        if (t->list[c].ms < t->list[t->best].ms && t->list[c].ms < t->list[t->current].ms * (1 - LEAST_GAIN))
          t->best = c;
    }
}
