/* Builders and extents: the sources' published counts, shapes on odd sizes, and He's notation printed and read back.
 * Nothing here needs weights. */
#include <check.h>
#include <jansson.h>
#include <string.h>

#include "folder.h"
#include "graph/shape.h"
#include "frontend/build.h"
#include "frontend/frontend.h"
#include "show/summary.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define R3D "network: resnet3d\nnum-classes: 10\n"
#define BIG R3D "input-size: [224, 224, 64, 3]\n"

static struct graph *
graph_of (const char *text)
{
  struct graph *g = source_build (source_parse ("f.yaml", text));
  graph_check (g);
  return g;
}

static const struct node *
find (const struct graph *g, const char *name)
{
  for (int i = 0; i < g->node_count; i++)
    if (!strcmp (g->nodes[i].name, name))
      return &g->nodes[i];
  ck_abort_msg ("no layer %s", name);
  return NULL;
}

/* Layer NAME's output as summary shows it. */
static void
check_shape (const struct graph *g, const char *name, const char *shape)
{
  ck_assert_str_eq (shape_text (&g->tensors[find (g, name)->out].shape), shape);
}

static void
print_summary (void *graph)
{
  const struct summary s = { .layers = graph, .planned = graph, .weights_bytes = 64, .network = "resnet3d" };
  summary_print (&s, SUMMARY_JSON);
}

static void
print_table (void *graph)
{
  summary_table (graph);
}

static json_t *
summary_of (struct graph *g)
{
  json_error_t error;
  struct child c = child_run (print_summary, g);
  json_t *j = json_loads (c.out, 0, &error);
  ck_assert_msg (c.status == 0 && j, "%s: %s", error.text, c.out);
  return j;
}

static int
number (const json_t *j, const char *key)
{
  const json_t *v = json_object_get (j, key);
  ck_assert_msg (json_is_integer (v), "no number %s", key);
  return (int) json_integer_value (v);
}

/* What MATLAB's documentation says; 0: it doesn't. */
static const struct
{
  const char *text;
  int depth, layers, connections, learnables, states, graph_layers, graph_connections;
} matlab[] = {
  { BIG, 50, 176, 191, 214, 106, 177, 192 },
  { BIG "bottleneck-type: none\n", 34, 0, 0, 0, 0, 0, 0 },
  { BIG "stack-depth: [3, 4, 23, 3]\n", 101, 346, 378, 418, 208, 0, 0 },
  { BIG "stack-depth: [2, 2]\nnum-filters: [64, 128]\n", 14, 0, 0, 0, 0, 0, 0 },
  { BIG "bottleneck-type: none\nstack-depth: [2, 2, 2]\nnum-filters: [64, 128, 256]\n", 14, 0, 0, 0, 0, 0, 0 },
  { BIG "stack-depth: [9, 12, 69, 9]\n", 299, 0, 0, 0, 0, 0, 0 },
  { "network: resnet2d\nnum-classes: 10\ninput-size: [224, 224, 3]\n", 50, 176, 191, 214, 106, 177, 192 },
};

START_TEST (matlab_counts)
{
  struct graph *g = graph_of (matlab[_i].text);
  json_t *j = summary_of (g), *m = json_object_get (j, "matlab");
  ck_assert_int_eq (g->depth, matlab[_i].depth);
  ck_assert_int_eq (number (j, "depth"), matlab[_i].depth);
  ck_assert_int_eq (number (m, "layer_graph_layers"), number (m, "layers") + 1);
  if (matlab[_i].layers)
    {
      ck_assert_int_eq (number (m, "layers"), matlab[_i].layers);
      ck_assert_int_eq (number (m, "connections"), matlab[_i].connections);
      ck_assert_int_eq (number (m, "learnables"), matlab[_i].learnables);
      ck_assert_int_eq (number (m, "states"), matlab[_i].states);
    }
  if (matlab[_i].graph_layers)
    ck_assert_int_eq (number (m, "layer_graph_connections"), matlab[_i].graph_connections);
  json_decref (j);
}
END_TEST

