/* Convolutions and linear layers in bf16 by pairs of input channels. */
#include "pairs.h"
#include "plan_cpu.h"
#include "select_families.h"
#include "shares.h"

#include <inttypes.h>

/* Lines of weights of a k-step, and so many tiles at most does a block of outputs have whose weights are used up so
 * soon that the next block's are prefetched meanwhile. */
#define STEP_LINES (PAIRS_STEP * 2 / 64)
#define MOST_TILES 8

/* The part of the peak that products reach, as measured. */
#define PEAK_PART 0.8

/* How threads share the register tiles of N's kernel, STEPS k-steps on the mean: rows are blocks of channels. */
static struct work *
work_of (const struct graph *g, const struct node *n, struct plan_cut cut, double steps, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const double step_bytes = PAIRS_STEP * sizeof (uint16_t);
  struct work *w = NEW (struct work);
  *w = (struct work){ .rows = graph_blocks (g, n->out),
                      .columns = g->batch * node_own_shape (g, n)->dim[AXIS_D] * (cut.count + cut.smaller),
                      .panels = 1,
                      .fewest = 1,
                      .cut = cut,
                      .high = { 1, 1, 0 },
                      .unit_ns = (double) cut.size * steps * PAIRS_STEP / (PEAK_PART * target->cost->macs),
                      .row_bytes = steps * step_bytes };
  w->column_bytes = (double) (g->batch * format_channels (&in->format, &in->shape) * shape_pixels (&in->shape))
                    * sizeof (uint16_t) / (double) w->columns / (n->groups > 1 ? (double) w->rows : 1);
  return w;
}

#define PAIRS_REASON "products of pairs of input channels, 32 channels a step"

/* With the pool behind it. */
static struct kernel *
select_pooled (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct weights_place w = weights_of (g, n);
  struct cpu_conv_pairs_pool *p = plan_new (&cpu_conv_pairs_pool_family);
  *p = (struct cpu_conv_pairs_pool){ .io = plan_io_of (g, n),
                                     .win = plan_window_of (&n->win),
                                     .sums = plan_sums_of (g, n, &w, first_tap_at (&g->tensors[n->in[0]], &n->win)),
                                     .steps = plan_steps_of (g, n),
                                     .tile = plan_register_tile_of (&target->tile),
                                     .size = target->tile.pixels,
                                     .pool = plan_pool_of (n->pool),
                                     .strip = pairs_pool_strip (n->pool, g->tensors[n->out].shape.dim[AXIS_H]) };
  struct kernel *k = kernel_of_plan (n, &cpu_conv_pairs_pool_family, p, &w);
  k->executed_macs = (double) (shape_pixels (node_own_shape (g, n)) * g->tensors[n->out].shape.c)
                     * (double) (p->steps.count * 2 * p->steps.pairs);
  k->pieces = pairs_pool_pieces (g, n, PEAK_PART * target->cost->macs);
  name_conv (k, g, n, PAIRS_REASON);
  return k;
}

struct kernel *
select_pairs (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const struct shape *own = node_own_shape (g, n);
  const struct weights_place w = weights_of (g, n);
  const struct register_tile *tile = &target->tile;
  if (n->pool)
    return select_pooled (g, n, target);
  struct cpu_conv_pairs *p = plan_new (&cpu_conv_pairs_family);
  *p = (struct cpu_conv_pairs){ .io = plan_io_of (g, n),
                                .win = plan_window_of (&n->win),
                                .sums = plan_sums_of (g, n, &w, first_tap_at (in, &n->win)),
                                .inputs = plan_input_blocks_of (g, n),
                                .steps = plan_steps_of (g, n),
                                .tile = plan_register_tile_of (tile),
                                .cut = plan_cut_of (own->dim[AXIS_H] * own->dim[AXIS_W], tile->pixels) };
  int64_t tiles = (p->cut.count + p->cut.smaller) * own->dim[AXIS_D];
  p->prefetch = tiles <= MOST_TILES && graph_blocks (g, n->out) > 1 ? ceil_div (STEP_LINES, tiles) : 0;
  int64_t steps = 0;
  for (int64_t d = 0; d < own->dim[AXIS_D]; d++)
    steps += p->steps.planes.i[2 * d + 1] - p->steps.planes.i[2 * d];
  struct work *work = work_of (g, n, p->cut, (double) steps / (double) own->dim[AXIS_D], target);
  p->shares = shares_of (work, target);
  struct kernel *k = kernel_of_plan (n, &cpu_conv_pairs_family, p, &w);
  k->adds_in_place = true;
  shares_set (k, work, target);
  k->executed_macs = (double) (own->dim[AXIS_H] * own->dim[AXIS_W] * g->tensors[n->out].shape.c)
                     * (double) (steps * 2 * p->steps.pairs);
  name_conv (k, g, n, PAIRS_REASON);
  return k;
}

/* ---- transposed ---- */

struct kernel *
select_transposed_pairs (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const struct register_tile *tile = &target->tile;
  const struct weights_place w = weights_of (g, n);
  struct cpu_conv_transposed_pairs *p = plan_new (&cpu_conv_transposed_pairs_family);
  int64_t pixels = 1, in_blocks = graph_blocks (g, n->in[0]);
  for (int a = AXIS_H; a < AXES; a++)
    pixels *= ceil_div (out->dim[a], n->win.stride[a]);
  *p = (struct cpu_conv_transposed_pairs){ .io = plan_io_of (g, n),
                                           .d = plan_phases_of (&n->win, AXIS_D, in->dim[AXIS_D], out->dim[AXIS_D]),
                                           .h = plan_phases_of (&n->win, AXIS_H, in->dim[AXIS_H], out->dim[AXIS_H]),
                                           .w = plan_phases_of (&n->win, AXIS_W, in->dim[AXIS_W], out->dim[AXIS_W]),
                                           .s = plan_axes_of (n->win.stride),
                                           .pairs = in_blocks > 1 ? graph_block (g) / 2 : ceil_div (in->c, 2),
                                           .ep = w.ep,
                                           .res = plan_residual_of (g, n->ep.residual),
                                           .tile = plan_register_tile_of (tile) };
  p->tiles = ceil_div (pixels, tile->pixels);
  p->size = ceil_div (pixels, p->tiles);
  struct kernel *k = kernel_of_plan (n, &cpu_conv_transposed_pairs_family, p, &w);
  k->executed_macs = (double) (p->d.all_taps * p->d.count * p->h.all_taps * p->w.all_taps)
                     * (double) (p->tiles * p->size * in_blocks * 2 * p->pairs * out->c);
  name_kernel (k, g, n,
               mem_printf ("deconv%s%s", window_name (in->rank, n->win.kernel), stride_name (in->rank, n->win.stride)),
               n->type);
  k->reason = "a dense convolution by pairs of input channels for each output phase";
  return k;
}

/* ---- linear ---- */

struct kernel *
select_linear_pairs (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct weights_place w = weights_of (g, n);
  struct cpu_linear_pairs *p = plan_new (&cpu_linear_pairs_family);
  *p = (struct cpu_linear_pairs){ .io = plan_io_of (g, n),
                                  .block_weights = w.count / graph_blocks (g, n->out),
                                  .ep = w.ep,
                                  .vectors = target->single.vectors };
  struct kernel *k = kernel_of_plan (n, &cpu_linear_pairs_family, p, &w);
  k->pieces = shares_pieces ((double) (g->batch * graph_blocks (g, n->out)),
                             (double) w.count * sizeof (uint16_t) / target->cost->stream);
  name_kernel (k, g, n, "linear", n->type);
  k->reason = "products of pairs of inputs";
  return k;
}
