/* The passes that decide: layouts, halos and kernels, places in memory, packed weights. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/orders.h"
#include "../runtime/rescast.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "frontend/frontend.h"
#include "graph/channels.h"
#include "pack/pack.h"
#include "small_graph.h"
#include "test_passes.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

struct graph *
planned (struct graph *g)
{
  run_passes (g, targets_parse (g->precision == PRECISION_BF16 ? "c:bf16" : "c"), false);
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
      ck_assert_int_eq (g->tensors[0].format.layout, i ? LAYOUT_BLOCKED : LAYOUT_PLANAR);
      ck_assert_ptr_eq (g->nodes[1].kernel->order,
                        i == 0 ? &cpu_planar_order : i == 2 ? &cpu_grouped_order : &cpu_blocked_order);
      ck_assert_int_eq (g->tensors[g->nodes[1].out].format.layout, LAYOUT_BLOCKED);
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
      ck_assert_ptr_eq (g->nodes[1].kernel->family, &cpu_conv_direct_family);
      ck_assert_double_eq_tol (g->nodes[1].kernel->executed_macs, macs_inside (g, &g->nodes[1]), 0.5);
      ck_assert_double_lt (g->nodes[1].kernel->executed_macs, g->nodes[1].macs);
    }
}
END_TEST

/* A tile without loops takes them all. */
START_TEST (padding_is_taken_without_loops)
{
  struct graph *g = small_graph (1, 3, 32, 5, 9, 24);
  build_output (g, small_conv (g, 0, small_spec (48, 3, 2, true)));
  small_params (g, 1);
  g->exact = true;
  g->unroll_least = 3;
  planned (g);
  ck_assert_ptr_eq (g->nodes[1].kernel->family, &cpu_conv_direct_family);
  ck_assert_double_eq_tol (kernel_executed_macs (g->nodes[1].kernel),
                           (double) shape_count (&g->tensors[1].shape) * 32 * 27, 0.5);
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
      ck_assert_int_ge (first, -in->format.halo_lo[a]);
      ck_assert_int_lt (last, in->shape.dim[a] + in->format.halo_hi[a]);
    }
}

START_TEST (halos)
{
  struct graph *g = planned (small_random ((uint64_t) _i, 16));
  for (int i = 0; i < g->node_count; i++)
    {
      check_halo (g, &g->nodes[i]);
      for (int a = 0; a < AXES; a++)
        ck_assert (g->tensors[i].format.halo_lo[a] >= 0 && g->tensors[i].format.halo_hi[a] >= 0);
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

/* Is tensor T a sum that its kernel makes where the residual lies, which is U and read by nobody afterwards? */
static bool
is_sum_over (const struct graph *g, int t, int u)
{
  const struct node *n = graph_producer (g, t);
  return n->kernel->adds_in_place && n->ep.residual == u && last_reader (g, u) == g->tensors[t].producer
         && g->tensors[u].offset == g->tensors[t].offset;
}

static void
check_place (const struct graph *g, int t)
{
  const struct tensor *a = &g->tensors[t];
  int64_t elements = round_up (a->shape.c, a->format.block), width = element_bytes (a->format.element);
  for (int axis = 0; axis < AXES; axis++)
    elements *= a->shape.dim[axis] + a->format.halo_lo[axis] + a->format.halo_hi[axis];
  size_t alignment = (size_t) backend_of (g)->alignment;
  ck_assert_uint_eq (a->bytes, (size_t) round_up (elements * g->batch * width, (int64_t) alignment));
  ck_assert (a->offset % alignment == 0 && a->offset + a->bytes <= g->arena_bytes);
  ck_assert (a->first == a->producer && a->last == last_reader (g, t));
  for (int u = 0; u < t; u++)
    {
      const struct tensor *b = &g->tensors[u];
      if (b->producer <= last_reader (g, t) && a->producer <= last_reader (g, u) && !is_sum_over (g, t, u)
          && !is_sum_over (g, u, t))
        ck_assert_msg (apart (a->offset, a->bytes, b->offset, b->bytes), "%s and %s overlap", a->name, b->name);
    }
}

void
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

struct graph *
from_options (const char *text, uint64_t seed)
{
  struct graph *g = source_build (source_parse ("f.yaml", text));
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
  struct graph *g = from_options (texts[_i / 2], 1);
  int in_place = 0;
  g->precision = _i % 2 ? PRECISION_BF16 : PRECISION_FP32;
  check_plan (planned (g));
  /* a chain with shortcuts packs to within a quarter of what is needed at once */
  ck_assert_uint_le (g->arena_bytes, g->arena_bound + g->arena_bound / 4);
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].ep.residual >= 0)
      in_place += is_sum_over (g, g->nodes[i].out, g->nodes[i].ep.residual);
  ck_assert_msg (_i % 2 ? in_place > 0 : in_place == 0, "%d residuals are added in place", in_place);
}
END_TEST

