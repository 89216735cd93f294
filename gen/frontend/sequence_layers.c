/* The plain layers of a sequence: one function per type. */
#include "sequence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "graph/shape.h"
#include "frontend/options/keys.h"

/* More elements than this in a padded map are refused. */
#define MAX_PADDED 8589934592.0

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
  if (n > MAX_PADDED)
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

/* Without a file PyTorch's default is to have neither weight nor bias. */
static int
build_layer_instance_norm (struct graph *g, const struct layer *l)
{
  int x = build_group_norm (g, l->name, l->in[0], 0, layer_real (l, "eps"), l->loc);
  set_affine (g, l);
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
  set_affine (g, l);
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

/* A maximum over padding alone is no number, nor is an average without any element. */
static void
check_pool (const struct graph *g, const struct node *n, const struct layer *l)
{
  const struct shape *out = &g->tensors[n->out].shape;
  for (int a = 0; a < AXES && !(n->op == OP_AVERAGE_POOL && n->count_padding); a++)
    if (n->win.pad_lo[a] >= n->win.kernel[a]
        || (out->dim[a] - 1) * n->win.stride[a] - n->win.pad_lo[a] >= l->shape.dim[a])
      layer_fatal (l, "padding", layer_value (l, "padding"),
                   mem_printf ("a window of %" PRId64 " along %c lies in the padding alone", n->win.kernel[a],
                               "DHW"[a]));
}

static int
build_layer_pool (struct graph *g, const struct layer *l)
{
  int64_t kernel[AXES], stride[AXES];
  bool same;
  layer_extents (l, "kernel-size", 1, kernel);
  memcpy (stride, kernel, sizeof stride);
  if (layer_value (l, "stride"))
    layer_extents (l, "stride", 1, stride);
  struct window w = shape_window (kernel, stride);
  layer_padding (l, w.pad_lo, w.pad_hi, &same);
  int x = build_pool (g, l->name, l->in[0], l->type == LAYER_MAX_POOL ? OP_MAX_POOL : OP_AVERAGE_POOL, w, same, l->loc);
  if (l->type == LAYER_AVERAGE_POOL)
    last_node (g)->count_padding = layer_bool (l, "count-include-pad");
  check_pool (g, last_node (g), l);
  return x;
}

int
layer_add_upsample (struct graph *g, const char *name, int in, const int64_t size[AXES], const double scale[AXES],
                    bool nearest, bool align_corners, struct loc loc)
{
  struct node n = { .op = OP_UPSAMPLE, .name = name, .loc = loc, .nearest = nearest,
                    .align_corners = !nearest && align_corners };
  n.type = mem_printf ("upsample, %s%s", nearest ? "nearest" : "linear", n.align_corners ? ", corners aligned" : "");
  memcpy (n.shape_hint.dim, size, sizeof n.shape_hint.dim);
  memcpy (n.upsample_scale, scale, sizeof n.upsample_scale);
  return graph_add (g, n, &in, 1);
}

/* scale: the factors, and the extents rounded down. */
static void
read_scale (const struct layer *l, double scale[AXES], int64_t size[AXES])
{
  const struct yaml *y = layer_value (l, "scale");
  int rank = l->shape.rank;
  if (y->kind == YAML_LIST && y->count != (size_t) rank)
    layer_fatal (l, "scale", y, mem_printf ("%zu element%s for %d axes", y->count, y->count == 1 ? "" : "s", rank));
  size[AXIS_D] = 1;
  for (int i = 0; i < rank; i++)
    {
      const struct yaml *e = y->kind == YAML_LIST ? &y->items[i] : y;
      int a = AXES - rank + i;
      if (!yaml_double (e, &scale[a]) || scale[a] <= 0 || scale[a] > MAX_STRIDE)
        layer_fatal (l, "scale", e, yaml_show (e));
      size[a] = (int64_t) floor ((double) l->shape.dim[a] * scale[a]);
      if (size[a] < 1)
        layer_fatal (l, "scale", e, mem_printf ("%s leaves nothing of %s", yaml_show (e), shape_text (&l->shape)));
    }
}

static int
build_layer_upsample (struct graph *g, const struct layer *l)
{
  int64_t size[AXES];
  double scale[AXES] = { 0 };
  const struct yaml *by_size = layer_value (l, "output-size"), *by_scale = layer_value (l, "scale");
  if (!by_size == !by_scale)
    fatal_at (by_scale ? by_scale->loc : l->loc, "layer %s: %s output-size %s scale; allowed: one of the two", l->name,
              by_size ? "both" : "neither", by_size ? "and" : "nor");
  if (by_size)
    layer_extents (l, "output-size", 1, size);
  else
    read_scale (l, scale, size);
  return layer_add_upsample (g, l->name, l->in[0], size, scale, layer_choice (l, "mode") == 1,
                             layer_bool (l, "align-corners"), l->loc);
}

/* [C], [C, H, W] or [C, D, H, W]: a shape. */
static struct shape
read_shape (const struct layer *l, const char *key)
{
  const struct yaml *y = layer_value (l, key);
  if (y->kind != YAML_LIST || !(y->count == 1 || y->count == 3 || y->count == 4))
    layer_fatal (l, key, y, yaml_show (y));
  struct shape s = { .rank = (int) y->count - 1, .dim = { 1, 1, 1 } };
  double count = 1;
  for (int i = 0; i <= s.rank; i++)
    {
      int64_t v;
      if (!yaml_int (&y->items[i], &v) || v < 1 || v > INT64_C (1) << 33)
        layer_fatal (l, key, &y->items[i], yaml_show (&y->items[i]));
      *(i ? &s.dim[AXES - s.rank + i - 1] : &s.c) = v;
      count *= (double) v;
    }
  if (count > MAX_PADDED)
    layer_fatal (l, key, y, mem_printf ("%.0f elements of %s", count, shape_text (&l->shape)));
  return s;
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
  const struct shape s = read_shape (l, "constant");
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

/* order: 0 C, 1 D, 2 H, 3 W; a 2-D map's D comes first, where it changes nothing. */
static void
read_order (const struct layer *l, int order[AXES + 1])
{
  static const char names[] = "CDHW";
  const struct yaml *y = layer_value (l, "order");
  int rank = l->shape.rank, missing = 0, n = 0;
  bool seen[AXES + 1] = { false };
  for (int i = 0; i < AXES + 1; i++)
    order[i] = i;
  if (!y)
    return;
  if (y->kind != YAML_LIST || y->count != (size_t) rank + 1)
    layer_fatal (l, "order", y, mem_printf ("%s for an input of %s", yaml_show (y), shape_text (&l->shape)));
  for (int i = 1; i < AXES + 1 - rank; i++)
    {
      seen[i] = true;
      order[missing++] = i;
    }
  for (; n < rank + 1; n++)
    {
      const struct yaml *e = &y->items[n];
      const char *at = e->kind == YAML_SCALAR && strlen (e->value) == 1 ? strchr (names, *e->value) : NULL;
      if (!at || seen[at - names])
        layer_fatal (l, "order", e, yaml_show (e));
      seen[at - names] = true;
      order[missing + n] = (int) (at - names);
    }
}

static int
build_layer_reshape (struct graph *g, const struct layer *l)
{
  struct node n = { .op = OP_RESHAPE, .name = l->name, .type = "reshape", .loc = l->loc };
  read_order (l, n.order);
  n.shape_hint = read_shape (l, "shape");
  return graph_add (g, n, l->in, 1);
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
      return build_layer_upsample (g, l);
    case LAYER_ADD:
    case LAYER_SUBTRACT:
    case LAYER_MULTIPLY:
    case LAYER_DIVIDE:
    case LAYER_MAXIMUM:
    case LAYER_MINIMUM:
      return build_layer_binary (g, l);
    case LAYER_LINEAR:
      return build_layer_linear (g, l);
    case LAYER_SOFTMAX:
      return build_softmax (g, l->name, l->in[0]);
    case LAYER_RESHAPE:
      return build_layer_reshape (g, l);
    default:
      return build_activation (g, l->name, l->in[0], layer_activation (l));
    }
}
