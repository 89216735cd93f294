/* Numbers at the edge: NaN and infinities, large means with small variances, axes that an upsampling leaves alone. Networks
 * are generated, compiled and run on every CPU target that this machine has. */
#include <check.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "verify/verify_internal.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

#if defined __x86_64__
#define TARGETS "c,avx2,avx512"
#else
#define TARGETS "c"
#endif

/* ---- a network, and its run ---- */

/* The network q of the options TEXT; MORE: generate's other options. Its folder. What is the same in all of them is compiled
 * once. */
static char *
generate_text (const char *text, const char *more)
{
  static int number; /* a library is not loaded again from the place of another one */
  char *options = folder_path ("q.yaml"), *dir = folder_path ("q%d", number++);
  folder_write (options, mem_printf ("name: q\n%s", text));
  child_shell_ok ("'%s' generate '%s' -o '%s' -t " TARGETS " %s && cd '%s' && if [ -d ../runtime ];"
                  " then cp -p ../runtime/.compile . && cp ../runtime/*.o runtime && make -s libq.so;"
                  " else make -s libq.so && mkdir ../runtime && cp -p .compile ../runtime && cp runtime/*.o ../runtime; fi",
                  rescast_program (), options, dir, more, dir);
  return dir;
}

/* The same of LAYERS, lines of YAML, with an input of the shape SIZE. */
static char *
generate (const char *size, const char *layers, const char *more)
{
  return generate_text (mem_printf ("network: sequence\ninput-size: %s\nlayers:\n%s", size, layers), more);
}

/* Its library, loaded into this process. */
struct loaded
{
  void *handle;
  const struct rescast_info *(*info) (void);
  size_t (*context_bytes) (void);
  int (*init) (void *context, const struct rescast_weights *, void *arena, size_t, const struct rescast_config *);
  int (*run) (void *context, const float *input, float *output);
  void (*free) (void *context);
  struct rescast_weights weights;
  const char *target;
};

static struct loaded
load (const char *dir)
{
  struct loaded q = { .handle = dlopen (mem_printf ("%s/libq.so", dir), RTLD_NOW | RTLD_LOCAL) };
  int (*map) (struct rescast_weights *, const char *);
  const struct { const char *name; void *to; } functions[] = {
    { "q_info", &q.info }, { "q_context_bytes", &q.context_bytes }, { "q_init", &q.init }, { "q_run", &q.run },
    { "q_free", &q.free }, { "q_weights_map", &map },
  };
  ck_assert_msg (q.handle != NULL, "%s", dlerror ());
  for (size_t i = 0; i < COUNT (functions); i++)
    {
      void *f = dlsym (q.handle, functions[i].name);
      ck_assert (f != NULL);
      memcpy (functions[i].to, &f, sizeof f);
    }
  ck_assert_int_eq (map (&q.weights, mem_printf ("%s/q.weights", dir)), 0);
  return q;
}

static void
unload (struct loaded *q)
{
  rescast_weights_unmap (&q->weights);
  dlclose (q->handle);
}

/* What init says; a run where it says nothing. */
static int
run (const struct loaded *q, const float *in, float *out)
{
  const struct rescast_info *info = q->info ();
  struct rescast_config config = { .threads = 1, .target = q->target };
  struct guarded arena = guarded_new (info->arena_bytes, 64), context = guarded_new (q->context_bytes (), 64);
  int error = q->init (context.data, &q->weights, arena.data, arena.bytes, &config);
  if (!error && in)
    ck_assert_int_eq (q->run (context.data, in, out), 0);
  if (!error)
    q->free (context.data);
  guarded_free (&arena);
  guarded_free (&context);
  return error;
}

/* The next target that this machine has; false after the last one. */
static bool
next_target (struct loaded *q, int *i)
{
  const char *const *targets = q->info ()->targets;
  while (targets[*i])
    {
      q->target = targets[(*i)++];
      int error = run (q, NULL, NULL);
      if (!error)
        return true;
      ck_assert_int_eq (error, RESCAST_ECPU);
    }
  return false;
}

