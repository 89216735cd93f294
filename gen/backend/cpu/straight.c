/* Straight-line code: where, and how much of it. Its text: straight_text.c. */
#include "straight.h"

#include <math.h>

#include "plan_cpu.h"
#include "select_families.h"

bool
straight_applies (const struct graph *g, const struct node *n)
{
  /* of a block's outputs in several groups some would meet inputs of another group, times 0: a NaN would spread */
  bool alone = n->groups <= 1 || g->tensors[n->out].shape.c / n->groups % BLOCK == 0;
  return (n->op == OP_CONV && !n->pool && alone) || n->op == OP_LINEAR;
}

const struct register_tile *
straight_tile (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  bool alone = in->format.layout == LAYOUT_PLANAR || n->groups > 1
               || blocks (g->tensors[n->out].shape.c) < target->tile.blocks;
  return alone ? &target->single : &target->tile;
}

/* Input channels that some output of the block OB reads: those of its groups. */
static int64_t
channels_read (const struct graph *g, const struct node *n, int64_t ob)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t out_g = out->c / n->groups, first = ob * BLOCK,
          last = first + BLOCK < out->c ? first + BLOCK - 1 : out->c - 1;
  return (last / out_g - first / out_g + 1) * (in->c / n->groups);
}

/* All taps of all pixels, for all outputs of a block. */
static double
executed (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t taps = n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2];
  double macs = 0;
  if (n->op == OP_LINEAR)
    return (double) shape_count (in) * (double) out->c;
  for (int64_t ob = 0; ob < blocks (out->c); ob++)
    macs += (double) (channels_read (g, n, ob) * taps)
            * (double) (out->c - ob * BLOCK < BLOCK ? out->c - ob * BLOCK : BLOCK);
  return macs * (double) shape_pixels (out);
}

struct kernel *
straight_kernel (const struct graph *g, int index, const struct kernel *loops)
{
  const struct node *n = &g->nodes[index];
  struct weights_place w = weights_of (g, n);
  struct cpu_straight *p = plan_new (&cpu_straight_family);
  *p = (struct cpu_straight){ plan_io_of (g, n), w.ep, plan_residual_of (g, n->ep.residual), index };
  struct kernel *k = kernel_of_plan (n, &cpu_straight_family, p, &w);
  k->node = index;
  k->executed_macs = executed (g, n);
  k->function = mem_printf ("straight%d_%s", index, loops->function);
  k->purpose = mem_printf ("Written out for the layer %s: %s", n->name, loops->purpose);
  k->reason = "straight-line code with the weights in it: --unroll-budget max";
  return k;
}

struct straight_count
straight_count (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct register_tile *tile = straight_tile (g, n, target);
  const struct shape *from = &g->tensors[n->in[0]].shape, *to = &g->tensors[n->out].shape;
  double steps = n->op == OP_LINEAR
                     ? (double) shape_count (from)
                     : (double) (from->c / n->groups * n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2]);
  if (n->op == OP_CONV && n->groups > 1 && to->c / n->groups < BLOCK) /* a block's outputs are of several groups */
    steps *= (double) (BLOCK / (to->c / n->groups) + 1);
  double out_blocks = (double) blocks (to->c), pixels = (double) shape_pixels (to);
  double out_tiles = ceil (out_blocks / tile->blocks);
  double vectors = tile->blocks * tile->vectors, units = out_tiles * ceil (pixels / tile->pixels);
  return (struct straight_count){ .products = steps * pixels * out_tiles, .vectors = vectors,
                                  .loads = steps * units * vectors, .results = pixels * out_tiles * vectors,
                                  .rows = (steps + 3) * out_blocks, .units = units };
}