/* Parameters as torchvision's documentation lists them, multiply-adds in 10^6 (its "GFLOPS"). */
static const struct
{
  const char *arch, *rest;
  double parameters, macs;
} torchvision[] = {
  { "resnet18", "", 11689512, 1814 },
  { "resnet34", "", 21797672, 3664 },
  { "resnet50", "", 25557032, 4089 },
  { "resnet101", "", 44549160, 7801 },
  { "resnet152", "", 60192808, 11514 },
  { "resnext50_32x4d", "", 25028904, 4230 },
  { "resnext101_32x8d", "", 88791336, 16414 },
  { "resnext101_64x4d", "", 83455272, 15460 },
  { "wide_resnet50_2", "", 68883240, 11398 },
  { "wide_resnet101_2", "", 126886696, 22753 },
  /* without the 2 · 4800 factors of the normalisations */
  { "resnet18", "norm-layer: none\n", 11679912, 1814 },
  { "resnet18", "norm-layer: instance-norm\n", 11679912, 1814 },
  { "resnet18", "norm-layer: frozen-batch-norm\n", 11679912, 1814 },
  { "resnet18", "norm-layer: group-norm 32\n", 11689512, 1814 },
};

static void
totals (const struct graph *g, double *parameters, double *macs)
{
  *parameters = *macs = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      *parameters += (double) summary_parameters (&g->nodes[i]);
      *macs += g->nodes[i].macs;
    }
}

START_TEST (torchvision_counts)
{
  struct graph *g = graph_of (mem_printf ("network: resnet\narch: %s\n%s", torchvision[_i].arch, torchvision[_i].rest));
  double parameters, macs;
  totals (g, &parameters, &macs);
  ck_assert_double_eq (parameters, torchvision[_i].parameters);
  ck_assert_msg (macs / 1e6 > torchvision[_i].macs - 1 && macs / 1e6 < torchvision[_i].macs + 1, "%f", macs);
  check_shape (g, "conv1", "64 x 112 x 112");
  check_shape (g, "maxpool", "64 x 56 x 56");
  check_shape (g, "avgpool", mem_printf ("%d", _i < 2 || _i > 9 ? 512 : 2048));
  check_shape (g, "output", "1000");
}
END_TEST

/* The two columns of He's table that are written out there, with the outputs' sizes. */
START_TEST (he_tables)
{
  static const struct
  {
    const char *stages;
    double parameters, gmacs;
    int depth;
  } tables[] = {
    { "  - '[[3x3,64][3x3,64]]x3'\n  - '[[3x3,128][3x3,128]]x4'\n  - '[[3x3,256][3x3,256]]x6'\n"
      "  - '[[3x3,512][3x3,512]]x3'\n", 21797672, 3.6, 34 },
    { "  - '[[1x1,64][3x3,64][1x1,256]]x3'\n  - '[[1x1,128][3x3,128][1x1,512]]x4'\n"
      "  - '[[1x1,256][3x3,256][1x1,1024]]x6'\n  - '[[1x1,512][3x3,512][1x1,2048]]x3'\n", 25557032, 3.8, 50 },
  };
  static const char *const ends[] = { "conv2_3.relu", "conv3_4.relu", "conv4_6.relu", "conv5_3.relu" };
  for (size_t k = 0; k < COUNT (tables); k++)
    {
      double parameters, macs;
      struct graph *g
          = graph_of (mem_printf ("network: table\ninput-size: [3, 224, 224]\nnum-classes: 1000\nstages:\n"
                                  "  - 7x7, 64, stride 2\n  - 3x3 max pool, stride 2\n%s"
                                  "  - average pool, 1000-d fc, softmax\n", tables[k].stages));
      totals (g, &parameters, &macs);
      ck_assert_double_eq (parameters, tables[k].parameters);
      ck_assert_double_eq_tol (macs / 1e9, tables[k].gmacs, 0.07);
      ck_assert_int_eq (g->depth, tables[k].depth);
      check_shape (g, "conv1.conv", "64 x 112 x 112");
      for (int i = 0; i < 4; i++)
        check_shape (g, ends[i], mem_printf ("%d x %d x %d", (k ? 256 : 64) << i, 56 >> i, 56 >> i));
    }
}
END_TEST

