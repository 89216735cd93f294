/* The passes that change the graph, each alone on small graphs: what they make of it, and that the network still
 * computes the same. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "generate/generate.h"
#include "graph/shape.h"
#include "passes/dead_taps.h"
#include "passes/fold_bn.h"
#include "passes/fuse.h"
#include "reference/reference.h"
#include "small_graph.h"
#include "test_passes.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* G with random parameters through PASS: same outputs. */
static void
apply (struct graph *g, void (*pass) (struct graph *))
{
  double *before = small_run (g, 1);
  pass (g);
  graph_check (g);
  small_same (g, before, small_run (g, 1));
}

/* End at X, random parameters, PASS. */
static struct graph *
finish (struct graph *g, int x, void (*pass) (struct graph *))
{
  build_output (g, x);
  small_params (g, 7);
  apply (g, pass);
  return g;
}

static void
fold_and_fuse (struct graph *g)
{
  fold_bn (g);
  fuse (g);
}

/* Names of what each node computes, but for input and output. */
static void
check_covers (const struct graph *g, const char *want)
{
  struct text t = { 0 };
  for (int i = 1; i + 1 < g->node_count; i++)
    text_printf (&t, "%s%s %s", i > 1 ? ", " : "", node_op_name (&g->nodes[i]), g->nodes[i].covers);
  ck_assert_str_eq (t.s ? t.s : "", want);
}

/* ---- dead taps ---- */

