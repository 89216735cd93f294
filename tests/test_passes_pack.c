/* Packed weights: that they hold what the graph has, and the GPU's plans. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cuda/orders.h"
#include "backend/cuda/cuda.h"
#include "../runtime/rescast.h"
#include "backend/cuda/cuda_kernel.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "pack/pack.h"
#include "pack/round.h"
#include "small_graph.h"
#include "test_passes.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* V as a weight of precision P. */
static double
rounded (double v, enum precision p)
{
  const enum element e = precision_element (p);
  float f = (float) v;
  uint32_t word;
  if (e != ELEMENT_F32)
    return element_value (element_bits (v, e), e);
  memcpy (&word, &f, sizeof f);
  word = p == PRECISION_TF32 ? (word + 0x1000) & ~0x1fffU : word;
  memcpy (&f, &word, sizeof f);
  return f;
}

static void
check_rounded (const double *got, const double *want, int64_t count, const char *layer, enum precision p)
{
  for (int64_t i = 0; i < count; i++)
    ck_assert_msg (got[i] == rounded (want[i], p), "%s: element %d is %.17g, not %.17g", layer, (int) i, got[i],
                   want[i]);
}

static void
check_vector (const double *got, const double *want, int64_t count, const char *layer)
{
  check_rounded (got, want, count, layer, PRECISION_FP32);
}

/* Of the tensor cores' kernels weights have the graph's precision, all others are floats. */
static enum precision
weights_precision (const struct graph *g, const struct kernel *k)
{
  bool mma = k->order->precision;
  return mma ? g->precision : PRECISION_FP32;
}

/* What is rounded so that sums are kept, EACH weights of C outputs: an element next to each weight, and the sums of
 * outputs err by no more than a step or nearest elements' sums, those of many weights by a step. */
static void
check_sums (const double *got, const double *want, int64_t c, int64_t each, const char *layer, enum precision p)
{
  const struct element_type *t = element_type (precision_element (p));
  for (int64_t o = 0; o < c; o++)
    {
      double sum = 0, nearest = 0, steps = 0;
      for (int64_t i = o * each; i < (o + 1) * each; i++)
        {
          const double step = fmax (ldexp (fabs (want[i]), 1 - t->digits), ldexp (1, t->least_exponent));
          ck_assert_msg (got[i] == rounded (got[i], p) && fabs (got[i] - want[i]) <= step,
                         "%s: element %d is %.17g for %.17g", layer, (int) i, got[i], want[i]);
          sum += got[i] - want[i];
          nearest += rounded (want[i], p) - want[i];
          steps += step;
        }
      ck_assert_msg (fabs (sum) <= steps / (double) each || (each < 32 && fabs (sum) <= fabs (nearest)),
                     "%s: the sum of output %d errs by %g, that of nearest elements by %g", layer, (int) o, sum, nearest);
    }
}

static void
check_weights (const struct graph *g, int input, const double *got, const double *want, int64_t c, int64_t each,
               const char *layer, enum precision p)
{
  if ((p == PRECISION_FP16 || p == PRECISION_BF16) && graph_never_negative (g, input))
    check_sums (got, want, c, each, layer, p);
  else
    check_rounded (got, want, c * each, layer, p);
}

static void
check_second (const struct graph *g, const struct node *n, const double *got)
{
  struct reference_params want = reference_params_of (g, n->second);
  int64_t c = g->tensors[n->out].shape.c, each = g->tensors[n->in[1]].shape.c;
  for (int64_t i = 0; i < c * each; i++)
    want.weight[i] *= n->second->ep.scale ? n->second->ep.scale[i / each] : 1;
  check_weights (g, n->in[1], got, want.weight, c, each, n->covers, g->precision);
  reference_params_free (&want);
}

