/* The plain layers of a sequence: one function per type. */
#include "sequence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "graph/shape.h"
#include "frontend/options/keys.h"

static struct node *
last_node (struct graph *g)
{
  return &g->nodes[g->node_count - 1];
}

/* The input with its padding is stored: its size must be feasible too. */
static void
check_padded (const struct graph *g, const struct layer *l, const int64_t lo[AXES], const int64_t hi[AXES])
{
  double n = (double) (l->shape.c * g->batch);
  for (int a = 0; a < AXES; a++)
    n *= (double) (l->shape.dim[a] + lo[a] + hi[a]);
  if (n > LAYER_MAX_PADDED)
    fatal_at (l->loc, "layer %s: its input of %s with the padding, batch %" PRId64 ", has more than 2^33 elements; "
              "allowed: fewer", l->name, shape_text (&l->shape), g->batch);
}

static void
set_bias (struct graph *g, const struct layer *l)
{
  build_presence (g, &last_node (g)->bias, layer_presence (l, "bias"), "bias: true");
}

static void
set_affine (struct graph *g, const struct layer *l)
{
  enum presence affine = layer_presence (l, "affine");
  build_presence (g, &last_node (g)->weight, affine, "affine: true");
  build_presence (g, &last_node (g)->bias, affine, "affine: true");
}

static int
build_layer_conv (struct graph *g, const struct layer *l)
{
  struct conv_spec c = { .filters = layer_int (l, "filters"), .groups = layer_int (l, "groups"),
                         .bias = true, .init = WEIGHT_INIT_TORCH };
  layer_extents (l, "kernel-size", 1, c.kernel);
  layer_extents (l, "stride", 1, c.stride);
  layer_extents (l, "dilation", 1, c.dilation);
  layer_padding (l, c.pad_lo, c.pad_hi, &c.same);
  if (l->shape.c % c.groups || c.filters % c.groups)
    layer_fatal (l, "groups", layer_value (l, "groups"),
                 mem_printf ("%" PRId64 " for %" PRId64 " channels and %" PRId64 " filters", c.groups, l->shape.c,
                             c.filters));
  layer_check_parameters (l, (double) c.filters * (double) (l->shape.c / c.groups) * (double) c.kernel[0]
                          * (double) c.kernel[1] * (double) c.kernel[2]);
  check_padded (g, l, c.pad_lo, c.pad_hi);
  int x = build_conv (g, l->name, l->in[0], &c, l->loc);
  if (layer_value (l, "standardize"))
    {
      last_node (g)->weight->standardize = layer_real (l, "standardize");
      if (!(last_node (g)->weight->standardize > 0))
        layer_fatal (l, "standardize", layer_value (l, "standardize"), "0");
    }
  set_bias (g, l);
  return x;
}

static int
build_layer_batch_norm (struct graph *g, const struct layer *l)
{
  int x = build_batch_norm (g, l->name, l->in[0], layer_real (l, "eps"), 1, l->loc);
  set_affine (g, l);
  return x;
}

/* … and what becomes of the mean. */
static void
set_norm (struct graph *g, const struct layer *l)
{
  struct node *n = last_node (g);
  set_affine (g, l);
  n->norm_mean = (enum norm_mean) layer_choice (l, "mean");
  if (n->norm_mean != MEAN_SUBTRACTED)
    n->type = mem_printf ("%s, mean %s", n->type, n->norm_mean == MEAN_KEPT ? "kept" : "ignored");
}

/* Without a file PyTorch's default is to have neither weight nor bias. */
static int
build_layer_instance_norm (struct graph *g, const struct layer *l)
{
  int x = build_group_norm (g, l->name, l->in[0], 0, layer_real (l, "eps"), l->loc);
  set_norm (g, l);
  if (layer_presence (l, "affine") == AS_IN_FILE)
    last_node (g)->weight->init = last_node (g)->bias->init = INIT_NONE;
  return x;
}

static int
build_layer_group_norm (struct graph *g, const struct layer *l)
{
  const int64_t groups = layer_int (l, "groups");
  if (l->shape.c % groups)
    layer_fatal (l, "groups", layer_value (l, "groups"),
                 mem_printf ("%" PRId64 " for %" PRId64 " channels", groups, l->shape.c));
  int x = build_group_norm (g, l->name, l->in[0], groups, layer_real (l, "eps"), l->loc);
  set_norm (g, l);
  return x;
}

