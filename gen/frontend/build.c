/* Layers shared by the builders. */
#include "build.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "graph/shape.h"

struct param *
build_param (struct graph *g, const char *layer, const char *suffix, int rank, const int64_t *shape)
{
  struct param p = { .name = mem_printf ("%s.%s", layer, suffix), .rank = rank };
  memcpy (p.shape, shape, (size_t) rank * sizeof *shape);
  return graph_param (g, p);
}

static struct param *
vector_param (struct graph *g, const char *layer, const char *suffix, int64_t c, double value)
{
  struct param *p = build_param (g, layer, suffix, 1, &c);
  p->init = INIT_CONSTANT;
  p->init_a = value;
  return p;
}

void
build_presence (struct graph *g, struct param **p, enum presence presence, const char *wanted_by)
{
  int i = 0;
  (*p)->optional = presence == AS_IN_FILE;
  (*p)->wanted_by = presence == PRESENT ? wanted_by : NULL;
  if (presence != ABSENT)
    return;
  while (g->params[i] != *p)
    i++;
  g->param_count--;
  memmove (&g->params[i], &g->params[i + 1], (size_t) (g->param_count - i) * sizeof *g->params);
  *p = NULL;
}

/* "3x3x3", or "3x3" for rank 2. */
static char *
extents_text (int rank, const int64_t *v)
{
  if (rank == 2)
    return mem_printf ("%" PRId64 "x%" PRId64, v[AXIS_H], v[AXIS_W]);
  return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64, v[AXIS_D], v[AXIS_H], v[AXIS_W]);
}

/* ", stride 2", or ", stride 1x2x2"; nothing for WORD's usual value of 1. */
static const char *
factor_text (int rank, const int64_t *v, const char *word)
{
  bool equal = v[AXIS_H] == v[AXIS_W] && (rank == 2 || v[AXIS_D] == v[AXIS_H]);
  if (equal && v[AXIS_W] == 1)
    return "";
  if (equal)
    return mem_printf (", %s %" PRId64, word, v[AXIS_W]);
  return mem_printf (", %s %s", word, extents_text (rank, v));
}

int
build_input (struct graph *g, struct shape shape)
{
  struct node n = { .op = OP_INPUT, .name = "input", .type = "input", .shape_hint = shape };
  g->rank = shape.rank;
  return graph_add (g, n, NULL, 0);
}

static void
init_weight (struct param *w, enum weight_init init, double fan_in, double fan_out)
{
  w->init = init == WEIGHT_INIT_TORCH ? INIT_UNIFORM : INIT_NORMAL;
  if (init == WEIGHT_INIT_TORCH)
    {
      w->init_a = -1 / sqrt (fan_in);
      w->init_b = 1 / sqrt (fan_in);
    }
  else
    w->init_b = sqrt (2 / (init == WEIGHT_INIT_HE ? fan_in : fan_out));
}

static struct param *
bias_param (struct graph *g, const char *layer, int64_t c, enum weight_init init, double fan_in)
{
  struct param *b = vector_param (g, layer, "bias", c, 0);
  if (init == WEIGHT_INIT_TORCH)
    init_weight (b, init, fan_in, 0);
  return b;
}

