/* One function per family of kernels: node → plan. Convolutions have files of their own. */
#include "select_kernel.h"
#include "orders.h"
#include "plan_cpu.h"
#include "select_families.h"
#include "shares.h"
#include "weights.h"

#include <inttypes.h>

static struct kernel *
select_input (const struct graph *g, const struct node *n)
{
  const struct tensor *out = &g->tensors[n->out];
  bool per_element = n->mean && n->mean->value && n->mean->value->rank > 1;
  bool std_per_element = n->variance && n->variance->value && n->variance->value->rank > 1;
  struct weights_place w = weights_alone (g, &order_input, weights_count (g, n, n->choice));
  struct cpu_input *p = plan_new (&cpu_input_family);
  *p = (struct cpu_input){ .batch = g->batch,
                           .out = plan_tensor_of (out),
                           .halo = plan_halo_of (out),
                           .lanes = format_lanes (&out->format, &out->shape),
                           .layout = out->format.layout == LAYOUT_PLANAR ? "planar" : "blocked",
                           .mean = !n->mean      ? "none"
                                   : per_element ? "element"
                                                 : "channel",
                           .std = !n->variance      ? "none"
                                  : std_per_element ? "element"
                                                    : "channel",
                           .std_at = input_means (g, n),
                           .most = shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_input_family, p, &w);
  name_kernel (k, g, n, "input", mem_printf ("the caller's array into the arena%s", n->mean ? ", normalised" : ""));
  return k;
}

static struct kernel *
select_pool (const struct graph *g, const struct node *n)
{
  bool max = n->op == OP_MAX_POOL;
  int rank = g->tensors[n->out].shape.rank;
  struct cpu_pool *p = plan_new (&cpu_pool_family);
  *p = (struct cpu_pool){ .io = plan_io_of (g, n),
                          .win = plan_window_of (&n->win),
                          .kind = pool_kind (n),
                          .divisor = pool_divisor (n),
                          .end = pool_end (n, &g->tensors[n->in[0]].shape),
                          .most = shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_pool_family, p, NULL);
  name_kernel (k, g, n, mem_printf ("%spool%s%s", max ? "max" : "avg", window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride)), n->type);
  return k;
}

/* What a kernel for each element is called. */
static const char *
elementwise_name (const struct node *n)
{
  return op_is_binary (n->op) ? op_name (n->op) : n->ep.scale ? "affine" : "act";
}

/* identity, add and other operators of two operands: x, joined with the other one, then the epilogue. */
static struct kernel *
select_elementwise (const struct graph *g, const struct node *n)
{
  struct weights_place w = weights_of (g, n);
  struct cpu_elementwise *p = plan_new (&cpu_elementwise_family);
  *p = (struct cpu_elementwise){ .io = plan_io_of (g, n),
                                 .ep = w.ep,
                                 .first = plan_first_of (g, n),
                                 .res = plan_second_of (g, n),
                                 .operator = operator_name (n->op),
                                 .constant = w.order == &order_operand,
                                 .swapped = n->constant_first,
                                 .most = shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_elementwise_family, p, &w);
  name_kernel (k, g, n, elementwise_name (n), n->type);
  return k;
}

static struct kernel *
select_norm (const struct graph *g, const struct node *n)
{
  struct weights_place w = weights_of (g, n);
  int64_t block = graph_block (g), each = g->tensors[n->out].shape.c / n->groups;
  struct cpu_norm *p = plan_new (&cpu_norm_family);
  *p = (struct cpu_norm){ .io = plan_io_of (g, n),
                          .groups = n->groups,
                          .group_c = each,
                          .mean = norm_mean_name (n->norm_mean),
                          .eps = n->eps,
                          .ep = w.ep,
                          /* whole groups and whole blocks, so that no two threads write one vector */
                          .unit_blocks = each % block == 0   ? each / block
                                         : block % each == 0 ? 1
                                                             : graph_blocks (g, n->out),
                          .norm_weight_at = n->weight ? 0 : -1,
                          .norm_bias_at = !n->bias    ? -1
                                          : n->weight ? graph_padded (g, n->out)
                                                      : 0 };
  struct kernel *k = kernel_of_plan (n, &cpu_norm_family, p, &w);
  name_kernel (k, g, n, n->op == OP_INSTANCE_NORM ? "instance_norm" : mem_printf ("group_norm%" PRId64, n->groups),
               n->type);
  return k;
}

