/* Layer graphs: shapes and parameters of both sources' examples, and the builder's errors with their places. */
#include "frontend/frontend.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAP2 "network: sequence\ninput-size: [4, 8, 6]\nlayers:\n"
#define MAP3 "network: sequence\ninput-size: [16, 5, 4, 3]\nlayers:\n"

static struct graph *
build_text (const char *text)
{
  return source_build (source_parse ("f.yaml", text));
}

static const struct shape *
output_of (const struct graph *g)
{
  return &g->tensors[g->nodes[g->node_count - 1].out].shape;
}

struct row
{
  const char *name, *type, *shape;
  int64_t params;
};

static int64_t
count (const struct param *p)
{
  int64_t n = p != NULL;
  for (int i = 0; p && i < p->rank; i++)
    n *= p->shape[i];
  return n;
}

/* The nodes between input and output are ROWS, and their parameters TOTAL. */
static void
check_rows (const struct graph *g, const struct row *rows, int row_count, int64_t total)
{
  ck_assert_int_eq (g->node_count, row_count + 2);
  for (int i = 0; i < row_count; i++)
    {
      const struct node *n = &g->nodes[i + 1];
      ck_assert_str_eq (n->name, rows[i].name);
      ck_assert_str_eq (n->type, rows[i].type);
      ck_assert_str_eq (shape_text (&g->tensors[n->out].shape), rows[i].shape);
      int64_t own = count (n->weight) + count (n->bias);
      ck_assert_int_eq (own, rows[i].params);
      total -= own;
    }
  ck_assert_int_eq (total, 0);
}

START_TEST (bottleneck_down)
{
  static const struct row rows[] = {
    { "block.conv1.0", "InstanceNorm3d", "16 x 32 x 4 x 63", 32 },
    { "block.conv1.1", "PReLU", "16 x 32 x 4 x 63", 16 },
    { "block.conv1.2", "Conv3d", "16 x 32 x 4 x 63", 256 },
    { "block.conv2.0", "InstanceNorm3d", "16 x 32 x 4 x 63", 32 },
    { "block.conv2.1", "PReLU", "16 x 32 x 4 x 63", 16 },
    { "block.conv2.2", "Conv3d", "16 x 16 x 4 x 32", 2304 },
    { "block.conv3.0", "InstanceNorm3d", "16 x 16 x 4 x 32", 32 },
    { "block.conv3.1", "PReLU", "16 x 16 x 4 x 32", 16 },
    { "block.conv3.2", "Conv3d", "32 x 16 x 4 x 32", 512 },
    { "block.in_node.0", "Conv3d", "32 x 16 x 4 x 32", 512 },
    { "block.in_node.1", "InstanceNorm3d", "32 x 16 x 4 x 32", 64 },
    { "block", "BlockBottleneck3d", "32 x 16 x 4 x 32", 0 },
  };
  const struct graph *g = build_text (
    "network: sequence\ninput-size: [16, 32, 4, 63]\nlayers:\n"
    "  - {type: bottleneck-3d, name: block, in-planes: 16, out-planes: 32, kernel-size: [3, 1, 3],\n"
    "     stride: [2, 1, 2], padding: [1, 0, 1]}\n");
  check_rows (g, rows, (int) (sizeof rows / sizeof *rows), 3792);
  ck_assert_str_eq (g->params[0]->name, "block.conv1.0.weight");
  ck_assert_str_eq (g->params[g->param_count - 1]->name, "block.in_node.1.bias");
}
END_TEST