/* One input of COUNT floats to the same number of outputs, on every target, within TOLERANCE of the WANTED. */
static void
check_run (const char *dir, const float *in, const double *want, size_t count, double tolerance)
{
  struct loaded lib = load (dir);
  float *out = heap_array (count, sizeof *out);
  for (int t = 0; next_target (&lib, &t);)
    {
      ck_assert_int_eq (run (&lib, in, out), 0);
      for (size_t i = 0; i < count; i++)
        ck_assert_msg (isnan (want[i]) ? isnan (out[i]) : isinf (want[i]) ? (double) out[i] == want[i]
                                                                       : fabs (out[i] - want[i]) <= tolerance,
                       "%s: element %zu is %.9g, not %.9g", lib.target, i, (double) out[i], want[i]);
    }
  free (out);
  unload (&lib);
}

/* A float32 tensor of COUNT values. */
struct tensor_of
{
  const char *name, *shape;
  size_t count;
  const float *values;
};

/* A .safetensors file of these; its path. */
static char *
write_weights (const struct tensor_of *list, size_t count)
{
  char *path = folder_path ("q.safetensors");
  struct text head = { 0 }, all = { 0 };
  size_t at = 0;
  for (size_t i = 0; i < count; at += list[i++].count * sizeof (float))
    text_printf (&head, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}", i ? "," : "{",
                 list[i].name, list[i].shape, at, at + list[i].count * sizeof (float));
  text_add (&head, "}");
  uint64_t length = strlen (head.s);
  text_addn (&all, (const char *) &length, sizeof length);
  text_add (&all, head.s);
  for (size_t i = 0; i < count; i++)
    text_addn (&all, (const char *) list[i].values, list[i].count * sizeof (float));
  file_write (path, all.s, sizeof length + length + at);
  return path;
}

/* ---- NaN and infinities ---- */

enum
{
  HIGH = 5,
  WIDE = 6
};

/* The largest of each window of KERNEL x KERNEL of a map, PAD around it; NaN where one is in it. */
static void
pool (const float *in, int kernel, int stride, int pad, double *out)
{
  for (int h = -pad; h + kernel <= HIGH + pad; h += stride)
    for (int w = -pad; w + kernel <= WIDE + pad; w += stride, out++)
      {
        *out = -(double) INFINITY;
        for (int i = h < 0 ? 0 : h; i < h + kernel && i < HIGH; i++)
          for (int j = w < 0 ? 0 : w; j < w + kernel && j < WIDE; j++)
            if (isnan (in[i * WIDE + j]) || (double) in[i * WIDE + j] > *out)
              *out = isnan (*out) ? *out : (double) in[i * WIDE + j];
      }
}

/* Each value that is none, at each place of each window. */
START_TEST (max_pools)
{
  static const struct { int kernel, stride, pad, count; } pools[] = { { 2, 2, 0, 6 }, { 3, 1, 1, 30 }, { 3, 2, 1, 9 } };
  static const float specials[] = { NAN, -NAN, INFINITY, -INFINITY };
  int kernel = pools[_i].kernel, stride = pools[_i].stride, pad = pools[_i].pad, places = HIGH * WIDE;
  const char *layer = "- {type: max-pool, kernel-size: %d, stride: %d, padding: %d}\n";
  char *dir = generate ("[1, 5, 6]", mem_printf (layer, kernel, stride, pad), "");
  struct loaded lib = load (dir);
  for (int t = 0; next_target (&lib, &t);)
    for (int i = 0; i < places * (int) COUNT (specials); i++)
      {
        float in[HIGH * WIDE], out[HIGH * WIDE];
        double want[HIGH * WIDE];
        for (int p = 0; p < places; p++)
          in[p] = i % 7 ? (float) (p * 5 % places - 10) : -INFINITY; /* where all are -inf that is the largest */
        in[i % places] = specials[i / places];
        pool (in, kernel, stride, pad, want);
        ck_assert_int_eq (run (&lib, in, out), 0);
        for (int p = 0; p < pools[_i].count; p++)
          ck_assert_msg (isnan (want[p]) ? isnan (out[p]) : (double) out[p] == want[p],
                         "%s, input %d: pixel %d is %g, not %g", lib.target, i, p, (double) out[p], want[p]);
      }
  unload (&lib);
}
END_TEST