static struct kernel *
select_layer_norm (const struct graph *g, const struct node *n)
{
  struct weights_place w = weights_of (g, n);
  struct cpu_layer_norm *p = plan_new (&cpu_layer_norm_family);
  *p = (struct cpu_layer_norm){ .io = plan_io_of (g, n),
                                .eps = n->eps,
                                .norm_weight_at = n->weight ? 0 : -1,
                                .norm_bias_at = !n->bias    ? -1
                                                : n->weight ? graph_padded (g, n->out)
                                                            : 0,
                                .ep = w.ep,
                                .most = shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_layer_norm_family, p, &w);
  name_kernel (k, g, n, "layer_norm", n->type);
  return k;
}

/* What the two products take beside what is done to each element. */
static double
gate_ns (const struct graph *g, const struct node *n, const struct target *target)
{
  return (double) (g->batch * weights_count (g, n, n->choice)) * sizeof (float) / target->cost->stream;
}

static struct kernel *
select_gate (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct node *reduce = &n->gate->reduce, *expand = &n->gate->expand;
  struct weights_place w = weights_of (g, n);
  const int64_t features = g->tensors[n->in[1]].shape.c, reduced = reduce->shape_hint.c, block = graph_block (g);
  const int64_t bias_at = round_up (reduced, block) * features, expand_at = bias_at + round_up (reduced, block);
  const int64_t by_elements = shares_of_elements (g, n->out), by_weights = shares_most (gate_ns (g, n, target));
  struct cpu_gate *p = plan_new (&cpu_gate_family);
  *p = (struct cpu_gate){ .io = plan_io_of (g, n),
                          .ep = w.ep,
                          .res = plan_residual_of (g, n->in[1]),
                          .features = features,
                          .reduced = reduced,
                          .reduce_bias_at = bias_at,
                          .expand_at = expand_at,
                          .expand_bias_at = expand_at + graph_padded (g, n->out) * reduced,
                          .reduce_activation = backend_of (g)->activation (&reduce->ep.act, "$1", "$2"),
                          .expand_activation = backend_of (g)->activation (&expand->ep.act, "$1", "$2"),
                          .most = by_elements > by_weights ? by_elements : by_weights };
  struct kernel *k = kernel_of_plan (n, &cpu_gate_family, p, &w);
  name_kernel (k, g, n, mem_printf ("gate%" PRId64, reduced), n->type);
  return k;
}

static struct kernel *
select_linear (const struct graph *g, const struct node *n, const struct target *target)
{
  struct weights_place w = weights_of (g, n);
  const double ns = (double) w.count * sizeof (float) / target->cost->stream;
  struct cpu_linear *p = plan_new (&cpu_linear_family);
  *p = (struct cpu_linear){ .io = plan_io_of (g, n),
                            .ep = w.ep,
                            .vectors = target->single.vectors,
                            .block_weights = w.count / graph_blocks (g, n->out),
                            .most = shares_most (ns) };
  struct kernel *k = kernel_of_plan (n, &cpu_linear_family, p, &w);
  k->pieces = shares_pieces ((double) (g->batch * graph_blocks (g, n->out)), ns);
  name_kernel (k, g, n, "linear", n->type);
  return k;
}

static struct kernel *
select_subsample (const struct graph *g, const struct node *n)
{
  struct cpu_subsample *p = plan_new (&cpu_subsample_family);
  *p = (struct cpu_subsample){ plan_io_of (g, n), plan_axes_of (n->win.stride), n->zeros_before,
                              shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_subsample_family, p, NULL);
  name_kernel (k, g, n, "subsample", n->type);
  return k;
}