/* What pack_unpack gives is what the graph has, folded in double and rounded. */
static void
check_unpacked (const struct graph *g, const struct node *n, const float *data)
{
  struct epilogue ep;
  struct reference_params got = pack_unpack (g, n, data, &ep), want = reference_params_of (g, n);
  int64_t c = g->tensors[n->out].shape.c;
  if (n->weight && n->kernel->order != &order_norm)
    {
      int64_t each = n->op == OP_LINEAR ? shape_count (&g->tensors[n->in[0]].shape)
                                        : g->tensors[n->in[0]].shape.c / n->groups * n->win.kernel[0]
                                            * n->win.kernel[1] * n->win.kernel[2];
      for (int64_t i = 0; i < c * each; i++)
        want.weight[i] *= n->ep.scale ? n->ep.scale[i / each] : 1;
      check_weights (g, n->in[0], got.weight, want.weight, c, each, n->covers, weights_precision (g, n->kernel));
      if (n->second)
        check_second (g, n, got.second);
    }
  else if (n->weight)
    {
      check_vector (got.weight, want.weight, c, n->covers);
      check_vector (got.bias, want.bias, c, n->covers);
    }
  else
    ck_assert (!n->ep.scale == !ep.scale);
  for (int i = 0; i < 3; i++)
    {
      const double *a = (const double *[]){ ep.bias, ep.residual_scale, ep.slope }[i];
      const double *b = (const double *[]){ n->ep.bias, n->ep.residual_scale, n->ep.slope }[i];
      if (b && i == 0 && n->kernel->centre_at >= 0) /* a float has the zero of x · scale + bias */
        for (int64_t k = 0; k < c; k++)
          ck_assert_double_eq_tol (a[k], b[k], 2e-7 * fabs (b[k]));
      else if (b)
        check_vector (a, b, c, n->covers);
      else
        for (int64_t k = 0; a && k < c; k++)
          ck_assert_double_eq (a[k], 0);
    }
  reference_params_free (&got);
  reference_params_free (&want);
}

static void
check_packed (struct graph *g)
{
  int64_t bytes = pack_plan (g);
  float *data = pack_weights (g, bytes);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      ck_assert (n->w_offset >= 0 && n->w_offset % 64 == 0 && n->w_offset + n->kernel->total_bytes <= bytes);
      if (n->op != OP_INPUT)
        check_unpacked (g, n, data);
    }
  free (data);
}

START_TEST (packing_random_networks)
{
  check_packed (planned (small_random ((uint64_t) _i, 16)));
}
END_TEST

#define GROUPED "network: resnet\nblock: bottleneck\nlayers: [1, 1]\nnum-filters: [16, 40]\ngroups: 4\n" \
                "width-per-group: 12\ninput-size: [3, 9, 9]\nnum-classes: 20\ninitial-stride: 1\n"

START_TEST (packing_groups)
{
  check_packed (planned (from_options (GROUPED, 1)));
  check_packed (planned (from_options (GROUPED "norm-layer: group-norm 4\n", 2)));
}
END_TEST

#define UPWARDS "network: sequence\ninput-size: [5, 4, 4]\nlayers:\n- {type: conv, name: a, filters: 40, kernel-size: 1}\n" \
                "- {type: relu, name: r}\n- {type: transposed-conv-2d, name: up, num-filters: 3, filter-size: 5, stride: 2}\n"

/* Of a transposed convolution each phase's sum is kept: here of 40 channels' 3 x 3, 3 x 2, 2 x 3 and 2 x 2 taps. */
START_TEST (rounding_phases)
{
  const struct graph *g = from_options (UPWARDS, 1);
  const struct node *n = &g->nodes[g->node_count - 2];
  ck_assert (n->op == OP_TRANSPOSED_CONV);
  void *bits = round_weights (g, n, ELEMENT_BF16);
  for (int o = 0; o < 3; o++)
    for (int phase = 0; phase < 4; phase++)
      {
        double sum = 0, step = 0;
        for (int i = 0; i < 40 * 25; i++)
          if (i % 5 % 2 == phase % 2 && i / 5 % 5 % 2 == phase / 2)
            {
              const int at = i / 25 * 75 + o * 25 + i % 25;
              const double want = weight_at (n->weight->value, (size_t) at), got = element_get (bits, at, ELEMENT_BF16);
              ck_assert_double_le (fabs (got - want), fabs (want) / 128);
              sum += got - want;
              step = fmax (step, fabs (want) / 256);
            }
        ck_assert_double_le (fabs (sum), step);
      }
  free (bits);
}
END_TEST

/* One convolution in groups. */
static struct graph *
grouped (int64_t in, int64_t out, int64_t groups)
{
  struct graph *g = small_graph (1, 2, in, 1, 6, 6);
  struct conv_spec c = small_spec (out, 3, 1, false);
  c.groups = groups;
  build_output (g, small_conv (g, 0, c));
  small_params (g, 1);
  return g;
}

