/* Precisions: elements of two bytes, tensors of them, what verify allows them, and what the command line says. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cuda/cuda.h"
#include "base/lock.h"
#include "folder.h"
#include "backend/cuda/cuda_kernel.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "generate/manifest.h"
#include "pack/pack.h"
#include "small_graph.h"
#include "test_passes.h"
#include "verify/verify_internal.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define SMALL "network: resnet\nblock: basic\nlayers: [1]\nnum-filters: [4]\ninput-size: [3, 8, 8]\nnum-classes: 3\n" \
              "initial-pooling-layer: none\nname: small\n"

START_TEST (names)
{
  static const char *const known[] = { "fp32", "tf32", "fp16", "bf16" }, *const unknown[] = { "", "fp8", "FP16", "fp16 ", "half" };
  for (size_t i = 0; i < COUNT (known); i++)
    {
      enum precision p;
      ck_assert (precision_parse (known[i], &p) && p == (enum precision) i);
      ck_assert_str_eq (precision_name (p), known[i]);
    }
  for (size_t i = 0; i < COUNT (unknown); i++)
    ck_assert (!precision_parse (unknown[i], &(enum precision){ PRECISION_FP32 }));
}
END_TEST

/* ---- views ---- */

static struct graph *
planned_in (struct graph *g, enum precision p)
{
  g->backend = &cuda_backend;
  g->precision = p;
  run_passes (g, targets_parse ("cuda"), false);
  return g;
}

static struct graph *
one_conv (enum precision p)
{
  struct graph *g = small_graph (2, 2, 5, 1, 4, 3);
  build_output (g, small_conv (g, 0, small_spec (7, 3, 1, false)));
  small_params (g, 1);
  return planned_in (g, p);
}

START_TEST (views)
{
  const enum precision p = (enum precision) _i;
  const struct graph *g = one_conv (p);
  const enum element e = precision_element (p);
  const size_t size = (size_t) element_bytes (e);
  ck_assert_uint_eq (size, p < PRECISION_FP16 ? 4 : 2);
  struct guarded arena = guarded_new (g->arena_bytes, 64);
  struct view v = view_of_tensor (g, 0, arena.data), out = view_of_tensor (g, g->nodes[1].out, arena.data);
  ck_assert (v.bytes == 2 * 5 * 4 * 3 * size && v.start == arena.data + g->tensors[0].offset);
  ck_assert (!view_overlaps (&v, &out) && view_overlaps (&v, &v));
  struct random random = random_seed (1, "views");
  view_poison (&v);
  view_poison (&out);
  view_randomize (&v, &random, -1, 1);
  double *values = view_read (&v);
  for (int64_t i = 0; i < 2 * 5 * 4 * 3; i++)
    {
      int64_t n = i / 60, c = i / 12 % 5, h = i / 3 % 4, w = i % 3, at = view_at (&v, n, c, 0, h, w);
      ck_assert (at == ((n * 4 + h) * 3 + w) * 5 + c && values[i] >= -1 && values[i] <= 1);
      ck_assert_double_eq (values[i], view_get (&v, at));
      if (p >= PRECISION_FP16)
        ck_assert_double_eq (values[i], element_value (element_bits (values[i], e), e));
    }
  ck_assert (isnan (view_get (&out, 0)) && isnan (view_get (&out, (int64_t) (out.bytes / size) - 1)));
  ck_assert (view_stain (&v, true, &(float){ 0 }) == -1);
  ck_assert_str_eq (view_where (&v, view_at (&v, 1, 4, 0, 2, 1)), "(1, 4, 0, 2, 1)");
  view_set (&v, 3, 1 + 0x1p-9);
  ck_assert_double_eq (view_get (&v, 3), p == PRECISION_BF16 ? 1 : 1 + 0x1p-9);
  ck_assert (!guarded_broken (&arena, &(int64_t){ 0 }));
  free (values);
  guarded_free (&arena);
}
END_TEST

/* The caller's arrays are floats in every precision. */
START_TEST (arrays)
{
  const struct graph *g = one_conv (PRECISION_FP16);
  float array[2 * 5 * 4 * 3];
  struct view v = view_of_array (g, &g->tensors[0].shape, array);
  ck_assert_uint_eq (v.bytes, sizeof array);
  view_set (&v, view_at (&v, 1, 2, 0, 3, 1), 0.1F);
  ck_assert_double_eq (array[((5 + 2) * 4 + 3) * 3 + 1], 0.1F);
}
END_TEST

/* ---- what verify allows ---- */

