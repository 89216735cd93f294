/* The GPU's kernels: node → plan, blocks and threads. */
#include "select_cuda.h"

#include <inttypes.h>

#include "applies.h"
#include "backend/kernel_names.h"
#include "select_cuda_families.h"

static const char *
conv_base (const struct graph *g, const struct node *n, const char *base)
{
  int rank = g->tensors[n->in[0]].shape.rank;
  return mem_printf ("%s%s%s", base, window_name (rank, n->win.kernel), stride_name (rank, n->win.stride));
}

static struct cuda_kernel *
select_conv_cuda (const struct graph *g, const struct node *n)
{
  const char *base
      = mem_printf ("%s%s%s", conv_base (g, n, "conv"), n->groups > 1 ? mem_printf ("_g%" PRId64, n->groups) : "",
                    n->second ? mem_printf ("_and_%s", conv_base (g, n->second, "")) : "");
  return (conv_mma_applies (g, n) ? select_conv_mma : select_conv_gemm) (g, n, base);
}

static struct cuda_kernel *
select_input (const struct graph *g, const struct node *n)
{
  const struct tensor *out = &g->tensors[n->out];
  bool per_element = n->mean && n->mean->value && n->mean->value->rank > 1;
  bool std_per_element = n->variance && n->variance->value && n->variance->value->rank > 1;
  int64_t means = !n->mean ? 0 : per_element ? shape_count (&out->shape) : out->shape.c;
  int64_t stds = !n->variance ? 0 : std_per_element ? shape_count (&out->shape) : out->shape.c;
  struct weights_place place = weights_with_epilogue (g, n, &order_input, means + stds);
  const char *mean = !n->mean ? "none" : per_element ? "element" : "channel";
  const char *std = !n->variance ? "none" : std_per_element ? "element" : "channel";
  bool padded = out->format.block == STEM_INPUT_CHANNELS;
  int64_t count = g->batch * tensor_strides (out).sample / out->format.block;
  struct launch_shapes launch = cuda_launch_each (count);
  struct plan_gpu gpu = plan_gpu_of (g, n, CUDA_THREADS);
  const char *purpose = mem_printf ("the caller's array into the arena%s", n->mean ? ", normalised" : "");
  struct cuda_kernel *k;
  if (padded)
    {
      struct cuda_input_4 *p = plan_new (&cuda_input_4_family);
      *p = (struct cuda_input_4){ gpu, out->format.halo_lo[AXIS_W], mean, std, means, count };
      k = cuda_kernel_new (n, &cuda_input_4_family, p, &place, &launch);
    }
  else
    {
      struct cuda_input *p = plan_new (&cuda_input_family);
      *p = (struct cuda_input){ gpu, mean, std, means, count };
      k = cuda_kernel_new (n, &cuda_input_family, p, &place, &launch);
    }
  name_kernel (&k->base, g, n, "input", purpose);
  return k;
}

static struct cuda_kernel *
select_pool (const struct graph *g, const struct node *n)
{
  const struct shape *out = &g->tensors[n->out].shape;
  const int64_t each = out->c % 8 ? 1 : 8, count = g->batch * shape_pixels (out) * out->c / each;
  const bool max = n->op == OP_MAX_POOL;
  struct launch_shapes launch = cuda_launch_each (count);
  struct cuda_pool *p = plan_new (&cuda_pool_family);
  *p = (struct cuda_pool){ plan_gpu_of (g, n, CUDA_THREADS), plan_window_of (&n->win),
                           pool_kind (n),
                           pool_divisor (n),
                           pool_end (n, &g->tensors[n->in[0]].shape),
                           each, count };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_pool_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, conv_base (g, n, max ? "maxpool" : "avgpool"), n->type);
  return k;
}

