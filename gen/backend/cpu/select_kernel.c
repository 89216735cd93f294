/* One function per kind of kernel: node → template and literal parameters. Convolutions have files of their own. */
#include "select_kernel.h"
#include "plan_groups.h"
#include "select_parts.h"

#include <inttypes.h>

static struct kernel *
select_input (const struct graph *g, const struct node *n)
{
  struct kernel *k = kernel_new (g, n, "input");
  bool per_element = n->mean && n->mean->value && n->mean->value->rank > 1;
  bool std_per_element = n->variance && n->variance->value && n->variance->value->rank > 1;
  const struct shape *s = &g->tensors[n->out].shape;
  int64_t means = n->mean ? (per_element ? shape_count (s) : s->c) : 0;
  int64_t stds = n->variance ? (std_per_element ? shape_count (s) : s->c) : 0;
  set (k, "LAYOUT", "%s", g->tensors[n->out].format.layout == LAYOUT_PLANAR ? "planar" : "blocked");
  set (k, "MEAN", "%s", !n->mean ? "none" : per_element ? "element" : "channel");
  set (k, "STD", "%s", !n->variance ? "none" : std_per_element ? "element" : "channel");
  set_int (k, "STD_AT", NULL, means);
  k->packing = PACK_INPUT;
  k->weight_floats = means + stds;
  k->total_floats = round_up (k->weight_floats, BLOCK);
  name_kernel (k, g, n, "input", mem_printf ("the caller's array into the arena%s", n->mean ? ", normalised" : ""));
  return k;
}

static struct kernel *
select_pool (const struct graph *g, const struct node *n)
{
  bool max = n->op == OP_MAX_POOL;
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  struct cpu_pool *p = plan_new (&cpu_pool_family);
  *p = (struct cpu_pool){ .batch = g->batch, .in = plan_tensor_of (in), .out = plan_tensor_of (out),
                          .halo = plan_halo_of (out), .win = plan_window_of (&n->win),
                          .kind = max ? "max" : n->count_padding ? "average" : "average_inside" };
  struct kernel *k = kernel_of_plan (n, &cpu_pool_family, p, NULL);
  int rank = out->shape.rank;
  name_kernel (k, g, n, mem_printf ("%spool%s%s", max ? "max" : "avg", window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride)), n->type);
  return k;
}

/* identity, add: x (+ residual), then the epilogue. An addition's second input is the kernel's residual. */
static struct kernel *
select_elementwise (const struct graph *g, const struct node *n)
{
  struct kernel *k = kernel_new (g, n, "elementwise");
  set_epilogue (k, g, n);
  set_residual (k, g, n->nin > 1 ? n->in[1] : -1);
  name_kernel (k, g, n, n->op == OP_ADD ? "add" : n->ep.scale ? "affine" : "act", n->type);
  return k;
}

static struct kernel *
select_norm (const struct graph *g, const struct node *n)
{
  struct kernel *k = kernel_new (g, n, "norm");
  const struct shape *s = &g->tensors[n->out].shape;
  int64_t c = round_up (s->c, BLOCK), each = s->c / n->groups;
  k->packing = PACK_NORM;
  k->weight_floats = (n->weight ? c : 0) + (n->bias ? c : 0);
  set_int (k, "GROUPS", NULL, n->groups);
  set_int (k, "GROUP_C", NULL, each);
  /* a unit of work holds whole groups and whole blocks, so that no two threads write one vector */
  int64_t unit = each % BLOCK == 0 ? each / BLOCK : BLOCK % each == 0 ? 1 : blocks (s->c);
  set_int (k, "UNIT_BLOCKS", NULL, unit);
  set (k, "EPS", "%.9g", n->eps);
  set_int (k, "WEIGHT_AT", NULL, n->weight ? 0 : -1);
  set_int (k, "BIAS_AT", NULL, n->bias ? (n->weight ? c : 0) : -1);
  set_epilogue (k, g, n);
  name_kernel (k, g, n, n->op == OP_INSTANCE_NORM ? "instance_norm" : mem_printf ("group_norm%" PRId64, n->groups),
               n->type);
  return k;
}

static struct kernel *
select_linear (const struct graph *g, const struct node *n, const struct target *target)
{
  struct kernel *k = kernel_new (g, n, "linear");
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  k->packing = PACK_LINEAR;
  k->weight_floats = blocks (out->c) * BLOCK * blocks (in->c) * BLOCK * shape_pixels (in);
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, blocks (in->c) * BLOCK * shape_pixels (in) * BLOCK);
  set_epilogue (k, g, n);
  k->of_target = true;
  set_int (k, "TILE_VECTORS", NULL, target->single.vectors);
  name_kernel (k, g, n, "linear", n->type);
  return k;
}

static struct kernel *
select_simple (const struct graph *g, const struct node *n, const char *stem, const char *base)
{
  struct kernel *k = kernel_new (g, n, stem);
  if (n->op == OP_SUBSAMPLE)
    set_axes (k, "S", n->win.stride);
  name_kernel (k, g, n, base, n->op == OP_OUTPUT ? "the arena into the caller's array" : n->type);
  return k;
}

struct kernel *
select_kernel (const struct graph *g, const struct node *n, const struct target *target)
{
  switch (n->op)
    {
    case OP_INPUT:
      return select_input (g, n);
    case OP_CONV:
      return n->choice.algorithm == ALGORITHM_WINOGRAD
               ? (g->tensors[n->in[0]].format.layout == LAYOUT_PLANAR ? select_stem_winograd : select_winograd) (g, n, target)
             : n->choice.algorithm == ALGORITHM_STRASSEN ? select_strassen (g, n, target)
             : grouped_applies (g, n)                  ? select_grouped (g, n, target)
                                                       : select_conv (g, n, target);
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
      return select_pool (g, n);
    case OP_ADD:
    case OP_IDENTITY:
      return select_elementwise (g, n);
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
      return select_norm (g, n);
    case OP_LINEAR:
      return select_linear (g, n, target);
    case OP_GLOBAL_AVERAGE_POOL:
      return select_simple (g, n, "global_pool", "global_pool");
    case OP_SOFTMAX:
      return select_simple (g, n, "softmax", "softmax");
    case OP_TRANSPOSED_CONV:
      return select_transposed (g, n, target);
    case OP_UPSAMPLE:
      return select_upsample (g, n);
    case OP_RESHAPE:
      return select_reshape (g, n);
    case OP_SUBSAMPLE:
      return select_simple (g, n, "subsample", "subsample");
    case OP_OUTPUT:
      return select_simple (g, n, "output", "output");
    default:
      fatal_at (n->loc, "layer %s: the operator %s has no kernel", n->name, op_name (n->op));
    }
}