/* A residual that a later layer reads too stays what it is. */
START_TEST (residuals_read_later)
{
  struct graph *g = from_options ("network: sequence\nname: f\ninput-size: [4, 8, 8]\nlayers:\n"
                                  "- {type: conv, name: a, filters: 32, kernel-size: 1}\n"
                                  "- {type: conv, name: b, filters: 32, kernel-size: 1}\n"
                                  "- {type: add, name: c, input: [a, b]}\n"
                                  "- {type: conv, name: d, filters: 32, kernel-size: 1}\n"
                                  "- {type: add, name: e, input: [a, d]}\n", 1);
  g->precision = PRECISION_BF16;
  check_plan (planned (g));
  int sums = 0, in_place = 0;
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].ep.residual >= 0)
      {
        sums++;
        in_place += is_sum_over (g, g->nodes[i].out, g->nodes[i].ep.residual);
      }
  ck_assert_int_eq (sums, 2);
  ck_assert_int_eq (in_place, 1);
}
END_TEST

static const struct node *
node_of (const struct graph *g, const char *name)
{
  for (int i = 0; i < g->node_count; i++)
    if (!strcmp (g->tensors[g->nodes[i].out].name, name))
      return &g->nodes[i];
  ck_abort_msg ("no layer gives %s", name);
}

/* A dense block's concatenations are parts of its last one; what fills no blocks, or has two places, is copied, and so
 * is all of a batch. */
START_TEST (channels_in_their_places)
{
  const int batch = 1 + _i / 2;
  struct graph *g = from_options (mem_printf ("network: sequence\nname: f\nbatch: %d\ninput-size: [32, 8, 8]\nlayers:\n"
                                              "- {type: conv, name: a, filters: 64, kernel-size: 1}\n"
                                              "- {type: conv, name: b, filters: 32, kernel-size: 1}\n"
                                              "- {type: concat, name: c, input: [a, b]}\n"
                                              "- {type: conv, name: d, filters: 32, kernel-size: 3, padding: 1}\n"
                                              "- {type: concat, name: e, input: [a, b, d]}\n"
                                              "- {type: slice, name: f, start: 32, end: 96}\n"
                                              "- {type: conv, name: g, filters: 7, kernel-size: 3, padding: 1}\n"
                                              "- {type: conv, name: k, filters: 9, kernel-size: 1, input: e}\n"
                                              "- {type: concat, name: h, input: [g, e, k]}\n"
                                              "- {type: conv, name: i, filters: 3, kernel-size: 1}\n", batch), 1);
  g->precision = _i % 2 ? PRECISION_BF16 : PRECISION_FP32;
  planned (g);
  const char *const names[] = { "c", "e", "f" };
  for (size_t i = 0; i < COUNT (names); i++)
    ck_assert_int_eq (channels_in_place (g, node_of (g, names[i])), batch == 1);
  ck_assert (!channels_in_place (g, node_of (g, batch == 1 ? "h.at0" : "h.1")));
  const struct tensor *a = &g->tensors[node_of (g, "a")->out], *b = &g->tensors[node_of (g, "b")->out];
  const struct tensor *e = &g->tensors[node_of (g, "e")->out], *f = &g->tensors[node_of (g, "f")->out];
  ck_assert_int_eq (a->offset == e->offset && b->offset == a->offset + a->bytes, batch == 1);
  ck_assert_int_eq (f->offset == a->offset + a->bytes / 2, batch == 1);
}
END_TEST

TCase *
passes_planning (void)
{
  const TTest *const tests[] = { input_layout, padding_is_passed_over, padding_is_taken_without_loops, kernels_are_shared,
                                 kernel_names_differ, residuals_read_later };
  TCase *c = tcase_create ("planning");
  tcase_set_timeout (c, 60);
  for (size_t i = 0; i < COUNT (tests); i++)
    tcase_add_test (c, tests[i]);
  tcase_add_loop_test (c, channels_in_their_places, 0, 4);
  tcase_add_loop_test (c, halos, 0, 50);
  tcase_add_loop_test (c, memory_of_random_networks, 0, 50);
  tcase_add_loop_test (c, memory_of_resnets, 0, 6);
  return c;
}