/* MATLAB's [29 31 17]: 17 deep, 29 high, 31 wide. */
START_TEST (resnet3d_odd_sizes)
{
  struct graph *g = graph_of (R3D "input-size: [29, 31, 17, 2]\nstack-depth: [1, 2]\nnum-filters: [4, 6]\n"
                                  "initial-num-filters: 5\n");
  check_shape (g, "input", "2 x 17 x 29 x 31");
  check_shape (g, "conv1", "5 x 9 x 15 x 16");
  check_shape (g, "maxpool1", "5 x 5 x 8 x 8");
  check_shape (g, "stack1_block1_skip_conv", "16 x 5 x 8 x 8");
  check_shape (g, "stack2_block1_conv1", "6 x 3 x 4 x 4");
  check_shape (g, "stack2_block2_relu3", "24 x 3 x 4 x 4");
  check_shape (g, "gap", "24");
  check_shape (g, "softmax", "10");
  const struct window *w = &find (g, "conv1")->win; /* (9 - 1) · 2 + 7 - 17 = 6 and so on; 31 wide: 6 */
  ck_assert (w->pad_lo[0] == 3 && w->pad_hi[0] == 3 && w->pad_lo[2] == 3 && w->pad_hi[2] == 3);
  w = &find (g, "maxpool1")->win; /* 16 wide: (8 - 1) · 2 + 3 - 16 = 1, behind */
  ck_assert (w->pad_lo[2] == 0 && w->pad_hi[2] == 1 && w->pad_lo[0] == 1 && w->pad_hi[0] == 1);
  g = graph_of ("network: resnet2d\nnum-classes: 3\ninput-size: [13, 7]\ninitial-filter-size: [1, 4]\n"
                "initial-stride: [3, 1]\nstack-depth: [1]\nnum-filters: [4]\ninitial-pooling-layer: average\n");
  check_shape (g, "conv1", "64 x 5 x 7");
  check_shape (g, "avgpool1", "64 x 3 x 4");
}
END_TEST

/* batchnorm-after-add: conv, add, bn, relu; no skip_bn. Otherwise conv, bn, add, relu. */
START_TEST (residual_block_types)
{
  const char *text = R3D "input-size: [32, 32, 32]\nstack-depth: [2, 1]\nnum-filters: [16, 8]\n";
  struct graph *before = graph_of (text);
  struct graph *after = graph_of (mem_printf ("%sresidual-block-type: batchnorm-after-add\n", text));
  const struct node *add = find (before, "stack2_block1_add");
  ck_assert_str_eq (graph_producer (before, add->in[0])->name, "stack2_block1_bn3");
  ck_assert_str_eq (graph_producer (before, add->in[1])->name, "stack2_block1_skip_bn");
  ck_assert_str_eq (graph_only_reader (before, add->out)->name, "stack2_block1_relu3");
  add = find (after, "stack2_block1_add");
  ck_assert_str_eq (graph_producer (after, add->in[0])->name, "stack2_block1_conv3");
  ck_assert_str_eq (graph_producer (after, add->in[1])->name, "stack2_block1_skip_conv");
  ck_assert_str_eq (graph_only_reader (after, add->out)->name, "stack2_block1_bn3");
  /* 64 = 4 · 16 filters already: no convolution on the first block's shortcut */
  add = find (after, "stack1_block1_add");
  ck_assert_str_eq (graph_producer (after, add->in[1])->name, "maxpool1");
}
END_TEST

