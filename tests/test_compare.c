/* Faults are planted in a network, as people make them, and its layers' values compared with those of the right one: the
 * layer and the cause have to be named. RESCAST_LONG=1: 200 and more of them; else each kind once or twice. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/parts.h"
#include "frontend/frontend.h"
#include "graph/shape.h"
#include "small_graph.h"

/* ---- ten small networks ---- */

static const char *const networks[] = {
  /* the usual one, for colour pictures */
  "network: sequence\ninput-size: [3, 18, 18]\nlayers:\n"
  "- {type: conv, name: stem, filters: 8, kernel-size: 3, padding: 1}\n- {type: batch-norm, name: norm}\n"
  "- {type: relu, name: act}\n- {type: max-pool, name: pool, kernel-size: 3, stride: 2, padding: [[0, 0], [1, 1]]}\n"
  "- {type: conv, name: second, filters: 8, kernel-size: 3, stride: 2, padding: [[0, 0], [1, 1]], bias: true}\n"
  "- {type: batch-norm, name: second-norm}\n- {type: leaky-relu, name: second-act}\n"
  "- {type: global-average-pool, name: gap}\n- {type: linear, name: fc, features: 8, bias: true}\n",
  "name: a\nnetwork: resnet\nblock: basic\nlayers: [2, 2]\nnum-filters: [8, 16]\ninitial-num-filters: 8\n"
  "input-size: [3, 32, 32]\nnum-classes: 10\n",
  "name: a\nnetwork: resnet\nblock: bottleneck\nlayers: [1, 2]\nnum-filters: [4, 8]\ninitial-num-filters: 8\n"
  "input-size: [3, 32, 32]\nnum-classes: 7\n",
  "name: a\nnetwork: resnet3d\ninput-size: [16, 16, 16, 2]\nnum-classes: 5\ninitial-filter-size: 3\ninitial-stride: 1\n"
  "initial-num-filters: 4\nstack-depth: [1, 1]\nnum-filters: [4, 6]\nbottleneck-type: downsample-first-conv\n",
  /* a decoder */
  "network: sequence\ninput-size: [2, 8, 8]\nlayers:\n"
  "- {type: conv, name: in, filters: 8, kernel-size: 3, padding: 1, bias: true}\n- {type: instance-norm, name: norm}\n"
  "- {type: relu, name: act}\n- {type: upsample, name: up, scale: 2, mode: linear, align-corners: false}\n"
  "- {type: conv, name: middle, filters: 6, kernel-size: 3, padding: 1, bias: true}\n- {type: elu, name: middle-act}\n"
  "- {type: upsample, name: again, scale: 2, mode: linear}\n"
  "- {type: conv, name: out, filters: 3, kernel-size: 1, bias: true}\n- {type: sigmoid, name: scores}\n",
  /* volumes */
  "network: sequence\ninput-size: [1, 6, 10, 10]\nlayers:\n"
  "- {type: conv, name: a, filters: 6, kernel-size: 3, padding: 1, bias: true}\n- {type: batch-norm, name: b}\n"
  "- {type: elu, name: c}\n- {type: average-pool, name: d, kernel-size: 3, stride: 2, padding: 1}\n"
  "- {type: conv, name: e, filters: 6, kernel-size: 3, padding: 1}\n- {type: batch-norm, name: f}\n"
  "- {type: relu, name: g}\n- {type: global-average-pool, name: h}\n"
  "- {type: linear, name: i, features: 4, bias: true}\n- {type: softmax, name: j}\n",
  /* convolutions of their own channels */
  "network: sequence\ninput-size: [3, 16, 16]\nlayers:\n"
  "- {type: conv, name: stem, filters: 8, kernel-size: 3, stride: 2, padding: same}\n- {type: batch-norm, name: n0}\n"
  "- {type: relu6, name: r0}\n- {type: conv, name: depthwise, filters: 8, groups: 8, kernel-size: 3, padding: 1}\n"
  "- {type: batch-norm, name: n1}\n- {type: relu6, name: r1}\n- {type: conv, name: pointwise, filters: 8, kernel-size: 1}\n"
  "- {type: batch-norm, name: n2}\n- {type: add, name: sum, input: [r0, n2]}\n- {type: hard-swish, name: r2}\n"
  "- {type: global-average-pool, name: gap}\n- {type: linear, name: fc, features: 6, bias: true}\n",
  /* a map as a vector */
  "network: sequence\ninput-size: [4, 12, 12]\nlayers:\n"
  "- {type: conv, name: c1, filters: 6, kernel-size: 5, bias: true}\n- {type: tanh, name: t1}\n"
  "- {type: average-pool, name: p1, kernel-size: 2}\n- {type: conv, name: c2, filters: 4, kernel-size: 3, bias: true}\n"
  "- {type: tanh, name: t2}\n- {type: linear, name: f1, features: 16, bias: true}\n- {type: tanh, name: t3}\n"
  "- {type: linear, name: f2, features: 16, bias: true}\n- {type: gelu, name: t4}\n"
  "- {type: linear, name: f3, features: 3, bias: true}\n",
  /* pre-activation */
  "network: sequence\ninput-size: [3, 14, 14]\nlayers:\n"
  "- {type: conv, name: stem, filters: 8, kernel-size: 3, padding: 1, bias: true}\n- {type: batch-norm, name: n1}\n"
  "- {type: silu, name: a1}\n- {type: conv, name: c1, filters: 8, kernel-size: 3, padding: 2, dilation: 2}\n"
  "- {type: batch-norm, name: n2}\n- {type: silu, name: a2}\n- {type: conv, name: c2, filters: 8, kernel-size: 3, padding: 1}\n"
  "- {type: add, name: sum, input: [stem, c2]}\n- {type: relu, name: a3}\n- {type: global-max-pool, name: gap}\n"
  "- {type: linear, name: fc, features: 5, bias: true}\n- {type: softmax, name: scores}\n",
  "network: sequence\ninput-size: [5, 11, 13]\nbatch: 2\nlayers:\n"
  "- {type: conv, name: one, filters: 8, kernel-size: [3, 5], padding: same, bias: true}\n- {type: mish, name: two}\n"
  "- {type: conv, name: three, filters: 8, kernel-size: 3, padding: 1, dilation: 1}\n- {type: batch-norm, name: four}\n"
  "- {type: gelu-tanh, name: five}\n- {type: max-pool, name: six, kernel-size: 2, stride: 2}\n"
  "- {type: conv, name: seven, filters: 8, kernel-size: 3, padding: same, bias: true}\n- {type: prelu, name: eight}\n"
  "- {type: global-average-pool, name: nine}\n- {type: linear, name: ten, features: 8, bias: true}\n",
};
enum
{
  NETWORKS = sizeof networks / sizeof *networks
};

