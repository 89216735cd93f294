/* The naive operators: small cases by hand, and values that PyTorch 1.13 gives in float64 for the same inputs.
 *
 * Most inputs are x[i] = (7 i mod 11 - 5) / 4 and most weights w[i] = (5 i mod 7 - 3) / 2, exact in binary. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/reference.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static double *
inputs (int64_t count)
{
  double *x = NEW_ARRAY ((size_t) count, double);
  for (int64_t i = 0; i < count; i++)
    x[i] = (double) (i * 7 % 11 - 5) / 4;
  return x;
}

/* A parameter of the given shape with the values V, or the pattern plus OFFSET where V is NULL. */
static struct param *
param_of (const double *v, double offset, int rank, const int64_t *shape)
{
  struct weight *w = NEW (struct weight);
  struct param *p = NEW (struct param);
  *w = (struct weight){ .name = "p", .dtype = DTYPE_F64, .rank = rank, .count = 1 };
  for (int i = 0; i < rank; i++)
    {
      w->shape[i] = p->shape[i] = shape[i];
      w->count *= (size_t) shape[i];
    }
  double *data = NEW_ARRAY (w->count, double);
  for (size_t i = 0; i < w->count; i++)
    data[i] = v ? v[i] : ((double) (i * 5 % 7) - 3) / 2 + offset;
  w->data = data;
  p->name = "p";
  p->rank = rank;
  p->value = w;
  return p;
}

#define SHAPE(...) (int) COUNT (((int64_t[]){ __VA_ARGS__ })), (int64_t[]){ __VA_ARGS__ }
#define PATTERN(...) param_of (NULL, 0, SHAPE (__VA_ARGS__))
#define VALUES(...) param_of ((double[]){ __VA_ARGS__ }, 0, 1, (int64_t[]){ COUNT (((double[]){ __VA_ARGS__ })) })

static struct node
node (enum op op)
{
  struct node n = { .op = op, .name = "layer", .type = "", .groups = 1 };
  n.win = (struct window){ .kernel = { 1, 1, 1 }, .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 } };
  n.ep.residual = -1;
  return n;
}

static struct shape
shape (int rank, int64_t c, int64_t d, int64_t h, int64_t w)
{
  return (struct shape){ .rank = rank, .c = c, .dim = { d, h, w } };
}

/* input → N → output; N's own input several times for an addition. */
static struct graph *
graph_of (struct node n, int64_t batch, struct shape in, int nin)
{
  struct graph *g = graph_new ("test", "test", batch);
  struct node input = node (OP_INPUT);
  input.shape_hint = in;
  int t = graph_add (g, input, NULL, 0), many[4] = { t, t, t, t };
  struct epilogue ep = n.ep;
  t = graph_add (g, n, many, nin);
  ep.residual = g->nodes[1].ep.residual;
  g->nodes[1].ep = ep;
  graph_add (g, node (OP_OUTPUT), &t, 1);
  return g;
}

static void
close_to (const double *got, const double *want, size_t count)
{
  for (size_t i = 0; i < count; i++)
    ck_assert_msg (fabs (got[i] - want[i]) <= 2e-9 * (1 + fabs (want[i])), "element %zu: got %.12g, expected %.12g", i,
                   got[i], want[i]);
}

/* X NULL: the pattern. The graph's output must be WANT. */
static void
check_node (struct node n, int64_t batch, struct shape in, const double *x, const double *want, size_t count)
{
  struct graph *g = graph_of (n, batch, in, 1);
  ck_assert_uint_eq ((size_t) (batch * shape_count (&g->tensors[2].shape)), count);
  double *y = reference_run (g, x ? x : inputs (batch * shape_count (&in)));
  close_to (y, want, count);
  free (y);
}

#define CHECK(n, batch, in, x, ...) \
  check_node (n, batch, in, x, (double[]){ __VA_ARGS__ }, COUNT (((double[]){ __VA_ARGS__ })))
#define VECTOR(...) ((double[]){ __VA_ARGS__ })