START_TEST (activations)
{
  static const float in[] = { NAN, INFINITY, -INFINITY, -0.0F, 0, -2, 3, NAN, INFINITY, -INFINITY, -0.0F, 0, -2, 3 };
  const struct tensor_of slopes = { "p.weight", "2", 2, (const float[]){ 0, 2 } };
  check_run (generate ("[1, 1, 7]", "- {type: relu}\n", ""), in, (const double[]){ NAN, INFINITY, 0, 0, 0, 0, 3 }, 7, 0);
  check_run (generate ("[2, 1, 7]", "- {type: prelu, name: p}\n", mem_printf ("-w '%s'", write_weights (&slopes, 1))), in,
             (const double[]){ NAN, INFINITY, NAN, 0, 0, 0, 3, NAN, INFINITY, -INFINITY, 0, 0, -4, 3 }, 14, 0);
  char *dir = generate ("[7, 1, 1]", "- {type: softmax}\n", "");
  check_run (dir, (const float[]){ 0, -INFINITY, 0, 0, -INFINITY, 0, -INFINITY },
             (const double[]){ 0.25, 0, 0.25, 0.25, 0, 0.25, 0 }, 7, 1e-7);
  for (int i = 0; i < 7; i++)
    for (int kind = 0; kind < 2; kind++)
      {
        float x[7] = { 0 };
        x[i] = kind ? INFINITY : NAN;
        check_run (dir, x, (const double[]){ NAN, NAN, NAN, NAN, NAN, NAN, NAN }, 7, 0);
      }
}
END_TEST

/* 0 * inf in the channels that pad a block is NaN, which must not come into real ones: they are -inf, and 0 behind a ReLU. */
START_TEST (padding_channels)
{
  static const float minus[] = { -1, -1, -1 }, ones[] = { 1, 2, 3 };
  const struct tensor_of weights[] = { { "c.weight", "3,1,1,1", 3, minus }, { "l.weight", "1,3", 3, ones } };
  char *dir = generate ("[1, 1, 1]", "- {type: conv, name: c, filters: 3, kernel-size: 1}\n- {type: relu}\n"
                                     "- {type: linear, name: l, features: 1}\n",
                        mem_printf ("-w '%s'", write_weights (weights, COUNT (weights))));
  check_run (dir, &(float){ INFINITY }, &(double){ 0 }, 1, 0);
  check_run (dir, &(float){ NAN }, &(double){ NAN }, 1, 0);
}
END_TEST

/* Fused and alone, layer by layer; groups that share blocks of channels. */
static const char all_kinds[] = "- {type: conv, name: c, filters: 24, kernel-size: 3, stride: 2, padding: 1}\n"
                                "- {type: relu, name: r}\n"
                                "- {type: max-pool, name: m, kernel-size: 3, stride: 2, padding: 1}\n"
                                "- {type: conv, name: g, filters: 24, kernel-size: 3, padding: 1, groups: 2}\n"
                                "- {type: prelu, name: p}\n"
                                "- {type: add, name: a, input: [p, m]}\n"
                                "- {type: max-pool, name: m2, kernel-size: 2, stride: 1}\n"
                                "- {type: batch-norm, name: b}\n"
                                "- {type: average-pool, name: v, kernel-size: 2, stride: 1, padding: 1}\n"
                                "- {type: upsample, name: u, scale: [1, 1.3], align-corners: false}\n"
                                "- {type: instance-norm, name: i}\n"
                                "- {type: conv, name: d, filters: 24, kernel-size: 3, padding: 1, groups: 24}\n"
                                "- {type: conv, name: e, filters: 40, kernel-size: 1, groups: 4}\n"
                                "- {type: transposed-conv-2d, name: t, filter-size: 3, num-filters: 5, stride: 2}\n"
                                "- {type: global-max-pool, name: x}\n"
                                "- {type: global-average-pool, name: mean, input: t}\n"
                                "- {type: add, name: n, input: [x, mean]}\n"
                                "- {type: linear, name: l, features: 7}\n"
                                "- {type: softmax, name: s}\n";

static struct child
verify (const char *dir, int seed)
{
  return child_shell ("'%s' verify '%s' --non-finite --seed %d", rescast_program (), dir, seed);
}

START_TEST (every_layer)
{
  char *dir = generate ("[3, 21, 17]", all_kinds, _i ? "--exact --set batch=2" : "");
  for (int seed = 1; seed <= 3; seed++)
    {
      struct child c = verify (dir, seed);
      ck_assert_msg (c.status == 0 && strstr (c.out, "in NaN and infinities too"), "%s%s", c.out, c.err);
    }
}
END_TEST