/* ---- faults: each changes node N of the other network, or says that it cannot ---- */

struct plant
{
  const char *cause; /* that has to be named, or one of several: "padding-side|padding" */
  bool (*put) (struct graph *g, struct node *n, struct random *r);
};

/* P's values as an array of its own. */
static float *
own_values (struct param *p)
{
  struct weight *w = NEW (struct weight);
  float *v = NEW_ARRAY (p->value->count, float);
  for (size_t i = 0; i < p->value->count; i++)
    v[i] = (float) weight_at (p->value, i);
  *w = *p->value;
  w->dtype = DTYPE_F32;
  w->data = v;
  p->value = w;
  return v;
}

static void
fill (struct param *p, double value)
{
  float *v = own_values (p);
  for (size_t i = 0; i < p->value->count; i++)
    v[i] = (float) value;
}

static void
exchange (struct param *a, struct param *b)
{
  const struct weight *w = a->value;
  a->value = b->value;
  b->value = w;
}

static bool
put_eps (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  n->eps = random_uniform (r) < 0.5 ? 1e-3 : 1e-4;
  return n->op == OP_BATCH_NORM || n->op == OP_INSTANCE_NORM;
}

static bool
put_padding_side (struct graph *g, struct node *n, struct random *r)
{
  (void) r;
  bool changes = false;
  if (n->op != OP_CONV && n->op != OP_MAX_POOL && n->op != OP_AVERAGE_POOL)
    return false;
  for (int a = AXES - g->rank; a < AXES; a++)
    {
      const int64_t lo = n->win.pad_lo[a], all = lo + n->win.pad_hi[a];
      n->win.pad_lo[a] = lo * 2 == all ? 0 : n->win.pad_hi[a];
      n->win.pad_hi[a] = all - n->win.pad_lo[a];
      changes = changes || n->win.pad_lo[a] != lo;
    }
  return changes;
}