static struct cuda_kernel *
select_elementwise (const struct graph *g, const struct node *n)
{
  const struct shape *out = &g->tensors[n->out].shape;
  const int64_t each = out->c % 8 ? 1 : 8, count = g->batch * shape_pixels (out) * out->c / each;
  const bool joins = op_is_binary (n->op), constant = joins && n->weight;
  struct weights_place place
      = weights_with_epilogue (g, n, constant ? &order_operand : &order_none, constant ? operand_count (g, n) : 0);
  struct launch_shapes launch = cuda_launch_each (count);
  struct cuda_elementwise *p = plan_new (&cuda_elementwise_family);
  *p = (struct cuda_elementwise){ .gpu = plan_gpu_of (g, n, CUDA_THREADS),
                                  .ep = place.ep,
                                  .first = plan_first_of (g, n),
                                  .res = plan_second_of (g, n),
                                  .operator = operator_name (n->op),
                                  .constant = constant,
                                  .swapped = n->constant_first,
                                  .channels_each = each,
                                  .count = count };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_elementwise_family, p, &place, &launch);
  name_kernel (&k->base, g, n, joins ? op_name (n->op) : n->ep.scale ? "affine" : "act", n->type);
  return k;
}

static struct cuda_kernel *
select_norm (const struct graph *g, const struct node *n)
{
  const int64_t channels = g->tensors[n->out].shape.c, c = round_up (channels, BLOCK);
  struct weights_place place = weights_with_epilogue (g, n, &order_norm, (n->weight ? c : 0) + (n->bias ? c : 0));
  struct launch_shapes launch = cuda_launch_blocks (g->batch * n->groups, 1, 1, CUDA_THREADS);
  struct cuda_norm *p = plan_new (&cuda_norm_family);
  *p = (struct cuda_norm){ .gpu = plan_gpu_of (g, n, CUDA_THREADS),
                           .groups = n->groups,
                           .mean = norm_mean_name (n->norm_mean),
                           .group_c = channels / n->groups,
                           .eps = n->eps,
                           .norm_weight_at = n->weight ? 0 : -1,
                           .norm_bias_at = !n->bias ? -1 : n->weight ? c : 0,
                           .ep = place.ep };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_norm_family, p, &place, &launch);
  name_kernel (&k->base, g, n,
               n->op == OP_INSTANCE_NORM ? "instance_norm" : mem_printf ("group_norm%" PRId64, n->groups), n->type);
  return k;
}

static struct cuda_kernel *
select_global_pool (const struct graph *g, const struct node *n)
{
  struct launch_shapes launch
      = cuda_launch_blocks (g->batch * ceil_div (g->tensors[n->out].shape.c, 32), 1, 1, CUDA_THREADS);
  const bool max = n->op == OP_GLOBAL_MAX_POOL;
  struct cuda_global_pool *p = plan_new (&cuda_global_pool_family);
  *p = (struct cuda_global_pool){ plan_gpu_of (g, n, CUDA_THREADS), max ? "max" : "average" };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_global_pool_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, max ? "global_max_pool" : "global_pool", n->type);
  return k;
}

static struct cuda_kernel *
select_softmax (const struct graph *g, const struct node *n)
{
  const struct shape *out = &g->tensors[n->out].shape;
  const int64_t pixels = g->batch * shape_pixels (out), team = out->c < 128 ? 32 : CUDA_THREADS;
  struct launch_shapes launch = cuda_launch_blocks (ceil_div (pixels, CUDA_THREADS / team), 1, 1, CUDA_THREADS);
  struct cuda_softmax *p = plan_new (&cuda_softmax_family);
  *p = (struct cuda_softmax){ plan_gpu_of (g, n, CUDA_THREADS), pixels, team, n->logarithm };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_softmax_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, n->logarithm ? "log_softmax" : "softmax", n->type);
  return k;
}

static struct cuda_kernel *
select_layer_norm (const struct graph *g, const struct node *n)
{
  const struct shape *out = &g->tensors[n->out].shape;
  const int64_t pixels = g->batch * shape_pixels (out), team = out->c < 1024 ? 32 : CUDA_THREADS;
  const int64_t c = round_up (out->c, BLOCK);
  struct weights_place place = weights_with_epilogue (g, n, &order_norm, (n->weight ? c : 0) + (n->bias ? c : 0));
  struct launch_shapes launch = cuda_launch_blocks (ceil_div (pixels, CUDA_THREADS / team), 1, 1, CUDA_THREADS);
  struct cuda_layer_norm *p = plan_new (&cuda_layer_norm_family);
  *p = (struct cuda_layer_norm){ .gpu = plan_gpu_of (g, n, CUDA_THREADS),
                                 .count = pixels,
                                 .team = team,
                                 .eps = n->eps,
                                 .norm_weight_at = n->weight ? 0 : -1,
                                 .norm_bias_at = !n->bias ? -1 : n->weight ? c : 0,
                                 .ep = place.ep };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_layer_norm_family, p, &place, &launch);
  name_kernel (&k->base, g, n, "layer_norm", n->type);
  return k;
}