static struct outcome
compare (const struct graph *g, const float *packed, const double *in, const struct view *out)
{
  struct outcome o = { .layer = "conv" };
  compare_layer (g, &g->nodes[1], packed, (const double *const[]){ in }, NULL, false, out, &o);
  return o;
}

/* The reference rounded once is allowed; what lies several steps away is not. */
START_TEST (bounds)
{
  static const double step[] = { 0x1p-19, 0x1p-8, 0x1p-10, 0x1p-7 };
  const enum precision p = (enum precision) _i;
  struct graph *g = one_conv (p);
  int64_t bytes = pack_plan (g), count = 2 * 7 * 4 * 3;
  float *packed = pack_weights (g, bytes);
  struct guarded arena = guarded_new (g->arena_bytes, 64);
  struct view x = view_of_tensor (g, 0, arena.data), y = view_of_tensor (g, g->nodes[1].out, arena.data);
  struct random random = random_seed (2, "bounds");
  view_randomize (&x, &random, 0.5, 1);
  double *in = view_read (&x), *want = calloc ((size_t) count, sizeof *want), *magnitude = calloc ((size_t) count, sizeof *want);
  int64_t terms;
  struct node n = g->nodes[1];
  struct reference_params r = pack_unpack (g, &n, packed, &n.ep);
  reference_node (g, &n, &r, (const double *const[]){ in }, NULL, want, magnitude, &terms);
  for (int64_t i = 0; i < count; i++)
    view_set (&y, view_at (&y, i / 84, i / 12 % 7, 0, i / 3 % 4, i % 3), want[i]);
  struct outcome o = compare (g, packed, in, &y);
  ck_assert_msg (!o.failure && o.worst <= 1, "%s", o.failure);
  int64_t at = view_at (&y, 1, 3, 0, 2, 1), i = (7 + 3) * 12 + 7;
  view_set (&y, at, want[i] + 3 * step[p] * magnitude[i]);
  o = compare (g, packed, in, &y);
  ck_assert (o.failure && strstr (o.failure, "(1, 3, 0, 2, 1)") && strstr (o.failure, "1 of 168"));
  view_set (&y, at, NAN);
  ck_assert_ptr_nonnull (compare (g, packed, in, &y).failure);
  reference_params_free (&r);
  guarded_free (&arena);
  free (packed);
  free (in);
  free (want);
  free (magnitude);
}
END_TEST

/* ---- layouts and folders ---- */

START_TEST (layouts_differ)
{
  uint64_t hash[4];
  for (int i = 0; i < 4; i++)
    {
      struct graph *g = one_conv ((enum precision) i);
      pack_plan (g);
      hash[i] = pack_layout_hash (g);
      for (int j = 0; j < i; j++)
        ck_assert_uint_ne (hash[i], hash[j]);
    }
}
END_TEST

/* A folder's precision is the GPU's alone, and its manifest brings it back. */
START_TEST (folders)
{
  const char *path = folder_path ("options.yaml"), *dir = folder_path ("out");
  folder_write (path, SMALL);
  const enum precision p = (enum precision) _i;
  struct generate_options o = { .path = path, .dir = dir, .targets = targets_parse ("cuda") };
  ck_assert (targets_compute_in (&o.targets, p));
  generate (&o);
  struct manifest m = manifest_read (dir);
  ck_assert (m.precision == p && m.device.g->precision == p && m.g->precision == PRECISION_FP32);
  ck_assert (element_bytes (precision_element (m.g->precision)) == 4);
  lock_release (0); /* which other processes would wait for */
  child_shell_ok ("grep -q '\"precision\": \"%s\"' '%s/small.json'", precision_name (p), dir);
  child_shell_ok ("sed -i 's/\"cuda[:a-z0-9]*\"/\"cuda:fp8\"/' '%s/small.json'", dir);
  struct child c = child_shell ("'%s' verify '%s'", rescast_program (), dir);
  child_refused (&c, (const char *const[]){ "cuda computes in fp32", "bf16", NULL });
}
END_TEST

/* ---- the first layer on GPUs with wgmma ---- */