static bool
put_dilation (struct graph *g, struct node *n, struct random *r)
{
  (void) r;
  if (n->op != OP_CONV || n->win.stride[AXIS_W] != 1 || n->win.kernel[AXIS_W] != 3 || n->win.pad_lo[AXIS_W] == 0)
    return false;
  for (int a = AXES - g->rank; a < AXES; a++)
    {
      n->win.dilation[a] = n->win.dilation[a] == 1 ? 2 : 1;
      n->win.pad_lo[a] = n->win.pad_hi[a] = n->win.dilation[a] * (n->win.kernel[a] - 1) / 2;
    }
  return true;
}

/* The stride of a block's first convolution on its second, or the other way round. */
static bool
put_stride_place (struct graph *g, struct node *n, struct random *r)
{
  (void) r;
  const int next = (int) (n - g->nodes) + 3;
  if (n->op != OP_CONV || next >= g->node_count || g->nodes[next].op != OP_CONV || n->on_shortcut
      || n->win.stride[AXIS_W] == g->nodes[next].win.stride[AXIS_W] || !node_reads (&g->nodes[next], g->nodes[next - 1].out) || graph_uses (g, n->out) > 1
      || graph_uses (g, n[1].out) > 1 || graph_uses (g, n[2].out) > 1)
    return false;
  for (int a = 0; a < AXES; a++)
    {
      const int64_t stride = n->win.stride[a];
      n->win.stride[a] = g->nodes[next].win.stride[a];
      g->nodes[next].win.stride[a] = stride;
    }
  return true;
}

static bool
put_pool (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  (void) r;
  static const enum op other[] = { [OP_MAX_POOL] = OP_AVERAGE_POOL, [OP_AVERAGE_POOL] = OP_MAX_POOL,
                                   [OP_GLOBAL_AVERAGE_POOL] = OP_GLOBAL_MAX_POOL,
                                   [OP_GLOBAL_MAX_POOL] = OP_GLOBAL_AVERAGE_POOL };
  if (n->op != OP_MAX_POOL && n->op != OP_AVERAGE_POOL && n->op != OP_GLOBAL_AVERAGE_POOL && n->op != OP_GLOBAL_MAX_POOL)
    return false;
  n->op = other[n->op];
  return true;
}

static bool
put_count_padding (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  (void) r;
  n->count_padding = !n->count_padding;
  return n->op == OP_AVERAGE_POOL && n->win.pad_lo[AXIS_W] > 0;
}

static bool
put_align_corners (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  n->align_corners = !n->align_corners;
  n->nearest = n->op == OP_UPSAMPLE && random_uniform (r) < 0.3;
  return n->op == OP_UPSAMPLE;
}

/* The filters of a layer that reads the input, in the other order: as if its channels were. */
static bool
put_channel_order (struct graph *g, struct node *n, struct random *r)
{
  (void) r;
  if (n->op != OP_CONV || graph_producer (g, n->in[0])->op != OP_INPUT || n->weight->shape[1] < 2)
    return false;
  float *v = own_values (n->weight);
  const int64_t c = n->weight->shape[1], taps = (int64_t) n->weight->value->count / n->weight->shape[0] / c;
  for (int64_t o = 0; o < n->weight->shape[0]; o++)
    for (int64_t i = 0; i < c / 2; i++)
      for (int64_t k = 0; k < taps; k++)
        {
          float *a = &v[(o * c + i) * taps + k], *b = &v[(o * c + c - 1 - i) * taps + k], x = *a;
          *a = *b;
          *b = x;
        }
  return true;
}

/* The other network normalises its input. */
static bool
put_preparation (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  if (n->op != OP_INPUT || n->mean)
    return false;
  const int64_t c = n->shape_hint.c;
  struct param *p[2];
  for (int i = 0; i < 2; i++)
    {
      struct weight *w = NEW (struct weight);
      float *v = NEW_ARRAY ((size_t) c, float);
      for (int64_t k = 0; k < c; k++)
        v[k] = (float) (i ? 0.2 + random_uniform (r) : random_uniform (r));
      *w = (struct weight){ .name = "x", .dtype = DTYPE_F32, .rank = 1, .shape = { c }, .count = (size_t) c, .data = v };
      p[i] = NEW (struct param);
      *p[i] = (struct param){ .name = "x", .rank = 1, .shape = { c }, .value = w };
    }
  n->mean = p[0];
  n->variance = p[1];
  return true;
}

static bool
put_statistics (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  if (n->op != OP_BATCH_NORM || !n->mean || !n->variance)
    return false;
  switch ((int) (3 * random_uniform (r)))
    {
    case 0:
      exchange (n->mean, n->variance);
      for (size_t i = 0; i < n->variance->value->count; i++)
        if (weight_at (n->variance->value, i) <= 0)
          return false;
      return true;
    case 1:
      fill (n->mean, 0);
      fill (n->variance, 1);
      return true;
    default:
      {
        float *v = own_values (n->variance);
        for (size_t i = 0; i < n->variance->value->count; i++)
          v[i] *= v[i];
        return true;
      }
    }
}