/* Kernels of groups that share blocks, and their weights. */
START_TEST (groups_sharing_blocks)
{
  static const struct
  {
    int64_t in, out, groups;
    const char *stem;
  } cases[] = {
    { 32, 32, 32, "conv_grouped" },  { 32, 32, 16, "conv_grouped" }, { 36, 36, 9, "conv_grouped" },
    { 24, 24, 3, "conv_grouped" },   { 20, 40, 20, "conv_gathered" }, { 48, 48, 16, "conv_gathered" },
    { 40, 56, 8, "conv_gathered" },  { 64, 64, 4, "conv_direct" },   { 96, 96, 3, "conv_direct" },
    { 40, 40, 2, "conv_gathered" }, /* dear, but zeros do not keep a NaN of the other group away */
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      struct graph *g = grouped (cases[i].in, cases[i].out, cases[i].groups);
      planned (g);
      ck_assert_str_eq (g->nodes[1].kernel->family->template, mem_printf ("cpu/%s", cases[i].stem));
      check_packed (g);
    }
}
END_TEST

/* ---- for GPUs ---- */

static struct graph *
planned_for_cuda (struct graph *g, enum precision p)
{
  g->backend = &cuda_backend;
  g->precision = p;
  run_passes (g, targets_parse ("cuda"), false);
  return g;
}

START_TEST (cuda_random_networks)
{
  struct graph *g = planned_for_cuda (small_random ((uint64_t) _i, 16), (enum precision) (_i % 4));
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct tensor *t = &g->tensors[n->out];
      const struct cuda_kernel *k = cuda_kernel_of (n->kernel);
      ck_assert (t->format.layout == LAYOUT_CHANNELS_LAST
                 && (t->format.block == 1 || (t->format.block == 4 && i == 0 && t->shape.c <= 4)));
      for (int a = 0; a < AXES; a++)
        ck_assert ((t->format.halo_lo[a] == 0 && t->format.halo_hi[a] == 0) || (t->format.block == 4 && a == AXIS_W));
      ck_assert (!n->pool);
      for (int j = 0; j < GENERATIONS; j++)
        {
          const struct launch_shape *s = &k->shape[j];
          ck_assert (s->threads > 0 && s->threads <= 1024 && s->threads % 32 == 0);
          ck_assert (s->grid[0] > 0 && s->grid[1] > 0 && s->grid[1] < 65536 && s->grid[2] > 0 && s->grid[2] < 65536);
        }
    }
  check_plan (g);
  check_packed (g);
}
END_TEST

START_TEST (cuda_groups)
{
  static const struct
  {
    int64_t in, out, groups;
    const char *stem;
  } cases[] = {
    { 32, 32, 32, "conv_grouped" }, { 20, 40, 20, "conv_grouped" }, { 60, 60, 4, "conv_grouped" },
    { 64, 64, 4, "conv" },          { 34, 34, 2, "conv" },          { 3, 5, 1, "conv" },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      struct graph *g = grouped (cases[i].in, cases[i].out, cases[i].groups);
      planned_for_cuda (g, PRECISION_FP32);
      ck_assert_str_eq (g->nodes[1].kernel->family->template, mem_printf ("cuda/%s", cases[i].stem));
      check_packed (g);
    }
}
END_TEST

/* Stems, shortcuts' convolutions in the sums, scores in floats. */
START_TEST (cuda_residual_networks)
{
  static const struct
  {
    const char *text;
    int merged;
  } cases[] = { { "network: resnet\narch: resnet18\nnum-filters: [8, 16, 16, 16]\nnum-classes: 10\n", 3 },
                { "network: resnet\narch: resnet50\nnum-filters: [8, 16, 16, 16]\nnum-classes: 10\n", 4 },
                { "network: resnet3d\nnum-classes: 3\ninput-size: [33, 40, 35, 3]\nstack-depth: [1, 1]\nnum-filters: [8, 16]\n", 2 } };
  for (size_t c = 0; c < COUNT (cases); c++)
    {
      struct graph *g = planned_for_cuda (from_options (cases[c].text, 1), (enum precision) _i);
      bool mma = _i != PRECISION_FP32;
      int merged = 0;
      for (int i = 0; i < g->node_count; i++)
        merged += g->nodes[i].second != NULL;
      ck_assert_int_eq (merged, mma ? cases[c].merged : 0);
      ck_assert_int_eq (g->tensors[0].format.block, mma ? 4 : 1);
      const char *stem = !mma ? "conv" : _i == PRECISION_TF32 ? "conv_mma" : "conv_stem";
      ck_assert_str_eq (g->nodes[1].kernel->family->template, mem_printf ("cuda/%s%s", stem, g->nodes[1].pool ? "_pool" : ""));
      ck_assert (!g->nodes[1].pool == (!mma || g->rank == 3));
      ck_assert (g->tensors[g->nodes[g->node_count - 1].in[0]].format.element == ELEMENT_F32);
      check_plan (g);
      check_packed (g);
    }
}
END_TEST