START_TEST (dead_taps_by_axis)
{
  static const struct
  {
    int64_t in, kernel, stride, dilation, lo, hi; /* given */
    int64_t first, left, new_lo, new_hi;
  } cases[] = {
    { 1, 3, 1, 1, 1, 1, 1, 1, 0, 0 },  { 1, 7, 2, 1, 3, 3, 3, 1, 0, 0 },   { 2, 3, 2, 1, 1, 1, 1, 2, 0, 1 },
    { 2, 3, 1, 1, 1, 1, 0, 3, 1, 1 },  { 2, 7, 1, 1, 3, 3, 2, 3, 1, 1 },   { 4, 3, 1, 4, 4, 4, 1, 1, 0, 0 },
    { 5, 3, 1, 4, 4, 4, 0, 3, 4, 4 },  { 3, 4, 3, 1, 0, 1, 0, 3, 0, 0 },   { 3, 5, 3, 1, 4, 0, 4, 1, 0, 0 },
    { 3, 1, 1, 1, 0, 0, 0, 1, 0, 0 },  { 1, 2, 1, 1, 0, 1, 0, 1, 0, 0 },   { 1, 2, 1, 1, 1, 0, 1, 1, 0, 0 },
    { 6, 2, 3, 5, 2, 2, 0, 2, 2, 2 },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    for (int axis = 0; axis < AXES; axis++)
      {
        int64_t dim[AXES] = { 3, 3, 3 };
        dim[axis] = cases[i].in;
        struct graph *g = small_graph (1, 3, 2, dim[0], dim[1], dim[2]);
        struct conv_spec c = { .filters = 3, .kernel = { 1, 1, 1 }, .stride = { 1, 1, 1 }, .bias = true };
        c.kernel[axis] = cases[i].kernel;
        c.stride[axis] = cases[i].stride;
        c.dilation[axis] = cases[i].dilation;
        c.pad_lo[axis] = cases[i].lo;
        c.pad_hi[axis] = cases[i].hi;
        finish (g, small_conv (g, 0, c), dead_taps);
        const struct node *n = &g->nodes[1];
        ck_assert_msg (n->win.kernel[axis] == cases[i].left && n->first_tap[axis] == cases[i].first
                         && n->win.pad_lo[axis] == cases[i].new_lo && n->win.pad_hi[axis] == cases[i].new_hi,
                       "case %zu: first %d, %d left, padding %d, %d", i, (int) n->first_tap[axis],
                       (int) n->win.kernel[axis], (int) n->win.pad_lo[axis], (int) n->win.pad_hi[axis]);
      }
}
END_TEST

/* A map one deep: 3x3x3 is 1x3x3, and on one pixel 1x1x1; the weights keep all their taps. */
START_TEST (dead_taps_flat)
{
  struct graph *g = small_graph (2, 3, 5, 1, 6, 7);
  finish (g, small_conv (g, 0, small_spec (4, 3, 1, true)), dead_taps);
  const struct node *n = &g->nodes[1];
  ck_assert (n->win.kernel[0] == 1 && n->win.kernel[1] == 3 && n->win.kernel[2] == 3 && n->first_tap[0] == 1);
  ck_assert_int_eq (n->weight->shape[2], 3);
  g = small_graph (2, 3, 5, 1, 1, 1);
  struct conv_spec c = small_spec (4, 3, 1, true);
  c.groups = 1;
  c.dilation[1] = c.dilation[2] = 2;
  finish (g, small_conv (g, 0, c), dead_taps);
  n = &g->nodes[1];
  ck_assert (n->win.kernel[0] == 1 && n->win.kernel[1] == 1 && n->win.kernel[2] == 1);
  ck_assert (n->first_tap[0] == 1 && n->first_tap[1] == 1 && n->first_tap[2] == 1);
  struct reference_params p = reference_params_of (g, n);
  for (size_t i = 0; i < 20; i++) /* the middle of 27 */
    ck_assert_double_eq (p.weight[i], weight_at (n->weight->value, 27 * i + 13));
  reference_params_free (&p);
}
END_TEST

/* ---- batch normalisation ---- */

START_TEST (fold_into_conv)
{
  for (int bias = 0; bias < 2; bias++)
    {
      struct graph *g = small_graph (2, 2, 3, 1, 5, 4);
      struct conv_spec c = small_spec (6, 3, 1, false);
      c.bias = bias;
      finish (g, small_bn (g, small_bn (g, small_conv (g, 0, c))), fold_bn);
      check_covers (g, "conv conv1+bn2+bn3");
      ck_assert (g->nodes[1].ep.scale && g->nodes[1].ep.bias && !g->nodes[1].bias);
    }
}
END_TEST

START_TEST (fold_around_add)
{
  struct graph *g = small_graph (1, 2, 3, 1, 5, 4); /* before the addition, into both branches */
  int a = small_bn (g, small_conv (g, 0, small_spec (4, 3, 1, false)));
  int b = small_bn (g, small_conv (g, 0, small_spec (4, 1, 1, false)));
  finish (g, small_add (g, a, b), fold_bn);
  check_covers (g, "conv conv1+bn2, conv conv3+bn4, add add5");
  g = small_graph (1, 2, 3, 1, 5, 4); /* behind it */
  a = small_conv (g, 0, small_spec (4, 3, 1, false));
  b = small_conv (g, 0, small_spec (4, 1, 1, false));
  finish (g, small_relu (g, small_bn (g, small_add (g, a, b))), fold_bn);
  check_covers (g, "conv conv1, conv conv2, add add3+bn4, relu relu5");
  ck_assert (g->nodes[3].ep.scale && g->nodes[3].ep.bias);
}
END_TEST

START_TEST (fold_elsewhere)
{
  struct graph *g = small_graph (1, 2, 3, 1, 5, 4);
  int x = small_bn (g, 0), y = small_bn (g, small_relu (g, x)); /* neither input nor relu take a factor */
  finish (g, small_bn (g, y), fold_bn);
  check_covers (g, "identity bn1, relu relu2, identity bn3+bn4");
  g = small_graph (1, 2, 3, 1, 5, 4); /* the convolution has another reader */
  x = small_conv (g, 0, small_spec (4, 3, 1, false));
  finish (g, small_add (g, small_bn (g, x), x), fold_bn);
  check_covers (g, "conv conv1, identity bn2, add add3");
  ck_assert (!g->nodes[1].ep.scale && g->nodes[2].ep.scale);
  g = small_graph (1, 2, 3, 1, 5, 4); /* two normalisations of one convolution */
  x = small_conv (g, 0, small_spec (4, 3, 1, false));
  finish (g, small_add (g, small_bn (g, x), small_bn (g, x)), fold_bn);
  check_covers (g, "conv conv1, identity bn2, identity bn3, add add4");
  g = small_graph (1, 2, 3, 1, 5, 4); /* a second reader of the normalisation itself does no harm */
  x = small_bn (g, small_conv (g, 0, small_spec (4, 3, 1, false)));
  finish (g, small_add (g, small_relu (g, x), x), fold_bn);
  check_covers (g, "conv conv1+bn2, relu relu3, add add4");
  g = small_graph (2, 2, 3, 1, 5, 4);
  x = build_linear (g, "fc", 0, 7, WEIGHT_INIT_HE, (struct loc){ 0 });
  finish (g, small_bn (g, x), fold_bn);
  check_covers (g, "linear fc+bn2");
}
END_TEST

/* ---- fusion ---- */

START_TEST (fuse_block)
{
  struct graph *g = small_graph (2, 2, 4, 1, 5, 6);
  int x = small_relu (g, small_bn (g, small_conv (g, 0, small_spec (4, 3, 1, false))));
  int y = small_bn (g, small_conv (g, x, small_spec (4, 3, 1, false)));
  finish (g, small_relu (g, small_bn (g, small_add (g, y, x))), fold_and_fuse);
  check_covers (g, "conv conv1+bn2+relu3, conv conv4+bn5+add6+bn7+relu8");
  const struct node *n = &g->nodes[2];
  ck_assert (n->ep.residual == g->nodes[1].out && n->ep.residual_scale && n->ep.act.id == ACT_RELU && n->nin == 1);
}
END_TEST

/* Of two convolutions the later one takes the other as its residual, whichever way the sum is written. */
START_TEST (fuse_residual_order)
{
  for (int swap = 0; swap < 2; swap++)
    {
      struct graph *g = small_graph (1, 2, 3, 1, 5, 6);
      int a = small_conv (g, 0, small_spec (4, 3, 1, false)), b = small_conv (g, 0, small_spec (4, 1, 1, false));
      finish (g, swap ? small_add (g, b, a) : small_add (g, a, b), fuse);
      check_covers (g, "conv conv1, conv conv2+add3");
      ck_assert_int_eq (g->nodes[2].ep.residual, g->nodes[1].out);
    }
  /* the other one stands behind: an addition of its own */
  struct graph *g = small_graph (1, 2, 3, 1, 5, 6);
  int a = small_conv (g, 0, small_spec (3, 3, 1, false)), b = small_relu (g, 0);
  finish (g, small_add (g, a, b), fuse);
  check_covers (g, "conv conv1, identity relu2, add add3");
}
END_TEST

START_TEST (fuse_not)
{
  struct graph *g = small_graph (1, 2, 4, 1, 5, 6); /* the convolution is read twice */
  int x = small_conv (g, 0, small_spec (4, 3, 1, false));
  finish (g, small_add (g, small_add (g, x, 0), x), fuse);
  check_covers (g, "conv conv1, add add2, add add3");
  g = small_graph (1, 2, 4, 1, 5, 6); /* its activation comes before the sum */
  x = small_relu (g, small_conv (g, 0, small_spec (4, 3, 1, false)));
  finish (g, small_relu (g, small_add (g, x, 0)), fuse);
  check_covers (g, "conv conv1+relu2, add add3+relu4");
  g = small_graph (1, 2, 4, 1, 5, 6); /* one residual is all it takes */
  x = small_conv (g, 0, small_spec (4, 3, 1, false));
  finish (g, small_add (g, small_add (g, x, 0), 0), fuse);
  check_covers (g, "conv conv1+add2, add add3");
  g = small_graph (1, 2, 4, 1, 5, 6); /* the same tensor twice */
  x = small_conv (g, 0, small_spec (4, 3, 1, false));
  finish (g, small_add (g, x, x), fuse);
  check_covers (g, "conv conv1, add add2");
  g = small_graph (1, 2, 4, 1, 5, 6); /* relu and what it reads are both read */
  x = small_conv (g, 0, small_spec (4, 3, 1, false));
  finish (g, small_add (g, small_relu (g, x), x), fuse);
  check_covers (g, "conv conv1, identity relu2, add add3");
  g = small_graph (1, 2, 4, 1, 5, 6); /* pools and subsampling have no epilogue */
  x = small_subsample (g, small_relu (g, 0), 9, 1, 2);
  finish (g, small_relu (g, small_relu (g, x)), fuse);
  check_covers (g, "identity relu1, subsample subsample2, identity relu3, identity relu4");
}
END_TEST

START_TEST (fuse_activations)
{
  struct graph *g = small_graph (1, 2, 4, 1, 5, 6); /* several readers of the relu */
  int x = small_relu (g, small_conv (g, 0, small_spec (4, 3, 1, false)));
  finish (g, small_add (g, small_conv (g, x, small_spec (4, 3, 1, false)), x), fuse);
  check_covers (g, "conv conv1+relu2, conv conv3+add4");
  for (int same = 0; same < 2; same++)
    {
      g = small_graph (1, 2, 4, 1, 5, 6);
      x = small_prelu (g, small_conv (g, 0, small_spec (4, 3, 1, false)), same);
      x = small_prelu (g, small_norm (g, x, 2, true), !same);
      finish (g, x, fuse);
      check_covers (g, "conv conv1+prelu2, group-norm norm3+prelu4");
      for (int i = 1; same && i < 4; i++)
        ck_assert_double_eq (g->nodes[1].ep.slope[i], g->nodes[1].ep.slope[0]);
    }
  g = small_graph (1, 2, 4, 1, 5, 6); /* affine, relu, affine: nothing may be exchanged */
  x = small_bn (g, small_relu (g, small_bn (g, 0)));
  finish (g, small_relu (g, small_bn (g, small_relu (g, x))), fold_and_fuse);
  check_covers (g, "identity bn1+relu2, identity bn3+relu4, identity bn5+relu6");
}
END_TEST

/* A convolution of the input's planes takes the max pool behind it. */
static struct graph *
stem (int64_t c, bool max, char behind)
{
  struct graph *g = small_graph (1, 2, c, 1, 9, 7);
  int other = small_conv (g, 0, small_spec (6, 1, 2, false));
  int x = small_conv (g, 0, small_spec (6, 3, 1, false)), conv = x;
  struct window w = shape_window ((int64_t[]){ 1, 3, 3 }, (int64_t[]){ 1, 2, 2 });
  w.pad_lo[1] = w.pad_lo[2] = w.pad_hi[1] = w.pad_hi[2] = 1;
  x = small_pool (g, behind == 'r' ? small_relu (g, x) : x, max, w, true);
  if (behind == '2')
    small_bn (g, conv);
  if (behind == 'm')
    x = small_pool (g, x, true, w, true);
  if (behind == 'a')
    x = small_relu (g, small_add (g, x, other));
  if (behind == 'p')
    x = small_prelu (g, x, false);
  return finish (g, x, fuse);
}

/* 7x7 or 7x7x7 with stride 2, and a max pool. */
static struct graph *
large_stem (bool deep, bool exact)
{
  struct graph *g = small_graph (1, deep ? 3 : 2, 3, deep ? 16 : 1, 32, 32);
  g->exact = exact;
  int x = small_relu (g, small_conv (g, 0, small_spec (16, 7, 2, deep)));
  return finish (g, small_pool (g, x, true, shape_window ((int64_t[]){ 1, 2, 2 }, (int64_t[]){ 1, 2, 2 }), true), fuse);
}

START_TEST (fuse_stem)
{
  check_covers (stem (8, true, 'r'), "conv conv1, conv conv2+relu3+pool4");
  check_covers (stem (8, false, 'r'), "conv conv1, conv conv2+relu3, average-pool pool4");
  check_covers (stem (9, true, 'r'), "conv conv1, conv conv2+relu3, max-pool pool4");
  check_covers (stem (8, true, '2'), "conv conv1, conv conv2, max-pool pool3, batch-norm bn4");
  /* neither a sum nor a slope may move in front of the pool, nor is there room for another */
  check_covers (stem (8, true, 'a'), "conv conv1, conv conv2+pool3, add add4+relu5");
  check_covers (stem (8, true, 'p'), "conv conv1, conv conv2+pool3, identity prelu4");
  check_covers (stem (8, true, 'm'), "conv conv1, conv conv2+pool3, max-pool pool4");
  /* in 3-D Winograd is better, and has no pool */
  check_covers (large_stem (false, false), "conv conv1+relu2+pool3");
  check_covers (large_stem (true, false), "conv conv1+relu2, max-pool pool3");
  check_covers (large_stem (true, true), "conv conv1+relu2+pool3");
}
END_TEST

/* All three passes on random networks. */
START_TEST (random_networks)
{
  struct graph *g = small_random ((uint64_t) _i, 8 + _i % 12);
  double *before = small_run (g, 3);
  static void (*const passes[]) (struct graph *) = { dead_taps, fold_bn, fuse };
  int nodes = g->node_count;
  for (size_t i = 0; i < COUNT (passes); i++)
    {
      double *kept = NEW_ARRAY (16, double);
      int64_t count = g->batch * 5;
      passes[i](g);
      double *after = small_run (g, 3);
      memcpy (kept, after, (size_t) count * sizeof *kept);
      small_same (g, before, after);
      before = malloc ((size_t) count * sizeof *before);
      ck_assert_ptr_nonnull (before);
      memcpy (before, kept, (size_t) count * sizeof *before);
    }
  free (before);
  ck_assert_int_le (g->node_count, nodes);
}
END_TEST

Suite *passes_suite (void);

Suite *
passes_suite (void)
{
  const TTest *const tests[] = { dead_taps_by_axis, dead_taps_flat, fold_into_conv, fold_around_add, fold_elsewhere,
                                 fuse_block, fuse_residual_order, fuse_not, fuse_activations,
                                 fuse_stem };
  Suite *s = suite_create ("passes");
  TCase *c = tcase_create ("rewriting");
  tcase_set_timeout (c, 60);
  for (size_t i = 0; i < COUNT (tests); i++)
    tcase_add_test (c, tests[i]);
  tcase_add_loop_test (c, random_networks, 0, 100);
  suite_add_tcase (s, c);
  suite_add_tcase (s, passes_planning ());
  suite_add_tcase (s, passes_packing ());
  return s;
}