static bool
put_affine (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  if ((n->op != OP_BATCH_NORM && n->op != OP_INSTANCE_NORM) || !n->weight || !n->weight->value || !n->bias->value)
    return false;
  if (random_uniform (r) < 0.5)
    {
      fill (n->weight, 1);
      fill (n->bias, 0);
    }
  else
    exchange (n->weight, n->bias);
  return true;
}

/* A filter's elements as of HWIO. */
static bool
put_weight_axes (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  if (n->op != OP_CONV || n->weight->rank != 4 || n->groups != 1 || n->win.kernel[AXIS_W] == 1)
    return false;
  const int64_t *s = n->weight->shape, count = (int64_t) n->weight->value->count;
  float *v = own_values (n->weight), *from = NEW_ARRAY ((size_t) count, float);
  const bool turned = random_uniform (r) < 0.5 && s[2] == s[3];
  memcpy (from, v, (size_t) count * sizeof *v);
  for (int64_t i = 0; i < count; i++)
    {
      const int64_t w = i % s[3], h = i / s[3] % s[2], c = i / s[3] / s[2] % s[1], o = i / s[3] / s[2] / s[1];
      v[i] = from[turned ? ((o * s[1] + c) * s[2] + w) * s[3] + h : ((h * s[3] + w) * s[1] + c) * s[0] + o];
    }
  return true;
}

static bool
put_transposed (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  (void) r;
  if (n->op != OP_LINEAR)
    return false;
  const int64_t out = n->weight->shape[0], in = n->weight->shape[1];
  float *v = own_values (n->weight), *from = NEW_ARRAY ((size_t) (out * in), float);
  memcpy (from, v, (size_t) (out * in) * sizeof *v);
  for (int64_t i = 0; i < out * in; i++)
    v[i] = from[i % in * out + i / in];
  return true;
}

static bool
put_flatten (struct graph *g, struct node *n, struct random *r)
{
  (void) r;
  const struct shape *s = n->nin ? &g->tensors[n->in[0]].shape : NULL;
  if (n->op != OP_LINEAR || shape_pixels (s) == 1)
    return false;
  const int64_t in = n->weight->shape[1], pixels = shape_pixels (s);
  float *v = own_values (n->weight), *from = NEW_ARRAY (n->weight->value->count, float);
  memcpy (from, v, n->weight->value->count * sizeof *v);
  for (size_t i = 0; i < n->weight->value->count; i++)
    {
      const int64_t row = (int64_t) i / in, at = (int64_t) i % in;
      v[i] = from[row * in + at % pixels * s->c + at / pixels];
    }
  return true;
}

static bool
put_bias (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  (void) r;
  if ((n->op != OP_CONV && n->op != OP_LINEAR) || !n->bias || !n->bias->value)
    return false;
  fill (n->bias, 0);
  return true;
}

static bool
put_activation (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  static const enum activation_id others[] = { ACT_RELU, ACT_SILU, ACT_GELU, ACT_ELU, ACT_TANH, ACT_HARD_SWISH };
  const enum activation_id id = others[(int) (6 * random_uniform (r))];
  if (n->op != OP_ACTIVATION || n->ep.act.id == id)
    return false;
  n->ep.act = activation_with (id, id == ACT_ELU, 0);
  return true;
}

static bool
put_residual (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  if (n->op != OP_ADD)
    return false;
  int *in = NEW_ARRAY (1, int);
  in[0] = n->in[random_uniform (r) < 0.5];
  n->in = in;
  n->nin = 1;
  return true;
}

/* An activation in front of a sum. */
static bool
put_activation_place (struct graph *g, struct node *n, struct random *r)
{
  (void) r;
  struct node *behind = n + 1, *before = n - 1;
  if (n->op != OP_ADD || behind->op != OP_ACTIVATION || before->op != OP_BATCH_NORM || before->on_shortcut
      || before->ep.act.id != ACT_NONE || !node_reads (n, before->out) || !node_reads (behind, n->out))
    return false;
  (void) g;
  before->ep.act = behind->ep.act;
  behind->ep.act.id = ACT_NONE;
  return true;
}

