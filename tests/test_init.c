/* Initial values: the documented numbers, bit for bit, and their distributions. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/frontend.h"
#include "graph/init.h"

enum
{
  SAMPLES = 20000
};

/* From the generator's description in gen/graph/init.c, computed apart (Python's statistics.NormalDist and integers). */
START_TEST (exact_values)
{
  static const double uniform[] = { 0x1.5cbb1e0963c50p-1, 0x1.93f922e59d035p-1, 0x1.926550d694d67p-1,
                                    0x1.837673dd6bfd0p-4 };
  static const double normal[] = { 0x1.e21e71100ad04p-2, 0x1.9b21aecea45acp-1, 0x1.95b24a4da6833p-1,
                                   -0x1.501f3ef70b9e4p+0 };
  struct random a = random_seed (1, "conv1.weight"), b = random_seed (1, "conv1.weight");
  for (int i = 0; i < 4; i++)
    {
      ck_assert_double_eq (random_uniform (&a), uniform[i]);
      ck_assert_double_eq (random_normal (&b), normal[i]);
    }
}
END_TEST

START_TEST (streams_differ)
{
  struct random a = random_seed (1, "a"), b = random_seed (1, "b"), c = random_seed (2, "a");
  double x = random_uniform (&a);
  ck_assert_double_ne (x, random_uniform (&b));
  ck_assert_double_ne (x, random_uniform (&c));
}
END_TEST