START_TEST (bottleneck_up)
{
  static const struct row rows[] = {
    { "block.conv1.0", "InstanceNorm3d", "32 x 16 x 4 x 32", 64 },
    { "block.conv1.1", "PReLU", "32 x 16 x 4 x 32", 32 },
    { "block.conv1.2", "Conv3d", "32 x 16 x 4 x 32", 1024 },
    { "block.conv2.0", "InstanceNorm3d", "32 x 16 x 4 x 32", 64 },
    { "block.conv2.1", "PReLU", "32 x 16 x 4 x 32", 32 },
    { "block.conv2.2", "Upsample", "32 x 32 x 4 x 63", 0 },
    { "block.conv2.3", "Conv3d", "32 x 32 x 4 x 63", 9216 },
    { "block.conv3.0", "InstanceNorm3d", "32 x 32 x 4 x 63", 64 },
    { "block.conv3.1", "PReLU", "32 x 32 x 4 x 63", 32 },
    { "block.conv3.2", "Conv3d", "16 x 32 x 4 x 63", 512 },
    { "block.in_node.0", "Upsample", "32 x 32 x 4 x 63", 0 },
    { "block.in_node.1", "Conv3d", "16 x 32 x 4 x 63", 512 },
    { "block.in_node.2", "InstanceNorm3d", "16 x 32 x 4 x 63", 32 },
    { "block", "BlockBottleneck3d", "16 x 32 x 4 x 63", 0 },
  };
  const struct graph *g = build_text (
    "network: sequence\ninput-size: [32, 16, 4, 32]\nlayers:\n"
    "  - {type: bottleneck-3d, name: block, in-planes: 32, out-planes: 16, kernel-size: [3, 1, 3],\n"
    "     stride: [2, 1, 2], padding: [1, 0, 1], scaler: up, output-size: [32, 4, 63]}\n");
  check_rows (g, rows, (int) (sizeof rows / sizeof *rows), 11584);
}
END_TEST

/* The same planes and stride 1: no shortcut convolution. Without a normaliser: convolutions with a bias. */
START_TEST (bottleneck_variants)
{
  const struct graph *g = build_text (MAP3
                                      "  - {type: bottleneck-3d, in-planes: 16, out-planes: 16, layer-order: old}\n");
  ck_assert_str_eq (g->nodes[1].name, "0.conv1.0");
  ck_assert_str_eq (g->nodes[1].type, "Conv3d");
  ck_assert_str_eq (g->nodes[g->node_count - 2].name, "0");
  ck_assert_int_eq (g->nodes[g->node_count - 2].in[1], 0);
  g = build_text (MAP2 "  - {type: bottleneck-2d, in-planes: 4, out-planes: 8, normalizer: null, activator: null}\n");
  ck_assert_int_eq (g->node_count, 7); /* 3 + 1 convolutions, the sum, input and output */
  ck_assert_str_eq (g->nodes[4].name, "0.in_node.0");
  ck_assert_ptr_nonnull (g->nodes[4].bias);
}
END_TEST

static const struct
{
  const char *layer, *shape;
} shapes[] = {
  { "{type: transposed-conv-3d, filter-size: 11, num-filters: 32, stride: [4, 4, 2]}", "32 x 19 x 23 x 19" },
  { "{type: transposed-conv-3d, filter-size: [3, 2, 4], num-filters: 8, stride: [2, 1, 3], cropping: same}",
    "8 x 15 x 8 x 3" },
  { "{type: transposed-conv-3d, filter-size: 4, num-filters: 8, stride: 2, cropping: [[1, 0, 1], [0, 2, 1]]}",
    "8 x 10 x 9 x 6" },
  { "{type: conv, filters: 2, kernel-size: [1, 2, 3], padding: [[0, 1, 0], [1, 0, 0]]}", "2 x 6 x 4 x 1" },
  { "{type: max-pool, kernel-size: 2}", "16 x 2 x 2 x 1" },
  { "{type: average-pool, kernel-size: 3, stride: 2, padding: same}", "16 x 3 x 2 x 2" },
  { "{type: upsample, scale: [2, 1.5, 1]}", "16 x 10 x 6 x 3" },
  { "{type: upsample, output-size: 7, mode: nearest}", "16 x 7 x 7 x 7" },
  { "{type: instance-norm, mean: ignored}", "16 x 5 x 4 x 3" },
  { "{type: average-pool, kernel-size: 2, divisor: 1.5}", "16 x 2 x 2 x 1" },
  { "{type: global-average-pool}", "16" },
  { "{type: global-max-pool}", "16" },
  { "{type: reshape, order: [D, H, W, C], shape: [1, 5, 4, 48]}", "1 x 5 x 4 x 48" },
  { "{type: reshape, shape: [96, 2, 5]}", "96 x 2 x 5" },
  { "{type: reshape, split: [2, 8, 5, 4, 3], order: [4, 1, 2, 0, 3], shape: [3, 40, 8]}", "3 x 40 x 8" },
  { "{type: pad, before: [1, 0, 2], after: -1}", "16 x 5 x 3 x 4" },
  { "{type: max-pool, kernel-size: 2, dilation: [2, 1, 1], stride: 2, ceil-mode: true}", "16 x 2 x 2 x 2" },
  { "{type: upsample, scale: 0.5, coordinates: asymmetric}", "16 x 2 x 2 x 1" },
  { "{type: linear, features: 3}", "3" },
  { "{type: add, input: [input, input, input]}", "16 x 5 x 4 x 3" },
  { "{type: multiply, constant: [1, 5, 1, 3]}", "16 x 5 x 4 x 3" },
  { "{type: divide, input: [input, input]}", "16 x 5 x 4 x 3" },
  { "{type: layer-norm}", "16 x 5 x 4 x 3" },
  { "{type: concat, input: [input, input, input]}", "48 x 5 x 4 x 3" },
  { "{type: slice, start: 3, end: 12, step: 4}", "3 x 5 x 4 x 3" },
  { "{type: slice, start: 15}", "1 x 5 x 4 x 3" },
  { "{type: shuffle, groups: 8}", "16 x 5 x 4 x 3" },
  { "{type: gather, channels: [15, 0, 0]}", "3 x 5 x 4 x 3" },
};

