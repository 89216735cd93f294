/* The passes that decide: layouts, halos and kernels, places in memory, packed weights. */
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "../runtime/rescast.h"
#include "element.h"
#include "pack.h"
#include "small_graph.h"
#include "test_passes.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct graph *
planned (struct graph *g)
{
  run_passes (g, targets_parse ("c"), false);
  return g;
}

/* ---- select ---- */

START_TEST (input_layout)
{
  for (int i = 0; i < 5; i++)
    {
      struct graph *g = small_graph (1, 2, i == 1 ? 9 : 8, 1, 6, 6);
      struct conv_spec c = small_spec (16, 3, 2, false);
      c.groups = i == 2 ? 2 : 1;
      int x = small_conv (g, 0, c);
      if (i == 3) /* read by something that is no convolution */
        small_relu (g, 0);
      if (i == 4)
        small_add (g, small_conv (g, 0, small_spec (8, 1, 1, false)), 0);
      build_output (g, x);
      small_params (g, 1);
      planned (g);
      ck_assert_int_eq (g->tensors[0].layout, i ? LAYOUT_BLOCKED : LAYOUT_PLANAR);
      ck_assert_int_eq (g->nodes[1].kernel->packing, i ? PACK_CONV_BLOCKED : PACK_CONV_PLANAR);
      ck_assert_int_eq (g->tensors[g->nodes[1].out].layout, LAYOUT_BLOCKED);
    }
}
END_TEST

/* Multiply-adds of conv N but for those of planes and rows of padding, and of channels that pad a block. */
static double
macs_inside (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  double macs = (double) (in->c * out->c * out->dim[AXIS_W] * n->win.kernel[AXIS_W]);
  for (int a = AXIS_D; a < AXIS_W; a++)
    {
      int64_t inside = 0;
      for (int64_t o = 0; o < out->dim[a]; o++)
        for (int64_t k = 0; k < n->win.kernel[a]; k++)
          {
            int64_t at = o * n->win.stride[a] - n->win.pad_lo[a] + k * n->win.dilation[a];
            inside += at >= 0 && at < in->dim[a];
          }
      macs *= (double) inside;
    }
  return macs;
}

/* Whole rows of pixels are wide enough for tiles of their own here. */
START_TEST (padding_is_passed_over)
{
  static const int64_t cases[][5] = { /* depth, height, kernel, stride, dilation */
    { 5, 9, 3, 2, 1 }, { 4, 12, 3, 1, 1 }, { 2, 14, 3, 2, 1 }, { 6, 10, 5, 1, 2 }, { 3, 7, 4, 3, 1 }, { 1, 8, 3, 1, 3 },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      const int64_t *c = cases[i];
      struct graph *g = small_graph (1, 3, 32, c[0], c[1], 24);
      struct conv_spec spec = small_spec (48, c[2], c[3], true);
      for (int a = 0; a < AXES; a++)
        spec.dilation[a] = c[4];
      build_output (g, small_conv (g, 0, spec));
      small_params (g, 1);
      g->exact = true;
      planned (g);
      ck_assert_str_eq (g->nodes[1].kernel->stem, "conv_direct");
      ck_assert_double_eq_tol (g->nodes[1].kernel->executed_macs, macs_inside (g, &g->nodes[1]), 0.5);
      ck_assert_double_lt (g->nodes[1].kernel->executed_macs, g->nodes[1].macs);
    }
}
END_TEST

/* What conv N reads outside its input lies in the halo. */
static void
check_halo (const struct graph *g, const struct node *n)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  for (int a = 0; a < AXES && n->op == OP_CONV; a++)
    {
      int64_t first = -n->win.pad_lo[a], last = (out->shape.dim[a] - 1) * n->win.stride[a] + first
                                                + (n->win.kernel[a] - 1) * n->win.dilation[a];
      ck_assert_int_ge (first, -in->halo_lo[a]);
      ck_assert_int_lt (last, in->shape.dim[a] + in->halo_hi[a]);
    }
}

START_TEST (halos)
{
  struct graph *g = planned (small_random ((uint64_t) _i, 16));
  for (int i = 0; i < g->node_count; i++)
    {
      check_halo (g, &g->nodes[i]);
      for (int a = 0; a < AXES; a++)
        ck_assert (g->tensors[i].halo_lo[a] >= 0 && g->tensors[i].halo_hi[a] >= 0);
    }
}
END_TEST