START_TEST (conv_stride_dilation_padding_groups)
{
  struct node n = node (OP_CONV);
  n.win = (struct window){ { 1, 2, 2 }, { 1, 2, 3 }, { 1, 1, 2 }, { 0, 2, 1 }, { 0, 0, 2 } };
  n.groups = 2;
  n.shape_hint.c = 4;
  n.weight = PATTERN (4, 2, 2, 2);
  n.bias = VALUES (.5, -1, 0, 2);
  CHECK (n, 1, shape (2, 4, 1, 4, 5), NULL, 0.5, 0.5, -0.5, -1, -1.5, 0.25, -1, -1, 0.875, 0.375, -1.25, -2.75, 0, 0,
         -0.75, 2.125, 1.375, -0.625, 2, 2, 3, -0.125, 1.25, 0.25);
}
END_TEST

START_TEST (conv_negative_padding_crops)
{
  struct node n = node (OP_CONV);
  n.win = (struct window){ { 2, 2, 2 }, { 1, 2, 1 }, { 1, 1, 1 }, { 1, 0, -1 }, { 0, 1, 1 } };
  n.shape_hint.c = 1;
  n.weight = PATTERN (1, 1, 2, 2, 2);
  CHECK (n, 2, shape (3, 1, 2, 3, 3), NULL, 1.5, -0.375, -0.5, -1.5, -3.125, -1.75, -1.625, 3, -1.25, 0.875, 2, 0.375,
         3.25, -1, -1.125, -1.125);
}
END_TEST

/* Of a 3 x 3 filter on a map one row high only the middle row is left; the taps beside it must not be read. */
START_TEST (conv_first_tap)
{
  struct node n = node (OP_CONV);
  n.win = (struct window){ { 1, 1, 2 }, { 1, 1, 1 }, { 1, 1, 1 }, { 0, 0, 0 }, { 0, 0, 1 } };
  n.first_tap[AXIS_H] = n.first_tap[AXIS_W] = 1;
  n.shape_hint.c = 1;
  n.weight = param_of (VECTOR (NAN, NAN, NAN, NAN, 2, 3, NAN, NAN, NAN), 0, SHAPE (1, 1, 3, 3));
  CHECK (n, 1, shape (2, 1, 1, 1, 3), VECTOR (1, 10, 100), 32, 320, 200);
}
END_TEST

START_TEST (transposed_conv)
{
  struct node n = node (OP_TRANSPOSED_CONV);
  n.win = (struct window){ { 2, 3, 2 }, { 1, 2, 3 }, { 1, 1, 1 }, { 0 }, { 0 } };
  n.shape_hint.c = 1;
  n.weight = PATTERN (2, 1, 2, 3, 2);
  CHECK (n, 1, shape (3, 2, 1, 2, 2), NULL, 2, -1.375, 0, -1.125, 0.875, -0.375, 1.5, 0, 1.125, -1.25, -0.625, -1.875,
         0, -1.125, 2.25, -1.5, 1.5, 0, 0, -1.25, -0.75, -1.25, 0, 1.875, 0.625, 1, 2, 0, -1.375, -1.125, -1.375,
         -0.375, 0, 0.875, 1.125, 3.25, -0.625, 0, -1.875, -1.125, -1, -1.5, 0, 1.25, 0, 1.5, -0.75, 0, -1.25, 1.875);
  /* the same cropped: rows 1 and 2 of 5, columns from the second */
  n.win = (struct window){ { 2, 3, 2 }, { 1, 2, 3 }, { 1, 1, 1 }, { 1, 1, 1 }, { 0, 2, 0 } };
  CHECK (n, 1, shape (3, 2, 1, 2, 2), NULL, -0.375, 0, 0.875, 1.125, -0.625, 0, -1.875, -1.125);
}
END_TEST

/* Cropping that is negative extends by zeros; the bias is added there too. */
START_TEST (transposed_conv_extend)
{
  struct node n = node (OP_TRANSPOSED_CONV);
  n.win = (struct window){ { 1, 1, 1 }, { 1, 2, 2 }, { 1, 1, 1 }, { 0 }, { 0, -1, -1 } };
  n.shape_hint.c = 2;
  n.weight = PATTERN (1, 2, 1, 1);
  n.bias = VALUES (1, 2);
  CHECK (n, 1, shape (2, 1, 1, 2, 2), NULL, 2.875, 1, 0.25, 1, 1, 1, 1, 1, 1.75, 1, -0.875, 1, 1, 1, 1, 1, 0.75, 2,
         2.5, 2, 2, 2, 2, 2, 1.5, 2, 3.25, 2, 2, 2, 2, 2);
}
END_TEST