/* A maximum that drops NaN, a ReLU that does, a halo that a maximum sees. */
START_TEST (noticed)
{
  static const struct { const char *file, *from, *to; } faults[] = {
    { "q_c.h", "(b > a) | (b != b)", "b > a" },
    { "q_c.h", "~(a < 0)", "(a > 0)" },
    { "q_c_maxpool*.c", "a = vload (x [^;]*;", "a = vsplat (0);" },
  };
  char *dir = generate ("[3, 21, 17]", all_kinds, "-t c");
  for (size_t i = 0; i < COUNT (faults); i++)
    {
      child_shell_ok ("cd '%s' && for f in %s; do"
                      " cp $f $f.kept && sed 's/%s/%s/' $f.kept >$f && ! cmp -s $f $f.kept || exit 1; done",
                      dir, faults[i].file, faults[i].from, faults[i].to);
      bool seen = false;
      for (int seed = 1; seed <= 6 && !seen; seed++)
        seen = verify (dir, seed).status == 1;
      ck_assert_msg (seen, "%s for %s is not noticed", faults[i].to, faults[i].from);
      child_shell_ok ("cd '%s' && for f in *.kept; do mv $f ${f%%.kept}; touch ${f%%.kept}; done", dir);
    }
}
END_TEST

/* ---- large means, small variances ---- */

/* (x - mean) / sqrt (variance + 1e-5), all in double, of differences from the first value. */
static void
normalise (const float *x, size_t count, double *y)
{
  double mean = 0, variance = 0;
  for (size_t i = 0; i < count; i++)
    mean += ((double) x[i] - (double) x[0]) / (double) count;
  for (size_t i = 0; i < count; i++)
    variance += pow ((double) x[i] - (double) x[0] - mean, 2) / (double) count;
  for (size_t i = 0; i < count; i++)
    y[i] = ((double) x[i] - (double) x[0] - mean) / sqrt (variance + 1e-5);
}

/* A map of WIDTH pixels about MEAN, SPREAD to either side, the first one OUTLIER away. */
static void
fill (float *x, size_t width, double mean, double spread, double outlier)
{
  for (size_t i = 0; i < width; i++)
    x[i] = (float) (mean + spread * sin (7.0 * (double) i) + (i ? 0 : outlier));
}

START_TEST (instance_norm)
{
  static const double means[] = { 0, 1, 1e2, -1e3, 1e4, 1e5, 1e6 }, spreads[] = { 0, 1e-2, 1, 1e3 }, outliers[] = { 0, 1e3 };
  static const int widths[] = { 1, 700 };
  char *dir = generate (mem_printf ("[1, 1, %d]", widths[_i]), "- {type: instance-norm}\n", "");
  size_t count = (size_t) widths[_i];
  float *x = heap_array (count, sizeof *x);
  double *y = heap_array (count, sizeof *y);
  for (size_t m = 0; m < COUNT (means); m++)
    for (size_t s = 0; s < COUNT (spreads); s++)
      for (size_t o = 0; o < COUNT (outliers); o++)
        {
          fill (x, count, means[m], spreads[s], outliers[o]);
          normalise (x, count, y);
          const bool constant = spreads[s] == 0 && outliers[o] == 0;
          double largest = 1;
          for (size_t i = 0; constant && i < count; i++)
            y[i] = 0;
          for (size_t i = 0; i < count; i++)
            largest = fmax (largest, fabs (y[i]));
          check_run (dir, x, y, count, constant ? 0 : 4e-6 * largest);
        }
  free (x);
  free (y);
}
END_TEST

/* Channels that are one constant, in groups of 10 and of 24: 0, whatever it is, and 0 from there on. */
START_TEST (group_norm)
{
  static const struct { int channels, groups; } kinds[] = { { 20, 2 }, { 24, 1 } };
  static const double values[] = { 1e-30, 1.0 / 3, 12345.678, -1e20, 1.1e20, 1e30 };
  const int n = kinds[_i].channels;
  float x[6], ones[24 * 24 * 9];
  for (size_t i = 0; i < COUNT (ones); i++)
    ones[i] = 1;
  const char *kernel = mem_printf ("%d,%d,3,3", n, n);
  const size_t count = (size_t) n * (size_t) n * 9;
  const struct tensor_of list[] = {
    { "conv1.weight", mem_printf ("%d,1,1,1", n), (size_t) n, ones },
    { "layer1.0.conv1.weight", kernel, count, ones },
    { "layer1.0.conv2.weight", kernel, count, ones },
    { "fc.weight", mem_printf ("1,%d", n), (size_t) n, ones },
    { "fc.bias", "1", 1, (const float[]){ 0 } },
  };
  char *dir = generate_text (mem_printf ("network: resnet\nblock: basic\nlayers: [1]\nnum-filters: [%d]\naffine: false\n"
                                         "norm-layer: group-norm %d\ninput-size: [1, 2, 3]\nnum-classes: 1\n"
                                         "initial-filter-size: 1\ninitial-stride: 1\ninitial-pooling-layer: none\n",
                                         n, kinds[_i].groups),
                             mem_printf ("-w '%s'", write_weights (list, COUNT (list))));
  for (size_t v = 0; v < COUNT (values); v++)
    {
      for (size_t i = 0; i < COUNT (x); i++)
        x[i] = (float) values[v];
      check_run (dir, x, &(double){ 0 }, 1, 0);
    }
}
END_TEST

