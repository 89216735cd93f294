/* Layers beside known values. */
#include "parts.h"

#include <math.h>

/* Is what the other engine has of NAME, in every order that it may be in, another value? */
static void
look_at_named (struct agreement *a, const struct known_list *k, int i, const char *name, const double *value,
               size_t count)
{
  a->named[i] = known_named (k, name, count);
  if (a->named[i])
    a->error[i] = known_error (value, a->named[i]->value, count);
}

/* Whether a layer behind I is good. */
static bool
good_behind (const struct graph *g, const struct agreement *a, int i)
{
  for (int j = i + 1; j < g->node_count; j++)
    if (a->good[j] && !g->nodes[j].dead && node_reads (&g->nodes[j], g->nodes[i].out))
      return true;
  return false;
}

/* Is the network's output, with the channels first or last, what the other engine has for its own? True where that, or
 * the output, is not known. */
static bool
ends_alike (const struct graph *g, double *const *values, const struct known_list *k)
{
  const int out = g->nodes[g->node_count - 1].in[0];
  const size_t count = (size_t) (g->batch * shape_count (&g->tensors[out].shape));
  if (k->output < 0 || !values[out])
    return true;
  for (int i = k->output; i < k->count && k->list[i].name == k->list[k->output].name; i++)
    if (k->list[i].count == count && known_error (values[out], k->list[i].value, count) <= k->tolerance)
      return true;
  return false;
}

static void
find_first (const struct graph *g, double *const *values, const struct known_list *k, struct agreement *a)
{
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->dead || n->op == OP_OUTPUT || !values[n->out] || a->good[i])
        continue;
      if (a->first < 0)
        a->first = i;
      if (a->told < 0 && a->named[i])
        a->told = i;
    }
  a->differs = a->told >= 0 || !ends_alike (g, values, k);
}

struct agreement
agreement_of (const struct graph *g, double *const *values, struct known_list *k)
{
  const size_t count = (size_t) g->node_count + 1;
  struct agreement a = { .agrees = NEW_ARRAY (count, bool),
                         .good = NEW_ARRAY (count, bool),
                         .named = NEW_ARRAY (count, const struct known *),
                         .error = NEW_ARRAY (count, double),
                         .first = -1,
                         .told = -1 };
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const size_t elements = (size_t) (g->batch * shape_count (&g->tensors[n->out].shape));
      double error;
      if (n->dead || n->op == OP_OUTPUT || !values[n->out])
        continue;
      look_at_named (&a, k, i, g->tensors[n->out].name, values[n->out], elements);
      a.agrees[i] = known_like (k, values[n->out], elements, false, &error) != NULL;
      a.agreeing += a.agrees[i];
    }
  for (int i = 0; i < g->node_count; i++)
    for (int x = 0; x < k->count && a.agrees[i]; x++)
      {
        const struct node *n = &g->nodes[i];
        const size_t elements = (size_t) (g->batch * shape_count (&g->tensors[n->out].shape));
        struct known *known = &k->list[x];
        if (!known->taken && !known->constant && known->count == elements)
          known->taken = known_error (values[n->out], known->value, elements) <= k->tolerance;
      }
  for (int i = g->node_count - 1; i >= 0; i--)
    a.good[i] = a.agrees[i] || good_behind (g, &a, i);
  find_first (g, values, k, &a);
  return a;
}