START_TEST (kernels_are_shared)
{
  struct graph *g = small_graph (1, 2, 16, 1, 6, 6);
  int x = small_relu (g, small_conv (g, 0, small_spec (16, 3, 1, false)));
  x = small_relu (g, small_conv (g, x, small_spec (16, 3, 1, false)));
  x = small_relu (g, small_conv (g, x, small_spec (16, 3, 1, false)));
  x = small_prelu (g, small_conv (g, x, small_spec (16, 3, 1, false)), true); /* another activation */
  small_end (g, small_conv (g, x, small_spec (17, 3, 1, false)));
  small_params (g, 1);
  struct kernels *ks = run_passes (g, targets_parse ("c"), false);
  ck_assert_ptr_eq (g->nodes[1].kernel, g->nodes[2].kernel);
  ck_assert_ptr_eq (g->nodes[1].kernel, g->nodes[3].kernel);
  ck_assert_ptr_ne (g->nodes[1].kernel, g->nodes[4].kernel);
  ck_assert_int_eq (ks->count, g->node_count - 2);
  for (int i = 0; i < ks->count; i++)
    for (int j = 0; j < i; j++)
      ck_assert_str_ne (ks->list[i]->function, ks->list[j]->function);
}
END_TEST

/* Kernels whose names would be equal although their parameters differ get names of their own. */
START_TEST (kernel_names_differ)
{
  struct kernels *ks = NULL;
  for (uint64_t seed = 0; seed < 20; seed++)
    {
      ks = run_passes (small_random (seed, 30), targets_parse ("c"), false);
      for (int i = 0; i < ks->count; i++)
        for (int j = 0; j < i; j++)
          ck_assert_str_ne (ks->list[i]->function, ks->list[j]->function);
    }
}
END_TEST

/* ---- memory ---- */

static bool
apart (size_t a, size_t a_bytes, size_t b, size_t b_bytes)
{
  return a + a_bytes <= b || b + b_bytes <= a;
}

/* The last node that reads tensor T, from the nodes themselves. */
static int
last_reader (const struct graph *g, int t)
{
  int last = g->tensors[t].producer;
  for (int i = 0; i < g->node_count; i++)
    for (int k = 0; k <= g->nodes[i].nin; k++)
      if ((k < g->nodes[i].nin ? g->nodes[i].in[k] : g->nodes[i].ep.residual) == t)
        last = i;
  return last;
}

static void
check_place (const struct graph *g, int t)
{
  const struct tensor *a = &g->tensors[t];
  int64_t lanes = a->layout == LAYOUT_BLOCKED ? 16 : a->layout == LAYOUT_CHANNELS_4 ? 4 : 1;
  int64_t elements = round_up (a->shape.c, lanes), width = a->wide ? 4 : element_bytes (g);
  for (int axis = 0; axis < AXES; axis++)
    elements *= a->shape.dim[axis] + a->halo_lo[axis] + a->halo_hi[axis];
  size_t alignment = g->cuda ? 256 : 64;
  ck_assert_uint_eq (a->bytes, (size_t) round_up (elements * g->batch * width, (int64_t) alignment));
  ck_assert (a->offset % alignment == 0 && a->offset + a->bytes <= g->arena_bytes);
  ck_assert (a->first == a->producer && a->last == last_reader (g, t));
  for (int u = 0; u < t; u++)
    {
      const struct tensor *b = &g->tensors[u];
      if (b->producer <= last_reader (g, t) && a->producer <= last_reader (g, u))
        ck_assert_msg (apart (a->offset, a->bytes, b->offset, b->bytes), "%s and %s overlap", a->name, b->name);
    }
}

static void
check_plan (const struct graph *g)
{
  const struct tensor *first = &g->tensors[g->nodes[0].out];
  size_t dense = (size_t) (g->batch * shape_count (&first->shape)) * sizeof (float);
  for (int t = 0; t < g->tensor_count; t++)
    if (t != g->nodes[g->node_count - 1].out)
      check_place (g, t);
  ck_assert_uint_le (g->arena_bound, g->arena_bytes);
  ck_assert (g->input_offset % 64 == 0 && g->input_offset + dense <= g->arena_bytes);
  ck_assert (apart (g->input_offset, dense, first->offset, first->bytes));
}