START_TEST (output_shapes)
{
  const struct graph *g = build_text (mem_printf (MAP3 "  - %s\n", shapes[_i].layer));
  ck_assert_str_eq (shape_text (output_of (g)), shapes[_i].shape);
}
END_TEST

/* MATLAB's initialisers and the names of parameters, (I, O, D, H, W). */
START_TEST (transposed_parameters)
{
  const struct graph *g = build_text (
    MAP3 "  - {type: transposed-conv-3d, name: up, filter-size: [2, 3, 4], num-filters: 8, bias-initializer: ones}\n");
  const struct node *n = &g->nodes[1];
  static const int64_t weight[] = { 16, 8, 4, 2, 3 };
  ck_assert_str_eq (n->weight->name, "up.weight");
  ck_assert_str_eq (n->bias->name, "up.bias");
  ck_assert_int_eq (n->weight->rank, 5);
  ck_assert_mem_eq (n->weight->shape, weight, sizeof weight);
  ck_assert_int_eq (n->weight->init, INIT_UNIFORM);
  ck_assert_double_eq_tol (n->weight->init_b * n->weight->init_b, 6.0 / (24 * 16 + 24 * 8), 1e-12);
  ck_assert_int_eq (n->bias->init, INIT_CONSTANT);
  ck_assert_double_eq (n->bias->init_a, 1);
}
END_TEST

