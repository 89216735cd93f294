/* torchvision's ResNet with every option, and the variations that CIFAR-style networks are made of. */
#include <inttypes.h>
#include <string.h>

#include "build.h"
#include "graph/shape.h"
#include "builders.h"

/* One residual block, in torchvision's words. */
struct block
{
  const char *prefix; /* layer1.0 */
  int64_t planes, stride, dilation;
  int64_t out; /* planes times the block's expansion */
};

static char *
sub (const struct block *b, const char *suffix)
{
  return mem_printf ("%s.%s", b->prefix, suffix);
}

static int
conv (struct graph *g, const char *name, int in, int64_t filters, int64_t kernel, int64_t stride, int64_t dilation,
      int64_t groups)
{
  int64_t pad = (kernel - 1) / 2 * dilation;
  struct conv_spec c = { .filters = filters,
                         .kernel = { 1, kernel, kernel },
                         .stride = { 1, stride, stride },
                         .dilation = { 1, dilation, dilation },
                         .pad_lo = { 0, pad, pad },
                         .pad_hi = { 0, pad, pad },
                         .groups = groups,
                         .init = WEIGHT_INIT_HE_FAN_OUT };
  return build_conv (g, name, in, &c, g->loc);
}

static int
group_norm (struct graph *g, const struct options *o, const char *name, int in)
{
  int64_t c = g->tensors[in].shape.c;
  if (c % o->norm_groups)
    fatal_at (g->loc, "layer %s: group-norm's %" PRId64 " groups must divide its %" PRId64 " channels", name,
              o->norm_groups, c);
  return build_group_norm (g, name, in, o->norm_groups, o->eps, g->loc);
}

/* Weight and bias: what the options say, else what the weights file says of all normalisations alike; without a file
 * all but InstanceNorm2d have them by default. */
static void
set_affine (struct graph *g, const struct options *o)
{
  struct node *n = &g->nodes[g->node_count - 1];
  struct param **params[] = { &n->weight, &n->bias };
  for (int i = 0; i < 2; i++)
    {
      if (o->affine == AS_IN_FILE && o->norm_layer == NORM_INSTANCE)
        (*params[i])->init = INIT_NONE;
      (*params[i])->all_or_none = o->affine == AS_IN_FILE;
      build_presence (g, params[i], o->affine, "affine: true");
    }
}

static int
norm (struct graph *g, const struct options *o, const char *name, int in, bool last_of_block)
{
  bool zero = last_of_block && o->zero_init_residual && o->norm_layer == NORM_BATCH;
  int x = in;
  if (o->norm_layer == NORM_NONE)
    return in;
  if (o->norm_layer == NORM_GROUP)
    x = group_norm (g, o, name, in);
  else if (o->norm_layer == NORM_INSTANCE)
    x = build_group_norm (g, name, in, 0, o->eps, g->loc);
  else
    x = build_batch_norm (g, name, in, o->eps, zero ? 0 : 1, g->loc);
  if (o->norm_layer != NORM_FROZEN_BATCH)
    set_affine (g, o);
  else
    {
      struct node *n = graph_producer (g, x);
      n->type = "frozen batch norm";
      n->weight->state = n->bias->state = true;
    }
  return x;
}

/* The shortcut without parameters: every stride-th pixel, zero channels around. */
static int
pad_shortcut (struct graph *g, const struct block *b, int in)
{
  const int64_t stride[AXES] = { 1, b->stride, b->stride };
  return build_subsample (g, sub (b, "shortcut"), in, b->out, (b->out - g->tensors[in].shape.c) / 2, stride, g->loc);
}

static int
shortcut (struct graph *g, const struct options *o, const struct block *b, int in)
{
  if (b->stride == 1 && g->tensors[in].shape.c == b->out)
    return in;
  if (o->pad_shortcut)
    return pad_shortcut (g, b, in);
  g->on_shortcut = true;
  int x = conv (g, sub (b, "downsample.0"), in, b->out, 1, b->stride, 1, 1);
  x = norm (g, o, sub (b, "downsample.1"), x, false);
  g->on_shortcut = false;
  return x;
}