START_TEST (stems)
{
  static const struct
  {
    const char *input, *conv, *pool, *stem; /* of fp16 and bf16 */
  } cases[] = {
    { "[3, 224, 224]", "filters: 64, kernel-size: 7, stride: 2, padding: 3", "kernel-size: 3, stride: 2, padding: 1", "conv_stem_pool" },
    { "[3, 97, 129]", "filters: 72, kernel-size: 5, stride: 2, padding: same", "kernel-size: 3, stride: 2", "conv_stem_pool" },
    { "[3, 224, 224]", "filters: 64, kernel-size: 7, stride: 2, padding: 3", "kernel-size: 2, stride: 2", "conv_mma_pool" },
    { "[3, 97, 129]", "filters: 72, kernel-size: 7, stride: 2, padding: 3", NULL, "conv_stem" },
    { "[4, 16, 112, 112]", "filters: 64, kernel-size: 7, stride: 2, padding: 3", NULL, "conv_stem" },
    { "[1, 9, 33, 1000]", "filters: 8, kernel-size: [3, 5, 8], stride: [1, 1, 2], padding: 1", NULL, "conv_stem" },
    { "[3, 97, 129]", "filters: 72, kernel-size: [7, 9], stride: 2, padding: 3", NULL, "conv_mma" },
    { "[3, 97, 129]", "filters: 72, kernel-size: 7, stride: 1, padding: 3", NULL, "conv_mma" },
    { "[3, 97, 129]", "filters: 72, kernel-size: 7, stride: 2, dilation: [2, 1]", NULL, "conv_mma" },
    { "[3, 97, 129]", "filters: 12, kernel-size: 7, stride: 2", NULL, "conv_mma" },
    { "[3, 97, 129]", "filters: 72, kernel-size: [1, 3], stride: 2", NULL, "conv_mma" },
    { "[5, 97, 129]", "filters: 72, kernel-size: 7, stride: 2", NULL, "conv_mma" },
  };
  static const int batches[] = { 1, 8, 64, 256 };
  for (size_t i = 0; i < COUNT (cases); i++)
    for (size_t j = 0; j < COUNT (batches); j++)
      {
        const char *pool = cases[i].pool ? mem_printf ("- {type: max-pool, name: p, %s}\n", cases[i].pool) : "";
        struct graph *g = from_options (mem_printf ("network: sequence\nbatch: %d\ninput-size: %s\nlayers:\n- {type: conv, name: a, %s}\n%s"
                                                    "- {type: global-average-pool, name: z}\n", batches[j], cases[i].input,
                                                    cases[i].conv, pool), 1);
        const struct cuda_kernel *k = cuda_kernel_of (planned_in (g, (enum precision) _i)->nodes[1].kernel);
        bool stem = _i >= PRECISION_FP16 && !strncmp (cases[i].stem, "conv_stem", strlen ("conv_stem"));
        ck_assert_str_eq (k->base.family->template, _i >= PRECISION_FP16 ? mem_printf ("cuda/%s", cases[i].stem) : cases[i].pool ? "cuda/conv_mma_pool" : "cuda/conv_mma");
        ck_assert (stem == !strncmp (k->base.reason, "rows of the input", strlen ("rows of the input")));
        ck_assert (k->shape[0].shared <= 227 * 1024 && k->shape[1].shared <= 99 * 1024);
        ck_assert (!stem || (k->shape[0].grid[0] * k->shape[0].grid[1] <= 132 && k->shape[0].threads % 32 == 0));
      }
}
END_TEST

/* ---- targets with precisions ---- */

/* "amx:bf16,…": T as lists name it. */
static const char *
targets_text (const struct targets *t)
{
  struct text s = { 0 };
  text_add (&s, "");
  for (int i = 0; i < t->count; i++)
    text_printf (&s, "%s%s", i ? "," : "", target_name_in (t->list[i].name, t->list[i].precision));
  return s.s;
}

START_TEST (target_lists)
{
  static const struct
  {
    const char *list, *alone, *in_bf16, *in_fp16;
  } cases[] = {
    { "c", "c", "c:bf16", NULL },
    { "c,avx2:fp32,amx", "amx:bf16,avx2,c", "amx:bf16,avx2,c:bf16", NULL },
    { "cuda", "c,cuda", "c,cuda:bf16", "c,cuda:fp16" },
    { "cuda,avx2:bf16", "avx2:bf16,cuda", "avx2:bf16,cuda:bf16", "avx2:bf16,cuda:fp16" },
    { "c:bf16,c,cuda:tf32", "c:bf16,cuda:tf32", "c:bf16,cuda:tf32", "c:bf16,cuda:tf32" },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      struct targets t = targets_parse (cases[i].list), bf16 = t, fp16 = t;
      ck_assert_ptr_null (t.wrong);
      ck_assert_str_eq (targets_text (&t), cases[i].alone);
      ck_assert (targets_compute_in (&bf16, PRECISION_BF16));
      ck_assert_str_eq (targets_text (&bf16), cases[i].in_bf16);
      ck_assert (targets_compute_in (&fp16, PRECISION_FP16) == !!cases[i].in_fp16);
      ck_assert_str_eq (targets_text (&fp16), cases[i].in_fp16 ? cases[i].in_fp16 : cases[i].alone);
    }
  const struct targets usual = targets_usual (PRECISION_BF16), floats = targets_usual (PRECISION_FP16),
                       two = targets_parse ("c,amx");
  enum precision list[PRECISION_COUNT];
  ck_assert_str_eq (targets_text (&usual), "amx:bf16,avx512bf16:bf16,avx2:bf16,c:bf16");
  ck_assert_str_eq (targets_text (&floats), "c");
  ck_assert_int_eq (targets_precisions (&two, host_backend, list), 2);
  ck_assert (list[0] == PRECISION_BF16 && list[1] == PRECISION_FP32
             && targets_precision (&two, host_backend) == PRECISION_BF16);
}
END_TEST