int
build_conv (struct graph *g, const char *name, int in, const struct conv_spec *spec, struct loc loc)
{
  const struct shape s = g->tensors[in].shape;
  struct node n = { .op = OP_CONV, .name = name, .loc = loc, .groups = spec->groups ? spec->groups : 1,
                    .shape_hint = { .c = spec->filters }, .win = shape_window (spec->kernel, spec->stride) };
  for (int a = 0; a < AXES; a++)
    {
      if (spec->dilation[a])
        n.win.dilation[a] = spec->dilation[a];
      n.win.pad_lo[a] = spec->pad_lo[a];
      n.win.pad_hi[a] = spec->pad_hi[a];
    }
  if (spec->same)
    shape_same_padding (&n.win, s.dim);
  n.type = mem_printf ("conv %s%s%s%s", extents_text (s.rank, spec->kernel),
                       factor_text (s.rank, spec->stride, "stride"), factor_text (s.rank, n.win.dilation, "dilation"),
                       n.groups > 1 ? mem_printf (", %" PRId64 " groups", n.groups) : "");
  int64_t taps = spec->kernel[0] * spec->kernel[1] * spec->kernel[2];
  double fan_in = (double) (s.c / n.groups * taps), fan_out = (double) (spec->filters * taps);
  int64_t shape[PARAM_MAX_RANK] = { spec->filters, s.c / n.groups };
  memcpy (shape + 2, spec->kernel + (AXES - s.rank), (size_t) s.rank * sizeof *shape);
  n.weight = build_param (g, name, "weight", 2 + s.rank, shape);
  init_weight (n.weight, spec->init, fan_in, fan_out);
  if (spec->bias)
    n.bias = bias_param (g, name, spec->filters, spec->init, fan_in);
  return graph_add (g, n, &in, 1);
}

int
build_batch_norm (struct graph *g, const char *name, int in, double eps, double scale, struct loc loc)
{
  int64_t c = g->tensors[in].shape.c;
  struct node n = { .op = OP_BATCH_NORM, .name = name, .type = "batch norm", .loc = loc, .eps = eps };
  n.weight = vector_param (g, name, "weight", c, scale);
  n.bias = vector_param (g, name, "bias", c, 0);
  n.mean = vector_param (g, name, "running_mean", c, 0);
  n.variance = vector_param (g, name, "running_var", c, 1);
  n.mean->state = n.variance->state = true;
  return graph_add (g, n, &in, 1);
}

int
build_group_norm (struct graph *g, const char *name, int in, int64_t groups, double eps, struct loc loc)
{
  int64_t c = g->tensors[in].shape.c;
  struct node n = { .op = groups ? OP_GROUP_NORM : OP_INSTANCE_NORM, .name = name, .groups = groups ? groups : c,
                    .eps = eps, .loc = loc };
  n.type = groups ? mem_printf ("group norm, %" PRId64 " groups", groups) : "instance norm";
  n.weight = vector_param (g, name, "weight", c, 1);
  n.bias = vector_param (g, name, "bias", c, 0);
  return graph_add (g, n, &in, 1);
}

int
build_layer_norm (struct graph *g, const char *name, int in, double eps, struct loc loc)
{
  const int64_t c = g->tensors[in].shape.c;
  struct node n = { .op = OP_LAYER_NORM, .name = name, .type = "layer norm", .eps = eps, .loc = loc };
  n.weight = vector_param (g, name, "weight", c, 1);
  n.bias = vector_param (g, name, "bias", c, 0);
  return graph_add (g, n, &in, 1);
}

int
build_activation (struct graph *g, const char *name, int in, struct activation act)
{
  struct node n = { .op = OP_ACTIVATION, .name = name, .type = activation_text (&act), .ep.act = act };
  return graph_add (g, n, &in, 1);
}

int
build_relu (struct graph *g, const char *name, int in)
{
  return build_activation (g, name, in, activation_with (ACT_RELU, 0, 0));
}

int
build_add (struct graph *g, const char *name, int a, int b, struct loc loc)
{
  return build_binary (g, name, OP_ADD, (int[]){ a, b }, 2, loc);
}

int
build_binary (struct graph *g, const char *name, enum op op, const int *in, int nin, struct loc loc)
{
  struct node n = { .op = op, .name = name, .type = op_name (op), .loc = loc };
  return graph_add (g, n, in, nin);
}

int
build_with_constant (struct graph *g, const char *name, enum op op, int in, int rank, const int64_t *shape, bool first,
                     struct loc loc)
{
  struct node n = { .op = op, .name = name, .type = op_name (op), .loc = loc, .constant_first = first };
  n.weight = build_param (g, name, "weight", rank, shape);
  n.weight->other_name = name;
  n.weight->init = INIT_CONSTANT;
  n.weight->init_a = 1;
  return graph_add (g, n, &in, 1);
}