static int
ascending (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static double
uniform_cdf (double x)
{
  return x;
}

static double
normal_cdf (double x)
{
  return erfc (-x * sqrt (0.5)) / 2;
}

/* Mean, variance and the Kolmogorov-Smirnov distance of SAMPLES values; the bounds fail one stream in a thousand or
 * fewer, and the streams are always the same. */
static void
check_distribution (double *x, double mean, double variance, double (*cdf) (double))
{
  double sum = 0, squares = 0, distance = 0;
  for (int i = 0; i < SAMPLES; i++)
    sum += x[i];
  sum /= SAMPLES;
  for (int i = 0; i < SAMPLES; i++)
    squares += (x[i] - sum) * (x[i] - sum);
  squares /= SAMPLES;
  qsort (x, SAMPLES, sizeof *x, ascending);
  for (int i = 0; i < SAMPLES; i++)
    {
      double p = cdf (x[i]);
      distance = fmax (distance, fmax (p - (double) i / SAMPLES, (double) (i + 1) / SAMPLES - p));
    }
  ck_assert_double_lt (fabs (sum - mean), 3.3 * sqrt (variance / SAMPLES));
  ck_assert_double_lt (fabs (squares / variance - 1), 3.3 * sqrt (2.0 / SAMPLES));
  ck_assert_double_lt (distance, 1.95 / sqrt (SAMPLES));
}

START_TEST (distributions)
{
  static const char *const names[] = { "conv1.weight", "layer1.0.conv1.weight", "fc.bias", "" };
  double *x = NEW_ARRAY (SAMPLES, double);
  struct random r = random_seed ((uint64_t) _i, names[_i]);
  for (int i = 0; i < SAMPLES; i++)
    x[i] = random_uniform (&r);
  check_distribution (x, 0.5, 1.0 / 12, uniform_cdf);
  for (int i = 0; i < SAMPLES; i++)
    x[i] = random_normal (&r);
  check_distribution (x, 0, 1, normal_cdf);
}
END_TEST

/* Both tails are reached, and a uniform value never is 1. */
START_TEST (ranges)
{
  struct random r = random_seed (7, "range");
  double least = 0, most = 0;
  for (int i = 0; i < 200000; i++)
    {
      double u = random_uniform (&r), x = random_normal (&r);
      ck_assert (u >= 0 && u < 1);
      ck_assert (fabs (x) < 8.3);
      least = fmin (least, x);
      most = fmax (most, x);
    }
  ck_assert_double_lt (least, -4);
  ck_assert_double_gt (most, 4);
}
END_TEST

static struct param *
add_param (struct graph *g, const char *name, enum init init, double a, double b)
{
  struct param p = { .name = name, .rank = 2, .shape = { 30, 50 }, .init = init, .init_a = a, .init_b = b };
  return graph_param (g, p);
}

START_TEST (parameters)
{
  struct graph *g = graph_new ("test", "test", 1), *other = graph_new ("test", "test", 1);
  struct param *constant = add_param (g, "constant", INIT_CONSTANT, 0.25, 0);
  struct param *uniform = add_param (g, "uniform", INIT_UNIFORM, -2, 4), *normal;
  normal = add_param (g, "normal", INIT_NORMAL, 10, 0.5);
  struct param *same = add_param (other, "normal", INIT_NORMAL, 10, 0.5);
  init_params (g, 3);
  init_params (other, 3);
  double sum = 0;
  ck_assert_uint_eq (normal->value->count, 1500);
  ck_assert (normal->value->dtype == DTYPE_F32 && normal->value->rank == 2 && normal->value->shape[1] == 50);
  for (size_t i = 0; i < 1500; i++)
    {
      ck_assert_double_eq (weight_at (constant->value, i), 0.25);
      ck_assert (weight_at (uniform->value, i) >= -2 && weight_at (uniform->value, i) <= 4);
      sum += weight_at (normal->value, i);
    }
  ck_assert_double_lt (fabs (sum / 1500 - 10), 0.05);
  /* other parameters of the graph change nothing */
  ck_assert_mem_eq (normal->value->data, same->value->data, 1500 * sizeof (float));
}
END_TEST

/* A parameter that has its values keeps them; an optional one without an initialiser stays absent. */
START_TEST (kept)
{
  static const struct weight given = { .name = "w" };
  struct graph *g = graph_new ("test", "test", 1);
  struct param *bound = add_param (g, "bound", INIT_NORMAL, 0, 1), *optional = add_param (g, "o", INIT_NONE, 0, 0);
  bound->value = &given;
  optional->optional = true;
  init_params (g, 1);
  ck_assert_ptr_eq (bound->value, &given);
  ck_assert_ptr_null (optional->value);
}
END_TEST

START_TEST (missing)
{
  struct graph *g = graph_new ("test", "test", 1);
  add_param (g, "running_mean", INIT_NONE, 0, 0);
  init_params (g, 1); /* exits with status 1 */
}
END_TEST

/* Each filter has mean 0, and the variance that is left when 0.25 is added to its own. */
START_TEST (standardized)
{
  static const char text[] = "network: sequence\ninput-size: [5, 4, 4]\nlayers:\n"
                             "- {type: conv, filters: 3, kernel-size: 3%s}\n";
  struct graph *plain = source_build (source_parse ("f.yaml", mem_printf (text, "")));
  struct graph *g = source_build (source_parse ("f.yaml", mem_printf (text, ", standardize: 0.25")));
  init_params (plain, 1);
  init_params (g, 1);
  init_params (g, 1); /* not twice */
  for (size_t f = 0; f < 3; f++)
    {
      double sums[2][2] = { { 0 } };
      for (size_t i = 0; i < 45; i++)
        for (int k = 0; k < 2; k++)
          {
            const double w = weight_at ((k ? g : plain)->params[0]->value, f * 45 + i);
            sums[k][0] += w / 45;
            sums[k][1] += w * w / 45;
          }
      const double variance = sums[0][1] - sums[0][0] * sums[0][0];
      ck_assert_double_eq_tol (sums[1][0], 0, 1e-12);
      ck_assert_double_eq_tol (sums[1][1], variance / (variance + 0.25), 1e-12);
    }
}
END_TEST

Suite *init_suite (void);

Suite *
init_suite (void)
{
  Suite *s = suite_create ("init");
  TCase *c = tcase_create ("init");
  tcase_add_test (c, exact_values);
  tcase_add_test (c, streams_differ);
  tcase_add_loop_test (c, distributions, 0, 4);
  tcase_add_test (c, ranges);
  tcase_add_test (c, parameters);
  tcase_add_test (c, kept);
  tcase_add_test (c, standardized);
  tcase_add_exit_test (c, missing, 1);
  suite_add_tcase (s, c);
  return s;
}