/* A folder of two precisions, and its manifest: a part for each, whose weights differ. */
START_TEST (two_parts)
{
  const char *path = folder_path ("options.yaml"), *dir = folder_path ("two");
  folder_write (path, SMALL);
  struct generate_options o
      = { .path = path, .dir = dir, .targets = targets_parse ("avx2,c:bf16"), .unroll_budget = 1 << 18 };
  generate (&o);
  struct manifest m = manifest_read (dir);
  ck_assert (m.g->precision == PRECISION_FP32 && m.further_count == 1 && !m.device.g);
  const struct graph *g = m.further[0].g;
  ck_assert (g->precision == PRECISION_BF16 && !g->backend && graph_block (g) == 32 && graph_block (m.g) == 16);
  ck_assert_str_eq (host_backend->section_order (g), "cpu-bf16x32");
  ck_assert_uint_ne (pack_layout_hash (g), pack_layout_hash (m.g));
  for (int i = 0; i < g->node_count; i++)
    {
      const struct kernel *k = g->nodes[i].kernel;
      ck_assert (k->total_bytes % 64 == 0 && k->weight_bytes <= k->total_bytes && !k->order->tiles);
      ck_assert_int_eq (graph_holds_scores (g, g->nodes[i].out) || graph_holds_features (g, g->nodes[i].out),
                        g->tensors[g->nodes[i].out].format.element == ELEMENT_F32 && g->nodes[i].op != OP_OUTPUT
                            && g->nodes[i].op != OP_INPUT);
    }
  lock_release (0);
}
END_TEST

static void
usage_error (const char *options, const char *message)
{
  struct child c = child_shell ("'%s' generate '%s' -o '%s' %s", rescast_program (), folder_path ("options.yaml"),
                                folder_path ("line"), options);
  ck_assert_msg (c.status == 2 && !strncmp (c.err, message, strlen (message)), "status %d, %s", c.status, c.err);
  ck_assert_ptr_eq (strchr (c.err, '\n'), c.err + strlen (c.err) - 1);
}

START_TEST (command_line)
{
  folder_write (folder_path ("options.yaml"), SMALL);
  usage_error ("-t cuda --precision fp8", "rescast: --precision fp8: must be fp32, tf32, fp16 or bf16");
  usage_error ("-t cuda --precision", "rescast: --precision needs a value");
  usage_error ("--precision fp16", "rescast: --precision fp16: is of the targets cuda; give one of them with -t");
  usage_error ("--precision tf32 -t c,avx2",
               "rescast: --precision tf32: is of the targets cuda; give one of them with -t");
  usage_error ("-t c,sse", "rescast: -t c,sse: the targets are ");
  usage_error ("-t c:fp16", "rescast: -t c:fp16: c computes in fp32, bf16");
  usage_error ("-t cuda:fp8", "rescast: -t cuda:fp8: cuda computes in fp32, tf32, fp16, bf16");
  usage_error ("-t c:bf16,c:fp32", "rescast: -t c:bf16,c:fp32: c is given in two precisions");
  child_shell_ok ("test ! -e '%s'", folder_path ("line"));
  child_shell_ok ("'%s' generate '%s' -o '%s' --precision fp32", rescast_program (), folder_path ("options.yaml"),
                  folder_path ("line"));
}
END_TEST

Suite *precision_suite (void);

Suite *
precision_suite (void)
{
  Suite *suite = suite_create ("precision");
  TCase *c = tcase_create ("precision");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_set_timeout (c, 60);
  tcase_add_test (c, names);
  tcase_add_loop_test (c, views, 0, 4);
  tcase_add_test (c, arrays);
  tcase_add_loop_test (c, bounds, 0, 4);
  tcase_add_test (c, layouts_differ);
  tcase_add_loop_test (c, folders, 0, 4);
  tcase_add_loop_test (c, stems, 1, 4);
  tcase_add_test (c, command_line);
  tcase_add_test (c, target_lists);
  tcase_add_test (c, two_parts);
  suite_add_tcase (suite, c);
  return suite;
}