int
build_pool (struct graph *g, const char *name, int in, enum op op, struct window win, bool same, struct loc loc)
{
  const struct shape s = g->tensors[in].shape;
  struct node n = { .op = op, .name = name, .loc = loc, .win = win, .count_padding = true };
  if (same)
    shape_same_padding (&n.win, s.dim);
  n.type = mem_printf ("%s pool %s%s%s", op == OP_MAX_POOL ? "max" : "average", extents_text (s.rank, win.kernel),
                       factor_text (s.rank, win.stride, "stride"), factor_text (s.rank, win.dilation, "dilation"));
  return graph_add (g, n, &in, 1);
}

int
build_subsample (struct graph *g, const char *name, int in, int64_t channels, int64_t zeros_before,
                 const int64_t stride[AXES], struct loc loc)
{
  struct node n = { .op = OP_SUBSAMPLE, .name = name, .loc = loc, .zeros_before = zeros_before,
                    .win = shape_window ((int64_t[]){ 1, 1, 1 }, stride), .shape_hint = { .c = channels } };
  n.type = mem_printf ("subsample%s%s", factor_text (g->tensors[in].shape.rank, stride, "stride"),
                       channels == g->tensors[in].shape.c ? "" : ", zero channels");
  return graph_add (g, n, &in, 1);
}

int
build_global_pool (struct graph *g, const char *name, int in, enum op op)
{
  const char *type = op == OP_GLOBAL_MAX_POOL ? "global max pool" : "global average pool";
  struct node n = { .op = op, .name = name, .type = type };
  return graph_add (g, n, &in, 1);
}

int
build_linear (struct graph *g, const char *name, int in, int64_t features, enum weight_init init, struct loc loc)
{
  int64_t shape[2] = { features, shape_count (&g->tensors[in].shape) };
  struct node n = { .op = OP_LINEAR, .name = name, .type = "linear", .loc = loc, .shape_hint = { .c = features } };
  n.weight = build_param (g, name, "weight", 2, shape);
  init_weight (n.weight, init, (double) shape[1], (double) features);
  n.bias = bias_param (g, name, features, init, (double) shape[1]);
  return graph_add (g, n, &in, 1);
}

int
build_softmax (struct graph *g, const char *name, int in, bool logarithm)
{
  struct node n = { .op = OP_SOFTMAX,
                    .name = name,
                    .type = logarithm ? "log softmax" : "softmax",
                    .logarithm = logarithm };
  return graph_add (g, n, &in, 1);
}

int
build_channels (struct graph *g, const char *name, const char *type, const int *in, int nin,
                const struct channel_source *sources, int64_t count, struct loc loc)
{
  struct node n
      = { .op = OP_CHANNELS, .name = name, .type = type, .loc = loc, .sources = sources, .shape_hint = { .c = count } };
  return graph_add (g, n, in, nin);
}

/* The largest number of convolutions and linear layers on a path from the input. */
static int
graph_depth (const struct graph *g)
{
  int *depth = NEW_ARRAY ((size_t) g->tensor_count, int), most = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      int d = 0;
      for (int k = 0; k < n->nin; k++)
        if (depth[n->in[k]] > d)
          d = depth[n->in[k]];
      depth[n->out] = d + (n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV || n->op == OP_LINEAR);
      if (depth[n->out] > most)
        most = depth[n->out];
    }
  return most;
}

void
build_output (struct graph *g, int in)
{
  struct node n = { .op = OP_OUTPUT, .name = "output", .type = "output" };
  g->probabilities = graph_producer (g, in)->op == OP_SOFTMAX && !graph_producer (g, in)->logarithm;
  graph_add (g, n, &in, 1);
  g->depth = graph_depth (g);
  graph_check (g);
}
