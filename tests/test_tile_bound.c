/* What Winograd's tiles cost beside a large value: the transforms as numbers, the bound on tiles computed in floats, the limit that
 * packed weights carry, and the classifier program's warning. */
#include "../runtime/cli/cli.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "generate/generate.h"
#include "backend/kernel.h"
#include "backend/cpu/winograd.h"
#include "pack/pack.h"
#include "backend/cpu/tiled.h"
#include "small_graph.h"
#include "test_passes.h"

Suite *tile_bound_suite (void);

#define MOST (WINOGRAD_SIDE * WINOGRAD_SIDE * WINOGRAD_SIDE)

/* ---- the transforms ---- */

/* At ((G g) . (Bt d)) is the convolution of d with g. */
START_TEST (transforms)
{
  int m = _i, taps = m == 3 ? 4 : m == 1 ? 1 : 3;
  struct winograd w = winograd_matrices (m);
  struct winograd_data t = winograd_data (m);
  struct random r = random_seed (3, "transforms");
  double d[WINOGRAD_SIDE], g[WINOGRAD_TAPS] = { 0 }, product[WINOGRAD_SIDE];
  ck_assert (w.side == t.side && t.m == m && t.side == m + taps - 1);
  for (int i = 0; i < t.side; i++)
    d[i] = random_uniform (&r) - 0.5;
  for (int i = 0; i < taps; i++)
    g[i] = random_uniform (&r) - 0.5;
  for (int i = 0; i < t.side; i++)
    {
      double a = 0, b = 0;
      for (int k = 0; k < taps; k++)
        a += w.g[i][k] * g[k];
      for (int k = 0; k < t.side; k++)
        b += t.bt[i][k] * d[k];
      product[i] = a * b;
    }
  for (int o = 0; o < m; o++)
    {
      double want = 0, got = 0;
      for (int k = 0; k < taps; k++)
        want += g[k] * d[o + k];
      for (int i = 0; i < t.side; i++)
        got += t.at[o][i] * product[i];
      ck_assert_double_eq_tol (got, want, 1e-14);
    }
}
END_TEST

/* ---- tiles in floats ---- */

/* One convolution by Winograd with its packed weights, and as the filters that these are. */
struct layer
{
  struct graph *g;
  const struct node *n;
  float *packed;
  double *dense;
  int64_t in_c, out_c;
  struct winograd_data axis[AXES];
  int side[AXES], m[AXES], positions, outputs;
};

static struct layer
layer_of (int64_t in_c, int64_t out_c, int64_t d, int64_t extent)
{
  struct layer l = { .g = small_graph (1, d > 1 ? 3 : 2, in_c, d, extent, extent), .in_c = in_c, .out_c = out_c,
                     .positions = 1, .outputs = 1 };
  struct epilogue ep;
  build_output (l.g, small_conv (l.g, 0, small_spec (out_c, 3, 1, d > 1)));
  small_params (l.g, 7);
  planned (l.g);
  l.n = &l.g->nodes[1];
  ck_assert_int_eq (l.n->kernel->order == &cpu_winograd_order, true);
  l.packed = pack_weights (l.g, pack_plan (l.g));
  l.dense = pack_unpack (l.g, l.n, l.packed, &ep).weight;
  for (int a = 0; a < AXES; a++)
    {
      l.axis[a] = winograd_data (l.n->choice.tile[a]);
      l.positions *= l.side[a] = l.axis[a].side;
      l.outputs *= l.m[a] = l.axis[a].m;
    }
  return l;
}

/* T, of extents N, along AXIS by a matrix of rows of WINOGRAD_SIDE, all in floats. */
static void
multiply_floats (float *t, int n[AXES], int axis, const double *matrix, int rows)
{
  float result[MOST];
  int inner = axis == AXIS_W ? 1 : axis == AXIS_H ? n[AXIS_W] : n[AXIS_H] * n[AXIS_W], outer = n[0] * n[1] * n[2] / (inner * n[axis]);
  for (int i = 0; i < outer * rows * inner; i++)
    {
      float sum = 0;
      for (int k = 0; k < n[axis]; k++)
        sum += (float) matrix[i / inner % rows * WINOGRAD_SIDE + k] * t[(i / (inner * rows) * n[axis] + k) * inner + i % inner];
      result[i] = sum;
    }
  memcpy (t, result, sizeof (float) * (size_t) (outer * rows * inner));
  n[axis] = rows;
}