static int64_t
results_of (const struct graph *g, const struct node *n)
{
  return g->batch * shape_count (&g->tensors[n->out].shape);
}

static struct cuda_kernel *
select_output (const struct graph *g, const struct node *n)
{
  struct launch_shapes launch = cuda_launch_each (results_of (g, n));
  struct cuda_output *p = plan_new (&cuda_output_family);
  *p = (struct cuda_output){ plan_gpu_of (g, n, CUDA_THREADS), results_of (g, n) };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_output_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, "output", "the arena into the caller's array");
  return k;
}

static struct cuda_kernel *
select_subsample (const struct graph *g, const struct node *n)
{
  struct launch_shapes launch = cuda_launch_each (results_of (g, n));
  struct cuda_subsample *p = plan_new (&cuda_subsample_family);
  *p = (struct cuda_subsample){ plan_gpu_of (g, n, CUDA_THREADS), plan_axes_of (n->win.stride), n->zeros_before,
                               results_of (g, n) };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_subsample_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, "subsample", n->type);
  return k;
}

static struct cuda_kernel *
select_one (const struct graph *g, const struct node *n)
{
  switch (n->op)
    {
    case OP_INPUT:
      return select_input (g, n);
    case OP_CONV:
      return select_conv_cuda (g, n);
    case OP_TRANSPOSED_CONV:
      return (transposed_mma_applies (g, n) ? select_transposed_mma
                                            : select_transposed_gemm) (g, n, conv_base (g, n, "deconv"));
    case OP_LINEAR:
      return (linear_mma_applies (g, n) ? select_linear_mma : select_linear_warps) (g, n);
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
    case OP_GLOBAL_AVERAGE_POOL:
    case OP_GLOBAL_MAX_POOL:
      return select_global_pool (g, n);
    case OP_LAYER_NORM:
      return select_layer_norm (g, n);
    case OP_SQUEEZE:
      return select_squeeze_cuda (g, n);
    case OP_GATE:
      return select_gate_cuda (g, n);
    case OP_SOFTMAX:
      return select_softmax (g, n);
    case OP_UPSAMPLE:
      return select_upsample_cuda (g, n);
    case OP_PAD:
      return select_pad_cuda (g, n);
    case OP_RESHAPE:
      return select_reshape_cuda (g, n);
    case OP_CHANNELS:
      return select_channels_cuda (g, n);
    case OP_SUBSAMPLE:
      return select_subsample (g, n);
    case OP_OUTPUT:
      return select_output (g, n);
    default:
      fatal_at (n->loc, "layer %s: the operator %s has no kernel", n->name, op_name (n->op));
    }
}

/* Scores, the features that a kernel without tensor cores makes them of, and the parts of a gate's sums. */
static bool
holds_floats (const struct graph *g, int t)
{
  if (graph_holds_features (g, t))
    return !linear_mma_applies (g, graph_only_reader (g, t));
  return graph_holds_scores (g, t) || graph_producer (g, t)->op == OP_SQUEEZE;
}

struct kernels *
select_cuda (struct graph *g, const struct targets *targets)
{
  (void) targets; /* one of its own: there is nothing to choose */
  struct kernels *ks = NEW (struct kernels);
  for (int i = 0; i < g->tensor_count; i++)
    {
      g->tensors[i].format
          = (struct tensor_format){ .layout = LAYOUT_CHANNELS_LAST, .block = 1, .element = graph_element (g) };
      if (holds_floats (g, i))
        g->tensors[i].format.element = ELEMENT_F32;
    }
  layout_of_input (g);
  for (int i = 0; i < g->node_count; i++)
    g->nodes[i].kernel = kernels_share (ks, &select_one (g, &g->nodes[i])->base);
  return ks;
}
