/* MATLAB's resnet3dLayers and resnet3dNetwork, and the same network in 2-D. */
#include <string.h>

#include "build.h"
#include "graph/shape.h"
#include "builders.h"

/* A block's place and what its layers have in common. */
struct block
{
  int stack, number; /* from 1 */
  int64_t filters;   /* of its last convolution */
  int64_t stride;    /* of its first convolution */
  bool skip_conv;
};

static char *
layer_name (const struct block *b, const char *suffix, int k)
{
  if (!k)
    return mem_printf ("stack%d_block%d_%s", b->stack, b->number, suffix);
  return mem_printf ("stack%d_block%d_%s%d", b->stack, b->number, suffix, k);
}

/* MATLAB's [h w d], one value for all axes written out; in 2-D D is 1. */
static void
from_hwd (int64_t out[AXES], const int64_t hwd[3], int rank)
{
  out[AXIS_D] = rank == 3 ? hwd[2] : 1;
  out[AXIS_H] = hwd[0];
  out[AXIS_W] = hwd[1];
}

static void
cube (int64_t out[AXES], int64_t v, int rank)
{
  from_hwd (out, (int64_t[]){ v, v, v }, rank);
}

static int
conv (struct graph *g, const char *name, int in, int64_t filters, int64_t kernel, int64_t stride)
{
  struct conv_spec c = { .filters = filters, .same = true, .bias = true, .init = WEIGHT_INIT_HE };
  cube (c.kernel, kernel, g->rank);
  cube (c.stride, stride, g->rank);
  return build_conv (g, name, in, &c, g->loc);
}

static int
norm (struct graph *g, const struct options *o, const char *name, int in)
{
  return build_batch_norm (g, name, in, o->eps, 1, g->loc);
}

/* The residual connection's convolution, and its normalisation where that stands before the addition. */
static int
shortcut (struct graph *g, const struct options *o, const struct block *b, int in)
{
  if (!b->skip_conv)
    return in;
  g->on_shortcut = true;
  int x = conv (g, layer_name (b, "skip_conv", 0), in, b->filters, 1, b->stride);
  if (!o->batchnorm_after_add)
    x = norm (g, o, layer_name (b, "skip_bn", 0), x);
  g->on_shortcut = false;
  return x;
}

static int
residual_block (struct graph *g, const struct options *o, const struct block *b, int in)
{
  int convs = o->bottleneck ? 3 : 2, x = in;
  g->stage = b->stack;
  g->block = b->number;
  for (int k = 1; k <= convs; k++)
    {
      int64_t filters = o->bottleneck && k < 3 ? b->filters / 4 : b->filters;
      int64_t kernel = o->bottleneck && k != 2 ? 1 : 3;
      x = conv (g, layer_name (b, "conv", k), x, filters, kernel, k == 1 ? b->stride : 1);
      if (k < convs || !o->batchnorm_after_add)
        x = norm (g, o, layer_name (b, "bn", k), x);
      if (k < convs)
        x = build_relu (g, layer_name (b, "relu", k), x);
    }
  int skip = shortcut (g, o, b, in);
  x = build_add (g, layer_name (b, "add", 0), x, skip, g->loc);
  if (o->batchnorm_after_add)
    x = norm (g, o, layer_name (b, "bn", convs), x);
  return build_relu (g, layer_name (b, "relu", convs), x);
}

static struct shape
input_shape (const struct options *o, int rank)
{
  struct shape s = { .rank = rank, .c = 1 };
  from_hwd (s.dim, o->input_size.v, rank);
  if (o->input_size.count > rank)
    s.c = o->input_size.v[rank];
  return s;
}

/* input, with the statistics of its normalisation. */
static int
input (struct graph *g, const struct options *o, struct shape shape)
{
  int x = build_input (g, shape);
  struct node *n = graph_producer (g, x);
  n->mean = build_param (g, "input", "mean", 1, &shape.c);
  n->mean->init = INIT_CONSTANT;
  n->mean->per_element = n->mean->state = true;
  if (o->zscore)
    {
      n->variance = build_param (g, "input", "std", 1, &shape.c);
      n->variance->init = INIT_CONSTANT;
      n->variance->init_a = 1;
      n->variance->per_element = n->variance->state = true;
    }
  return x;
}

static int
initial_layers (struct graph *g, const struct options *o, int in)
{
  struct conv_spec c = { .filters = o->initial_num_filters, .same = true, .bias = true, .init = WEIGHT_INIT_HE };
  from_hwd (c.kernel, o->initial_filter_size, g->rank);
  from_hwd (c.stride, o->initial_stride, g->rank);
  int x = build_conv (g, "conv1", in, &c, g->loc);
  x = build_relu (g, "relu1", norm (g, o, "bn1", x));
  if (o->initial_pooling_layer == POOLING_NONE)
    return x;
  int64_t kernel[AXES], stride[AXES];
  cube (kernel, 3, g->rank);
  cube (stride, 2, g->rank);
  bool max = o->initial_pooling_layer == POOLING_MAX;
  return build_pool (g, max ? "maxpool1" : "avgpool1", x, max ? OP_MAX_POOL : OP_AVERAGE_POOL,
                     shape_window (kernel, stride), true, g->loc);
}

struct graph *
build_resnet2d3d (const struct options *o)
{
  struct graph *g = graph_new (o->name, o->path, o->batch);
  g->matlab = true;
  g->loc = o->input_size.loc;
  int x = input (g, o, input_shape (o, o->network == NETWORK_RESNET3D ? 3 : 2));
  x = initial_layers (g, o, x);
  for (int s = 0; s < o->stack_depth.count; s++)
    for (int64_t k = 0; k < o->stack_depth.v[s]; k++)
      {
        struct block b = { .stack = s + 1, .number = (int) k + 1, .stride = s && !k ? 2 : 1 };
        b.filters = o->num_filters.v[s] * (o->bottleneck ? 4 : 1);
        b.skip_conv = !k && (s || o->initial_num_filters != b.filters);
        x = residual_block (g, o, &b, x);
      }
  g->stage = 0;
  x = build_global_pool (g, "gap", x, OP_GLOBAL_AVERAGE_POOL);
  x = build_linear (g, "fc", x, o->num_classes, WEIGHT_INIT_HE, g->loc);
  build_output (g, build_softmax (g, "softmax", x, false));
  return g;
}