START_TEST (dilation)
{
  struct graph *g = graph_of ("network: resnet\narch: resnet50\ninput-size: [3, 65, 71]\n"
                              "replace-stride-with-dilation: [false, true, true]\n");
  static const struct
  {
    const char *conv;
    int dilation, stride;
  } want[] = { { "layer2.0.conv2", 1, 2 }, { "layer3.0.conv2", 1, 1 }, { "layer3.1.conv2", 2, 1 },
               { "layer4.0.conv2", 2, 1 }, { "layer4.2.conv2", 4, 1 } };
  for (size_t i = 0; i < COUNT (want); i++)
    {
      const struct window *w = &find (g, want[i].conv)->win;
      ck_assert_int_eq (w->dilation[AXIS_H], want[i].dilation);
      ck_assert_int_eq (w->pad_lo[AXIS_W], want[i].dilation);
      ck_assert_int_eq (w->stride[AXIS_W], want[i].stride);
      ck_assert (w->dilation[AXIS_D] == 1 && w->pad_lo[AXIS_D] == 0);
    }
  check_shape (g, "conv1", "64 x 33 x 36");
  check_shape (g, "maxpool", "64 x 17 x 18");
  check_shape (g, "layer4.2.relu3", "2048 x 9 x 9");
}
END_TEST

START_TEST (same_padding)
{
  static const int64_t cases[][6] = { /* in, kernel, stride, dilation, before, behind */
    { 10, 3, 1, 1, 1, 1 }, { 10, 3, 2, 1, 0, 1 }, { 11, 3, 2, 1, 1, 1 }, { 10, 3, 1, 4, 4, 4 }, { 16, 7, 2, 1, 2, 3 },
    { 5, 1, 3, 1, 0, 0 },  { 1, 7, 5, 1, 3, 3 },  { 9, 2, 1, 1, 0, 1 },  { 9, 4, 3, 1, 0, 1 },  { 10, 2, 5, 3, 0, 0 },
    { 7, 4, 2, 3, 4, 5 } };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      const int64_t *c = cases[i];
      struct window w = shape_window ((int64_t[]){ c[1], c[1], c[1] }, (int64_t[]){ c[2], c[2], c[2] });
      w.dilation[1] = w.dilation[2] = w.dilation[0] = c[3];
      shape_same_padding (&w, (int64_t[]){ c[0], c[0], c[0] });
      for (int a = 0; a < AXES; a++)
        ck_assert_msg (w.pad_lo[a] == c[4] && w.pad_hi[a] == c[5], "case %zu: %d, %d", i, (int) w.pad_lo[a],
                       (int) w.pad_hi[a]);
    }
}
END_TEST

/* ---- what does not fit ---- */

static void
misfit (void *which)
{
  struct graph *g = graph_new ("test", "f.yaml", 1024);
  struct loc loc = { "f.yaml", 3, 5 };
  struct conv_spec c = { .filters = 4, .kernel = { 1, 3, 3 }, .stride = { 1, 1, 1 } };
  int x = build_input (g, (struct shape){ .rank = 2, .c = 3, .dim = { 1, 9, 9 } });
  switch (*(int *) which)
    {
    case 0:
      c.kernel[AXIS_W] = 10;
      build_conv (g, "big", x, &c, loc);
      break;
    case 1:
      c.groups = 2;
      build_conv (g, "groups", x, &c, loc);
      break;
    case 2:
      build_add (g, "sum", x, build_conv (g, "conv", x, &c, loc), loc);
      break;
    case 3:
      c.filters = 1 << 20;
      build_conv (g, "huge", x, &c, loc);
      break;
    }
}

START_TEST (misfits)
{
  static const char *const texts[][4] = {
    { "f.yaml:3:5: layer big: a window of 10 along W does not fit its input of 3 x 9 x 9", NULL },
    { "f.yaml:3:5: layer groups: 2 groups must divide its 3 input channels and its 4 filters", NULL },
    { "f.yaml:3:5: layer sum: add of input (3 x 9 x 9) and conv (4 x 7 x 7): along each axis", NULL },
    { "f.yaml:3:5: layer huge: ", "2^31", NULL },
  };
  struct child c = child_run (misfit, &_i);
  child_refused (&c, texts[_i]);
}
END_TEST

/* ---- summary --table, read back ---- */

