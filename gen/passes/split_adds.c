/* a + b + c → (a + b) + c, in the order in which the source adds. An addition of one input goes. */
#include "split_adds.h"

#include <string.h>

#include "graph/shape.h"

/* Append N to the new table NODES; its output tensor's producer is told. */
static void
put (struct graph *g, struct node *nodes, int *count, const struct node *n)
{
  nodes[*count] = *n;
  g->tensors[n->out].producer = (*count)++;
}

/* All sums of ADD but the last. */
static void
put_partial_sums (struct graph *g, struct node *nodes, int *count, struct node *add)
{
  int sum = add->in[0];
  for (int k = 1; k + 1 < add->nin; k++)
    {
      struct node part = *add;
      part.name = part.covers = mem_printf ("%s.%d", add->name, k);
      part.in = NEW_ARRAY (2, int);
      part.in[0] = sum;
      part.in[1] = add->in[k];
      part.nin = 2;
      const struct shape first = g->tensors[sum].shape, second = g->tensors[add->in[k]].shape;
      struct shape shape;
      shape_join (&first, &second, &shape);
      part.out = sum = graph_tensor (g, part.name, shape);
      put (g, nodes, count, &part);
    }
  add->in[1] = add->in[add->nin - 1];
  add->in[0] = sum;
  add->nin = 2;
}

void
split_adds (struct graph *g)
{
  int more = 0, count = 0;
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].op == OP_ADD && g->nodes[i].nin == 1 && !g->nodes[i].weight)
      graph_bypass (g, &g->nodes[i]);
    else if (g->nodes[i].op == OP_ADD && g->nodes[i].nin > 2)
      more += g->nodes[i].nin - 2;
  struct node *nodes = NEW_ARRAY ((size_t) (g->node_count + more), struct node);
  for (int i = 0; i < g->node_count; i++)
    {
      if (g->nodes[i].op == OP_ADD && g->nodes[i].nin > 2)
        put_partial_sums (g, nodes, &count, &g->nodes[i]);
      put (g, nodes, &count, &g->nodes[i]);
    }
  g->nodes = nodes;
  g->node_count = g->node_cap = count;
  graph_sweep (g);
  graph_check (g);
}
