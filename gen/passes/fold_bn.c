/* y = (x - mean) / sqrt (variance + eps) * weight + bias, as a scale and a bias per channel. */
#include "fold_bn.h"

#include <math.h>

#include "epilogue.h"

static double
value_or (const struct param *p, int64_t i, double otherwise)
{
  return p && p->value ? weight_at (p->value, (size_t) i) : otherwise;
}

/* A node whose result may be scaled and shifted per channel before anything else sees it. */
static bool
takes_affine (const struct graph *g, const struct node *n)
{
  switch (n->op)
    {
    case OP_CONV:
    case OP_TRANSPOSED_CONV:
    case OP_LINEAR:
    case OP_ADD:
    case OP_IDENTITY:
      if (n->op == OP_ADD && n->weight)
        return false;
      return n->ep.act.id == ACT_NONE && graph_uses (g, n->out) == 1;
    default:
      return false;
    }
}

static void
bias_to_epilogue (struct graph *g, struct node *n)
{
  if (!n->bias || !n->bias->value)
    return;
  int64_t c = g->tensors[n->out].shape.c;
  double *bias = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    bias[i] = weight_at (n->bias->value, (size_t) i);
  epilogue_affine (&n->ep, c, NULL, bias);
  n->bias = NULL;
}

static void
fold_one (struct graph *g, struct node *bn)
{
  int64_t c = g->tensors[bn->out].shape.c;
  double *scale = NEW_ARRAY ((size_t) c, double), *bias = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    {
      scale[i] = value_or (bn->weight, i, 1) / sqrt (value_or (bn->variance, i, 1) + bn->eps);
      bias[i] = value_or (bn->bias, i, 0) - value_or (bn->mean, i, 0) * scale[i];
    }
  struct node *before = graph_producer (g, bn->in[0]);
  if (g->keep_tensors || !takes_affine (g, before))
    before = bn;
  epilogue_affine (&before->ep, c, scale, bias);
  bn->op = OP_IDENTITY;
  bn->weight = bn->bias = bn->mean = bn->variance = NULL;
  if (before != bn)
    graph_absorb (g, before, bn);
}

/* Parameters that the weights file may leave out, and does. */
static void
drop_absent (struct node *n)
{
  if (n->weight && n->weight->optional && !n->weight->value)
    n->weight = NULL;
  if (n->bias && n->bias->optional && !n->bias->value)
    n->bias = NULL;
}

void
fold_bn (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      drop_absent (n);
      if (n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV || n->op == OP_LINEAR)
        bias_to_epilogue (g, n);
      if (n->op == OP_BATCH_NORM)
        fold_one (g, n);
    }
  graph_sweep (g);
  graph_check (g);
}