static struct kernel *
select_softmax (const struct graph *g, const struct node *n)
{
  struct cpu_softmax *p = plan_new (&cpu_softmax_family);
  p->io = plan_io_of (g, n);
  p->most = shares_of_elements (g, n->out);
  p->logarithm = n->logarithm;
  struct kernel *k = kernel_of_plan (n, &cpu_softmax_family, p, NULL);
  name_kernel (k, g, n, n->logarithm ? "log_softmax" : "softmax", n->type);
  return k;
}

static struct kernel *
select_global_pool (const struct graph *g, const struct node *n)
{
  bool max = n->op == OP_GLOBAL_MAX_POOL;
  struct cpu_global_pool *p = plan_new (&cpu_global_pool_family);
  *p = (struct cpu_global_pool){ .io = plan_io_of (g, n),
                                 .kind = max ? "max" : "average",
                                 .most = shares_of_elements (g, n->in[0]) };
  struct kernel *k = kernel_of_plan (n, &cpu_global_pool_family, p, NULL);
  name_kernel (k, g, n, max ? "global_max_pool" : "global_pool", n->type);
  return k;
}

static struct kernel *
select_output (const struct graph *g, const struct node *n)
{
  struct cpu_output *p = plan_new (&cpu_output_family);
  p->io = plan_io_of (g, n);
  p->most = shares_of_elements (g, n->in[0]);
  struct kernel *k = kernel_of_plan (n, &cpu_output_family, p, NULL);
  name_kernel (k, g, n, "output", "the arena into the caller's array");
  return k;
}

/* The order of its weights says which algorithm a convolution has. */
static struct kernel *
select_any_conv (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct weight_order *order = weights_order (g, n, n->choice);
  return order == &cpu_stem_winograd_order ? select_stem_winograd (g, n, target)
         : order == &cpu_winograd_order    ? select_winograd (g, n, target)
         : order == &cpu_strassen_order    ? select_strassen (g, n, target)
         : order == &cpu_pairs_order       ? (target->tiles ? select_tiles (g, n, target) : select_pairs (g, n, target))
         : order == &cpu_grouped_order || order == &cpu_grouped_pairs_order ? select_grouped (g, n, target)
         : order == &cpu_planar_order                                       ? select_planar (g, n, target)
                                                                            : select_conv (g, n, target);
}

struct kernel *
select_kernel (const struct graph *g, const struct node *n, const struct target *target)
{
  switch (n->op)
    {
    case OP_INPUT:
      return select_input (g, n);
    case OP_CONV:
      return select_any_conv (g, n, target);
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
      return select_pool (g, n);
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_MAXIMUM:
    case OP_MINIMUM:
    case OP_POWER:
    case OP_IDENTITY:
      return select_elementwise (g, n);
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
      return select_norm (g, n);
    case OP_GATE:
      return select_gate (g, n, target);
    case OP_LAYER_NORM:
      return select_layer_norm (g, n);
    case OP_LINEAR:
      return weights_order (g, n, n->choice) == &cpu_linear_order ? select_linear (g, n, target)
                                                                  : select_linear_pairs (g, n, target);
    case OP_GLOBAL_AVERAGE_POOL:
    case OP_GLOBAL_MAX_POOL:
      return select_global_pool (g, n);
    case OP_SOFTMAX:
      return select_softmax (g, n);
    case OP_TRANSPOSED_CONV:
      if (graph_element (g) != ELEMENT_BF16)
        return select_transposed (g, n, target);
      return target->tiles && transposed_tiles_apply (g, n) ? select_transposed_tiles (g, n)
                                                            : select_transposed_pairs (g, n, target);
    case OP_UPSAMPLE:
      return select_upsample (g, n);
    case OP_PAD:
      return select_pad (g, n);
    case OP_RESHAPE:
      return select_reshape (g, n);
    case OP_CHANNELS:
      return select_channels (g, n);
    case OP_SUBSAMPLE:
      return select_subsample (g, n);
    case OP_OUTPUT:
      return select_output (g, n);
    default:
      fatal_at (n->loc, "layer %s: the operator %s has no kernel", n->name, op_name (n->op));
    }
}