/* TEXT's rows as an options file: the third column, in quotes. */
static char *
stages_of (const struct graph *g, char *text)
{
  struct shape *s = &g->tensors[g->nodes[0].out].shape;
  struct text t = { 0 };
  text_printf (&t, "network: table\nnum-classes: %d\ninput-size: [%d",
               (int) g->tensors[g->nodes[g->node_count - 1].out].shape.c, (int) s->c);
  for (int a = AXES - s->rank; a < AXES; a++)
    text_printf (&t, ", %d", (int) s->dim[a]);
  text_add (&t, "]\nstages:\n");
  for (char *line = strtok (text, "\n"); line; line = strtok (NULL, "\n"))
    if (strncmp (line, "layer ", 6) && strncmp (line, "FLOPs ", 6))
      {
        ck_assert_uint_gt (strlen (line), 24);
        text_printf (&t, "  - '%s'\n", line + 24);
      }
  return t.s;
}

/* Shapes behind the stem's layers and every stage, and where the stages end. */
static char *
outline (const struct graph *g)
{
  struct text t = { 0 };
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i], *next = n + (i + 1 < g->node_count);
      bool stem = !n->stage && (n->op == OP_CONV || n->op == OP_MAX_POOL || n->op == OP_AVERAGE_POOL);
      if (stem || n->op == OP_LINEAR || (n->stage && next->stage != n->stage))
        text_printf (&t, "%d: %s\n", n->stage, shape_text (&g->tensors[n->out].shape));
    }
  return t.s;
}

static const char *const tables[] = {
  "network: resnet\narch: resnet18\n",
  "network: resnet\narch: resnet50\ninput-size: [3, 97, 131]\n",
  "network: resnet\narch: resnext50_32x4d\n",
  "network: resnet\narch: resnet50\nreplace-stride-with-dilation: [false, true, true]\n",
  "network: resnet\nblock: basic\nlayers: [3, 3, 3]\nnum-filters: [16, 32, 64]\ninitial-filter-size: 3\n"
  "initial-stride: 1\ninitial-pooling-layer: none\ninput-size: [3, 32, 32]\nnum-classes: 10\n",
  "network: resnet\nblock: basic\nlayers: [1, 1]\nnum-filters: [16, 16]\nnum-classes: 10\n",
  BIG,
  R3D "input-size: [29, 31, 17, 2]\nstack-depth: [1, 2]\nnum-filters: [4, 6]\ninitial-stride: [1, 2, 3]\n"
      "initial-filter-size: [5, 1, 2]\nbottleneck-type: none\n",
  R3D "input-size: [32, 32, 32]\nstack-depth: [1, 1, 1]\nnum-filters: [64, 64, 8]\ninitial-num-filters: 4\n"
      "initial-pooling-layer: average\n",
};

START_TEST (table_round_trip)
{
  struct graph *g = graph_of (tables[_i]);
  struct child c = child_run (print_table, g);
  ck_assert_int_eq (c.status, 0);
  char *printed = mem_strdup (c.out);
  struct graph *again = graph_of (stages_of (g, c.out));
  ck_assert_msg (!strcmp (outline (g), outline (again)), "%s%s%s", printed, outline (g), outline (again));
  ck_assert_int_eq (again->depth, g->depth);
}
END_TEST

Suite *graph_suite (void);

Suite *
graph_suite (void)
{
  Suite *s = suite_create ("graph");
  TCase *c = tcase_create ("builders");
  tcase_set_timeout (c, 60);
  tcase_add_loop_test (c, matlab_counts, 0, (int) COUNT (matlab));
  tcase_add_loop_test (c, torchvision_counts, 0, (int) COUNT (torchvision));
  tcase_add_test (c, he_tables);
  tcase_add_test (c, resnet3d_odd_sizes);
  tcase_add_test (c, residual_block_types);
  tcase_add_test (c, dilation);
  tcase_add_test (c, same_padding);
  tcase_add_loop_test (c, misfits, 0, 4);
  tcase_add_loop_test (c, table_round_trip, 0, (int) COUNT (tables));
  suite_add_tcase (s, c);
  return s;
}
