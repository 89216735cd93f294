/* ONNX models: what they become as layers, what is worked out of them, and what is refused. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "folder.h"
#include "frontend/frontend.h"
#include "frontend/onnx/expression.h"
#include "onnx_bytes.h"

static struct source *
open_with (const char *text, const char *const *set, size_t count)
{
  char *path = folder_path ("net.onnx");
  struct bytes b = onnx_of (text);
  file_write (path, b.p, b.n);
  return source_read (path, set, count, NULL);
}

static void
open_text (void *text)
{
  source_build (open_with (text, NULL, 0));
}

static const char *
layers_of (const struct source *s)
{
  return strstr (s->frontend->readable (s), "layers:\n") + strlen ("layers:\n");
}

/* The model TEXT becomes LAYERS, and a graph can be built of them. */
static struct source *
becomes (const char *text, const char *layers)
{
  struct source *s = open_with (text, NULL, 0);
  ck_assert_str_eq (layers_of (s), layers);
  const struct graph *g = source_build (s), *again = source_build (source_parse ("again.yaml", source_text (s)));
  ck_assert_int_eq (g->node_count, again->node_count);
  return s;
}

static double
element_of (const struct source *s, const char *name, size_t i)
{
  const struct weight *w = weights_find (s->weights, name);
  ck_assert_msg (w != NULL, "%s is missing", name);
  ck_assert_uint_lt (i, w->count);
  return weight_at (w, i);
}

/* ---- layers ---- */

START_TEST (a_residual_network)
{
  const struct source *s = becomes (
      "input x 1 3 16 16\n"
      "float stem.weight 8 3 3 3\nfloat stem.bias 8\nfloat a.weight 8 4 3 3\nfloat fc.weight 5 8\nfloat fc.bias 5\n"
      "node Conv x stem.weight stem.bias > s : pads=1,1,1,1 strides=2,2\n"
      "node Relu s > r\n"
      "node Conv r a.weight > a : pads=1,1,1,1 group=2\n"
      "node Add a r > b\n"
      "node Relu b > c\n"
      "node MaxPool c > d : kernel_shape=2,2 strides=2,2\n"
      "node GlobalAveragePool d > e\n"
      "node Flatten e > f\n"
      "node Gemm f fc.weight fc.bias > y : transB=1\n"
      "output y\n",
      "  - {type: conv, name: stem, filters: 8, kernel-size: 3, stride: 2, padding: 1, bias: true}\n"
      "  - {type: relu, name: relu_1}\n"
      "  - {type: conv, name: a, filters: 8, kernel-size: 3, padding: 1, groups: 2, bias: false}\n"
      "  - {type: add, name: add_3, input: [a, relu_1]}\n"
      "  - {type: relu, name: relu_4}\n"
      "  - {type: max-pool, name: maxpool_5, kernel-size: 2}\n"
      "  - {type: global-average-pool, name: globalaveragepool_6}\n"
      "  - {type: linear, name: fc, features: 5, bias: true}\n");
  ck_assert_double_eq (element_of (s, "fc.weight", 2), 74 % 64 / 64.0 - 0.5);
  ck_assert_uint_eq (s->weights->count, 5);
}
END_TEST

START_TEST (shapes_are_worked_out)
{
  /* x.view (x.size (0), -1) and what old exporters make of an even slice of extents. */
  becomes ("input x n 3 4 5\nints zero 1 : 0\nints less 1 : -1\nfloat w 60 7\n"
           "node Shape x > shape\nnode Gather shape zero > n : axis=0\nnode Concat n less > to : axis=0\n"
           "node Reshape x to > flat\nnode MatMul flat w > y\noutput y\n",
           "  - {type: linear, name: matmul_0, features: 7, bias: false}\n");
  /* Half the extent: slice, divide, cast, and back to a shape for Resize. */
  becomes (
      "opset 13\ninput x 1 2 6 4\nints from 1 : 2\nints to 1 : 9223372036854775807\nints two 1 : 2\nints nc 2 : 1 2\n"
      "node Shape x > shape\nnode Slice shape from to > hw\nnode Mul hw two > twice\nnode Cast twice > as : to=7\n"
      "node Concat nc as > sizes : axis=0\n"
      "node Resize x - - sizes > y : mode='linear' coordinate_transformation_mode='half_pixel'\noutput y\n",
      "  - {type: upsample, name: resize_0, mode: linear, align-corners: false, output-size: [12, 8]}\n");
}
END_TEST

START_TEST (transposed_weights)
{
  const struct source *s = becomes ("input x 1 2 1 1\nvalues w 2 3 : 1 2 3 4 5 6\nvalues b 3 : 1 1 2\n"
                                    "node Flatten x > f\nnode Gemm f w b > y : alpha=2.0 beta=0.5\noutput y\n",
                                    "  - {type: linear, name: gemm_0, features: 3, bias: true}\n");
  ck_assert_double_eq (element_of (s, "gemm_0.weight", 1), 8); /* (0, 1) of 3 x 2 is (1, 0) of 2 x 3 */
  ck_assert_double_eq (element_of (s, "gemm_0.weight", 4), 6);
  ck_assert_double_eq (element_of (s, "gemm_0.bias", 2), 1);
}
END_TEST

