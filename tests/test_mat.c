/* MATLAB's weights: files written by matio, each axis where it belongs, and what is refused. */
#include <check.h>
#include <matio.h>
#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "graph/bind.h"
#include "graph/shape.h"
#include "frontend/build.h"

Suite *mat_suite (void);

/* A layer's property: values 0, 1, 2, … in MATLAB's order. */
struct property
{
  const char *layer, *field;
  int rank;
  size_t dims[8];
  enum matio_classes class;
};

static const char *const fields[]
    = { "Name",        "Weights",         "Bias",  "Scale", "Offset",
        "TrainedMean", "TrainedVariance", "Alpha", "Mean",  "StandardDeviation" };
enum
{
  FIELDS = sizeof fields / sizeof *fields
};

static matvar_t *
array (const struct property *p)
{
  size_t count = 1, dims[8] = { 0, 0 }; /* not const: older versions of matio take it so */
  if (!p)
    return Mat_VarCreate (NULL, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, dims, NULL, 0);
  for (int i = 0; i < p->rank; i++)
    count *= dims[i] = p->dims[i];
  double *d = NEW_ARRAY (count + 1, double);
  float *s = NEW_ARRAY (count + 1, float);
  int16_t *n = NEW_ARRAY (count + 1, int16_t);
  int first = !strcmp (p->field, "StandardDeviation"); /* none may be 0 */
  for (size_t i = 0; i < count; i++)
    {
      d[i] = (double) i + first;
      s[i] = (float) d[i];
      n[i] = (int16_t) d[i];
    }
  if (p->class == MAT_C_SINGLE)
    return Mat_VarCreate (NULL, MAT_C_SINGLE, MAT_T_SINGLE, p->rank, dims, s, 0);
  if (p->class == MAT_C_INT16)
    return Mat_VarCreate (NULL, MAT_C_INT16, MAT_T_INT16, p->rank, dims, n, 0);
  return Mat_VarCreate (NULL, MAT_C_DOUBLE, MAT_T_DOUBLE, p->rank, dims, d, 0);
}

/* One element of `layers` for each property, so that a name may come twice; its path. */
static const char *
write_mat (enum mat_ft version, enum matio_compression packing, const struct property *p, size_t count)
{
  const char *path = folder_path ("net.mat");
  mat_t *mat = Mat_CreateVer (path, NULL, version);
  ck_assert_ptr_nonnull (mat);
  matvar_t *layers = Mat_VarCreateStruct ("layers", 2, (size_t[]){ 1, count }, (const char **) fields, FIELDS);
  for (size_t i = 0; i < count; i++)
    {
      size_t n = strlen (p[i].layer);
      matvar_t *name = Mat_VarCreate (NULL, MAT_C_CHAR, MAT_T_UTF8, 2, (size_t[]){ 1, n }, mem_strdup (p[i].layer), 0);
      Mat_VarSetStructFieldByName (layers, "Name", i, name);
      for (int f = 1; f < FIELDS; f++)
        Mat_VarSetStructFieldByName (layers, fields[f], i, array (strcmp (fields[f], p[i].field) ? NULL : &p[i]));
    }
  ck_assert_int_eq (Mat_VarWrite (mat, layers, packing), 0);
  Mat_VarFree (layers);
  Mat_Close (mat);
  return path;
}

static const struct property conv = { "conv1", "Weights", 4, { 2, 3, 1, 4 }, MAT_C_SINGLE };

/* Every version gives the same tensors. */
START_TEST (versions)
{
  static const struct property p[] = { { "conv1", "Weights", 4, { 2, 3, 1, 4 }, MAT_C_SINGLE },
                                       { "bn1", "Offset", 4, { 1, 1, 1, 4 }, MAT_C_DOUBLE },
                                       { "bn1", "TrainedVariance", 2, { 4, 1 }, MAT_C_INT16 },
                                       { "any", "Mean", 2, { 1, 1 }, MAT_C_DOUBLE } };
  enum mat_ft version = _i == 2 ? MAT_FT_MAT73 : MAT_FT_MAT5;
  const char *path = write_mat (version, _i ? MAT_COMPRESSION_ZLIB : MAT_COMPRESSION_NONE, p, 4);
  struct weights *w = weights_open (path);
  ck_assert_uint_eq (w->count, 4);
  const struct weight *t = weights_find (w, "conv1.weight");
  ck_assert_ptr_nonnull (t);
  ck_assert_int_eq (t->dtype, DTYPE_F32);
  ck_assert_int_eq (t->rank, 4);
  ck_assert_int_eq (t->shape[1], 3);
  ck_assert (t->matlab);
  for (size_t i = 0; i < 24; i++)
    ck_assert (weight_at (t, i) == (double) i);
  ck_assert_int_eq (weights_find (w, "bn1.bias")->dtype, DTYPE_F64);
  ck_assert (weight_at (weights_find (w, "bn1.running_var"), 3) == 3);
  ck_assert_ptr_nonnull (weights_find (w, "input.mean"));
  weights_close (w);
}
END_TEST