/* What only the tensor cores' kernels can compute must not be made for others: an input with two readers, a filter with more
 * taps along the axes than bits. */
START_TEST (cuda_leaves_apart)
{
  static const char *const texts[] = {
    "network: sequence\ninput-size: [3, 20, 20]\nlayers:\n"
    "- {type: conv, name: a, input: input, filters: 8, kernel-size: 3, padding: same}\n"
    "- {type: max-pool, name: p, input: a, kernel-size: 2, stride: 2}\n"
    "- {type: conv, name: b, input: input, filters: 8, kernel-size: 2, stride: 2}\n"
    "- {type: add, name: s, input: [p, b]}\n",
    "network: sequence\ninput-size: [3, 20, 40]\nlayers:\n"
    "- {type: conv, name: a, filters: 8, kernel-size: [3, 31], padding: same}\n"
    "- {type: max-pool, name: p, kernel-size: 2, stride: 2}\n",
    "network: sequence\ninput-size: [8, 20, 40]\nlayers:\n"
    "- {type: conv, name: a, input: input, filters: 8, kernel-size: [3, 31], padding: same}\n"
    "- {type: conv, name: b, input: input, filters: 8, kernel-size: 1}\n"
    "- {type: add, name: s, input: [a, b]}\n" };
  struct graph *g = planned_for_cuda (from_options (texts[_i], 1), PRECISION_FP16);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      ck_assert (!n->second && !n->pool);
      ck_assert (n->op != OP_CONV || n->kernel->order == &cuda_conv_order || n->kernel->order == &cuda_mma_order);
    }
  check_packed (g);
}
END_TEST

START_TEST (packing_input)
{
  struct graph *g = planned (from_options ("network: resnet3d\nnum-classes: 2\ninput-size: [8, 8, 8, 3]\n"
                                           "stack-depth: [1]\nnum-filters: [4]\nnormalization: zscore\n", 1));
  int64_t bytes = pack_plan (g);
  float *data = pack_weights (g, bytes);
  struct epilogue ep;
  const struct node *n = &g->nodes[0];
  struct reference_params got = pack_unpack (g, n, data, &ep);
  for (size_t i = 0; i < 3; i++)
    {
      ck_assert_double_eq (got.mean[i], (float) weight_at (n->mean->value, i));
      ck_assert_double_eq (got.variance[i], 1 / (double) (float) (1 / weight_at (n->variance->value, i)));
    }
  reference_params_free (&got);
  free (data);
}
END_TEST

static uint64_t
hash_of (const char *text, uint64_t seed)
{
  struct graph *g = planned (from_options (text, seed));
  pack_plan (g);
  return pack_layout_hash (g);
}

START_TEST (layout_hash)
{
  static const char *const others[] = { "name: other\n", "norm-layer: instance-norm\n", "initial-num-filters: 17\n",
                                        "initial-filter-size: 5\n", "zero-init-residual: true\n", "batch: 2\n" };
  uint64_t h = hash_of (GROUPED, 1);
  ck_assert_uint_eq (h, hash_of (GROUPED, 1));
  ck_assert_uint_eq (h, hash_of (GROUPED, 2)); /* other values, the same layout */
  for (size_t i = 0; i < COUNT (others); i++)
    ck_assert_msg ((hash_of (mem_printf ("%s%s", GROUPED, others[i]), 1) == h) == (i >= 4), "%s", others[i]);
}
END_TEST

TCase *
passes_packing (void)
{
  const TTest *const tests[]
      = { packing_groups, rounding_phases, groups_sharing_blocks, cuda_groups, packing_input, layout_hash };
  TCase *c = tcase_create ("packing");
  tcase_set_timeout (c, 60);
  for (size_t i = 0; i < COUNT (tests); i++)
    tcase_add_test (c, tests[i]);
  tcase_add_loop_test (c, packing_random_networks, 0, 50);
  tcase_add_loop_test (c, cuda_random_networks, 0, 50);
  tcase_add_loop_test (c, cuda_residual_networks, 0, 4);
  tcase_add_loop_test (c, cuda_leaves_apart, 0, 3);
  return c;
}
