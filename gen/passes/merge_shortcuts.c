/* Convolutions of shortcuts. */
#include "merge_shortcuts.h"

#include "backend/backend.h"
#include "epilogue.h"

/* Channels that lie in whole copies of 16 bytes, whatever the precision. */
#define CHANNEL_UNIT 8

static bool
is_plain (const struct graph *g, const struct node *n)
{
  return n->op == OP_CONV && n->groups == 1 && !n->pool && !n->second && backend_of (g)->takes_second (g, n)
         && g->tensors[n->in[0]].shape.c % CHANNEL_UNIT == 0;
}

/* A filter of one tap that meets no padding. */
static bool
is_pointwise (const struct node *n)
{
  bool one = true;
  for (int a = 0; a < AXES; a++)
    one = one && n->win.kernel[a] == 1 && n->win.pad_lo[a] == 0 && n->first_tap[a] == 0;
  for (int i = 0; i < n->weight->rank - 2; i++)
    one = one && n->weight->shape[2 + i] == 1;
  return one;
}

/* MAIN and POINT, one of them N, the other B, whose result is N's residual, become N. */
static void
merge (struct graph *g, struct node *n, struct node *b)
{
  bool swap = !is_pointwise (b);
  struct node main = swap ? *b : *n, *point = NEW (struct node);
  int64_t c = g->tensors[n->out].shape.c;
  *point = swap ? *n : *b;
  n->in = NEW_ARRAY (2, int);
  n->in[0] = main.in[0];
  n->in[1] = point->in[0];
  n->nin = 2;
  n->second = point;
  n->weight = main.weight;
  n->win = main.win;
  for (int a = 0; a < AXES; a++)
    n->first_tap[a] = main.first_tap[a];
  n->type = mem_printf ("%s, and %s of (%s)", main.type, point->type, shape_text (&g->tensors[point->in[0]].shape));
  n->covers = mem_printf ("%s+%s", b->covers, n->covers);
  n->macs += b->macs;
  n->ep.residual = -1;
  n->ep.scale = main.ep.scale;
  epilogue_add_bias (&n->ep, c, b->ep.bias);
  b->dead = true;
  b->op = OP_IDENTITY;
}

void
merge_shortcuts (struct graph *g)
{
  if (!backend_of (g)->takes_second || g->keep_tensors)
    return;
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      if (n->dead || n->op != OP_CONV || n->ep.residual < 0 || n->ep.residual_scale || !is_plain (g, n))
        continue;
      struct node *b = graph_producer (g, n->ep.residual);
      if (graph_uses (g, b->out) == 1 && is_plain (g, b) && b->ep.act.id == ACT_NONE && b->ep.residual < 0
          && (is_pointwise (n) || is_pointwise (b)))
        merge (g, n, b);
    }
  graph_sweep (g);
}