START_TEST (three_axes)
{
  becomes ("input x 1 2 4 6 8\nfloat up.weight 2 3 1 2 3\nfloat c.weight 4 3 3 3 1\n"
           "node ConvTranspose x up.weight > a : strides=1,2,3\n"
           "node Conv a c.weight > b : pads=1,0,0,2,1,0 dilations=1,2,1\n"
           "node AveragePool b > y : kernel_shape=2,2,2 pads=0,0,1,0,0,1\noutput y\n",
           "  - {type: transposed-conv-3d, name: up, filter-size: [2, 3, 1], num-filters: 3, stride: [2, 3, 1], bias: "
           "false}\n"
           "  - {type: conv, name: c, filters: 4, kernel-size: [3, 3, 1], padding: [[1, 0, 0], [2, 1, 0]], dilation: "
           "[1, 2, 1], "
           "bias: false}\n"
           "  - {type: average-pool, name: averagepool_2, kernel-size: 2, stride: 1, padding: [0, 0, 1], "
           "count-include-pad: false}\n");
}
END_TEST

START_TEST (padding_in_front)
{
  becomes ("input x 1 3 8 8\nfloat c.weight 4 3 3 3\nints p 8 : 0 0 1 2 0 0 3 0\nints q 8 : 0 0 1 1 0 0 1 1\n"
           "node Pad x p > a\nnode Conv a c.weight > b : pads=1,0,0,1\nnode Relu b > c\nnode Pad c q > d\n"
           "node MaxPool d > y : kernel_shape=3,3 strides=2,2\noutput y\n",
           "  - {type: conv, name: c, filters: 4, kernel-size: 3, padding: [[2, 2], [3, 1]], bias: false}\n"
           "  - {type: relu, name: relu_1}\n"
           "  - {type: max-pool, name: maxpool_2, kernel-size: 3, stride: 2, padding: 1}\n");
  becomes (
      "input x 1 3 7 8\nfloat c.weight 4 3 3 3\nnode Conv x c.weight > y : auto_pad='SAME_UPPER' strides=2,2\noutput "
      "y\n",
      "  - {type: conv, name: c, filters: 4, kernel-size: 3, stride: 2, padding: [[1, 0], [1, 1]], bias: false}\n");
  becomes ("input x 1 3 8 8\nnode MaxPool x > y : kernel_shape=3,3 strides=2,2 ceil_mode=1\noutput y\n",
           "  - {type: max-pool, name: maxpool_0, kernel-size: 3, stride: 2, padding: [[0, 0], [1, 1]]}\n");
}
END_TEST

START_TEST (channels_last)
{
  becomes ("input x 1 8 9 3\nfloat c.weight 4 3 3 3\n"
           "node Transpose x > t : perm=0,3,1,2\nnode Conv t c.weight > a\nnode Transpose a > b : perm=0,2,3,1\nnode "
           "Relu b > c\n"
           "node ReduceMean c > y : axes=1,2 keepdims=0\noutput y\n",
           "  - {type: conv, name: c, filters: 4, kernel-size: 3, bias: false}\n"
           "  - {type: relu, name: relu_1}\n"
           "  - {type: global-average-pool, name: reducemean_2}\n");
}
END_TEST

START_TEST (shapes_without_layers)
{
  /* A pixel shuffle as it is written out, and as one node; what is reshaped there and back is no layer. */
  static const char shuffle[] = "  - {type: reshape, name: %s, split: [2, 2, 2, 4, 4], order: [%s], shape: [%s]}\n";
  becomes ("input x n 8 4 4\nints a 6 : -1 2 2 2 4 4\nints b 4 : 0 2 8 8\nnode Reshape x a > c\n"
           "node Transpose c > d : perm=0,1,4,2,5,3\nnode Reshape d b > y\noutput y\n",
           mem_printf (shuffle, "transpose_0", "0, 3, 1, 4, 2", "2, 8, 8"));
  becomes ("input x 1 8 4 4\nnode DepthToSpace x > y : blocksize=2\noutput y\n",
           mem_printf (shuffle, "depthtospace_0", "2, 3, 0, 4, 1", "2, 8, 8"));
  becomes ("input x 2 3 4 5\nints a 3 : 0 3 -1\nints b 4 : 0 3 4 5\nnode Reshape x a > c\nnode Reshape c b > d\n"
           "node Relu d > y\noutput y\n",
           "  - {type: relu, name: relu_0}\n");
  /* The output has the order that the model gives it. */
  becomes ("input x 2 3 4 5\nnode Transpose x > y : perm=0,2,3,1\noutput y\n",
           "  - {type: reshape, name: transpose_0, order: [H, W, C], shape: [4, 5, 3]}\n");
}
END_TEST

START_TEST (fewer_axes)
{
  static const char *const set[] = { "batch-axis=none" };
  becomes ("input x 2 3 9\nfloat c.weight 4 3 3\nnode Conv x c.weight > y : pads=1,1\noutput y\n",
           "  - {type: conv, name: c, filters: 4, kernel-size: [1, 3], padding: [0, 1], bias: false}\n");
  const struct source *s = open_with ("input x 2 3 9\nnode Transpose x > y : perm=1,0,2\noutput y\n", set, 1);
  ck_assert_str_eq (layers_of (s), "  - {type: reshape, name: transpose_0, order: [H, C, W], shape: [3, 2, 9]}\n");
}
END_TEST

