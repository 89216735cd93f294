#include "plan_cpu.h"

#include "orders.h"
#include "weights.h"

/* The register tile of node N's kernel: neighbouring blocks of outputs share one when they read the same inputs. */
const struct register_tile *
target_tile_of (const struct graph *g, const struct node *n, const struct target *target)
{
  bool planar = g->tensors[n->in[0]].format.layout == LAYOUT_PLANAR;
  bool alone = planar || n->groups > 1 || blocks (g->tensors[n->out].shape.c) < target->tile.blocks;
  return alone ? &target->single : &target->tile;
}

struct plan_register_tile
plan_register_tile_of (const struct register_tile *tile)
{
  return (struct plan_register_tile){ tile->blocks, tile->vectors };
}

int64_t
prefetched_floats (int64_t tiles)
{
  return tiles ? ceil_div (BLOCK, tiles) : 0;
}

struct weights_place
weights_of (const struct graph *g, const struct node *n)
{
  return weights_with_epilogue (g, n, weights_order (g, n, n->choice), weights_count (g, n, n->choice));
}

struct plan_sums
plan_sums_of (const struct graph *g, const struct node *n, const struct weights_place *w, int64_t in_start)
{
  int64_t out_blocks = graph_blocks (g, n->out) / (w->order == &cpu_strassen_order ? 2 : 1);
  return (struct plan_sums){ in_start, w->count / out_blocks, w->ep, plan_residual_of (g, n->ep.residual) };
}