/* ---- order ---- */

enum
{
  C = 4, D = 2, H = 3, W = 5, /* the input */
  O = 6, GROUPS = 2,          /* a grouped convolution's */
  N = 3,                      /* the transposed one's filters */
  OUT = 7
};

static struct graph *
network (int rank)
{
  struct graph *g = graph_new ("order", "order.yaml", 1);
  int64_t c = C, d = rank == 3 ? 2 : 1;
  int x = build_input (g, (struct shape){ .rank = rank, .c = C, .dim = { rank == 3 ? D : 1, H, W } });
  struct node *in = graph_producer (g, x);
  in->mean = build_param (g, "input", "mean", 1, &c);
  in->variance = build_param (g, "input", "std", 1, &c);
  in->mean->per_element = in->variance->per_element = true;
  struct conv_spec spec = { .filters = O, .kernel = { d, 1, 3 }, .stride = { 1, 1, 1 }, .groups = GROUPS, .same = true,
                            .bias = true };
  x = build_conv (g, "grouped", x, &spec, (struct loc){ 0 });
  spec.groups = 1;
  spec.filters = 1; /* MATLAB drops the last axis */
  x = build_conv (g, "single", x, &spec, (struct loc){ 0 });
  spec.filters = C;
  x = build_conv (g, "plain", x, &spec, (struct loc){ 0 });
  int64_t kernel[AXES] = { d, 3, 2 }, stride[AXES] = { 1, 1, 1 };
  struct node up = { .op = OP_TRANSPOSED_CONV, .name = "up", .type = "up", .groups = 1, .shape_hint = { .c = N },
                     .win = shape_window (kernel, stride) };
  up.weight = rank == 3 ? build_param (g, "up", "weight", 5, (int64_t[]){ C, N, d, 3, 2 })
                        : build_param (g, "up", "weight", 4, (int64_t[]){ C, N, 3, 2 });
  x = graph_add (g, up, &x, 1);
  x = build_linear (g, "fc", x, OUT, WEIGHT_INIT_HE, (struct loc){ 0 });
  build_output (g, x);
  return g;
}

static const struct param *
param (const struct graph *g, const char *name)
{
  for (int i = 0; i < g->param_count; i++)
    if (!strcmp (g->params[i]->name, name))
      return g->params[i];
  ck_abort_msg ("no parameter %s", name);
  return NULL;
}

/* The element of (A, B, D, H, W) here is number h + H (w + W (d + D (b + B a))) there. */
static void
expect_filters (const struct graph *g, const char *name, int rank)
{
  const struct param *p = param (g, name);
  const struct weight *t = p->value;
  ck_assert_int_eq (t->rank, p->rank);
  ck_assert_int_eq (memcmp (t->shape, p->shape, (size_t) p->rank * sizeof *p->shape), 0);
  int64_t b = p->shape[1], d = rank == 3 ? p->shape[2] : 1, h = p->shape[p->rank - 2], w = p->shape[p->rank - 1];
  for (int64_t i = 0; i < (int64_t) t->count; i++)
    {
      int64_t iw = i % w, ih = i / w % h, id = i / (w * h) % d, ib = i / (w * h * d) % b, ia = i / (w * h * d * b);
      ck_assert_msg (weight_at (t, (size_t) i) == (double) (ih + h * (iw + w * (id + d * (ib + b * ia)))), "%s[%d]",
                     name, (int) i);
    }
}

static void
expect_linear (const struct graph *g, const struct shape *in)
{
  const struct weight *t = param (g, "fc.weight")->value;
  ck_assert_int_eq (t->rank, 2);
  int64_t features = t->shape[1], d = in->dim[0], h = in->dim[1], w = in->dim[2];
  for (int64_t i = 0; i < (int64_t) t->count; i++)
    {
      int64_t k = i % features, o = i / features;
      int64_t iw = k % w, ih = k / w % h, id = k / (w * h) % d, ic = k / (w * h * d);
      ck_assert (weight_at (t, (size_t) i) == (double) (o + OUT * (ih + h * (iw + w * (id + d * ic)))));
    }
}