START_TEST (linear)
{
  struct node n = node (OP_LINEAR);
  n.shape_hint.c = 2;
  n.weight = PATTERN (2, 6);
  n.bias = VALUES (1, -1);
  CHECK (n, 2, shape (2, 2, 1, 1, 3), NULL, 2.125, -3, -2.25, -4.125);
}
END_TEST

START_TEST (batch_norm)
{
  struct node n = node (OP_BATCH_NORM);
  n.eps = 1e-3;
  n.mean = VALUES (.5, -1);
  n.variance = VALUES (4, .25);
  n.weight = VALUES (2, -1);
  n.bias = VALUES (0, 3);
  CHECK (n, 1, shape (2, 2, 1, 1, 2), NULL, -1.749781291, 0, 2.00199402, -1.49102691);
  n = node (OP_BATCH_NORM); /* without weight and bias */
  n.mean = VALUES (1);
  n.variance = VALUES (4);
  CHECK (n, 1, shape (2, 1, 1, 1, 2), VECTOR (3, -5), 1, -3);
}
END_TEST

START_TEST (norms_of_the_sample)
{
  struct node n = node (OP_GROUP_NORM);
  n.groups = 2;
  n.eps = 1e-3;
  n.weight = PATTERN (4);
  n.bias = param_of (NULL, 1, SHAPE (4));
  CHECK (n, 1, shape (2, 4, 1, 1, 3), NULL, 1.58809009, -1.544045045, 0.2457464608, 3.590925783, 2.397731446,
         1.204537109, 1, 1, 1, -1.058534436, 0.1512192051, 1.360972846);
  n = node (OP_INSTANCE_NORM);
  n.groups = 2;
  n.eps = 1e-5;
  CHECK (n, 1, shape (2, 2, 1, 2, 2), NULL, -1.313057084, 0.5252228337, -0.5252228337, 1.313057084, 0.19999744,
         -1.39998208, 1.39998208, -0.19999744);
  n.groups = 1;
  n.eps = 0;
  n.norm_mean = MEAN_KEPT;
  CHECK (n, 1, shape (2, 1, 1, 1, 2), VECTOR (1, 3), 1, 3);
  n.norm_mean = MEAN_IGNORED;
  CHECK (n, 1, shape (2, 1, 1, 1, 2), VECTOR (1, 3), 0.4472135955, 1.3416407865);
}
END_TEST

static struct node
activation (enum activation_id id)
{
  struct node n = node (OP_ACTIVATION);
  n.ep.act.id = id;
  return n;
}

START_TEST (elementwise)
{
  CHECK (activation (ACT_RELU), 1, shape (2, 1, 1, 1, 4), VECTOR (-2, -0.5, 0, 3), 0, 0, 0, 3);
  CHECK (activation (ACT_MISH), 1, shape (2, 1, 1, 1, 3), VECTOR (-1, 0, 1), -0.30340146137410895, 0,
         0.86509838826731035);
  CHECK (activation (ACT_ERF), 1, shape (2, 1, 1, 1, 3), VECTOR (-1, 0, 1), -0.84270079294971487, 0, 0.84270079294971487);
  CHECK (activation (ACT_EXP), 1, shape (2, 1, 1, 1, 2), VECTOR (0, 1), 1, 2.7182818284590452);
  CHECK (activation (ACT_LOG), 1, shape (2, 1, 1, 1, 2), VECTOR (1, 10), 0, 2.3025850929940457);
  CHECK (activation (ACT_SQRT), 1, shape (2, 1, 1, 1, 2), VECTOR (0, 2), 0, 1.4142135623730950);
  CHECK (activation (ACT_ABS), 1, shape (2, 1, 1, 1, 3), VECTOR (-2, 0, 3), 2, 0, 3);
  struct node n = activation (ACT_PRELU);
  n.weight = VALUES (.5, -2);
  CHECK (n, 1, shape (2, 2, 1, 1, 2), VECTOR (-2, 4, -3, 5), -1, 4, 6, 5);
  n.weight = VALUES (.25);
  n.same_param_for_all = true;
  CHECK (n, 1, shape (2, 2, 1, 1, 2), VECTOR (-2, 4, -4, 5), -.5, 4, -1, 5);
  CHECK (node (OP_IDENTITY), 1, shape (2, 1, 1, 1, 2), VECTOR (-2, 4), -2, 4);
  struct graph *g = graph_of (node (OP_ADD), 1, shape (2, 1, 1, 1, 2), 3);
  double *y = reference_run (g, VECTOR (1, -2));
  close_to (y, VECTOR (3, -6), 2);
  free (y);
}
END_TEST