static int
main_branch (struct graph *g, const struct options *o, const struct block *b, int x)
{
  if (o->basic_block)
    {
      x = conv (g, sub (b, "conv1"), x, b->planes, 3, b->stride, 1, 1);
      x = build_relu (g, sub (b, "relu1"), norm (g, o, sub (b, "bn1"), x, false));
      x = conv (g, sub (b, "conv2"), x, b->planes, 3, 1, 1, 1);
      return norm (g, o, sub (b, "bn2"), x, true);
    }
  int64_t width = (int64_t) ((double) b->planes * ((double) o->width_per_group / 64.0)) * o->groups;
  if (width < 1)
    fatal_at (g->loc, "width-per-group %" PRId64 " leaves block %s no channels: int(%" PRId64
              " * width / 64) * groups must be positive", o->width_per_group, b->prefix, b->planes);
  x = conv (g, sub (b, "conv1"), x, width, 1, 1, 1, 1);
  x = build_relu (g, sub (b, "relu1"), norm (g, o, sub (b, "bn1"), x, false));
  x = conv (g, sub (b, "conv2"), x, width, 3, b->stride, b->dilation, o->groups);
  x = build_relu (g, sub (b, "relu2"), norm (g, o, sub (b, "bn2"), x, false));
  x = conv (g, sub (b, "conv3"), x, b->out, 1, 1, 1, 1);
  return norm (g, o, sub (b, "bn3"), x, true);
}

static int
residual_block (struct graph *g, const struct options *o, const struct block *b, int in)
{
  int x = main_branch (g, o, b, in);
  int skip = shortcut (g, o, b, in);
  x = build_add (g, sub (b, "add"), x, skip, g->loc);
  return build_relu (g, sub (b, o->basic_block ? "relu2" : "relu3"), x);
}

static int
initial_layers (struct graph *g, const struct options *o, int in)
{
  const int64_t *k = o->initial_filter_size, *s = o->initial_stride;
  struct conv_spec c = { .filters = o->initial_num_filters,
                         .kernel = { 1, k[0], k[1] },
                         .stride = { 1, s[0], s[1] },
                         .pad_lo = { 0, k[0] / 2, k[1] / 2 },
                         .pad_hi = { 0, k[0] / 2, k[1] / 2 },
                         .init = WEIGHT_INIT_HE_FAN_OUT };
  int x = build_conv (g, "conv1", in, &c, g->loc);
  x = build_relu (g, "relu", norm (g, o, "bn1", x, false));
  if (o->initial_pooling_layer == POOLING_NONE)
    return x;
  struct window w = shape_window ((int64_t[]){ 1, 3, 3 }, (int64_t[]){ 1, 2, 2 });
  w.pad_lo[AXIS_H] = w.pad_lo[AXIS_W] = w.pad_hi[AXIS_H] = w.pad_hi[AXIS_W] = 1;
  enum op op = o->initial_pooling_layer == POOLING_MAX ? OP_MAX_POOL : OP_AVERAGE_POOL;
  return build_pool (g, op == OP_MAX_POOL ? "maxpool" : "avgpool1", x, op, w, false, g->loc);
}

/* Shortcuts as CIFAR-style networks call them. */
static void
name_shortcuts (struct graph *g)
{
  static const char word[] = ".downsample.";
  for (int i = 0; i < g->param_count; i++)
    {
      const char *name = g->params[i]->name, *at = strstr (name, word);
      if (at)
        g->params[i]->other_name = mem_printf ("%.*s.shortcut.%s", (int) (at - name), name, at + sizeof word - 1);
    }
}

struct graph *
build_torchvision (const struct options *o)
{
  struct graph *g = graph_new (o->name, o->path, o->batch);
  g->loc = o->input_size.loc;
  struct shape s = { .rank = 2, .c = o->input_size.v[0], .dim = { 1, o->input_size.v[1], o->input_size.v[2] } };
  int x = initial_layers (g, o, build_input (g, s));
  int64_t dilation = 1;
  for (int stage = 0; stage < o->layers.count; stage++)
    {
      /* the block that opens a stage still has the previous stage's dilation */
      int64_t previous = dilation, stride = stage ? 2 : 1;
      if (stage && o->replace_stride_count && o->replace_stride_with_dilation[stage - 1])
        {
          dilation *= stride;
          stride = 1;
        }
      for (int64_t k = 0; k < o->layers.v[stage]; k++)
        {
          struct block b = { .prefix = mem_printf ("layer%d.%" PRId64, stage + 1, k), .planes = o->num_filters.v[stage],
                             .stride = k ? 1 : stride, .dilation = k ? dilation : previous };
          b.out = b.planes * (o->basic_block ? 1 : 4);
          g->stage = stage + 1;
          g->block = (int) k + 1;
          x = residual_block (g, o, &b, x);
        }
    }
  g->stage = 0;
  x = build_global_pool (g, "avgpool", x, OP_GLOBAL_AVERAGE_POOL);
  build_output (g, build_linear (g, o->head, x, o->num_classes, WEIGHT_INIT_TORCH, g->loc));
  name_shortcuts (g);
  return g;
}