static int
build_layer_layer_norm (struct graph *g, const struct layer *l)
{
  int x = build_layer_norm (g, l->name, l->in[0], layer_real (l, "eps"), l->loc);
  set_affine (g, l);
  return x;
}

int
layer_add_prelu (struct graph *g, const char *name, int in, int64_t count, struct loc loc)
{
  struct node n = { .op = OP_ACTIVATION, .name = name, .type = "prelu", .loc = loc, .ep.act.id = ACT_PRELU };
  n.weight = build_param (g, name, "weight", 1, &count);
  n.weight->init = INIT_CONSTANT;
  n.weight->init_a = 0.25;
  n.weight->or_count = count == 1 ? g->tensors[in].shape.c : 1;
  return graph_add (g, n, &in, 1);
}

/* Does the window of output AT along axis A have an element of the map? */
static bool
has_element (const struct window *w, int a, int64_t in, int64_t at)
{
  for (int64_t k = 0, i = at * w->stride[a] - w->pad_lo[a]; k < w->kernel[a]; k++, i += w->dilation[a])
    if (i >= 0 && i < in)
      return true;
  return false;
}

/* A maximum over padding alone is no number, nor is an average without any element. */
static void
check_pool (const struct graph *g, const struct node *n, const struct layer *l)
{
  const struct shape *out = &g->tensors[n->out].shape;
  for (int a = 0; a < AXES && !(n->op == OP_AVERAGE_POOL && (n->count_padding || n->divisor > 0)); a++)
    for (int64_t at = 0; at < out->dim[a]; at++)
      if (!has_element (&n->win, a, l->shape.dim[a], at))
        layer_fatal (l, "padding", layer_value (l, "padding"),
                     mem_printf ("a window of %" PRId64 " along %c lies in the padding alone", n->win.kernel[a],
                                 "DHW"[a]));
}

/* As in PyTorch, a last window that begins in the map, or in front of it, may reach beyond the padding. */
static void
reach_beyond (struct window *w, const struct shape *in, int64_t more[AXES])
{
  for (int a = 0; a < AXES; a++)
    {
      const int64_t room = in->dim[a] + w->pad_lo[a] + w->pad_hi[a] - ((w->kernel[a] - 1) * w->dilation[a] + 1);
      int64_t last = room > 0 ? ceil_div (room, w->stride[a]) : 0;
      if (last * w->stride[a] >= in->dim[a] + w->pad_lo[a])
        last--;
      more[a] = last * w->stride[a] > room && room >= 0 ? last * w->stride[a] - room : 0;
      w->pad_hi[a] += more[a];
    }
}

static int
build_layer_pool (struct graph *g, const struct layer *l)
{
  int64_t kernel[AXES], stride[AXES], more[AXES] = { 0 };
  bool same;
  layer_extents (l, "kernel-size", 1, kernel);
  memcpy (stride, kernel, sizeof stride);
  if (layer_value (l, "stride"))
    layer_extents (l, "stride", 1, stride);
  struct window w = shape_window (kernel, stride);
  layer_extents (l, "dilation", 1, w.dilation);
  layer_padding (l, w.pad_lo, w.pad_hi, &same);
  if (layer_bool (l, "ceil-mode") && !same)
    reach_beyond (&w, &l->shape, more);
  int x = build_pool (g, l->name, l->in[0], l->type == LAYER_MAX_POOL ? OP_MAX_POOL : OP_AVERAGE_POOL, w, same, l->loc);
  if (l->type == LAYER_AVERAGE_POOL)
    {
      last_node (g)->count_padding = layer_bool (l, "count-include-pad");
      last_node (g)->divisor = layer_value (l, "divisor") ? layer_real (l, "divisor") : 0;
      if (layer_value (l, "divisor") && !(last_node (g)->divisor > 0))
        layer_fatal (l, "divisor", layer_value (l, "divisor"), "0");
      if (last_node (g)->divisor > 0)
        last_node (g)->type = mem_printf ("%s, divided by %.9g", last_node (g)->type, last_node (g)->divisor);
      memcpy (last_node (g)->uncounted, more, sizeof more);
    }
  check_pool (g, last_node (g), l);
  return x;
}