START_TEST (memory_of_random_networks)
{
  check_plan (planned (small_random ((uint64_t) _i, 24)));
}
END_TEST

static struct graph *
from_options (const char *text, uint64_t seed)
{
  struct graph *g = build (options_parse ("f.yaml", text, strlen (text), NULL, 0));
  small_params (g, seed);
  return g;
}

START_TEST (memory_of_resnets)
{
  static const char *const texts[] = {
    "network: resnet\narch: resnet18\nbatch: 3\n",
    "network: resnet\narch: resnet50\nnum-filters: [8, 16, 16, 16]\nnum-classes: 10\n",
    "network: resnet3d\nnum-classes: 3\ninput-size: [33, 40, 35]\nnum-filters: [4, 8, 12, 16]\n",
  };
  struct graph *g = planned (from_options (texts[_i], 1));
  check_plan (g);
  /* a chain with shortcuts packs to within a quarter of what is needed at once */
  ck_assert_uint_le (g->arena_bytes, g->arena_bound + g->arena_bound / 4);
}
END_TEST

/* ---- packing ---- */

/* V as a weight of precision P. */
static double
rounded (double v, enum precision p)
{
  float f = (float) v;
  uint16_t bits;
  uint32_t word;
  if (p == PRECISION_FP16 || p == PRECISION_BF16)
    {
      bits = element_bits (f, p);
      return rescast_element_value (&bits, 0, element_of (p));
    }
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
  bool mma = k->packing == PACK_CUDA_MMA || k->packing == PACK_CUDA_MMA_STEM || k->packing == PACK_CUDA_MMA_LINEAR
             || k->packing == PACK_CUDA_MMA_TRANSPOSED;
  return mma ? g->precision : PRECISION_FP32;
}

static void
check_second (const struct graph *g, const struct node *n, const double *got)
{
  struct reference_params want = reference_params_of (g, n->second);
  int64_t c = g->tensors[n->out].shape.c, each = g->tensors[n->in[1]].shape.c;
  for (int64_t i = 0; i < c * each; i++)
    want.weight[i] *= n->second->ep.scale ? n->second->ep.scale[i / each] : 1;
  check_rounded (got, want.weight, c * each, n->covers, g->precision);
  reference_params_free (&want);
}

/* What pack_unpack gives is what the graph has, folded in double and rounded once. */
static void
check_unpacked (const struct graph *g, const struct node *n, const float *data)
{
  struct epilogue ep;
  struct reference_params got = pack_unpack (g, n, data, &ep), want = reference_params_of (g, n);
  int64_t c = g->tensors[n->out].shape.c;
  if (n->weight && n->kernel->packing != PACK_NORM)
    {
      int64_t each = n->op == OP_LINEAR ? shape_count (&g->tensors[n->in[0]].shape)
                                        : g->tensors[n->in[0]].shape.c / n->groups * n->win.kernel[0]
                                            * n->win.kernel[1] * n->win.kernel[2];
      for (int64_t i = 0; i < c * each; i++)
        want.weight[i] *= n->ep.scale ? n->ep.scale[i / each] : 1;
      check_rounded (got.weight, want.weight, c * each, n->covers, weights_precision (g, n->kernel));
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
      const double *a = (const double *[]){ ep.shift, ep.residual_scale, ep.slope }[i];
      const double *b = (const double *[]){ n->ep.shift, n->ep.residual_scale, n->ep.slope }[i];
      if (b)
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
  int64_t floats = pack_plan (g);
  float *data = pack_weights (g, floats);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      ck_assert (n->w_offset >= 0 && n->w_offset % 16 == 0 && n->w_offset + n->kernel->total_floats <= floats);
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
    { 40, 40, 2, "conv_direct" },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      struct graph *g = grouped (cases[i].in, cases[i].out, cases[i].groups);
      planned (g);
      ck_assert_str_eq (g->nodes[1].kernel->stem, cases[i].stem);
      check_packed (g);
    }
}
END_TEST