/* One of them a constant, (C, H, W), that is stretched or stretches the other one. */
START_TEST (two_operands)
{
  const struct shape map = shape (2, 2, 1, 1, 2), pixel = shape (2, 2, 1, 1, 1);
  struct node n = node (OP_SUBTRACT);
  n.weight = param_of (VECTOR (1, 10), 0, 3, (int64_t[]){ 2, 1, 1 });
  CHECK (n, 1, map, VECTOR (1, 2, 3, 4), 0, 1, -7, -6);
  n.constant_first = true;
  CHECK (n, 1, map, VECTOR (1, 2, 3, 4), 0, -1, 7, 6);
  n.op = OP_DIVIDE;
  n.weight = param_of (VECTOR (1, 10), 0, 3, (int64_t[]){ 1, 1, 2 });
  CHECK (n, 1, map, VECTOR (1, 2, 4, 5), 1, 5, .25, 2);
  n.op = OP_MULTIPLY;
  CHECK (n, 1, pixel, VECTOR (2, 3), 2, 20, 3, 30);
  n.op = OP_MINIMUM;
  CHECK (n, 1, map, VECTOR (2, 3, -1, 12), 1, 3, -1, 10);
  n.op = OP_MAXIMUM;
  CHECK (n, 1, map, VECTOR (2, 3, -1, 11), 2, 10, 1, 11);
  n.op = OP_POWER;
  n.constant_first = false;
  n.weight = param_of (VECTOR (2, -1), 0, 3, (int64_t[]){ 1, 1, 2 });
  CHECK (n, 1, map, VECTOR (3, 4, -5, -2), 9, .25, 25, -.5);
}
END_TEST

static struct node
pool (enum op op, bool count_padding)
{
  struct node n = node (op);
  n.win = (struct window){ { 1, 2, 2 }, { 1, 2, 1 }, { 1, 1, 1 }, { 0, 1, 1 }, { 0, 1, 0 } };
  n.count_padding = count_padding;
  return n;
}

START_TEST (pools)
{
  struct shape in = shape (2, 1, 1, 3, 3);
  CHECK (pool (OP_AVERAGE_POOL, false), 1, in, NULL, -1.25, -0.375, 0, 1.125, 0.625, -0.375);
  CHECK (pool (OP_AVERAGE_POOL, true), 1, in, NULL, -0.3125, -0.1875, 0, 0.5625, 0.625, -0.375);
  struct node divided = pool (OP_AVERAGE_POOL, false);
  divided.divisor = 2;
  CHECK (divided, 1, in, NULL, -0.625, -0.375, 0, 1.125, 1.25, -0.75);
  /* all negative: padding must not win */
  double *x = inputs (9);
  for (int i = 0; i < 9; i++)
    x[i] -= 2;
  CHECK (pool (OP_MAX_POOL, false), 1, in, x, -3.25, -1.5, -1.5, -0.75, -0.75, -1.75);
  CHECK (node (OP_GLOBAL_AVERAGE_POOL), 1, shape (3, 2, 2, 1, 2), VECTOR (1, 2, 3, 6, 0, 0, 0, -1), 3, -.25);
  CHECK (node (OP_GLOBAL_MAX_POOL), 1, shape (3, 2, 2, 1, 2), VECTOR (1, 2, 6, 3, -3, -2, -4, -1), 6, -1);
}
END_TEST

static struct node
upsample (int rank, int64_t d, int64_t h, int64_t w)
{
  struct node n = node (OP_UPSAMPLE);
  n.shape_hint = shape (rank, 1, d, h, w);
  return n;
}