/* Output channel O of a tile with the inputs D [channel][position] as the kernels compute it. */
static void
tile_in_floats (const struct layer *l, int64_t o, const float *d, float *y)
{
  float v[MOST], sums[MOST] = { 0 };
  const float *u = l->packed + l->n->w_offset / 4 + o / 16 * l->positions * l->in_c * 16 + o % 16;
  for (int64_t c = 0; c < l->in_c; c++)
    {
      int n[AXES] = { l->side[0], l->side[1], l->side[2] };
      memcpy (v, d + c * l->positions, sizeof (float) * (size_t) l->positions);
      for (int a = 0; a < AXES; a++)
        multiply_floats (v, n, a, l->axis[a].bt[0], l->side[a]);
      for (int i = 0; i < l->positions; i++)
        sums[i] += u[(i * l->in_c + c) * 16] * v[i];
    }
  int n[AXES] = { l->side[0], l->side[1], l->side[2] };
  for (int a = 0; a < AXES; a++)
    multiply_floats (sums, n, a, l->axis[a].at[0], l->m[a]);
  memcpy (y, sums, sizeof (float) * (size_t) l->outputs);
}

static double
output_in_doubles (const struct layer *l, int64_t o, const float *d, int output)
{
  const int64_t *k = l->n->win.kernel, taps = k[0] * k[1] * k[2];
  int at[AXES] = { output / (l->m[1] * l->m[2]), output / l->m[2] % l->m[1], output % l->m[2] };
  double sum = 0;
  for (int64_t i = 0; i < l->in_c * taps; i++)
    {
      int64_t t = i % taps, z = at[0] + t / (k[1] * k[2]), y = at[1] + t / k[2] % k[1], x = at[2] + t % k[2];
      sum += l->dense[o * l->in_c * taps + i] * (double) d[i / taps * l->positions + (z * l->side[1] + y) * l->side[2] + x];
    }
  return sum;
}

/* Random inputs up to ORDINARY, and one of VALUE, at pixel AT of CHANNEL or, -1, of all. */
static float *
random_tile (const struct layer *l, struct random *r, double ordinary, double value, int64_t channel)
{
  float *d = calloc ((size_t) (l->in_c * l->positions), sizeof *d);
  int64_t at = (int64_t) (random_uniform (r) * (double) l->positions) % l->positions;
  for (int64_t i = 0; i < l->in_c * l->positions; i++)
    d[i] = (float) ((2 * random_uniform (r) - 1) * ordinary);
  for (int64_t c = 0; c < l->in_c; c++)
    if (channel < 0 || c == channel)
      d[c * l->positions + at] = (float) value;
  return d;
}

static void
check_tiles (struct layer l, int count)
{
  struct random r = random_seed (11, "tiles");
  const int64_t channel = l.in_c / 2;
  struct tile_bound b = cpu_tile_bound (l.g, l.n, l.packed, &channel, 1);
  double worst = 0;
  for (int i = 0; i < count; i++)
    {
      double ordinary = pow (10, 12 * random_uniform (&r) - 6), value = ordinary * pow (10, 9 * random_uniform (&r));
      float *d = random_tile (&l, &r, ordinary, i % 3 ? value : -value, i % 2 ? channel : -1), y[MOST];
      for (int64_t o = 0; o < l.out_c; o++)
        {
          double bound = b.ordinary[o] * ordinary + value * (i % 2 ? b.one[o] : b.pixel[o]);
          tile_in_floats (&l, o, d, y);
          for (int p = 0; p < l.outputs; p++)
            {
              double error = fabs ((double) y[p] - output_in_doubles (&l, o, d, p));
              ck_assert_msg (error <= bound, "error %g, bound %g", error, bound);
              worst = fmax (worst, error / bound);
            }
        }
      free (d);
    }
  ck_assert_msg (worst > 0.01, "the largest error is %g of the bound", worst);
  tile_bound_free (&b);
  free (l.packed);
  free (l.dense);
}

START_TEST (bound_of_planes)
{
  check_tiles (layer_of (24, 20, 1, 20), 60);
  check_tiles (layer_of (64, 16, 1, 4), 60);
}
END_TEST

START_TEST (bound_of_volumes)
{
  check_tiles (layer_of (16, 16, 8, 16), 20);
}
END_TEST

/* ---- the limit ---- */