static void
open_with_batch (void *text)
{
  static const char *const set[] = { "batch-axis=first" };
  source_build (open_with (text, set, 1));
}

static void
open_sized (void *set)
{
  source_build (open_with ("input x 2 c w\nnode Transpose x > y : perm=1,0,2\noutput y\n", set, 1));
}

/* A first axis that the model fixes is one of the sample's where it can be no batch. */
START_TEST (batch_or_sample)
{
  static const struct
  {
    const char *model, *layers, *texts[3];
  } cases[] = {
    { "input x 2 3 4 4\nnode Flatten x > y : axis=2\noutput y\n",
      "  - {type: reshape, name: flatten_0, shape: [6, 1, 16]}\n",
      { "makes (6, 16)", "the batch" } },
    { "input x 2 3 4 4\nnode Transpose x > y : perm=1,0,2,3\noutput y\n",
      "  - {type: reshape, name: transpose_0, order: [D, C, H, W], shape: [3, 2, 4, 4]}\n",
      { "the batch" } },
    { "input x 2 3 4 4\nnode Concat x x > y : axis=0\noutput y\n",
      "  - {type: concat, name: concat_0, input: [input, input]}\n",
      { "(Concat, opset 17)", "the batch" } },
    { "input x 2 3\nfloat w 3 4\nfloat b 2 4\nnode Gemm x w b > y\noutput y\n",
      "  - {type: reshape, name: matmul_0, order: [W, H, C], shape: [3, 1, 2]}\n"
      "  - {type: conv, name: matmul_1, filters: 4, kernel-size: 1, bias: false}\n"
      "  - {type: add, name: add_2, constant: [4, 1, 2]}\n"
      "  - {type: reshape, name: add_3, order: [H, W, C], shape: [2, 1, 4]}\n",
      { "(2, 4) with a constant of (2, 4)" } },
    { "input x 3 4 5\nfloat s 3 4 5\nnode Mul x s > y\noutput y\n",
      "  - {type: multiply, name: mul_0, constant: [3, 4, 5]}\n",
      { "(3, 4, 5) with a constant of (3, 4, 5)" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      const struct source *s = becomes (cases[i].model, cases[i].layers);
      ck_assert_ptr_nonnull (strstr (s->recognised, "its input's first axis one of the sample's"));
      struct child c = child_run (open_with_batch, (void *) cases[i].model);
      child_refused (&c, cases[i].texts);
    }
  /* Extents that are given are those of a sample behind the batch. */
  static const char *const size[] = { "input-size=[3, 1, 9]" };
  struct child given = child_run (open_sized, (void *) size);
  child_refused (&given, (const char *[]){ "the batch", NULL });
  /* Of two refusals that of the batch is told; an open axis is one. */
  static const char both[] = "input x 2 3 4 4\nnode Concat x x > a : axis=0\nnode Foo a > y\noutput y\n";
  struct child c = child_run (open_text, (void *) both);
  child_refused (&c, (const char *[]){ "(Concat, opset 17)", "the batch", NULL });
  const struct source *s = becomes ("input x n 3 4 4\nnode Relu x > y\noutput y\n", "  - {type: relu, name: relu_0}\n");
  ck_assert_ptr_null (strstr (s->recognised, "first axis"));
}
END_TEST

/* What another layer has added to a product; PRelu as its three nodes, by what is below 0 or above it. */
START_TEST (sums_and_choices)
{
  static const char prelu[] = "  - {type: clip, name: min_0, min: -1e+30, max: 0}\n"
                              "  - {type: multiply, name: mul_1, constant: [1, 1, 5]}\n"
                              "  - {type: relu, name: max_2, input: input}\n"
                              "  - {type: add, name: add_3, input: [max_2, mul_1]}\n";
  becomes ("input x 2 3\nfloat w 3 4\nfloat v 4\nnode Gemm x w v > a\nnode Gemm x w a > y : beta=2.0\noutput y\n",
           "  - {type: linear, name: gemm_0, features: 4, bias: true}\n"
           "  - {type: linear, name: gemm_1, input: input, features: 4, bias: false}\n"
           "  - {type: batch-norm, name: mul_2, input: gemm_0, eps: 0}\n"
           "  - {type: add, name: add_3, input: [gemm_1, mul_2]}\n");
  becomes ("input x 2 4 5\nfloat s 5\nvalues z : 0\nnode Less x z > l\nnode Mul s x > m\nnode Where l m x > y\n"
           "output y\n", prelu);
  becomes ("input x 2 4 5\nfloat s 5\nvalues z : 0\nnode GreaterOrEqual x z > l\nnode Mul x s > m\n"
           "node Where l x m > y\noutput y\n", prelu);
  becomes ("input x 2 4 5\nfloat s 4 1\nvalues z : 0\nnode Greater x z > l\nnode Mul x s > m\n"
           "node Where l x m > y\noutput y\n", "  - {type: prelu, name: prelu_0}\n");
}
END_TEST

/* The network has four, of which several are one; transposes say how they are cut. */
START_TEST (more_axes)
{
  const struct source *s = becomes (
      "input x 2 2 3 4 5 6\nnode Transpose x > t : perm=0,1,4,2,5,3\nnode Transpose t > y : perm=0,2,1,3,4,5\noutput y\n",
      "  - {type: reshape, name: transpose_0, split: [2, 3, 4, 5, 6], order: [3, 0, 1, 4, 2], shape: [5, 6, 6, 4]}\n");
  ck_assert_ptr_nonnull (strstr (s->recognised, "the 5 axes of its input as (6, 4, 5, 6)"));
  becomes ("input x 1 1 1 1 1 1\nnode Transpose x > y : perm=0,1,4,2,5,3\noutput y\n",
           "  - {type: reshape, name: transpose_0, split: [1, 1, 1, 1, 1], order: [0, 3, 1, 4, 2], shape: [1, 1, 1, 1]}\n");
  /* also the batch, where it is fixed */
  becomes ("input x 2 2 2 3 2 2 2 3\nnode Transpose x > y : perm=7,1,3,2,4,6,5,0\noutput y\n",
           "  - {type: reshape, name: transpose_0, split: [2, 2, 2, 3, 2, 2, 2, 3], order: [7, 1, 3, 2, 4, 6, 5, 0], "
           "shape: [6, 3, 4, 8]}\n");
  /* what layers have in the end */
  becomes ("input x 2 2 3 4 5 6\nints s 4 : 2 6 4 30\nnode Reshape x s > a\nnode Relu a > y\noutput y\n",
           "  - {type: reshape, name: reshape_0, shape: [6, 4, 30]}\n  - {type: relu, name: relu_1}\n");
  becomes ("input x 1 2 3 4 5 6\nnode Flatten x > f\nfloat w 720 5\nnode MatMul f w > y\noutput y\n",
           "  - {type: linear, name: matmul_0, features: 5, bias: false}\n");
  /* of a network's own */
  becomes ("input x 1 4 6 6\nints s 6 : 1 4 2 3 2 3\nnode Reshape x s > a\nnode Transpose a > y : perm=0,2,1,3,5,4\n"
           "output y\n",
           "  - {type: reshape, name: transpose_0, split: [4, 2, 3, 2, 3], order: [1, 0, 2, 4, 3], shape: [2, 4, 3, 6]}\n");
}
END_TEST

/* Signals are long, in one axis or another. */
START_TEST (long_axes)
{
  becomes ("input x 1 1 1 1048576\nnode MaxPool x > y : kernel_shape=1,200 pads=0,100,0,100 strides=1,10 "
           "dilations=1,10\noutput y\n",
           "  - {type: max-pool, name: maxpool_0, kernel-size: [1, 200], stride: [1, 10], padding: [0, 100], dilation: "
           "[1, 10]}\n");
  becomes ("input x 1 2 1000003 1\nints f 1 : 900001\nints t 1 : 1000001\nints a 1 : 2\n"
           "node Slice x f t a > y\noutput y\n",
           "  - {type: pad, name: slice_0, before: [-900001, 0], after: [-2, 0]}\n");
}
END_TEST

START_TEST (affine_of_channels)
{
  const struct source *s = becomes ("input x 1 2 4 4\nvalues m 2 1 1 : 2 3\nvalues b 1 2 1 1 : 5 6\nvalues h : 0.5\n"
                                    "node Mul x m > a\nnode Sub a b > c\nnode Div c h > y\noutput y\n",
                                    "  - {type: batch-norm, name: mul_0, eps: 0}\n"
                                    "  - {type: batch-norm, name: sub_1, eps: 0}\n"
                                    "  - {type: batch-norm, name: div_2, eps: 0}\n");
  ck_assert_double_eq (element_of (s, "mul_0.weight", 1), 3);
  ck_assert_double_eq (element_of (s, "sub_1.bias", 1), -6);
  ck_assert_double_eq (element_of (s, "div_2.weight", 0), 2);
}
END_TEST

/* Stretched operands; constants for each element, the channels last here. */
START_TEST (two_operands)
{
  becomes ("input x 1 3 4 5\nfloat w 1 3 1 1\nfloat g 3 3 1 1\nfloat h 3 3 1 1\n"
           "node Conv x w > mask\nnode GlobalAveragePool x > p\nnode Conv p g > q\nnode Relu q > r\n"
           "node Conv r h > s\nnode Sigmoid s > t\n"
           "node Mul x t > a\nnode Div mask a > b\nnode Max b x mask > y\noutput y\n",
           "  - {type: conv, name: conv_0, filters: 1, kernel-size: 1, bias: false}\n"
           "  - {type: global-average-pool, name: globalaveragepool_1, input: input}\n"
           "  - {type: linear, name: conv_2, features: 3, bias: false}\n"
           "  - {type: relu, name: relu_3}\n"
           "  - {type: linear, name: conv_4, features: 3, bias: false}\n"
           "  - {type: sigmoid, name: sigmoid_5}\n"
           "  - {type: multiply, name: mul_6, input: [input, sigmoid_5]}\n"
           "  - {type: divide, name: div_7, input: [conv_0, mul_6]}\n"
           "  - {type: maximum, name: max_8, input: [div_7, input]}\n"
           "  - {type: maximum, name: max_9, input: [max_8, conv_0]}\n");
  const struct source *s = becomes ("input x 1 2 2 2\nvalues e 2 1 2 : 1 2 3 4\nnode Transpose x > t : perm=0,2,3,1\n"
                                    "node Sub e t > d\nnode Transpose d > y : perm=0,3,1,2\noutput y\n",
                                    "  - {type: subtract, name: sub_0, constant: [2, 2, 1], constant-first: true}\n");
  static const double in_order[] = { 1, 3, 2, 4 };
  for (size_t i = 0; i < 4; i++)
    ck_assert_double_eq (element_of (s, "sub_0.weight", i), in_order[i]);
}
END_TEST

/* As the operator, and as exporters of older opsets write it; products of maps whose channels stand last. */
START_TEST (layer_norms)
{
  const char *head = "input x 1 2 3 4\nfloat w 2\nfloat b 2\nfloat m 2 3\nvalues two : 2\nvalues eps : 0.000001\nints axis 1 : -1\n"
                     "node Transpose x > t : perm=0,2,3,1\n",
             *end = "node MatMul n m > z\nnode Transpose z > y : perm=0,3,1,2\noutput y\n";
  becomes (mem_printf ("%snode ReduceMean t axis > mean\nnode Sub t mean > d\nnode Pow d two > sq\n"
                       "node ReduceMean sq axis > v\nnode Add v eps > e\nnode Sqrt e > s\nnode Div d s > q\n"
                       "node Mul q w > k\nnode Add k b > n\n%s", head, end),
           "  - {type: layer-norm, name: add_0, affine: true, eps: 1e-06}\n"
           "  - {type: conv, name: matmul_1, filters: 3, kernel-size: 1, bias: false}\n");
}
END_TEST

START_TEST (functions_are_expanded)
{
  becomes ("input x 1 3 4 4\n"
           "function Silu a > b\nnode Sigmoid a > c\nnode Mul a c > b\nend\n"
           "function Twice a > b\nnode f.Silu a > c\nnode f.Silu c > b\nend\n"
           "node f.Twice x > y\noutput y\n",
           "  - {type: silu, name: Twice}\n"
           "  - {type: silu, name: Twice_2}\n");
}
END_TEST

START_TEST (open_extents)
{
  static const char model[] = "input x n 3 h w\nnode Relu x > y\nnode Sigmoid x > z\noutput y\noutput z\n";
  static const char *const set[] = { "input-size=[3, 5, 7]", "output-tensor=z", "batch=2", "scale=255" };
  const struct source *s = open_with (model, set, 4);
  ck_assert_str_eq (layers_of (s), "  - {type: sigmoid, name: sigmoid_0}\n");
  ck_assert_double_eq (s->scale, 255);
  const struct graph *g = source_build (s);
  ck_assert_int_eq (g->batch, 2);
  ck_assert_int_eq (g->tensors[g->nodes[0].out].shape.dim[AXIS_W], 7);
}
END_TEST

/* ---- activations, however they are spelled ---- */

START_TEST (activations)
{
  static const struct
  {
    const char *nodes, *layer;
  } cases[] = {
    { "node Sigmoid x > a\nnode Mul a x > y", "silu" },
    { "values three : 3\nvalues six : 6\nvalues zero : 0\n"
      "node Add x three > a\nnode Clip a zero six > b\nnode Mul x b > c\nnode Div c six > y",
      "hard-swish" },
    { "values three : 3\nvalues six : 6\nvalues zero : 0\n"
      "node Add x three > a\nnode Clip a zero six > b\nnode Div b six > y",
      "hard-sigmoid" },
    { "node HardSigmoid x > a : alpha=0.16666667 beta=0.5\nnode Mul x a > y", "hard-swish" },
    { "values r : 1.4142135\nvalues one : 1\nvalues half : 0.5\n"
      "node Div x r > a\nnode Erf a > b\nnode Add b one > c\nnode Mul x c > d\nnode Mul d half > y",
      "gelu" },
    { "values k : 0.044715\nvalues r : 0.79788456\nvalues three : 3\nvalues one : 1\nvalues half : 0.5\n"
      "node Pow x three > a\nnode Mul a k > b\nnode Add x b > c\nnode Mul c r > d\nnode Tanh d > e\nnode Add e one > "
      "f\n"
      "node Mul x half > g\nnode Mul g f > y",
      "gelu-tanh" },
    { "node Softplus x > a\nnode Tanh a > b\nnode Mul x b > y", "mish" },
    { "values zero : 0\nnode Max x zero > y", "relu" },
    { "values zero : 0\nvalues six : 6\nnode Clip x zero six > y", "relu6" },
    { "node LeakyRelu x > y : alpha=0.2", "leaky-relu, negative-slope: 0.2" },
    { "node Elu x > y : alpha=0.75", "elu, alpha: 0.75" },
    { "values low : -2\nvalues high : 3\nnode Clip x low high > y", "clip, min: -2, max: 3" },
    { "node Softplus x > y", "softplus, beta: 1, threshold: 20" },
    { "node Exp x > y", "exp" },
    { "node Log x > y", "log" },
    { "node Erf x > y", "erf" },
    { "values half : 0.5\nnode Pow x half > y", "sqrt" },
    { "values zero : 0\nnode Less x zero > a\nnode Neg x > b\nnode Where a b x > y", "abs" },
    { "values low : -2\nnode Less x low > a\nnode Where a low x > b\nvalues high : 3\nnode Min b high > y",
      "clip, min: -2, max: 3" },
    { "values zero : 0\nvalues one : 1\nnode Greater x zero > p\nnode Exp x > e\nnode Sub e one > m\n"
      "node Where p x m > y", "elu, alpha: 1" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      const struct source *s = open_with (mem_printf ("input x 1 3 4 4\n%s\noutput y\n", cases[i].nodes), NULL, 0);
      const char *layers = layers_of (s), *type = strchr (cases[i].layer, ',');
      const int name = type ? (int) (type - cases[i].layer) : (int) strlen (cases[i].layer);
      ck_assert_msg (strstr (layers, mem_printf ("type: %.*s, name", name, cases[i].layer))
                         && (!type || strstr (layers, type)),
                     "%s: %s", cases[i].layer, layers);
      ck_assert_ptr_eq (strchr (layers, '\n')[1] ? layers : NULL, NULL);
    }
}
END_TEST

/* Also those that a signed integer of as many bits has no room for. */
START_TEST (integers_without_sign)
{
  const struct source *s = becomes ("input x 1 1 1 3\nu32 p 3 : 4 5 4294967295\nu64 q 3 : 9 0 18446744073709551615\n"
                                    "node Pow x p > a\nnode Pow a q > y\noutput y\n",
                                    "  - {type: power, name: pow_0, constant: [1, 1, 3]}\n"
                                    "  - {type: power, name: pow_1, constant: [1, 1, 3]}\n");
  ck_assert_double_eq (element_of (s, "pow_0.weight", 1), 5);
  ck_assert_double_eq (element_of (s, "pow_0.weight", 2), 4294967295);
  ck_assert_double_eq (element_of (s, "pow_1.weight", 0), 9);
  ck_assert_double_eq (element_of (s, "pow_1.weight", 2), 0x1p64);
}
END_TEST

/* Untrained biases and scales are no layers. */
START_TEST (constants_that_change_nothing)
{
  becomes ("input x 1 3 4 4\nvalues o 3 1 1 : 1 1 1\nvalues z 3 1 1 : 0 0 0\nvalues r 1 : 0\n"
           "node Relu x > a\nnode Add z a > b\n"
           "node Sub b r > c\nnode Div c o > d\nnode Sigmoid d > y\noutput y\n",
           "  - {type: relu, name: sigmoid_0}\n  - {type: sigmoid, name: sigmoid_1}\n");
}
END_TEST

START_TEST (channels)
{
  becomes ("input x 1 4 3 3\nnode Relu x > a\nnode Concat x a > b : axis=-3\nnode Concat b > y : axis=1\noutput y\n",
           "  - {type: relu, name: relu_0}\n"
           "  - {type: concat, name: concat_1, input: [input, relu_0]}\n"
           "  - {type: concat, name: concat_2, input: [concat_1]}\n");
  /* with the channels last */
  becomes ("input x 1 3 3 4\nnode Transpose x > t : perm=0,3,1,2\nnode Relu t > a\nnode Transpose a > b : perm=0,2,3,1\n"
           "node Concat b b > c : axis=3\nnode Split c > d e : axis=3\nnode Transpose e > y : perm=0,3,1,2\noutput y\n",
           "  - {type: relu, name: relu_0}\n"
           "  - {type: concat, name: concat_1, input: [relu_0, relu_0]}\n"
           "  - {type: slice, name: split_2, start: 4}\n");
  /* sizes as an attribute, as an input, and of a number of outputs, the last of them smaller */
  becomes ("opset 11\ninput x 1 4 3 3\nnode Split x > a b : axis=1 split=1,3\nnode Relu b > y\noutput y\n",
           "  - {type: slice, name: split_0, start: 1}\n  - {type: relu, name: relu_1}\n");
  becomes ("input x 1 5 3 3\nints s 3 : 1 2 2\nnode Split x s > a b c : axis=-3\nnode Concat c a > y : axis=1\noutput y\n",
           "  - {type: slice, name: split_0, end: 1}\n"
           "  - {type: slice, name: split_1, input: input, start: 3}\n"
           "  - {type: concat, name: concat_2, input: [split_1, split_0]}\n");
  becomes ("opset 18\ninput x 1 5 3 3\nnode Split x > a b : axis=1 num_outputs=2\nnode Relu b > y\noutput y\n",
           "  - {type: slice, name: split_0, start: 3}\n  - {type: relu, name: relu_1}\n");
  /* slices: from the end, in steps, backwards, of all */
  becomes ("input x 1 6 3 3\nints f 1 : -4\nints t 1 : 2147483647\nints a 1 : 1\nints s 1 : 2\n"
           "node Slice x f t a s > b\nints g 1 : -1\nints u 1 : -9\nints m 1 : -1\nnode Slice b g u a m > c\n"
           "ints z 1 : 0\nnode Slice c z t a > d\nnode Relu d > y\noutput y\n",
           "  - {type: slice, name: slice_0, start: 2, end: 5, step: 2}\n"
           "  - {type: gather, name: slice_1, channels: [1, 0]}\n"
           "  - {type: relu, name: relu_2}\n");
  becomes ("opset 9\ninput x 1 6 3 3\nnode Slice x > y : axes=1,2 starts=1,0 ends=3,9\noutput y\n",
           "  - {type: slice, name: slice_0, start: 1, end: 3}\n");
  becomes ("input x 1 3 2 2\nints i 3 : 2 -2 0\nnode Gather x i > y : axis=1\noutput y\n",
           "  - {type: gather, name: gather_0, channels: [2, 1, 0]}\n");
  becomes ("input x 1 6 2 3\nints a 5 : 1 3 2 2 3\nints b 4 : 1 -1 2 3\nnode Reshape x a > c\n"
           "node Transpose c > d : perm=0,2,1,3,4\nnode Reshape d b > e\nnode Relu e > y\noutput y\n",
           "  - {type: shuffle, name: transpose_0, groups: 3}\n  - {type: relu, name: relu_1}\n");
}
END_TEST

/* Operators that become several layers, and axes that are not the channels'. */
START_TEST (written_as_others)
{
  becomes ("input x 1 3 4 4\nnode ReduceL2 x > y : axes=2,3 keepdims=0\noutput y\n",
           "  - {type: multiply, name: mul_0, input: [input, input]}\n"
           "  - {type: average-pool, name: reducesum_1, kernel-size: 4}\n"
           "  - {type: sqrt, name: sqrt_2}\n"
           "  - {type: batch-norm, name: sqrt_3, eps: 0}\n");
  becomes ("input x 1 3 4 4\nnode LogSoftmax x > y : axis=1\noutput y\n",
           "  - {type: log-softmax, name: logsoftmax_0}\n");
  becomes ("input x 1 4 3 3\nnode Concat x x > y : axis=2\noutput y\n",
           "  - {type: reshape, name: concat_0, order: [H, C, W], shape: [3, 4, 3]}\n"
           "  - {type: reshape, name: concat_1, input: input, order: [H, C, W], shape: [3, 4, 3]}\n"
           "  - {type: concat, name: concat_2, input: [concat_0, concat_1]}\n"
           "  - {type: reshape, name: output, order: [H, C, W], shape: [4, 6, 3]}\n");
  becomes ("input x 1 4 3 3\nfloat v 1 2 3 3\nnode Concat v x > y : axis=1\noutput y\n",
           "  - {type: subsample, name: concat_0, channels: 6, zeros-before: 2}\n"
           "  - {type: add, name: add_1, constant: [6, 3, 3]}\n");
  becomes ("input x 1 4 3 5\nints f 1 : 1\nints t 1 : 4\nints a 1 : 3\nnode Slice x f t a > y\noutput y\n",
           "  - {type: pad, name: slice_0, before: [0, -1], after: [0, -1]}\n");
  becomes ("input x 1 4 3 5\nfloat w 5 2\nnode MatMul x w > y\noutput y\n",
           "  - {type: reshape, name: matmul_0, order: [W, H, C], shape: [5, 3, 4]}\n"
           "  - {type: conv, name: matmul_1, filters: 2, kernel-size: 1, bias: false}\n"
           "  - {type: reshape, name: matmul_2, order: [W, H, C], shape: [4, 3, 2]}\n");
  becomes ("input x 1 4 3 3\nfloat w 4 2 2 2\nnode ConvTranspose x w > y : group=2 strides=2,2\noutput y\n",
           "  - {type: slice, name: convtranspose_0, start: 0, end: 2}\n"
           "  - {type: transposed-conv-2d, name: convtranspose_1, filter-size: 2, num-filters: 2, stride: 2, "
           "bias: false}\n"
           "  - {type: slice, name: convtranspose_2, input: input, start: 2, end: 4}\n"
           "  - {type: transposed-conv-2d, name: convtranspose_3, filter-size: 2, num-filters: 2, stride: 2, "
           "bias: false}\n"
           "  - {type: concat, name: convtranspose_4, input: [convtranspose_1, convtranspose_3]}\n");
}
END_TEST

/* ---- refusals ---- */

START_TEST (refusals)
{
  static const struct
  {
    const char *model, *texts[4];
  } cases[] = {
    { "input x 1 3 4 4\nnode Foo x > y\noutput y\n", { "node y (Foo, opset 17)", "no operator that rescast has" } },
    { "opset 5\ninput x 1 3 4 4\nnode Relu x > y\noutput y\n", { "opset 5", "6 to 28" } },
    { "input x 1 3 4 w\nnode Relu x > y\noutput y\n", { "axis 3 open (w)", "--set input-size" } },
    { "input x 1 3 4 4\nnode Relu x > y\nnode Relu x > z\noutput y\noutput z\n", { "y, z", "--output-tensor" } },
    { "input x 1 3 4 4\nfloat w 4 2 3 3\nnode Conv x w > y\noutput y\n", { "(4, 2, 3, 3)", "what fits" } },
    { "input x 1 3 4 4\nfloat w 4 3 5 5\nnode Conv x w > y\noutput y\n", { "window larger" } },
    { "input x 1 3 4 4\nnode Relu z > y\noutput y\n", { "input" } },
    { "input x 1 2 3 4 5 6\nnode Relu x > y\noutput y\n", { "(Relu, opset 17)", "at most 4 axes" } },
    { "input x\nnode Relu x > y\noutput y\n", { "does not tell its axes", "input-size" } },
    { "input x 1 3 4 1048577\nnode Relu x > y\noutput y\n", { "extent 1048577", "1 to 1048576" } },
    { "input x 1 65537 4\nnode Relu x > y\noutput y\n", { "extent 65537", "1 to 65536" } },
    { "input x 1 3 1048576 1048576\nnode Relu x > y\noutput y\n", { "3298534883328 elements", "2^31" } },
    { "input x 1 3 4 4\nnode Sin x > y\noutput y\n", { "(Sin" } },
    { "input x 1 3 4 4\nnode Not x > y\noutput y\n", { "not (x)", "no activation" } },
    { "input x 1 3 4 4\nints p 8 : 0 1 1 1 0 0 1 1\nnode Pad x p > a\nnode MaxPool a > y : kernel_shape=3,3\noutput "
      "y\n",
      { "around the map" } },
    { "input x 1 3 4 4\nints p 8 : 0 0 1 1 0 0 1 1\nnode Pad x p > y : mode='mirror'\noutput y\n", { "mode mirror" } },
    { "input x 1 3 4 4\nvalues s 4 : 1 1 2 2\nnode Resize x - s > y : mode='quintic'\noutput y\n", { "mode quintic" } },
    { "input x 1 3 4 4\nvalues s 4 : 1 1 2 2\nnode Resize x - s > y : axes='none'\noutput y\n", { "its axes" } },
    { "input x 1 3 4 4\nints t 2 : 1 47\nnode Reshape x t > y\noutput y\n", { "48 elements" } },
    { "input x 1 3 4 4\nu64 t 2 : 1 18446744073709551615\nnode Reshape x t > y\noutput y\n",
      { "makes (1, 9223372036854775807)" } },
    { "input x 1 3 4 4\nvalues v 3 : 1 2 3\nnode Concat x v > y : axis=1\noutput y\n", { "the constant (3)" } },
    { "input x 1 3 4 4\nfloat v 1 3 4 4\nnode Concat x v x > y : axis=1\noutput y\n", { "constant v between" } },
    { "input x 1 3 4 4\nnode MaxPool x > a : kernel_shape=2,2\nnode Concat x a > y : axis=1\noutput y\n",
      { "(1, 3, 4, 4) and (1, 3, 3, 3)" } },
    { "input x 1 3 4 4\nnode Split x > a b : axis=1 split=1,1\noutput b\n", { "(Split, opset 17)" } },
    { "input x 1 3 4 4\nints f 1 : 9\nints t 1 : 12\nints a 1 : 1\nnode Slice x f t a > y\noutput y\n",
      { "takes 0 of (1, 3, 4, 4)" } },
    { "input x 2 4 5\nfloat s 5\nvalues z : 0\nnode Less x z > l\nnode Mul x s > m\nnode Where l x m > y\noutput y\n",
      { "(Where, opset 17)", "functions of one layer" } },
    { "input x 2 4 5\nfloat s 5\nvalues z : 1\nnode Less x z > l\nnode Mul x s > m\nnode Where l m x > y\noutput y\n",
      { "(Where, opset 17)", "functions of one layer" } },
    { "input x 1 3 4 4\nints i 1 : 3\nnode Gather x i > y : axis=1\noutput y\n", { "index 3 of 3" } },
    { "function F a > b\nnode f.F a > b\nend\ninput x 1 3 4 4\nnode f.F x > y\noutput y\n", { "functions" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct child c = child_run (open_text, (void *) cases[i].model);
      child_refused (&c, cases[i].texts);
    }
}
END_TEST

Suite *onnx_suite (void);

Suite *
onnx_suite (void)
{
  Suite *s = suite_create ("onnx");
  TCase *c = tcase_create ("models");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_add_test (c, a_residual_network);
  tcase_add_test (c, shapes_are_worked_out);
  tcase_add_test (c, transposed_weights);
  tcase_add_test (c, three_axes);
  tcase_add_test (c, padding_in_front);
  tcase_add_test (c, channels_last);
  tcase_add_test (c, shapes_without_layers);
  tcase_add_test (c, fewer_axes);
  tcase_add_test (c, batch_or_sample);
  tcase_add_test (c, sums_and_choices);
  tcase_add_test (c, more_axes);
  tcase_add_test (c, long_axes);
  tcase_add_test (c, affine_of_channels);
  tcase_add_test (c, two_operands);
  tcase_add_test (c, layer_norms);
  tcase_add_test (c, functions_are_expanded);
  tcase_add_test (c, open_extents);
  tcase_add_test (c, activations);
  tcase_add_test (c, integers_without_sign);
  tcase_add_test (c, constants_that_change_nothing);
  tcase_add_test (c, channels);
  tcase_add_test (c, written_as_others);
  tcase_add_test (c, refusals);
  suite_add_tcase (s, c);
  return s;
}