static const struct
{
  const char *text, *error;
} failures[] = {
  { MAP2 "  - {name: a}\n", "f.yaml:4:5: layer a: the key type is missing" },
  { MAP2 "  - {type: convo}\n", "f.yaml:4:12: layer 0: type: 'convo', did you mean conv?" },
  { MAP2 "  - {type: relu, slope: 1}\n",
    "f.yaml:4:18: unknown key 'slope' of a layer of type relu; allowed: type, name" },
  { MAP2 "  - {type: conv, filters: 2, kernel-sise: 3}\n",
    "f.yaml:4:30: unknown key 'kernel-sise' of a layer of type conv, did you mean kernel-size?" },
  { MAP2 "  - {type: relu, type: relu}\n", "f.yaml:4:18: repeated key 'type', first at 4:6" },
  { MAP2 "  - {type: conv, kernel-size: 3}\n", "f.yaml:4:5: layer 0: type conv needs the key filters" },
  { MAP2 "  - {type: conv, filters: 0, kernel-size: 3}\n",
    "f.yaml:4:27: layer 0: filters: '0'; allowed: an integer from 1 to 65536" },
  { MAP2 "  - {type: conv, filters: 1, kernel-size: [3, x]}\n", "f.yaml:4:47: layer 0: kernel-size: 'x'" },
  { MAP2 "  - {type: conv, filters: 1, kernel-size: [3, 3, 3]}\n",
    "f.yaml:4:43: layer 0: kernel-size: 3 elements for 2 axes" },
  { MAP2 "  - {type: conv, filters: 1, kernel-size: 9}\n",
    "f.yaml:4:5: layer 0: a window of 9 along H does not fit its input of 4 x 8 x 6" },
  { MAP2 "  - {type: conv, filters: 4, kernel-size: 1, groups: 3}\n",
    "f.yaml:4:54: layer 0: groups: 3 for 4 channels" },
  { MAP2 "  - {type: conv, filters: 4, kernel-size: 1, padding: -1}\n", "f.yaml:4:55: layer 0: padding: '-1'" },
  { MAP2 "  - {type: relu, name: a b}\n", "f.yaml:4:24: a layer's name: 'a b'" },
  { MAP2 "  - {type: relu, name: input}\n", "f.yaml:4:24: a layer's name: 'input'" },
  { MAP2 "  - {type: relu, name: a}\n  - {type: relu, name: a}\n",
    "f.yaml:5:24: layer a: another layer has this name, at 4:24" },
  { MAP2 "  - {type: relu, name: alpha}\n  - {type: relu, input: alpa}\n",
    "f.yaml:5:25: layer 1: input: 'alpa', did you mean alpha?" },
  { MAP2 "  - {type: relu, input: b}\n  - {type: relu, name: b}\n",
    "f.yaml:4:25: layer 0: input: 'b' comes later, at 5:24" },
  { MAP2 "  - {type: relu, name: a, input: a}\n", "f.yaml:4:34: layer a: input: 'a' comes later" },
  { MAP2 "  - {type: relu, input: [input, input]}\n", "f.yaml:4:25: layer 0: 2 inputs; allowed: one" },
  { MAP2 "  - {type: multiply}\n",
    "f.yaml:4:5: layer 0: 1 input without a constant; allowed: two, or one and a constant" },
  { MAP2 "  - {type: divide, input: [input, input], constant: [3]}\n",
    "f.yaml:4:5: layer 0: 2 inputs and a constant; allowed: two, or one and a constant" },
  { MAP2 "  - {type: maximum, input: [input, input, input]}\n",
    "f.yaml:4:28: layer 0: 3 inputs; allowed: two, or one and a constant" },
  { MAP2 "  - {type: max-pool, name: p, kernel-size: 2}\n  - {type: concat, name: s, input: [p, input]}\n",
    "f.yaml:5:5: layer s: cannot join channels of p (4 x 4 x 3) and input (4 x 8 x 6): all extents but the channels' must "
    "be equal" },
  { MAP2 "  - {type: slice, start: 4}\n",
    "f.yaml:4:5: layer 0: the channels from 4 to 4 of 4 x 8 x 6; allowed: start below end, end at most 4" },
  { MAP2 "  - {type: slice, end: 5}\n", "f.yaml:4:24: layer 0: the channels from 0 to 5 of 4 x 8 x 6" },
  { MAP2 "  - {type: shuffle, groups: 3}\n", "f.yaml:4:29: layer 0: groups: 3 for 4 channels; allowed: an integer" },
  { MAP2 "  - {type: gather, channels: [1, 4]}\n", "f.yaml:4:34: layer 0: channels: '4' of 4; allowed: a list" },
  { MAP2 "  - {type: add, input: []}\n", "f.yaml:4:24: layer 0: 0 inputs; allowed: one or more" },
  { MAP2 "  - {type: max-pool, name: p, kernel-size: 2}\n  - {type: add, name: s, input: [p, input]}\n",
    "f.yaml:5:5: layer s: add of p (4 x 4 x 3) and input (4 x 8 x 6): along each axis the extents must be equal, or one of them 1" },
  { MAP2 "  - {type: global-average-pool}\n  - {type: relu}\n  - {type: conv, filters: 1, kernel-size: 1}\n",
    "f.yaml:6:5: layer 2: its input 1 is a vector of 4; allowed for type conv: a map" },
  { MAP2 "  - {type: group-norm, groups: 2, mean: keep}\n",
    "f.yaml:4:41: layer 0: mean: 'keep', did you mean kept?; allowed: subtracted, kept or ignored; kept: only" },
  { MAP2 "  - {type: average-pool, kernel-size: 2, divisor: 0}\n",
    "f.yaml:4:51: layer 0: divisor: 0; allowed: a number from 0 to 1e30; by which a window's sum is divided; above 0" },
  { MAP2 "  - {type: bottleneck-3d, in-planes: 4, out-planes: 4}\n",
    "f.yaml:4:5: layer 0: its input input is 4 x 8 x 6, a map of 2 axes; allowed for type bottleneck-3d: a 3-D map" },
  { MAP3 "  - {type: bottleneck-3d, in-planes: 4, out-planes: 4}\n",
    "f.yaml:4:38: layer 0: in-planes: 4, but its input is 16 x 5 x 4 x 3" },
  { MAP3 "  - {type: bottleneck-3d, in-planes: 16, out-planes: 4, normalizer: pints}\n",
    "f.yaml:4:69: layer 0: normalizer: 'pints', did you mean pinst?; allowed: pinst, inst, batch or null" },
  { MAP3 "  - {type: transposed-conv-3d, filter-size: 2, num-filters: 4, num-channels: 3}\n",
    "f.yaml:4:78: layer 0: num-channels: 3, but its input is 16 x 5 x 4 x 3" },
  { MAP3 "  - {type: transposed-conv-3d, filter-size: 2, num-filters: 4, weights-initializer: hi}\n",
    "f.yaml:4:85: layer 0: weights-initializer: 'hi'; allowed: glorot, he" },
  { MAP3 "  - {type: transposed-conv-3d, filter-size: 2, num-filters: 4, stride: [2, 1]}\n",
    "f.yaml:4:72: layer 0: stride: 2 elements for 3 axes; allowed: an integer from 1 to 1024, or a list [h, w, d] as in MATLAB" },
  { MAP3 "  - {type: conv, filters: 1, kernel-size: [1, 1]}\n",
    "f.yaml:4:43: layer 0: kernel-size: 2 elements for 3 axes; allowed: an integer from 1 to 1024, or a list [d, h, w]\n" },
  { MAP2 "  - {type: transposed-conv-2d, filter-size: 2, num-filters: 4, bias: false, bias-initializer: ones}\n",
    "f.yaml:4:95: layer 0: bias-initializer besides bias: false" },
  { MAP2 "  - {type: transposed-conv-2d, filter-size: 2, num-filters: 4, bias: 0}\n", "f.yaml:4:70: layer 0: bias: '0'; allowed: true" },
  { MAP2 "  - {type: upsample, scale: [1, 2, 3]}\n",
    "f.yaml:4:29: layer 0: scale: 3 elements for 2 axes; allowed: a number above 0, at most 1024, or a list [h, w]" },
  { MAP3 "  - {type: transposed-conv-3d, filter-size: 2, num-filters: 4, cropping: 9}\n",
    "f.yaml:4:5: layer 0: cropping 9 and 9 along D leaves nothing of 6" },
  { MAP3 "  - {type: transposed-conv-3d, filter-size: 2, num-filters: 4, weight-l2-factor: -1}\n",
    "f.yaml:4:82: layer 0: weight-l2-factor: '-1'; allowed: a number from 0" },
  /* activations' keys */
  { MAP2 "  - {type: leaky-relu, negative-slope: steep}\n",
    "f.yaml:4:40: layer 0: negative-slope: 'steep'; allowed: a number from -1e30 to 1e30; factor of what is below 0\n" },
  { MAP2 "  - {type: elu, alpha: [1]}\n",
    "f.yaml:4:24: layer 0: alpha: [1]; allowed: a number from -1e30 to 1e30; -alpha is the limit below 0\n" },
  { MAP2 "  - {type: softplus, beta: 0}\n",
    "f.yaml:4:28: layer 0: beta: '0'; allowed: a number from 1e-6 to 1e30; log (1 + exp (beta * x)) / beta\n" },
  { MAP2 "  - {type: softplus, threshold: 1e31}\n",
    "f.yaml:4:33: layer 0: threshold: '1e31'; allowed: a number from -1e30 to 1e30; x is left as it is where beta * x is above\n" },
  { MAP2 "  - {type: clip, min: nan}\n",
    "f.yaml:4:23: layer 0: min: 'nan'; allowed: a number from -1e30 to 1e30; what is below becomes min\n" },
  { MAP2 "  - {type: clip, maximum: 6}\n", "f.yaml:4:18: unknown key 'maximum' of a layer of type clip; allowed: type, name, input, min, max\n" },
  { MAP2 "  - {type: relu6, max: 5}\n", "f.yaml:4:19: unknown key 'max' of a layer of type relu6; allowed: type, name, input\n" },
  { MAP2 "  - {type: swish}\n", "f.yaml:4:12: layer 0: type: 'swish'" },
  { MAP2 "  - {type: upsample}\n", "f.yaml:4:5: layer 0: neither output-size nor scale" },
  { MAP2 "  - {type: upsample, output-size: 2, scale: 2}\n", "f.yaml:4:45: layer 0: both output-size and scale" },
  { MAP2 "  - {type: max-pool, kernel-size: 2, padding: 2}\n",
    "f.yaml:4:47: layer 0: padding: a window of 2 along H lies in the padding alone" },
  { MAP2 "  - {type: reshape, shape: [3, 8, 6]}\n",
    "f.yaml:4:5: layer 0: cannot reshape 4 x 8 x 6 (192 elements) to 3 x 8 x 6 (144)" },
  { MAP2 "  - {type: reshape, order: [C, H, H], shape: [192]}\n", "f.yaml:4:35: layer 0: order: 'H'" },
  { MAP2 "  - {type: reshape, shape: [12, 16]}\n", "f.yaml:4:28: layer 0: shape: " },
  { MAP3 "  - {type: conv, name: b.conv1.0, filters: 16, kernel-size: 1}\n"
         "  - {type: bottleneck-3d, name: b, in-planes: 16, out-planes: 4}\n",
    "f.yaml:4:24: layer b.conv1.0: a part of layer b has this name" },
  { MAP2 "  - {type: upsample, output-size: 65536}\n",
    "f.yaml:4:5: layer 0: its output of 4 x 65536 x 65536, batch 1, has 2^31 elements or more" },
  { MAP2 "  - {type: pad, after: [0, 65536]}\n  - {type: upsample, scale: [1, 1024]}\n",
    "f.yaml:5:33: layer 1: scale: '1024' makes 67115008 of 4 x 8 x 65542" },
  { MAP2 "  - {type: reshape, split: [1048576, 1048576, 1048576, 16], order: [1, 0, 2, 3], shape: [192]}\n",
    "f.yaml:4:5: layer 0: cannot read 4 x 8 x 6 (192 elements) as " },
  { MAP2 "  - {type: conv, filters: 65536, kernel-size: 1024, padding: 1024}\n", "f.yaml:4:5: layer 0: about 2.7e+11 "
                                                                                 "parameters" },
  { MAP2 "  - {type: conv, filters: 1, kernel-size: 1, padding: 65536, stride: 1024}\n",
    "f.yaml:4:5: layer 0: its input of 4 x 8 x 6 with the padding, batch 1, has more than 2^33 elements; allowed: fewer" },
};