static bool
put_left_out (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  (void) r;
  if (n->op != OP_BATCH_NORM && n->op != OP_ACTIVATION && n->op != OP_INSTANCE_NORM)
    return false;
  n->op = OP_IDENTITY;
  n->ep.act.id = ACT_NONE;
  return true;
}

/* The statistics of another training. */
static bool
put_norm_values (struct graph *g, struct node *n, struct random *r)
{
  (void) g;
  if (n->op != OP_BATCH_NORM)
    return false;
  for (int k = 0; k < 2; k++)
    {
      struct param *p = k ? n->mean : n->variance;
      float *v = own_values (p);
      for (size_t i = 0; i < p->value->count; i++)
        v[i] += (float) random_uniform (r);
    }
  return true;
}

static const struct plant plants[] = {
  { "eps", put_eps },
  { "padding-side", put_padding_side },
  { "dilation", put_dilation },
  { "stride-place", put_stride_place },
  { "pool", put_pool },
  { "count-padding", put_count_padding },
  { "align-corners", put_align_corners },
  { "channel-order", put_channel_order },
  { "preparation", put_preparation },
  { "statistics", put_statistics },
  { "affine", put_affine },
  { "weight-axes", put_weight_axes },
  { "transposed", put_transposed },
  { "flatten", put_flatten },
  { "bias", put_bias },
  { "activation", put_activation },
  { "residual", put_residual },
  { "activation-place", put_activation_place },
  { "left-out", put_left_out },
  { "norm-values", put_norm_values },
};
enum
{
  PLANTS = sizeof plants / sizeof *plants
};

/* ---- trials ---- */

static struct graph *
network (int i)
{
  struct graph *g = source_build (source_parse ("net.yaml", networks[i]));
  small_params (g, 1);
  return g;
}

static void
infer_again (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    g->tensors[g->nodes[i].out].shape = shape_infer (g, &g->nodes[i]);
}

static double *
random_input (const struct graph *g)
{
  const size_t count = (size_t) (g->batch * shape_count (&g->tensors[g->nodes[0].out].shape));
  struct random r = random_seed (3, "input");
  double *x = NEW_ARRAY (count, double);
  for (size_t i = 0; i < count; i++)
    x[i] = 2 * random_uniform (&r) - 1;
  return x;
}

/* What another engine has of G: KIND 0 all tensors by their names, 1 without names, 2 of convolutions only what their
 * normalisations give, as in a model with these folded. */
static struct known_list
known_values (const struct graph *g, const double *x, int kind)
{
  struct known_list all = { .output = -1 }, k = { .output = -1, .tolerance = 1e-6 };
  known_of_graph (&all, g, x);
  for (int i = 0; i < all.count; i++)
    {
      const bool folded = i + 1 < all.count && g->nodes[i].op == OP_CONV && g->nodes[i + 1].op == OP_BATCH_NORM;
      if (kind == 2 && folded)
        continue;
      if (i == all.output)
        k.output = k.count;
      known_add (&k, kind ? mem_printf ("t%d", i) : all.list[i].name, all.list[i].shape, all.list[i].count,
                 all.list[i].value);
    }
  return k;
}

struct score
{
  int planted, layer, both;
};

/* The layer that NODE's fault is seen in first. */
static const char *
layer_of (const struct graph *g, int node, const struct plant *p)
{
  if (p->put != put_preparation)
    return g->nodes[node].name;
  for (int i = 1;; i++)
    if (node_reads (&g->nodes[i], g->nodes[0].out))
      return g->nodes[i].name;
}

static void
plant_one (int net, int node, const struct plant *p, uint64_t seed, int kind, struct score *score)
{
  struct graph *right = network (net), *wrong = network (net);
  struct random r = random_seed (seed, "fault");
  if (!p->put (wrong, &wrong->nodes[node], &r))
    return;
  infer_again (wrong);
  double *x = random_input (right);
  double **values = reference_values (right, x);
  struct known_list k = known_values (wrong, x, kind);
  const struct agreement a = agreement_of (right, values, &k);
  if (!a.differs) /* nothing is to be seen of it */
    return;
  const struct finding f = find_cause (right, values, NULL, &k, &a, 60);
  const char *layer = layer_of (right, node, p);
  const bool layer_right = f.node >= 0 && !strcmp (right->nodes[f.node].name, layer);
  const bool both = layer_right && !strcmp (f.cause, p->cause);
  score->planted++;
  score->layer += layer_right;
  score->both += both;
  if (!both)
    printf ("network %d, kind %d: %s in %s, named: %s in %s (%s)\n", net, kind, p->cause, layer,
            f.node < 0 ? "nothing" : f.cause, f.node < 0 ? right->nodes[a.first].name : right->nodes[f.node].name,
            f.node < 0 ? "" : f.what);
  for (int i = 0; i < right->tensor_count; i++)
    free (values[i]);
  free (values);
}

