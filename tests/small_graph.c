#include "small_graph.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/shape.h"
#include "reference/reference.h"

static const struct loc here = { .file = "small" };

struct graph *
small_graph (int64_t batch, int rank, int64_t c, int64_t d, int64_t h, int64_t w)
{
  struct graph *g = graph_new ("small", "small", batch);
  build_input (g, (struct shape){ .rank = rank, .c = c, .dim = { d, h, w } });
  return g;
}

struct conv_spec
small_spec (int64_t filters, int64_t k, int64_t s, bool deep)
{
  return (struct conv_spec){ .filters = filters, .kernel = { deep ? k : 1, k, k }, .stride = { deep ? s : 1, s, s },
                             .same = true, .bias = true };
}

static char *
name (const struct graph *g, const char *op)
{
  return mem_printf ("%s%d", op, g->node_count);
}

int
small_conv (struct graph *g, int in, struct conv_spec spec)
{
  return build_conv (g, name (g, "conv"), in, &spec, here);
}

int
small_bn (struct graph *g, int in)
{
  return build_batch_norm (g, name (g, "bn"), in, 1e-3, 1, here);
}

int
small_relu (struct graph *g, int in)
{
  return build_relu (g, name (g, "relu"), in);
}

int
small_prelu (struct graph *g, int in, bool same_for_all)
{
  int64_t c = same_for_all ? 1 : g->tensors[in].shape.c;
  struct node n = { .op = OP_ACTIVATION, .name = name (g, "prelu"), .type = "prelu", .same_param_for_all = same_for_all,
                    .ep.act.id = ACT_PRELU };
  n.weight = build_param (g, n.name, "weight", 1, &c);
  return graph_add (g, n, &in, 1);
}

int
small_add (struct graph *g, int a, int b)
{
  return build_add (g, name (g, "add"), a, b, here);
}

int
small_norm (struct graph *g, int in, int64_t groups, bool affine)
{
  int64_t c = g->tensors[in].shape.c;
  struct node n = { .op = groups == c ? OP_INSTANCE_NORM : OP_GROUP_NORM, .name = name (g, "norm"), .type = "norm",
                    .groups = groups, .eps = 1e-5 };
  n.weight = affine ? build_param (g, n.name, "weight", 1, &c) : NULL;
  n.bias = affine ? build_param (g, n.name, "bias", 1, &c) : NULL;
  return graph_add (g, n, &in, 1);
}

int
small_pool (struct graph *g, int in, bool max, struct window w, bool count_padding)
{
  int t = build_pool (g, name (g, "pool"), in, max ? OP_MAX_POOL : OP_AVERAGE_POOL, w, false, here);
  graph_producer (g, t)->count_padding = count_padding;
  return t;
}

int
small_subsample (struct graph *g, int in, int64_t c, int64_t stride_d, int64_t stride)
{
  static const int64_t one[AXES] = { 1, 1, 1 };
  struct node n = { .op = OP_SUBSAMPLE, .name = name (g, "subsample"), .type = "subsample", .shape_hint = { .c = c },
                    .zeros_before = (c - g->tensors[in].shape.c) / 2 };
  n.win = shape_window (one, (int64_t[]){ stride_d, stride, stride });
  return graph_add (g, n, &in, 1);
}

void
small_end (struct graph *g, int in)
{
  int x = build_global_pool (g, "gap", in, OP_GLOBAL_AVERAGE_POOL);
  x = build_linear (g, "fc", x, 5, WEIGHT_INIT_HE, here);
  build_output (g, build_softmax (g, "softmax", x, false));
}

static void
random_param (struct param *p, uint64_t seed)
{
  struct random r = random_seed (seed, p->name);
  struct weight *w = NEW (struct weight);
  *w = (struct weight){ .name = p->name, .dtype = DTYPE_F64, .rank = p->rank, .count = 1 };
  for (int i = 0; i < p->rank; i++)
    {
      w->shape[i] = p->shape[i];
      w->count *= (size_t) p->shape[i];
    }
  double *v = NEW_ARRAY (w->count, double), fan_in = p->rank > 1 ? (double) w->count / (double) p->shape[0] : 1;
  bool positive = strstr (p->name, "running_var") || strstr (p->name, "input.std");
  for (size_t i = 0; i < w->count; i++)
    v[i] = positive ? 0.5 + 1.5 * random_uniform (&r) : (2 * random_uniform (&r) - 1) * sqrt (3 / fan_in);
  w->data = v;
  p->value = w;
}

void
small_params (struct graph *g, uint64_t seed)
{
  for (int i = 0; i < g->param_count; i++)
    random_param (g->params[i], seed);
}

double *
small_run (const struct graph *g, uint64_t seed)
{
  size_t count = (size_t) (g->batch * shape_count (&g->tensors[g->nodes[0].out].shape));
  struct random r = random_seed (seed, "input");
  double *x = NEW_ARRAY (count, double);
  for (size_t i = 0; i < count; i++)
    x[i] = 2 * random_uniform (&r) - 1;
  return reference_run (g, x);
}

