/* multiply (x, linear (linear (v))) → gate (x, v); where v is the mean of a map y and the backend's kernels compute it
 * in parts, gate (x, squeeze (y)). */
#include "fuse_gates.h"

#include "backend/backend.h"

/* More results of the first product than this are not kept on a thread's stack. */
#define MOST_REDUCED 4096

/* The linear layer that computes tensor T for READER alone, from a vector; or NULL. */
static struct node *
product (const struct graph *g, int t, const struct node *reader)
{
  struct node *n = graph_producer (g, t);
  return n->op == OP_LINEAR && graph_only_reader (g, t) == reader && n->ep.residual < 0
                 && !activation_has_slope (&n->ep.act) && shape_pixels (&g->tensors[n->in[0]].shape) == 1
             ? n
             : NULL;
}

/* MEAN, the vector of GATE, becomes all of the first product but the sum of its parts. */
static void
squeeze_mean (struct graph *g, struct gate *gate, struct node *mean)
{
  const struct shape *in = &g->tensors[mean->in[0]].shape;
  backend_of (g)->parts_of_gate (g, in, &gate->part_channels, &gate->part_pixels);
  gate->parts = ceil_div (in->c, gate->part_channels) * ceil_div (shape_pixels (in), gate->part_pixels);
  mean->op = OP_SQUEEZE;
  mean->type = "squeeze";
  mean->gate = gate;
  mean->macs = gate->reduce.macs;
  mean->covers = mem_printf ("%s+%s", mean->covers, gate->reduce.covers);
  mean->shape_hint.c = g->tensors[mean->out].shape.c = gate->parts * gate->reduce.shape_hint.c;
}

/* N, whose input K is the gate that EXPAND makes of what REDUCE yields, becomes one layer. */
static void
fuse_gate (struct graph *g, struct node *n, int k, struct node *reduce, struct node *expand)
{
  struct gate *gate = NEW (struct gate);
  const int x = n->in[!k], vector = reduce->in[0];
  gate->reduce = *reduce;
  gate->expand = *expand;
  gate->features = g->tensors[vector].shape.c;
  n->gate = gate;
  n->op = OP_GATE;
  n->type = "squeeze and excite";
  n->in[0] = x;
  n->in[1] = vector;
  n->macs = expand->macs;
  n->covers = mem_printf ("%s+%s", expand->covers, n->covers);
  if (backend_of (g)->parts_of_gate)
    {
      n->type = "excite";
      squeeze_mean (g, gate, graph_producer (g, vector));
    }
  else
    {
      n->macs += reduce->macs;
      n->covers = mem_printf ("%s+%s", reduce->covers, n->covers);
    }
  reduce->dead = expand->dead = true;
}

/* Can the backend's kernels begin with the vector T, which REDUCE reads? */
static bool
takes_vector (const struct graph *g, int t, const struct node *reduce)
{
  const struct node *mean = graph_producer (g, t);
  return !backend_of (g)->parts_of_gate || (mean->op == OP_GLOBAL_AVERAGE_POOL && graph_only_reader (g, t) == reduce);
}

void
fuse_gates (struct graph *g)
{
  if (!backend_of (g)->takes_gate || g->keep_tensors || g->straight)
    return;
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      if (n->op != OP_MULTIPLY || n->nin != 2 || n->in[0] == n->in[1] || shape_pixels (&g->tensors[n->out].shape) == 1)
        continue;
      for (int k = 0; k < 2 && n->op == OP_MULTIPLY; k++)
        {
          struct node *expand = product (g, n->in[k], n);
          struct node *reduce = expand ? product (g, expand->in[0], expand) : NULL;
          if (reduce && shape_equal (&g->tensors[n->in[!k]].shape, &g->tensors[n->out].shape)
              && g->tensors[n->in[k]].shape.c == g->tensors[n->out].shape.c
              && g->tensors[expand->in[0]].shape.c <= MOST_REDUCED && takes_vector (g, reduce->in[0], reduce))
            fuse_gate (g, n, k, reduce, expand);
        }
    }
  graph_sweep (g);
  graph_check (g);
}
