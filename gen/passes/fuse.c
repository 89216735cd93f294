/* Epilogue fusion. */
#include "fuse.h"

#include "backend/backend.h"
#include "epilogue.h"

/* Nodes whose kernels end in an epilogue with an activation. */
static bool
has_epilogue (const struct node *n)
{
  switch (n->op)
    {
    case OP_CONV:
    case OP_TRANSPOSED_CONV:
    case OP_LINEAR:
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_MAXIMUM:
    case OP_MINIMUM:
    case OP_POWER:
    case OP_IDENTITY:
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
    case OP_LAYER_NORM:
    case OP_GATE:
      return true;
    default:
      return false;
    }
}

/* Input K of ADD is a convolution that can take the rest of the sum as its residual. */
static bool
can_take_residual (const struct graph *g, const struct node *add, int k)
{
  const struct node *n = graph_producer (g, add->in[k]);
  return (n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV) && n->ep.act.id == ACT_NONE && n->ep.residual < 0 && !n->pool
         && graph_uses (g, n->out) == 1 && g->tensors[add->in[!k]].producer < g->tensors[add->in[k]].producer;
}

/* conv, add → conv with a residual, which takes over what was folded into the addition. */
static void
fuse_add (struct graph *g, struct node *add)
{
  if (add->nin != 2 || add->in[0] == add->in[1]
      || !shape_equal (&g->tensors[add->in[0]].shape, &g->tensors[add->in[1]].shape))
    return;
  int k = can_take_residual (g, add, 0) ? 0 : 1;
  if (!can_take_residual (g, add, k))
    return;
  struct node *conv = graph_producer (g, add->in[k]);
  conv->ep.residual = add->in[!k];
  epilogue_affine (&conv->ep, g->tensors[conv->out].shape.c, add->ep.scale, add->ep.bias);
  add->in[0] = conv->out;
  add->nin = 1;
  add->ep = (struct epilogue){ .residual = -1 };
  graph_absorb (g, conv, add);
}

static double *
slopes (const struct graph *g, const struct node *n)
{
  int64_t c = g->tensors[n->out].shape.c;
  bool same = n->same_param_for_all || n->weight->value->count == 1;
  double *v = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    v[i] = weight_at (n->weight->value, same ? 0 : (size_t) i);
  return v;
}

/* An activation alone becomes an identity with it; behind a layer with an epilogue it disappears. Behind a fused
 * maximum it may go in front of that where the order does not matter. */
static void
fuse_activation (struct graph *g, struct node *n)
{
  n->ep.slope = activation_has_slope (&n->ep.act) ? slopes (g, n) : NULL;
  n->op = OP_IDENTITY;
  n->weight = NULL;
  struct node *before = graph_producer (g, n->in[0]);
  if (g->keep_tensors || !has_epilogue (before) || before->ep.act.id != ACT_NONE || graph_uses (g, before->out) != 1
      || !activation_is_gentle (&n->ep.act))
    return;
  if (before->pool && !activation_is_monotone (&n->ep.act))
    return;
  before->ep.act = n->ep.act;
  before->ep.slope = n->ep.slope;
  graph_absorb (g, before, n);
}

/* input, conv, max pool → input, conv with a pool. */
static void
fuse_pool (struct graph *g, struct node *pool)
{
  struct node *conv = graph_producer (g, pool->in[0]);
  if (conv->op != OP_CONV || pool->win.dilation[AXIS_D] * pool->win.dilation[AXIS_H] * pool->win.dilation[AXIS_W] != 1
      || conv->pool || conv->in[0] != g->nodes[0].out || conv->ep.residual >= 0
      || graph_uses (g, conv->out) != 1 || !graph_planar_input (g) || !backend_of (g)->takes_pool (g, conv, &pool->win))
    return;
  conv->pool = NEW (struct fused_pool);
  conv->pool->win = pool->win;
  conv->pool->before = g->tensors[conv->out].shape;
  g->tensors[conv->out].shape = g->tensors[pool->out].shape;
  graph_absorb (g, conv, pool);
}

void
fuse (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      if (n->op == OP_ACTIVATION)
        fuse_activation (g, n);
      else if (n->op == OP_ADD && !g->keep_tensors)
        fuse_add (g, n);
      else if (n->op == OP_MAX_POOL && !g->keep_tensors && !g->straight)
        fuse_pool (g, n);
    }
  graph_sweep (g);
  graph_check (g);
}