START_TEST (order)
{
  int rank = _i;
  struct graph *g = network (rank);
  size_t features = (size_t) param (g, "fc.weight")->shape[1], d = rank == 3 ? 2 : 1;
  struct property p[] = { { "grouped", "Weights", 6, { 1, 3, d, C / GROUPS, O / GROUPS, GROUPS }, MAT_C_SINGLE },
                          { "grouped", "Bias", 5, { 1, 1, 1, O / GROUPS, GROUPS }, MAT_C_SINGLE },
                          { "single", "Weights", 4, { 1, 3, d, O }, MAT_C_SINGLE },
                          { "single", "Bias", 2, { 1, 1 }, MAT_C_SINGLE },
                          { "plain", "Weights", 5, { 1, 3, d, 1, C }, MAT_C_DOUBLE },
                          { "plain", "Bias", 4, { 1, 1, 1, C }, MAT_C_INT16 },
                          { "up", "Weights", 5, { 3, 2, d, N, C }, MAT_C_SINGLE },
                          { "fc", "Weights", 2, { OUT, features }, MAT_C_SINGLE },
                          { "fc", "Bias", 2, { OUT, 1 }, MAT_C_SINGLE },
                          { "input", "Mean", 4, { H, W, D, C }, MAT_C_SINGLE },
                          { "input", "StandardDeviation", 2, { 1, 1 }, MAT_C_SINGLE } };
  enum
  {
    COUNT = sizeof p / sizeof *p
  };
  for (int i = 0; rank == 2 && i < COUNT; i++)
    if (!strcmp (p[i].field, "Weights") ? p[i].rank > 2 : !strcmp (p[i].field, "Mean")) /* no axis d */
      memmove (p[i].dims + 2, p[i].dims + 3, (size_t) (--p[i].rank - 2) * sizeof *p[i].dims);
  struct weights *w = weights_open (write_mat (MAT_FT_MAT5, MAT_COMPRESSION_ZLIB, p, COUNT));
  bind_weights (g, w, NULL);
  expect_filters (g, "grouped.weight", rank);
  expect_filters (g, "single.weight", rank);
  expect_filters (g, "plain.weight", rank);
  expect_filters (g, "up.weight", rank);
  expect_linear (g, &g->tensors[graph_producer (g, g->node_count - 2)->in[0]].shape);
  for (int i = 0; i < O; i++)
    ck_assert (weight_at (param (g, "grouped.bias")->value, (size_t) i) == i);
  const struct weight *mean = param (g, "input.mean")->value, *std = param (g, "input.std")->value;
  ck_assert_int_eq (mean->rank, 1 + rank);
  int64_t depth = rank == 3 ? D : 1;
  for (int i = 0; i < (int) mean->count; i++)
    ck_assert (weight_at (mean, (size_t) i)
               == (double) (i / W % H + H * (i % W + W * (i / (W * H) % depth + depth * (i / (W * H * depth))))));
  ck_assert_int_eq (std->rank, 1);
  ck_assert_int_eq (std->shape[0], C); /* the scalar, for each channel */
  weights_close (w);
}
END_TEST

/* ---- what is refused ---- */

static void
bind_conv (void *path)
{
  struct graph *g = graph_new ("net", "net.yaml", 1);
  int x = build_input (g, (struct shape){ .rank = 2, .c = 1, .dim = { 1, 8, 8 } });
  struct conv_spec spec = { .filters = 4, .kernel = { 1, 3, 2 }, .stride = { 1, 1, 1 }, .same = true };
  build_output (g, build_conv (g, "conv1", x, &spec, (struct loc){ 0 }));
  bind_weights (g, weights_open (path), NULL);
}

START_TEST (wrong_shape)
{
  struct child c = child_run (bind_conv, (void *) write_mat (MAT_FT_MAT5, MAT_COMPRESSION_NONE, &conv, 1));
  child_refused (&c, (const char *[]){ "conv1.weight is (2, 3, 1, 4) in MATLAB's order, not (3, 2, 1, 4)",
                                       "which is (4, 1, 3, 2) here", NULL });
}
END_TEST

static void
open_only (void *path)
{
  weights_open (path);
}

START_TEST (name_twice)
{
  static const struct property p[]
      = { { "a", "Bias", 2, { 1, 3 }, MAT_C_SINGLE }, { "a", "Offset", 2, { 1, 3 }, MAT_C_SINGLE } };
  struct child c = child_run (open_only, (void *) write_mat (MAT_FT_MAT5, MAT_COMPRESSION_NONE, p, 2));
  child_refused (&c, (const char *[]){ "a.bias", "once", NULL });
}
END_TEST

/* Cut anywhere, a file of any version ends in one line. */
START_TEST (cut_short)
{
  const char *path = write_mat (_i % 2 ? MAT_FT_MAT73 : MAT_FT_MAT5, MAT_COMPRESSION_ZLIB, &conv, 1);
  FILE *f = fopen (path, "rb");
  static char data[65536];
  size_t n = fread (data, 1, sizeof data, f);
  fclose (f);
  f = fopen (path, "wb");
  fwrite (data, 1, n * (size_t) (_i + 1) / 9, f);
  fclose (f);
  struct child c = child_run (open_only, (void *) path);
  child_refused (&c, (const char *[]){ "net.mat: ", NULL });
}
END_TEST

Suite *
mat_suite (void)
{
  Suite *s = suite_create ("mat");
  TCase *t = tcase_create ("mat");
  tcase_add_unchecked_fixture (t, folder_make, folder_remove);
  tcase_add_loop_test (t, versions, 0, 3);
  tcase_add_loop_test (t, order, 2, 4);
  tcase_add_test (t, wrong_shape);
  tcase_add_test (t, name_twice);
  tcase_add_loop_test (t, cut_short, 0, 8);
  tcase_set_timeout (t, 60);
  suite_add_tcase (s, t);
  return s;
}