START_TEST (errors)
{
  char err[4096];
  int fd[2], status;
  size_t n = 0;
  ck_assert_int_eq (pipe (fd), 0);
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (!pid)
    {
      dup2 (fd[1], STDERR_FILENO);
      build_text (failures[_i].text);
      _exit (0);
    }
  close (fd[1]);
  for (ssize_t got; n + 1 < sizeof err && (got = read (fd[0], err + n, sizeof err - 1 - n)) > 0;)
    n += (size_t) got;
  err[n] = 0;
  close (fd[0]);
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  ck_assert_msg (WIFEXITED (status) && WEXITSTATUS (status) == 1, "no error for:\n%s", failures[_i].text);
  const char *want = mem_printf ("rescast: %s", failures[_i].error);
  ck_assert_msg (!strncmp (err, want, strlen (want)), "%s\ninstead of %s", err, want);
  ck_assert_msg (strchr (err, '\n') == err + n - 1, "no single line: %s", err);
}
END_TEST

Suite *sequence_suite (void);

Suite *
sequence_suite (void)
{
  Suite *s = suite_create ("sequence");
  TCase *t = tcase_create ("sequence");
  tcase_add_test (t, bottleneck_down);
  tcase_add_test (t, bottleneck_up);
  tcase_add_test (t, bottleneck_variants);
  tcase_add_test (t, transposed_parameters);
  tcase_add_loop_test (t, output_shapes, 0, (int) (sizeof shapes / sizeof *shapes));
  tcase_add_loop_test (t, errors, 0, (int) (sizeof failures / sizeof *failures));
  suite_add_tcase (s, t);
  return s;
}