void
small_same (const struct graph *g, double *before, double *after)
{
  int64_t count = g->batch * shape_count (&g->tensors[g->nodes[g->node_count - 1].out].shape);
  double most = 0, difference = 0;
  for (int64_t i = 0; i < count; i++)
    {
      most = fmax (most, fabs (before[i]));
      difference = fmax (difference, fabs (before[i] - after[i]));
      ck_assert (isfinite (before[i]) && isfinite (after[i]));
    }
  ck_assert_msg (difference <= 1e-12 * most, "outputs of at most %g differ by %g", most, difference);
  free (before);
  free (after);
}

/* ---- random networks ---- */

#define LARGEST 12

static int64_t
pick (struct random *r, int64_t from, int64_t to)
{
  return from + (int64_t) (random_uniform (r) * (double) (to - from + 1));
}

/* A window that fits its input and leaves at most LARGEST. */
static struct window
random_window (const struct shape *s, struct random *r, int64_t dilations)
{
  struct window w = { .kernel = { 1, 1, 1 }, .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 } };
  for (int a = AXES - s->rank; a < AXES; a++)
    {
      w.stride[a] = pick (r, 1, 3);
      w.dilation[a] = pick (r, 1, dilations);
      w.kernel[a] = pick (r, 1, 4);
      int64_t reach = (w.kernel[a] - 1) * w.dilation[a];
      w.pad_lo[a] = pick (r, 0, dilations > 1 ? reach : w.kernel[a] / 2);
      w.pad_hi[a] = pick (r, 0, dilations > 1 ? reach : w.kernel[a] / 2);
      int64_t room = s->dim[a] + w.pad_lo[a] + w.pad_hi[a] - reach - 1;
      if (room < 0 || room / w.stride[a] + 1 > LARGEST)
        w.kernel[a] = 1, w.pad_lo[a] = w.pad_hi[a] = 0;
    }
  return w;
}

static int64_t
divisor (int64_t n, struct random *r)
{
  int64_t d = pick (r, 1, n);
  while (n % d)
    d--;
  return d;
}

static int
random_conv (struct graph *g, int x, struct random *r)
{
  const struct shape *s = &g->tensors[x].shape;
  struct window w = random_window (s, r, 3);
  struct conv_spec c = { .bias = pick (r, 0, 1) };
  memcpy (c.kernel, w.kernel, sizeof c.kernel);
  memcpy (c.stride, w.stride, sizeof c.stride);
  memcpy (c.dilation, w.dilation, sizeof c.dilation);
  memcpy (c.pad_lo, w.pad_lo, sizeof c.pad_lo);
  memcpy (c.pad_hi, w.pad_hi, sizeof c.pad_hi);
  c.groups = pick (r, 0, 2) ? 1 : divisor (s->c, r);
  c.filters = c.groups * pick (r, 1, c.groups > 9 ? 3 : 36 / c.groups);
  return small_conv (g, x, c);
}

/* The sum of X and of some tensor of its shape, which may be X. */
static int
random_add (struct graph *g, int x, struct random *r)
{
  int other = (int) pick (r, 0, g->tensor_count - 1);
  while (!shape_equal (&g->tensors[other].shape, &g->tensors[x].shape))
    other = (other + 1) % g->tensor_count;
  return pick (r, 0, 1) ? small_add (g, x, other) : small_add (g, other, x);
}

static int
random_layer (struct graph *g, int x, struct random *r)
{
  int64_t c = g->tensors[x].shape.c;
  switch (pick (r, 0, 13))
    {
    case 0:
    case 1:
      return small_bn (g, x);
    case 2:
    case 3:
      return small_relu (g, x);
    case 4:
      return small_prelu (g, x, pick (r, 0, 1));
    case 5:
    case 6:
      return random_add (g, x, r);
    case 7:
      return small_norm (g, x, divisor (c, r), pick (r, 0, 1));
    case 8:
      return small_pool (g, x, pick (r, 0, 1), random_window (&g->tensors[x].shape, r, 1), pick (r, 0, 1));
    case 9:
      return small_subsample (g, x, pick (r, c, c + 20), 1, pick (r, 1, 2));
    default:
      return random_conv (g, x, r);
    }
}

struct graph *
small_random (uint64_t seed, int count)
{
  struct random r = random_seed (seed, "network");
  int rank = (int) pick (&r, 2, 3);
  struct graph *g = small_graph (pick (&r, 1, 3), rank, pick (&r, 1, 20), rank == 3 ? pick (&r, 1, 7) : 1,
                                 pick (&r, 1, 11), pick (&r, 1, 11));
  int x = 0;
  for (int i = 0; i < count; i++)
    {
      if (!pick (&r, 0, 4)) /* another branch */
        x = (int) pick (&r, 0, g->tensor_count - 1);
      x = random_layer (g, x, &r);
      int64_t c = g->tensors[x].shape.c;
      if (!pick (&r, 0, 4)) /* something of the same shape, to be added to it later */
        small_add (g, small_conv (g, x, small_spec (c, 1, 1, false)), x);
    }
  small_end (g, x);
  small_params (g, seed);
  return g;
}