START_TEST (batch_norm)
{
  static const float mean[] = { 0, 1e2F, 1e4F, 1e6F, -1e5F }, variance[] = { 4e-4F, 4e-4F, 4e-4F, 4e-4F, 0 };
  static const float weight[] = { 0.7F, 0.7F, -0.7F, 0.7F, 0 }, bias[] = { 0, -3, 3, 1, 2 };
  const struct tensor_of list[] = { { "b.weight", "5", 5, weight }, { "b.bias", "5", 5, bias },
                                    { "b.running_mean", "5", 5, mean }, { "b.running_var", "5", 5, variance } };
  float x[5 * 9];
  double y[5 * 9];
  for (size_t c = 0; c < 5; c++)
    fill (x + 9 * c, 9, (double) mean[c], 1, 0);
  for (size_t i = 0; i < COUNT (x); i++)
    {
      const double factor = (double) weight[i / 9] / sqrt ((double) variance[i / 9] + 1e-5);
      y[i] = ((double) x[i] - (double) mean[i / 9]) * factor + (double) bias[i / 9];
    }
  const char *weights = mem_printf ("-w '%s'", write_weights (list, COUNT (list)));
  check_run (generate ("[5, 3, 3]", "- {type: batch-norm, name: b}\n", weights), x, y, COUNT (x), 2e-5);
}
END_TEST

/* ---- upsampling ---- */

/* An axis that keeps its extent is copied, whatever its scale; the other one is not. */
START_TEST (kept_axes)
{
  static const float x[] = { 1, -2, 4 };
  char *dir = generate ("[1, 1, 3]", "- {type: upsample, scale: [1, 1.3], align-corners: false}\n"
                                     "- {type: upsample, scale: [1, 1.3]}\n"
                                     "- {type: upsample, scale: [1.9, 1.3], mode: nearest}\n"
                                     "- {type: upsample, scale: [2, 1.3], align-corners: false}\n"
                                     "- {type: upsample, scale: [1.2, 2.2], mode: nearest}\n", "");
  check_run (dir, x, (const double[]){ 1, 1, -2, -2, 4, 4, 1, 1, -2, -2, 4, 4 }, 12, 0);
  struct child c = verify (dir, 1);
  ck_assert_msg (c.status == 0, "%s%s", c.out, c.err);
  /* PyTorch's nearest neighbours go by the scale in maps of several channels. */
  dir = generate ("[2, 1, 4]", "- {type: upsample, scale: [1, 1.1], mode: nearest}\n", "");
  check_run (dir, (const float[]){ 1, -2, 4, 8, 0, 3, 5, 7 }, (const double[]){ 1, 1, -2, 4, 0, 0, 3, 5 }, 8, 0);
}
END_TEST

Suite *numbers_suite (void);

Suite *
numbers_suite (void)
{
  Suite *s = suite_create ("numbers");
  TCase *c = tcase_create ("run");
  tcase_set_timeout (c, 300);
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_add_loop_test (c, max_pools, 0, 3);
  tcase_add_test (c, activations);
  tcase_add_test (c, padding_channels);
  tcase_add_loop_test (c, every_layer, 0, 2);
  tcase_add_test (c, noticed);
  tcase_add_loop_test (c, instance_norm, 0, 2);
  tcase_add_loop_test (c, group_norm, 0, 2);
  tcase_add_test (c, batch_norm);
  tcase_add_test (c, kept_axes);
  suite_add_tcase (s, c);
  return s;
}