/* It depends on the filters' form alone, not on their size; without tiles there is none. */
START_TEST (limit)
{
  struct layer l = layer_of (24, 20, 1, 20);
  double before = cpu_outlier_limit (l.g, l.packed);
  ck_assert (l.g->limit_offset > 0 && l.packed[l.g->limit_offset / 4] == (float) before);
  ck_assert (before > 50 && before < 5000);
  free (l.packed);
  free (l.dense);
  struct graph *g = small_graph (1, 2, 24, 1, 20, 20);
  g->exact = true;
  build_output (g, small_conv (g, 0, small_spec (20, 3, 1, false)));
  small_params (g, 7);
  planned (g);
  float *packed = pack_weights (g, pack_plan (g));
  ck_assert_int_eq (g->limit_offset, 0);
  ck_assert (isinf (cpu_outlier_limit (g, packed)));
  free (packed);
}
END_TEST

/* ---- the program's warning ---- */

/* What it says of x, 2 x 3 x 4, with the weights 100 (limit), after means and stds as INFO has them. */
struct input
{
  struct rescast_info info;
  float *weights;
  size_t floats;
  const float *x;
  int times;
};

static void
check_input (void *data)
{
  const struct input *in = data;
  const struct cli_shape shape = { .extent = { 2, 3, 4 }, .rank = 3, .count = 24 };
  const struct rescast_weights w = { .data = in->weights, .data_bytes = in->floats * sizeof (float) };
  struct cli_outliers o;
  cli_outliers_open (&o, &in->info, &w, &shape);
  for (int i = 0; i < in->times; i++)
    cli_outliers_check (&o, "x.npy", i ? "sample 1: " : "", in->x);
  exit (0);
}

static void
expect_warning (struct input *in, const char *text)
{
  struct child c = child_run (check_input, in);
  ck_assert_int_eq (c.status, 0);
  if (!text)
    ck_assert_str_eq (c.err, "");
  else
    {
      ck_assert_msg (strstr (c.err, text) != NULL, "%s", c.err);
      ck_assert_ptr_eq (strchr (c.err, '\n'), strrchr (c.err, '\n'));
    }
}

START_TEST (warning)
{
  float weights[40] = { 100 }, x[24];
  for (int i = 0; i < 24; i++)
    x[i] = i < 10 ? 0 : (float) (i % 2 ? 1 : -1);
  struct input in = { .info = { .outlier_limit_at = 0 }, .weights = weights, .floats = 40, .x = x, .times = 3 };
  x[23] = 1e6F; /* a network without a limit */
  expect_warning (&in, NULL);
  in.info.outlier_limit_at = 64;
  weights[16] = 100;
  expect_warning (&in, "x.npy: warning: the value 1e+06 at (1, 2, 3) is ");
  x[23] = 90;
  expect_warning (&in, NULL);
  x[12] = -120;
  expect_warning (&in, "the value -120 at (1, 0, 0) is 1");
  x[12] = NAN;
  expect_warning (&in, "the value nan at (1, 0, 0) makes outputs NaN");
  x[12] = -INFINITY;
  expect_warning (&in, "the value -inf at (1, 0, 0) makes outputs NaN");
  memset (x, 0, sizeof x);
  expect_warning (&in, NULL);
  x[5] = 1e30F; /* alone: nothing else is ordinary */
  expect_warning (&in, NULL);
}
END_TEST

/* Numbers as the network's own input layer makes them: (x - mean) / std, per channel. */
START_TEST (warning_normalised)
{
  float weights[40] = { 1000, 2000, 1, 0.5F }, x[24];
  struct input in = { .info = { .outlier_limit_at = 64, .input_means = 2, .input_stds = 2 }, .weights = weights,
                      .floats = 40, .x = x, .times = 1 };
  weights[16] = 100;
  for (int i = 0; i < 24; i++)
    x[i] = (i < 12 ? 1000 : 2000) + (float) (i % 2 ? 1 : -1);
  expect_warning (&in, NULL);
  x[12] = 0; /* half of 2000 below the mean, beside 0.5 and 1 */
  expect_warning (&in, "the value -1000 at (1, 0, 0) is ");
}
END_TEST

Suite *
tile_bound_suite (void)
{
  Suite *s = suite_create ("tile_bound");
  TCase *t = tcase_create ("winograd");
  tcase_set_timeout (t, 60);
  tcase_add_loop_test (t, transforms, 1, 5);
  tcase_add_test (t, bound_of_planes);
  tcase_add_test (t, bound_of_volumes);
  tcase_add_test (t, limit);
  tcase_add_test (t, warning);
  tcase_add_test (t, warning_normalised);
  suite_add_tcase (s, t);
  return s;
}