START_TEST (upsample_linear)
{
  struct shape in = shape (2, 1, 1, 2, 3);
  struct node n = upsample (2, 1, 3, 4);
  CHECK (n, 1, in, NULL, -1.25, -0.15625, 0.125, -0.5, 0, 0.234375, 0, -0.625, 1.25, 0.625, -0.125, -0.75);
  /* 1.5 · 3 = 4.5 columns, of which 4 are made: the given scale counts, not 4 / 3 */
  n.upsample_scale[AXIS_H] = n.upsample_scale[AXIS_W] = 1.5;
  CHECK (n, 1, in, NULL, -1.25, -0.375, 0.3333333333, -0.3333333333, 0, 0.1875, 0.2083333333, -0.4583333333, 1.25, 0.75,
         0.08333333333, -0.5833333333);
  n = upsample (3, 3, 2, 3);
  n.align_corners = true;
  CHECK (n, 1, shape (3, 1, 2, 2, 2), NULL, -1.25, -0.375, 0.5, -0.5, 0.375, 1.25, -0.5, -0.3125, -0.125, 0.25, 0.4375,
         0.625, 0.25, -0.25, -0.75, 1, 0.5, 0);
}
END_TEST

START_TEST (upsample_nearest)
{
  struct shape in = shape (2, 1, 1, 1, 5);
  struct node n = upsample (2, 1, 1, 12);
  n.nearest = true;
  CHECK (n, 1, in, NULL, -1.25, -1.25, -1.25, 0.5, 0.5, -0.5, -0.5, -0.5, 1.25, 1.25, 0.25, 0.25);
  n.shape_hint.dim[AXIS_W] = 8;
  n.upsample_scale[AXIS_W] = 1.7;
  CHECK (n, 1, in, NULL, -1.25, -1.25, 0.5, 0.5, -0.5, -0.5, 1.25, 0.25);
}
END_TEST

/* Three channels of zeros: one in front, two behind. */
START_TEST (subsample)
{
  struct node n = node (OP_SUBSAMPLE);
  n.zeros_before = 1;
  n.win.stride[AXIS_W] = 2;
  n.shape_hint.c = 5;
  CHECK (n, 1, shape (2, 2, 1, 1, 3), VECTOR (1, 2, 3, 4, 5, 6), 0, 0, 1, 3, 4, 6, 0, 0, 0, 0);
}
END_TEST

START_TEST (softmax)
{
  CHECK (node (OP_SOFTMAX), 1, shape (2, 3, 1, 1, 2), NULL, 0.1316016471, 0.2938147747, 0.2786006892, 0.6220058829,
         0.5897976637, 0.08417934234);
  struct node n = node (OP_SOFTMAX);
  n.logarithm = true;
  CHECK (n, 1, shape (2, 2, 1, 1, 1), VECTOR (1000, 1002), -2.1269280110429727, -0.1269280110429727);
}
END_TEST

START_TEST (pad)
{
  struct node n = node (OP_PAD);
  n.win.pad_lo[AXIS_W] = 2;
  n.win.pad_hi[AXIS_W] = 1;
  n.pad_value = 7;
  CHECK (n, 1, shape (1, 1, 1, 1, 3), VECTOR (1, 2, 3), 7, 7, 1, 2, 3, 7);
  n.pad_mode = PAD_REFLECT;
  CHECK (n, 1, shape (1, 1, 1, 1, 3), VECTOR (1, 2, 3), 3, 2, 1, 2, 3, 2);
  n.pad_mode = PAD_EDGE;
  CHECK (n, 1, shape (1, 1, 1, 1, 3), VECTOR (1, 2, 3), 1, 1, 1, 2, 3, 3);
  n.pad_mode = PAD_WRAP;
  CHECK (n, 1, shape (1, 1, 1, 1, 3), VECTOR (1, 2, 3), 2, 3, 1, 2, 3, 1);
  n.pad_mode = PAD_CONSTANT;
  n.win.pad_lo[AXIS_W] = -1;
  CHECK (n, 1, shape (1, 1, 1, 1, 3), VECTOR (1, 2, 3), 2, 3, 7);
}
END_TEST

/* Channels to the back: (2, 1, 1, 3) read as D, H, W, C. */
START_TEST (reshape)
{
  struct node n = node (OP_RESHAPE);
  n.read = (struct element_order){ 4, { 2, 1, 1, 3 }, { 1, 2, 3, 0 } };
  n.shape_hint = shape (3, 1, 1, 3, 2);
  CHECK (n, 1, shape (3, 2, 1, 1, 3), VECTOR (1, 2, 3, 4, 5, 6), 1, 4, 2, 5, 3, 6);
}
END_TEST