/* ---- for GPUs ---- */

static struct graph *
planned_for_cuda (struct graph *g, enum precision p)
{
  g->cuda = true;
  g->precision = p;
  run_cuda_passes (g, false);
  return g;
}

START_TEST (cuda_random_networks)
{
  struct graph *g = planned_for_cuda (small_random ((uint64_t) _i, 16), (enum precision) (_i % 4));
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct tensor *t = &g->tensors[n->out];
      const struct kernel *k = n->kernel;
      ck_assert (t->layout == LAYOUT_CHANNELS_LAST || (t->layout == LAYOUT_CHANNELS_4 && i == 0 && t->shape.c <= 4));
      for (int a = 0; a < AXES; a++)
        ck_assert ((t->halo_lo[a] == 0 && t->halo_hi[a] == 0) || (t->layout == LAYOUT_CHANNELS_4 && a == AXIS_W));
      ck_assert (!n->pool && k->threads > 0 && k->threads <= 1024 && k->threads % 32 == 0);
      ck_assert (k->grid[0] > 0 && k->grid[1] > 0 && k->grid[1] < 65536 && k->grid[2] > 0 && k->grid[2] < 65536);
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
    { 32, 32, 32, "cuda_conv_grouped" }, { 20, 40, 20, "cuda_conv_grouped" }, { 60, 60, 4, "cuda_conv_grouped" },
    { 64, 64, 4, "cuda_conv" },          { 34, 34, 2, "cuda_conv" },          { 3, 5, 1, "cuda_conv" },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      struct graph *g = grouped (cases[i].in, cases[i].out, cases[i].groups);
      planned_for_cuda (g, PRECISION_FP32);
      ck_assert_str_eq (g->nodes[1].kernel->stem, cases[i].stem);
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
      ck_assert_int_eq (g->tensors[0].layout, mma ? LAYOUT_CHANNELS_4 : LAYOUT_CHANNELS_LAST);
      ck_assert_str_eq (g->nodes[1].kernel->stem, mma ? "cuda_conv_mma" : "cuda_conv");
      ck_assert (g->tensors[g->nodes[g->node_count - 1].in[0]].wide);
      check_plan (g);
      check_packed (g);
    }
}
END_TEST

START_TEST (packing_input)
{
  struct graph *g = planned (from_options ("network: resnet3d\nnum-classes: 2\ninput-size: [8, 8, 8, 3]\n"
                                           "stack-depth: [1]\nnum-filters: [4]\nnormalization: zscore\n", 1));
  int64_t floats = pack_plan (g);
  float *data = pack_weights (g, floats);
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
  static const char *const others[] = { "name: other\n", "batch: 2\n", "norm-layer: instance-norm\n",
                                        "initial-num-filters: 17\n", "initial-filter-size: 5\n",
                                        "zero-init-residual: true\n" };
  uint64_t h = hash_of (GROUPED, 1);
  ck_assert_uint_eq (h, hash_of (GROUPED, 1));
  ck_assert_uint_eq (h, hash_of (GROUPED, 2)); /* other values, the same layout */
  for (size_t i = 0; i < COUNT (others); i++)
    ck_assert_msg ((hash_of (mem_printf ("%s%s", GROUPED, others[i]), 1) == h) == (i == 5), "%s", others[i]);
}
END_TEST

TCase *
passes_planning (void)
{
  const TTest *const tests[] = { input_layout, padding_is_passed_over, kernels_are_shared, kernel_names_differ, packing_groups,
                                 groups_sharing_blocks, cuda_groups, packing_input, layout_hash };
  TCase *c = tcase_create ("planning");
  tcase_set_timeout (c, 60);
  for (size_t i = 0; i < COUNT (tests); i++)
    tcase_add_test (c, tests[i]);
  tcase_add_loop_test (c, cuda_residual_networks, 0, 4);
  tcase_add_loop_test (c, halos, 0, 50);
  tcase_add_loop_test (c, memory_of_random_networks, 0, 50);
  tcase_add_loop_test (c, memory_of_resnets, 0, 3);
  tcase_add_loop_test (c, packing_random_networks, 0, 50);
  tcase_add_loop_test (c, cuda_random_networks, 0, 50);
  return c;
}
