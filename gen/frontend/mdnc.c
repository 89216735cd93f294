/* MDNC's bottleneck block: 1x1, convolution, 1x1 beside a shortcut.
 *
 * A branch's parts are numbered as in the source's Sequential, parts without parameters too, so that the names of its
 * state_dict fit. A branch is, with `layer-order: new`, normalisation, activation, convolution; with `old`
 * convolution, normalisation, activation; without a normaliser convolution (with bias) and activation, in either order.
 * Where the block scales up, an upsampling stands before the convolution, which then has stride 1. */
#include "sequence.h"

#include <inttypes.h>
#include <string.h>

enum
{
  NORMALIZER_PINST,
  NORMALIZER_INST,
  NORMALIZER_BATCH,
  NORMALIZER_NULL
};

enum
{
  ACTIVATOR_PRELU,
  ACTIVATOR_RELU,
  ACTIVATOR_NULL
};

struct bottleneck
{
  struct graph *g;
  const struct layer *l;
  int64_t in_planes, out_planes, kernel[AXES], stride[AXES], padding[AXES], output_size[AXES];
  bool sized; /* output-size is given and counts */
  int normalizer, activator;
  double eps;
  bool new_order, up;
  bool scales; /* the extents may change */
};

static struct bottleneck
read_bottleneck (struct graph *g, const struct layer *l)
{
  struct bottleneck b = { .g = g, .l = l, .in_planes = layer_int (l, "in-planes"),
                          .out_planes = layer_int (l, "out-planes"), .normalizer = layer_choice (l, "normalizer"),
                          .activator = layer_choice (l, "activator"), .eps = layer_real (l, "eps"),
                          .new_order = layer_choice (l, "layer-order") == 0, .up = layer_choice (l, "scaler") == 1 };
  const struct yaml *size = layer_value (l, "output-size");
  layer_extents (l, "kernel-size", 1, b.kernel);
  layer_extents (l, "stride", 1, b.stride);
  layer_extents (l, "padding", 0, b.padding);
  if (size)
    {
      layer_extents (l, "output-size", 1, b.output_size);
      b.sized = b.up;
    }
  if (b.in_planes != l->shape.c)
    layer_fatal (l, "in-planes", layer_value (l, "in-planes"),
                 mem_printf ("%" PRId64 ", but its input is %s", b.in_planes, shape_text (&l->shape)));
  layer_check_parameters (l, (double) b.in_planes * (double) b.in_planes * (double) b.kernel[0] * (double) b.kernel[1]
                          * (double) b.kernel[2]);
  b.scales = b.sized || b.stride[0] > 1 || b.stride[1] > 1 || b.stride[2] > 1;
  return b;
}

/* The name of part INDEX, counted on, of a branch. */
static char *
part (const struct bottleneck *b, const char *branch, int *index)
{
  return mem_printf ("%s.%s.%d", b->l->name, branch, (*index)++);
}

/* The source's word for what was just added, such as Conv3d. */
static void
set_type (struct graph *g, const char *word, int rank)
{
  g->nodes[g->node_count - 1].type = rank ? mem_printf ("%s%dd", word, rank) : word;
}

static int
normalise (const struct bottleneck *b, const char *branch, int *index, int x)
{
  if (b->normalizer == NORMALIZER_NULL)
    return x;
  const char *name = part (b, branch, index);
  bool batch = b->normalizer == NORMALIZER_BATCH;
  x = batch ? build_batch_norm (b->g, name, x, b->eps, 1, b->l->loc)
            : build_group_norm (b->g, name, x, 0, b->eps, b->l->loc);
  if (b->normalizer == NORMALIZER_INST)
    {
      struct node *n = graph_producer (b->g, x);
      build_presence (b->g, &n->weight, ABSENT, NULL);
      build_presence (b->g, &n->bias, ABSENT, NULL);
    }
  set_type (b->g, batch ? "BatchNorm" : "InstanceNorm", b->l->shape.rank);
  return x;
}

static int
activate (const struct bottleneck *b, const char *branch, int *index, int x)
{
  if (b->activator == ACTIVATOR_NULL)
    return x;
  const char *name = part (b, branch, index);
  bool relu = b->activator == ACTIVATOR_RELU;
  x = relu ? build_relu (b->g, name, x) : layer_add_prelu (b->g, name, x, b->g->tensors[x].shape.c, b->l->loc);
  set_type (b->g, relu ? "ReLU" : "PReLU", 0);
  return x;
}

static int
upsample (const struct bottleneck *b, const char *branch, int *index, int x)
{
  int64_t size[AXES];
  double scale[AXES] = { 0 };
  for (int a = 0; a < AXES; a++)
    size[a] = b->sized ? b->output_size[a] : b->g->tensors[x].shape.dim[a] * b->stride[a];
  x = layer_add_upsample (b->g, part (b, branch, index), x, size, scale, false, true, b->l->loc);
  set_type (b->g, "Upsample", 0);
  return x;
}

/* The convolution of a branch. KERNEL NULL: 1x1. */
static int
convolve (const struct bottleneck *b, const char *branch, int *index, int x, int64_t filters, bool strided,
          const int64_t *kernel)
{
  struct conv_spec c = { .filters = filters, .kernel = { 1, 1, 1 }, .stride = { 1, 1, 1 },
                         .bias = b->normalizer == NORMALIZER_NULL, .init = WEIGHT_INIT_TORCH };
  if (strided)
    memcpy (c.stride, b->stride, sizeof c.stride);
  if (kernel)
    {
      memcpy (c.kernel, kernel, sizeof c.kernel);
      memcpy (c.pad_lo, b->padding, sizeof c.pad_lo);
      memcpy (c.pad_hi, b->padding, sizeof c.pad_hi);
    }
  x = build_conv (b->g, part (b, branch, index), x, &c, b->l->loc);
  set_type (b->g, "Conv", b->l->shape.rank);
  return x;
}

static int
branch (const struct bottleneck *b, const char *name, int x, int64_t filters, bool middle)
{
  int index = 0;
  bool before = b->new_order && b->normalizer != NORMALIZER_NULL;
  if (before)
    x = activate (b, name, &index, normalise (b, name, &index, x));
  if (middle && b->up && b->scales)
    x = upsample (b, name, &index, x);
  x = convolve (b, name, &index, x, filters, middle && !b->up, middle ? b->kernel : NULL);
  if (!before)
    x = activate (b, name, &index, normalise (b, name, &index, x));
  return x;
}

static int
shortcut (const struct bottleneck *b, int x)
{
  int index = 0;
  if (!b->scales && b->in_planes == b->out_planes)
    return x;
  if (b->up)
    x = upsample (b, "in_node", &index, x);
  x = convolve (b, "in_node", &index, x, b->out_planes, !b->up, NULL);
  return normalise (b, "in_node", &index, x);
}

int
layer_build_bottleneck (struct graph *g, const struct layer *l)
{
  struct bottleneck b = read_bottleneck (g, l);
  int x = branch (&b, "conv1", l->in[0], b.in_planes, false);
  x = branch (&b, "conv2", x, b.in_planes, true);
  x = branch (&b, "conv3", x, b.out_planes, false);
  g->on_shortcut = true;
  int other = shortcut (&b, l->in[0]);
  g->on_shortcut = false;
  x = build_add (g, l->name, x, other, l->loc);
  set_type (g, "BlockBottleneck", l->shape.rank);
  return x;
}