START_TEST (planted_faults)
{
  const bool all = getenv ("RESCAST_LONG") != NULL;
  struct score score = { 0 };
  for (int p = 0; p < PLANTS; p++)
    for (int net = 0, had = 0; net < NETWORKS && had < (all ? 100 : 2); net++)
      {
        const int nodes = network (net)->node_count - 1;
        for (int i = 0, here = 0; i < nodes && here < (all ? 4 : 1); i++)
          {
            const int before = score.planted, node = (i * 5 + net * 3 + p) % nodes;
            plant_one (net, node, &plants[p], (uint64_t) (p * 97 + net * 31 + i), (p + net + i) % 3, &score);
            here += score.planted - before;
            had += score.planted - before;
          }
      }
  printf ("compare: %d faults, %d layers, %d with their causes\n", score.planted, score.layer, score.both);
  ck_assert_int_ge (score.planted, all ? 200 : 30);
  ck_assert_int_ge (100 * score.both, 95 * score.planted);
}
END_TEST

/* Networks that agree. */
START_TEST (no_faults)
{
  for (int net = 0; net < NETWORKS; net++)
    for (int kind = 0; kind < 3; kind++)
      {
        struct graph *g = network (net);
        double *x = random_input (g);
        struct known_list k = known_values (g, x, kind);
        const struct agreement a = agreement_of (g, reference_values (g, x), &k);
        ck_assert (!a.differs);
        ck_assert_int_gt (a.agreeing, g->node_count / 2);
      }
}
END_TEST

/* One of two networks ends with a softmax. */
START_TEST (ends)
{
  struct graph *g = network (5);
  double *x = random_input (g), **values = reference_values (g, x);
  struct known_list all = { .output = -1 }, k = { .output = -1, .tolerance = 1e-6 };
  known_of_graph (&all, g, x);
  for (int i = 0; i + 2 < all.count; i++) /* but for the softmax and what goes out */
    {
      k.output = k.count;
      known_add (&k, all.list[i].name, all.list[i].shape, all.list[i].count, all.list[i].value);
    }
  const struct agreement a = agreement_of (g, values, &k);
  ck_assert (a.differs);
  ck_assert_int_lt (a.told, 0);
  ck_assert_str_eq (g->nodes[a.first].name, "j");
}
END_TEST

/* Arrays of a file: of its samples the first, channels last as well, names within words, the input and the output known. */
START_TEST (arrays)
{
  static const float maps[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, scores[] = { 1, 3, 2, 5 };
  const struct weight list[] = {
    { .name = "input", .dtype = DTYPE_F32, .rank = 4, .shape = { 2, 2, 2, 2 }, .count = 16, .data = maps },
    { .name = "model.layer", .dtype = DTYPE_F32, .rank = 4, .shape = { 2, 2, 2, 2 }, .count = 16, .data = maps },
    { .name = "logits", .dtype = DTYPE_F32, .rank = 2, .shape = { 2, 2 }, .count = 4, .data = scores },
  };
  static const double last[] = { 1, 3, 5, 7, 2, 4, 6, 8 };
  struct known_list k = { .output = -1, .tolerance = 1e-6 };
  double error;
  known_of_arrays (&k, weights_of_list ("dump.npz", list, 3, 0), 1);
  ck_assert_int_eq (k.count, 3);
  ck_assert_str_eq (k.list[k.output].name, "logits");
  ck_assert_uint_eq (k.list[k.output].count, 2);
  ck_assert_ptr_nonnull (known_named (&k, "layer", 8));
  ck_assert_ptr_null (known_named (&k, "layer", 16));
  ck_assert_ptr_eq (known_like (&k, last, 8, false, &error), &k.list[1]);
  ck_assert (error < 1e-12);
}
END_TEST

Suite *compare_suite (void);

Suite *
compare_suite (void)
{
  Suite *s = suite_create ("compare");
  TCase *c = tcase_create ("planted faults");
  tcase_set_timeout (c, 600);
  tcase_add_test (c, planted_faults);
  tcase_add_test (c, no_faults);
  tcase_add_test (c, ends);
  tcase_add_test (c, arrays);
  suite_add_tcase (s, c);
  return s;
}
