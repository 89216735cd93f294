/* Convolutions of bf16 numbers by tile products. */
#include "orders.h"
#include "pairs.h"
#include "plan_cpu.h"
#include "grouped.h"
#include "select_families.h"
#include "tiling.h"

/* Of groups whose tiles of weights are made on the stack, 2 KiB for each tap. */
#define MOST_TAPS 64

#define TILES_REASON "products of tiles: 16 pixels by 32 inputs by 16 output channels"

/* With the pool behind it. */
static struct kernel *
select_pooled (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct weights_place w = weights_of (g, n);
  const struct window *pool = &n->pool->win;
  double macs;
  struct cpu_conv_tiles_pool *p = plan_new (&cpu_conv_tiles_pool_family);
  *p = (struct cpu_conv_tiles_pool){ .io = plan_io_of (g, n),
                                     .win = plan_window_of (&n->win),
                                     .sums = plan_sums_of (g, n, &w, first_tap_at (&g->tensors[n->in[0]], &n->win)),
                                     .steps = plan_steps_of (g, n),
                                     .pool = plan_pool_of (n->pool),
                                     .strip = pairs_pool_strip (n->pool, g->tensors[n->out].shape.dim[AXIS_H]) };
  p->tiling = tiling_of (g, n, &p->steps, true, &macs);
  p->tiling.lines = (p->strip - 1) * pool->stride[AXIS_H] + pool->kernel[AXIS_H];
  struct kernel *k = kernel_of_plan (n, &cpu_conv_tiles_pool_family, p, &w);
  k->executed_macs = macs;
  k->pieces = pairs_pool_pieces (g, n, target->cost->macs);
  name_conv (k, g, n, TILES_REASON);
  return k;
}

struct kernel *
select_tiles (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct weights_place w = weights_of (g, n);
  double macs;
  if (n->pool)
    return select_pooled (g, n, target);
  struct cpu_conv_tiles *p = plan_new (&cpu_conv_tiles_family);
  *p = (struct cpu_conv_tiles){ .io = plan_io_of (g, n),
                                .win = plan_window_of (&n->win),
                                .sums = plan_sums_of (g, n, &w, first_tap_at (&g->tensors[n->in[0]], &n->win)),
                                .inputs = plan_input_blocks_of (g, n),
                                .steps = plan_steps_of (g, n) };
  p->tiling = tiling_of (g, n, &p->steps, p->inputs.differ, &macs);
  struct work *work = work_of_tiles (g, n, &p->steps, &p->tiling);
  p->shares = shares_of (work, target);
  struct kernel *k = kernel_of_plan (n, &cpu_conv_tiles_family, p, &w);
  k->adds_in_place = true;
  shares_set (k, work, target);
  k->executed_macs = macs;
  name_conv (k, g, n, TILES_REASON);
  return k;
}

bool
grouped_tiles_apply (const struct graph *g, const struct node *n)
{
  return grouped_pairs_apply (g, n) && taps_left (n) <= MOST_TAPS;
}

struct kernel *
select_grouped_tiles (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct weights_place w = weights_of (g, n);
  const struct tensor *in = &g->tensors[n->in[0]];
  const struct plan_steps s = plan_steps_of (g, n);
  double macs;
  struct cpu_conv_tiles_grouped *p = plan_new (&cpu_conv_tiles_grouped_family);
  *p = (struct cpu_conv_tiles_grouped){ .io = plan_io_of (g, n),
                                        .win = plan_window_of (&n->win),
                                        .sums = plan_sums_of (g, n, &w, first_tap_at (in, &n->win)),
                                        .lanes = in->shape.c / n->groups,
                                        .steps = { s.count, s.pairs, s.at, s.some, s.planes, s.x_pixel, s.x_line,
                                                   s.x_plane } };
  p->tiling = tiling_of (g, n, &s, true, &macs);
  struct work *work = work_of_tiles (g, n, &s, &p->tiling);
  p->shares = shares_of (work, target);
  struct kernel *k = kernel_of_plan (n, &cpu_conv_tiles_grouped_family, p, &w);
  shares_set (k, work, target);
  k->executed_macs = macs;
  k->reason = "small groups: products of tiles with zeros for the channels of other groups";
  return k;
}