/* Every so many pixels, and channels of zeros. */
static int
build_layer_subsample (struct graph *g, const struct layer *l)
{
  int64_t stride[AXES];
  const bool more = layer_value (l, "channels");
  const int64_t channels = more ? layer_int (l, "channels") : l->shape.c, before = layer_int (l, "zeros-before");
  layer_extents (l, "stride", 1, stride);
  if (channels < l->shape.c)
    layer_fatal (l, "channels", layer_value (l, "channels"),
                 mem_printf ("%" PRId64 " for an input of %s", channels, shape_text (&l->shape)));
  if (before > channels - l->shape.c)
    layer_fatal (l, "zeros-before", layer_value (l, "zeros-before"),
                 mem_printf ("%" PRId64 " of %" PRId64 " new channels", before, channels - l->shape.c));
  return build_subsample (g, l->name, l->in[0], channels, before, stride, l->loc);
}

static enum op
binary_op (enum layer_type t)
{
  return (enum op) (OP_ADD + (t - LAYER_ADD));
}

static int
build_layer_binary (struct graph *g, const struct layer *l)
{
  const bool constant = layer_value (l, "constant") != NULL;
  if ((constant && l->nin != 1) || (!constant && l->nin == 1 && l->type != LAYER_ADD))
    fatal_at (l->loc, "layer %s: %d input%s %s a constant; allowed: two, or one and a constant", l->name, l->nin,
              l->nin == 1 ? "" : "s", constant ? "and" : "without");
  if (!constant)
    return build_binary (g, l->name, binary_op (l->type), l->in, l->nin, l->loc);
  const struct shape s = layer_shape_of (l, "constant");
  layer_check_parameters (l, (double) shape_count (&s));
  int64_t shape[PARAM_MAX_RANK] = { s.c };
  memcpy (shape + 1, s.dim + AXES - s.rank, (size_t) s.rank * sizeof *shape);
  return build_with_constant (g, l->name, binary_op (l->type), l->in[0], 1 + s.rank, shape,
                              layer_bool (l, "constant-first"), l->loc);
}

static int
build_layer_linear (struct graph *g, const struct layer *l)
{
  int64_t features = layer_int (l, "features");
  layer_check_parameters (l, (double) features * (double) shape_count (&l->shape));
  int x = build_linear (g, l->name, l->in[0], features, WEIGHT_INIT_TORCH, l->loc);
  set_bias (g, l);
  return x;
}

int
layer_build_plain (struct graph *g, const struct layer *l)
{
  switch (l->type)
    {
    case LAYER_CONV:
      return build_layer_conv (g, l);
    case LAYER_BATCH_NORM:
      return build_layer_batch_norm (g, l);
    case LAYER_INSTANCE_NORM:
      return build_layer_instance_norm (g, l);
    case LAYER_GROUP_NORM:
      return build_layer_group_norm (g, l);
    case LAYER_LAYER_NORM:
      return build_layer_layer_norm (g, l);
    case LAYER_PRELU:
      return layer_add_prelu (g, l->name, l->in[0], 1, l->loc);
    case LAYER_MAX_POOL:
    case LAYER_AVERAGE_POOL:
      return build_layer_pool (g, l);
    case LAYER_GLOBAL_AVERAGE_POOL:
      return build_global_pool (g, l->name, l->in[0], OP_GLOBAL_AVERAGE_POOL);
    case LAYER_GLOBAL_MAX_POOL:
      return build_global_pool (g, l->name, l->in[0], OP_GLOBAL_MAX_POOL);
    case LAYER_UPSAMPLE:
      return layer_build_upsample (g, l);
    case LAYER_SUBSAMPLE:
      return build_layer_subsample (g, l);
    case LAYER_ADD:
    case LAYER_SUBTRACT:
    case LAYER_MULTIPLY:
    case LAYER_DIVIDE:
    case LAYER_MAXIMUM:
    case LAYER_MINIMUM:
    case LAYER_POWER:
      return build_layer_binary (g, l);
    case LAYER_LINEAR:
      return build_layer_linear (g, l);
    case LAYER_SOFTMAX:
      return build_softmax (g, l->name, l->in[0], false);
    case LAYER_LOG_SOFTMAX:
      return build_softmax (g, l->name, l->in[0], true);
    case LAYER_PAD:
      return layer_build_pad (g, l);
    case LAYER_RESHAPE:
      return layer_build_reshape (g, l);
    default:
      return build_activation (g, l->name, l->in[0], layer_activation (l));
    }
}
