/* A network of stages in the notation of He et al., Table 1: what it prints, `network: table` reads. */
#include <inttypes.h>
#include <stdio.h>

#include "summary.h"

static char *
extents (int rank, const int64_t *v)
{
  if (rank == 2)
    return mem_printf ("%" PRId64 "x%" PRId64, v[AXIS_H], v[AXIS_W]);
  return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64, v[AXIS_D], v[AXIS_H], v[AXIS_W]);
}

/* Nothing where all of V is USUAL, which the reader assumes. */
static const char *
stride (int rank, const int64_t *v, int64_t usual)
{
  if (v[AXIS_H] == v[AXIS_W] && (rank == 2 || v[AXIS_D] == v[AXIS_H]))
    return v[AXIS_W] == usual ? "" : mem_printf (", stride %" PRId64, v[AXIS_W]);
  return mem_printf (", stride %s", extents (rank, v));
}

static void
row (const char *name, const struct graph *g, const struct node *last, const char *text)
{
  const struct shape *s = &g->tensors[last->out].shape;
  printf ("%-8s  %-12s  %s\n", name, s->rank ? extents (g->rank, s->dim) : "1", text);
}

static char *
conv_text (const struct graph *g, const struct node *n)
{
  const char *groups = n->groups > 1 ? mem_printf (", C=%" PRId64, n->groups) : "";
  return mem_printf ("%s, %" PRId64 "%s", extents (g->rank, n->win.kernel), g->tensors[n->out].shape.c, groups);
}

/* Nodes FIRST … of one stage: its first block's convolutions, the number of blocks, and the stride where it is not
 * what the notation takes for granted: 2 where the first convolution has more filters than the one before, *FILTERS.
 * Returns the stage's last node. */
static int
print_stage (const struct graph *g, int first, int64_t *filters)
{
  struct text t = { 0 };
  int stage = g->nodes[first].stage, last = first, blocks = 0;
  int64_t strides[AXES] = { 1, 1, 1 }, width = 0;
  text_add (&t, "[");
  for (int i = first; i < g->node_count && g->nodes[i].stage == stage; i++)
    {
      const struct node *n = &g->nodes[i];
      last = i;
      blocks = n->block;
      if (n->op != OP_CONV || n->on_shortcut || n->block != 1)
        continue;
      text_printf (&t, "[%s]", conv_text (g, n));
      width = width ? width : g->tensors[n->out].shape.c;
      for (int a = 0; a < AXES; a++)
        strides[a] *= n->win.stride[a];
    }
  text_printf (&t, "]x%d%s", blocks, stride (g->rank, strides, *filters && width > *filters ? 2 : 1));
  *filters = width;
  row (mem_printf ("conv%d_x", stage + 1), g, &g->nodes[last], t.s);
  return last;
}

void
summary_table (const struct graph *g)
{
  double macs = 0;
  int64_t filters = 0; /* of the first convolution of the stage before */
  printf ("%-8s  %-12s  %s\n", "layer", "output size", g->name);
  const char *name = "conv1";
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      macs += n->macs;
      if (n->stage)
        {
          int last = print_stage (g, i, &filters);
          for (; i < last; i++)
            macs += g->nodes[i + 1].macs;
        }
      else if (n->op == OP_CONV)
        {
          row (name, g, n, mem_printf ("%s%s", conv_text (g, n), stride (g->rank, n->win.stride, 1)));
          filters = g->tensors[n->out].shape.c;
        }
      else if (n->op == OP_MAX_POOL || n->op == OP_AVERAGE_POOL)
        row ("", g, n, mem_printf ("%s %s pool%s", extents (g->rank, n->win.kernel),
                                   n->op == OP_MAX_POOL ? "max" : "average", stride (g->rank, n->win.stride, 1)));
      else if (n->op == OP_LINEAR)
        row ("", g, n, mem_printf ("average pool, %" PRId64 "-d fc%s", g->tensors[n->out].shape.c,
                                   g->probabilities ? ", softmax" : ""));
    }
  printf ("%-8s  %-12s  %.2f x 10^9 multiply-adds\n", "FLOPs", "", macs / 1e9);
}