/* Channels 2, 0, 2 of a map of three. */
START_TEST (channels)
{
  struct node n = node (OP_CHANNELS);
  n.shape_hint.c = 3;
  n.sources = (const struct channel_source[]){ { 0, 2 }, { 0, 0 }, { 0, 2 } };
  CHECK (n, 2, shape (2, 3, 1, 1, 2), VECTOR (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 5, 6, 1, 2, 5, 6, 11, 12, 7, 8, 11,
         12);
}
END_TEST

static void
check_input (struct param *mean, struct param *deviation, const double *want)
{
  struct graph *g = graph_new ("test", "test", 1);
  struct node n = node (OP_INPUT);
  n.shape_hint = shape (2, 2, 1, 1, 2);
  n.mean = mean;
  n.variance = deviation;
  int t = graph_add (g, n, NULL, 0);
  graph_add (g, node (OP_OUTPUT), &t, 1);
  double *y = reference_run (g, VECTOR (1, 2, 3, 4));
  close_to (y, want, 4);
  free (y);
}

START_TEST (input_statistics)
{
  check_input (NULL, NULL, VECTOR (1, 2, 3, 4));
  check_input (VALUES (1, 2), VALUES (2, .5), VECTOR (0, .5, 2, 4));
  check_input (param_of (VECTOR (1, 1, 2, 2), 0, SHAPE (2, 1, 2)), VALUES (1, .5), VECTOR (0, 1, 2, 4));
}
END_TEST

/* y = prelu (2 (3 x + 1) - 10 + 0.5 x): the pass-made factors, their magnitudes and the number of terms. */
START_TEST (epilogue)
{
  struct node n = node (OP_CONV);
  n.shape_hint.c = 1;
  n.weight = param_of (VECTOR (3), 0, SHAPE (1, 1, 1, 1));
  n.bias = VALUES (1);
  n.ep = (struct epilogue){ .scale = VECTOR (2), .bias = VECTOR (-10), .residual_scale = VECTOR (.5),
                            .act.id = ACT_PRELU, .slope = VECTOR (-4) };
  struct graph *g = graph_of (n, 1, shape (2, 1, 1, 1, 2), 1);
  g->nodes[1].ep.residual = g->nodes[0].out;
  double *y = reference_run (g, VECTOR (2, -2));
  close_to (y, VECTOR (5, 84), 2);
  free (y);
  struct reference_params p = reference_params_of (g, &g->nodes[1]);
  const double *const in[] = { VECTOR (2, -2) };
  double out[2], magnitude[2];
  int64_t terms;
  reference_node (g, &g->nodes[1], &p, in, in[0], out, magnitude, &terms);
  close_to (out, VECTOR (5, 84), 2);
  close_to (magnitude, VECTOR (100, 100), 2); /* (2 · (6 + 1) + 10 + 1) · 4 */
  ck_assert_int_eq (terms, 4);
  reference_params_free (&p);
}
END_TEST

/* A block with a shortcut, its tensors freed on the way; a dead node in between. */
START_TEST (residual_graph)
{
  struct graph *g = graph_new ("test", "test", 2);
  struct node n = node (OP_INPUT);
  n.shape_hint = shape (2, 1, 1, 1, 2);
  int x = graph_add (g, n, NULL, 0);
  int y = graph_add (g, activation (ACT_RELU), &x, 1);
  int sum = graph_add (g, node (OP_ADD), (int[]){ y, x }, 2);
  graph_add (g, activation (ACT_RELU), &x, 1);
  g->nodes[3].dead = true;
  graph_add (g, node (OP_OUTPUT), &sum, 1);
  double *out = reference_run (g, VECTOR (1, -1, 2, -2));
  close_to (out, VECTOR (2, -1, 4, -2), 4);
  free (out);
}
END_TEST

Suite *reference_suite (void);

Suite *
reference_suite (void)
{
  const TTest *const tests[] = {
    conv_stride_dilation_padding_groups, conv_negative_padding_crops, conv_first_tap, transposed_conv,
    transposed_conv_extend, linear, batch_norm, norms_of_the_sample, elementwise, two_operands, pools, upsample_linear,
    upsample_nearest, subsample, softmax, pad, reshape, channels, input_statistics, epilogue, residual_graph
  };
  Suite *s = suite_create ("reference");
  TCase *c = tcase_create ("operators");
  for (size_t i = 0; i < COUNT (tests); i++)
    tcase_add_test (c, tests[i]);
  suite_add_tcase (s, c);
  return s;
}
