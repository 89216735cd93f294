/* Choices of algorithms: candidates, the model, limits on the weights, measured times from files, manifests. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/target.h"
#include "backend/cpu/wisdom.h"
#include "base/data_dir.h"
#include "folder.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "graph/bind.h"
#include "backend/cpu/choose.h"
#include "backend/cpu/select_kernel.h"
#include "frontend/frontend.h"
#include "pack/pack.h"
#include "small_graph.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A convolution of C channels between a stem and the end: node 2. */
static struct graph *
one_conv (int64_t c, struct conv_spec spec, bool deep, int64_t extent)
{
  struct graph *g = small_graph (1, deep ? 3 : 2, 3, deep ? extent : 1, extent, extent);
  int x = small_conv (g, 0, small_spec (c, 1, 1, false));
  small_end (g, small_conv (g, x, spec));
  small_params (g, 1);
  return g;
}

static char *
candidates_text (const struct graph *g, bool measured)
{
  struct candidate list[CHOICES_MAX];
  int n = (measured ? choice_list_measured : choice_list) (g, &g->nodes[2], list);
  struct text t = { 0 };
  for (int i = 0; i < n; i++)
    text_printf (&t, "%s%s", i ? ", " : "", choice_text (list[i].choice));
  return t.n ? t.s : mem_strdup ("");
}

START_TEST (candidates)
{
  static const struct
  {
    int64_t c, filters, kernel, stride, groups, extent;
    bool deep, exact;
    const char *list, *measured;
  } cases[] = {
#define ORDERS "direct blocks-first, direct strips-first"
    { 16, 32, 3, 1, 1, 8, false, false, "direct, winograd 2x2, winograd 4x4", ORDERS ", winograd 2x2, winograd 4x4" },
    { 16, 16, 3, 1, 1, 8, false, false, "direct, winograd 2x2, winograd 4x4", "direct, winograd 2x2, winograd 4x4" },
    { 16, 32, 3, 1, 1, 8, false, true, "direct", ORDERS },
    { 16, 32, 3, 2, 1, 8, false, false, "direct", ORDERS },
    { 16, 32, 1, 1, 1, 8, false, false, "direct", ORDERS },
    { 32, 64, 1, 1, 1, 8, false, false, "direct, strassen", ORDERS ", strassen" },
    { 64, 32, 1, 2, 1, 6, true, false, "direct, strassen", ORDERS ", strassen" },
    { 32, 64, 1, 1, 1, 8, false, true, "direct", ORDERS },
    { 32, 48, 1, 1, 1, 8, false, false, "direct", ORDERS },
    { 8, 32, 3, 1, 1, 8, false, false, "direct", ORDERS },
    { 16, 32, 3, 1, 2, 8, false, false, "", "" },
    { 16, 16, 3, 1, 1, 6, true, false, "direct, winograd 2x2x2, winograd 4x2x2, winograd 2x4x4, winograd 4x4x4",
      "direct, winograd 2x2x2, winograd 4x2x2, winograd 2x4x4, winograd 4x4x4" },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      struct conv_spec spec = small_spec (cases[i].filters, cases[i].kernel, cases[i].stride, cases[i].deep);
      spec.groups = cases[i].groups;
      struct graph *g = one_conv (cases[i].c, spec, cases[i].deep, cases[i].extent);
      g->exact = cases[i].exact;
      ck_assert_str_eq (candidates_text (g, false), cases[i].list);
      ck_assert_str_eq (candidates_text (g, true), cases[i].measured);
    }
}
END_TEST

/* A stem: node 1. */
START_TEST (stems)
{
  static const struct
  {
    int64_t c, filters, kernel, stride, extent;
    bool deep, exact;
    const char *list;
  } cases[] = {
    { 3, 64, 7, 2, 32, true, false, "direct, winograd 3x3x3" }, { 3, 64, 7, 2, 32, true, true, "" },
    { 1, 16, 5, 2, 32, true, false, "direct, winograd 4x4x4" }, { 4, 20, 8, 2, 32, true, false, "direct, winograd 3x3x3" },
    { 3, 64, 7, 2, 32, false, false, "direct, winograd 3x3" },  { 3, 64, 6, 2, 32, false, false, "direct, winograd 4x4" },
    { 3, 64, 3, 2, 32, false, false, "" },                      { 3, 64, 9, 2, 32, false, false, "" },
    { 3, 64, 7, 1, 32, true, false, "" },                       { 3, 15, 7, 2, 32, true, false, "" },
    { 3, 64, 7, 2, 6, true, false, "" },                        { 9, 64, 7, 2, 32, false, false, "direct" },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      struct graph *g = small_graph (1, cases[i].deep ? 3 : 2, cases[i].c, cases[i].deep ? 32 : 1, cases[i].extent,
                                     cases[i].extent);
      small_end (g, small_conv (g, 0, small_spec (cases[i].filters, cases[i].kernel, cases[i].stride, cases[i].deep)));
      g->exact = cases[i].exact;
      struct candidate list[CHOICES_MAX];
      int n = choice_list (g, &g->nodes[1], list);
      struct text t = { 0 };
      for (int k = 0; k < n; k++)
        text_printf (&t, "%s%s", k ? ", " : "", choice_text (list[k].choice));
      ck_assert_msg (strcmp (t.s ? t.s : "", cases[i].list) == 0, "case %zu: %s", i, t.s ? t.s : "");
      for (int k = 0; k < n && n > 1; k++)
        {
          g->nodes[1].choice = list[k].choice;
          const struct target *target = targets_parse ("avx2").list[0].cpu;
          g->tensors[0].format = format_dense;
          ck_assert_int_eq (select_kernel (g, &g->nodes[1], target)->weight_bytes,
                            list[k].weight_floats * (int64_t) sizeof (float));
        }
    }
}
END_TEST

START_TEST (texts)
{
  struct choice c;
  char *names = mem_strdup (choice_names ());
  for (char *name = strtok (names, ","); name; name = strtok (NULL, ","))
    {
      name += *name == ' ';
      ck_assert (choice_parse (name, &c));
      ck_assert_str_eq (choice_text (c), name);
    }
  ck_assert (!choice_parse ("winograd 4x2", &c) && !choice_parse ("", &c) && !choice_parse ("Direct", &c));
  struct graph *g = one_conv (16, small_spec (20, 3, 2, false), false, 9);
  ck_assert_str_eq (choice_layer (g, &g->nodes[2]), "16x9x9 -> 20x5x5, kernel 3x3, stride 2");
  struct conv_spec spec = small_spec (20, 3, 1, true);
  spec.dilation[0] = spec.dilation[1] = spec.dilation[2] = 2;
  g = one_conv (16, spec, true, 9);
  g->batch = 2;
  ck_assert_str_eq (choice_layer (g, &g->nodes[2]),
                    "16x9x9x9 -> 20x9x9x9, kernel 3x3x3, stride 1, dilation 2, batch 2");
}
END_TEST

/* Node 2 of a sequence behind an identity. */
static struct graph *
one_transposed (const char *layer, const struct choosing *how)
{
  const char *text = mem_printf ("network: sequence\ninput-size: [16, 12, 12, 12]\nlayers:\n  - {type: relu, name: x}\n"
                                 "  - {type: transposed-conv-3d, name: up, %s}\n", layer);
  struct graph *g = source_build (source_parse ("f.yaml", text));
  small_params (g, 1);
  g->choosing = how;
  return g;
}

START_TEST (transposed)
{
  static const struct
  {
    const char *layer, *list;
  } cases[] = {
    { "filter-size: 11, num-filters: 32, stride: [4, 4, 2]", "direct, winograd 2x2, winograd 4x4" },
    { "filter-size: [4, 6, 1], num-filters: 1, stride: [2, 3, 2]", "direct, winograd 2x2, winograd 4x4" },
    { "filter-size: [4, 2, 4], num-filters: 32, stride: 2", "direct" }, /* one tap along W */
    { "filter-size: [7, 4, 4], num-filters: 32, stride: 2", "direct" }, /* four along H */
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    for (int exact = 0; exact < 2; exact++)
      {
        struct graph *g = one_transposed (cases[i].layer, NULL);
        g->exact = exact;
        ck_assert_str_eq (candidates_text (g, false), exact ? "direct" : cases[i].list);
        ck_assert_str_eq (candidates_text (g, true), exact ? "direct" : cases[i].list);
      }
  struct graph *g = one_transposed (cases[0].layer, NULL);
  ck_assert_str_eq (choice_layer (g, &g->nodes[2]),
                    "16x12x12x12 -> 32x33x55x55, transposed kernel 11x11x11, stride 2x4x4");
  run_passes (g, targets_parse ("c"), false);
  ck_assert_int_eq (g->nodes[2].choice.algorithm, ALGORITHM_WINOGRAD);
  /* the candidates' weights are what is packed, and a limit brings the direct one back */
  const struct decision *d = g->nodes[2].decision;
  ck_assert_int_eq (g->nodes[2].kernel->weight_bytes, d->list[d->best].weight_floats * (int64_t) sizeof (float));
  struct choosing how = { .max_weights = (d->list[0].weight_floats + 1000) * (int64_t) sizeof (float) };
  g = one_transposed (cases[0].layer, &how);
  run_passes (g, targets_parse ("c"), false);
  ck_assert_int_eq (g->nodes[2].choice.algorithm, ALGORITHM_DIRECT);
  ck_assert_int_eq (g->nodes[2].kernel->weight_bytes, d->list[0].weight_floats * (int64_t) sizeof (float));
}
END_TEST

/* ---- the model and limits ---- */

static struct graph *
resnet (const char *more, const struct choosing *how)
{
  const char *text = mem_printf ("network: resnet\narch: resnet18\ninput-size: [3, 64, 64]\nnum-classes: 10\n%s", more);
  struct graph *g = source_build (source_parse ("f.yaml", text));
  for (int i = 0; i < g->param_count; i++)
    bind_zeros (g->params[i]);
  g->choosing = how;
  return g;
}

static int64_t
planned_bytes (struct graph *g, const char *targets)
{
  run_passes (g, targets_parse (targets), false);
  return pack_plan (g);
}

static double
total_ms (const struct graph *g, int *winograd)
{
  double ms = 0;
  *winograd = 0;
  for (int i = 0; i < g->node_count; i++)
    for (int k = 0; g->nodes[i].decision && k < g->nodes[i].decision->count; k++)
      if (choice_equal (g->nodes[i].decision->list[k].choice, g->nodes[i].choice))
        {
          ms += g->nodes[i].decision->list[k].ms;
          *winograd += g->nodes[i].choice.algorithm == ALGORITHM_WINOGRAD;
        }
  return ms;
}

START_TEST (best_of_the_model)
{
  struct graph *g = resnet ("", NULL);
  planned_bytes (g, "c");
  for (int i = 0; i < g->node_count; i++)
    {
      const struct decision *d = g->nodes[i].decision;
      ck_assert_int_eq (d != NULL, g->nodes[i].op == OP_CONV);
      for (int k = 0; d && k < d->count; k++)
        ck_assert (d->list[k].ms > 0 && d->list[d->best].ms <= d->list[k].ms);
      if (d)
        ck_assert (choice_equal (g->nodes[i].choice, d->list[d->best].choice));
    }
}
END_TEST

/* 3x3 filters on 8x8 pixels: Winograd's larger tiles multiply less, but of many such layers they have more weights than
 * the cache keeps from run to run. */
START_TEST (weights_drive_each_other_out)
{
  for (int many = 0; many < 2; many++)
    {
      struct graph *g = small_graph (1, 2, 64, 1, 8, 8);
      int x = small_conv (g, 0, small_spec (64, 1, 1, false));
      for (int i = 0; i < (many ? 8 : 1); i++)
        x = small_conv (g, x, small_spec (64, 3, 1, false));
      small_end (g, x);
      small_params (g, 1);
      planned_bytes (g, "avx512");
      ck_assert_str_eq (choice_text (g->nodes[2].choice), many ? "winograd 2x2" : "winograd 4x4");
    }
}
END_TEST

static void
plan_limited (void *most)
{
  struct choosing how = { .max_weights = *(int64_t *) most };
  planned_bytes (resnet ("", &how), "c");
}

START_TEST (weights_limit)
{
  int winograd, before = 1000;
  struct graph *g = resnet ("", NULL), *direct = resnet ("", NULL);
  int64_t most = planned_bytes (g, "c");
  double ms = total_ms (g, &winograd);
  ck_assert_int_gt (winograd, 5);
  direct->exact = true;
  int64_t least = planned_bytes (direct, "c");
  for (int64_t limit = most; limit > least; limit -= (most - least) / 9 + 1)
    {
      struct choosing how = { .max_weights = limit };
      g = resnet ("", &how);
      ck_assert_int_le (planned_bytes (g, "c,avx2"), limit);
      double slower = total_ms (g, &winograd);
      ck_assert (slower >= ms && winograd <= before);
      /* nothing that still fits was given up */
      ck_assert_int_gt (planned_bytes (g = resnet ("", &how), "c"), limit - (most - least));
      ms = slower;
      before = winograd;
    }
  struct choosing how = { .max_weights = least };
  ck_assert_int_eq (planned_bytes (g = resnet ("", &how), "c"), least);
  total_ms (g, &winograd);
  ck_assert_int_eq (winograd, 0);
  least--;
  struct child c = child_run (plan_limited, &least);
  child_refused (&c, TEXTS (mem_printf ("%lld bytes", (long long) least + 1), mem_printf ("%lld of --max-weights",
                                                                                     (long long) least)));
}
END_TEST

/* Equal layers that differ in their loop order alone: one function each, for every target. */
START_TEST (orders_differ)
{
  struct graph *g = small_graph (1, 2, 16, 1, 8, 8);
  int x = 0;
  for (int i = 0; i < 3; i++)
    x = small_conv (g, x, small_spec (16 + 16 * (i > 0), 3, 2 - (i > 0), false));
  small_end (g, small_conv (g, x, small_spec (32, 3, 1, false)));
  small_params (g, 1);
  struct chosen list[16] = { { .decision = NULL } };
  for (int i = 1; i <= 4; i++)
    list[i] = (struct chosen){ { .order = i == 3 ? ORDER_STRIPS_FIRST : i == 4 ? ORDER_BLOCKS_FIRST : ORDER_OF_SHAPE },
                               NEW (struct decision) };
  list[1].choice.order = ORDER_OF_SHAPE;
  struct choosing how = { .given[PRECISION_FP32] = { list, g->node_count }, .file = "f" };
  g->choosing = &how;
  struct kernels *ks = run_passes (g, targets_parse ("avx512,avx2,c"), false);
  for (int i = 0; i < ks->count; i++)
    for (int j = 0; j < i; j++)
      ck_assert_str_ne (ks->list[i]->function, ks->list[j]->function);
  ck_assert_ptr_ne (g->nodes[2].kernel, g->nodes[3].kernel);
  ck_assert_ptr_ne (g->nodes[4].kernel, g->nodes[3].kernel);
}
END_TEST

/* ---- measured times ---- */

#define CPU "\"cpu\": \"Acme family 1 model 2\""
#define CACHES "\"caches\": [32768, 524288, 0]"
#define LAYER "\"layer\": \"16x8x8 -> 32x8x8, kernel 3x3, stride 1\""
#define CHOICE "\"choice\": \"winograd 2x2\""
#define MS "\"ms\": {\"direct\": 3, \"winograd 2x2\": 2.5, \"winograd 4x4\": 1e-1}"
#define REST LAYER ", " CHOICE ", " MS
#define ENTRY(cpu, caches, target, threads, rest) \
  "{" cpu ", " caches ", \"target\": " target ", \"threads\": " threads ", " rest "}"
#define GOOD ENTRY (CPU, CACHES, "\"avx2\"", "1", REST)
#define TIMES(ms) ENTRY (CPU, CACHES, "\"avx2\"", "1", LAYER ", " CHOICE ", \"ms\": " ms)
#define WISDOM(entries) "{\"format\": \"rescast wisdom 1\",\n\"entries\": [" entries "]}\n"

static void
read_file (void *path)
{
  struct wisdom w = { .count = 0 };
  wisdom_read (&w, path);
}

START_TEST (malformed)
{
  static const struct
  {
    const char *text, *says;
  } cases[] = {
    { "", "empty" },
    { "{", "w.json:" },
    { "[]", "w.json:1:1: [];" },
    { "{\"entries\": []}", "w.json:1:1: a wisdom file lacks format" },
    { "{\"format\": \"rescast wisdom 1\"}", "lacks entries" },
    { "{\"format\": \"rescast wisdom 2\", \"entries\": []}", "w.json:1:12: format: " },
    { "{\"format\": [], \"entries\": []}", "format: []" },
    { "{\"format\": \"rescast wisdom 1\", \"entries\": {}}", "entries: {}" },
    { "{\"format\": \"rescast wisdom 1\", \"entries\": [], \"more\": 1}", "'more' is no key of a wisdom file" },
    { WISDOM ("1"), "w.json:2:13: '1';" },
    { WISDOM ("{}"), "w.json:2:13: an entry lacks caches" },
    { WISDOM (GOOD ",\n {\"cpus\": 1}"), "w.json:3:3: 'cpus' is no key of an entry; did you mean cpu?" },
    { WISDOM (ENTRY ("\"cpu\": 1", CACHES, "\"avx2\"", "1", REST)), "cpu: '1'" },
    { WISDOM (ENTRY ("\"cpu\": \"\"", CACHES, "\"avx2\"", "1", REST)), "cpu: " },
    { WISDOM (ENTRY ("\"cpu\": \"a\\nb\"", CACHES, "\"avx2\"", "1", REST)), "cpu: " },
    { WISDOM (ENTRY (CPU, "\"caches\": [1, 2]", "\"avx2\"", "1", REST)), "caches: [1, 2]" },
    { WISDOM (ENTRY (CPU, "\"caches\": [1, 2, -3]", "\"avx2\"", "1", REST)), "caches: " },
    { WISDOM (ENTRY (CPU, "\"caches\": [1, 2, 99999999999999999999]", "\"avx2\"", "1", REST)), "caches: " },
    { WISDOM (ENTRY (CPU, CACHES, "\"avx3\"", "1", REST)), "target: 'avx3'; allowed: amx, avx512bf16, avx512, avx2, " },
    { WISDOM (ENTRY (CPU, CACHES, "\"avx2,c\"", "1", REST)), "target: 'avx2,c'" },
    { WISDOM (ENTRY (CPU, CACHES, "\"avx2\"", "0", REST)), "threads: '0'; allowed: 1 to 64" },
    { WISDOM (ENTRY (CPU, CACHES, "\"avx2\"", "\"1\"", REST)), "threads: " },
    { WISDOM (ENTRY (CPU, CACHES, "\"avx2\"", "65", REST)), "threads: '65'" },
    { WISDOM (ENTRY (CPU, CACHES, "\"avx2\"", "1", LAYER ", \"choice\": \"fft\", " MS)),
      "choice: 'fft'; allowed: direct," },
    { WISDOM (ENTRY (CPU, CACHES, "\"avx2\"", "1", LAYER ", \"choice\": [], " MS)), "choice: []" },
    { WISDOM (TIMES ("3")), "ms: '3'; allowed: a map" },
    { WISDOM (TIMES ("{}")), "direct convolution is missing" },
    { WISDOM (TIMES ("{\"direct\": 1}")), "the time of the choice, winograd 2x2, is missing" },
    { WISDOM (TIMES ("{\"winograd 2x2\": 1}")), "direct convolution is missing" },
    { WISDOM (TIMES ("{\"direct\": 0, \"winograd 2x2\": 1}")), "ms of direct: '0'; allowed: a positive number" },
    { WISDOM (TIMES ("{\"direct\": \"x\"}")), "ms of direct" },
    { WISDOM (TIMES ("{\"direct\": 1e300}")), "ms of direct" },
    { WISDOM (TIMES ("{\"direct\": .nan}")), "ms of direct" },
    { WISDOM (TIMES ("{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1}")), "a map of at most 8 choices" },
  };
  char *path = folder_path ("w.json");
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      folder_write (path, cases[i].text);
      struct child c = child_run (read_file, path);
      child_refused (&c, TEXTS ("w.json", cases[i].says));
    }
  struct child c = child_run (read_file, folder_path ("none.json"));
  child_refused (&c, TEXTS ("none.json"));
}
END_TEST

START_TEST (written_as_read)
{
  char *a = folder_path ("a.json"), *b = folder_path ("b.json");
  folder_write (a, WISDOM (ENTRY (CPU, CACHES, "\"avx2\"", "2", REST) ",\n" GOOD ",\n"
                           ENTRY ("\"cpu\": \"Aardvark\"", CACHES, "\"c\"", "1", REST)));
  struct wisdom w = { .count = 0 }, again = { .count = 0 };
  wisdom_read (&w, a);
  ck_assert_int_eq (w.count, 3);
  struct wisdom_entry e = w.list[1];
  e.list[0].ms = 7;
  wisdom_put (&w, &e); /* in place of the one that is there */
  ck_assert_int_eq (w.count, 3);
  e.threads = 3;
  wisdom_put (&w, &e);
  ck_assert_int_eq (w.count, 4);
  wisdom_write (&w, a);
  wisdom_read (&again, a);
  ck_assert_int_eq (again.count, 4);
  ck_assert_str_eq (again.list[0].machine.cpu, "Aardvark");
  ck_assert_double_eq (again.list[1].list[0].ms, 7);
  for (int i = 1; i < 4; i++)
    ck_assert_int_eq (again.list[i].threads, i);
  wisdom_write (&again, b);
  ck_assert_str_eq (folder_read (a), folder_read (b));
}
END_TEST

START_TEST (looked_up)
{
  static const char layer[] = "16x8x8 -> 32x8x8, kernel 3x3, stride 1";
  /* in the order in which they are preferred here */
  static const struct
  {
    const char *cpu;
    int64_t l2;
    const char *target;
    int threads;
  } order[] = { { "mine", 512, "avx2", 1 }, { "mine", 512, "avx2", 2 }, { "mine", 512, "c", 1 },
                { "mine", 256, "avx2", 1 }, { "mine", 256, "c", 1 },    { "other", 512, "avx2", 1 },
                { "other", 512, "c", 64 } };
  const struct targets some = targets_parse ("c,avx2"), best = targets_parse ("avx512");
  const struct cpu_targets t = targets_of_cpu (&some, PRECISION_FP32), avx512 = targets_of_cpu (&best, PRECISION_FP32);
  struct wisdom w = { .here = { "mine", { 32, 512, 0 } } };
  ck_assert_ptr_null (wisdom_find (&w, &t, layer));
  for (size_t i = COUNT (order); i-- > 0;)
    {
      struct wisdom_entry e = { .target = order[i].target, .machine = { order[i].cpu, { 32, order[i].l2, 0 } },
                                .threads = order[i].threads, .layer = layer };
      wisdom_put (&w, &e);
      const struct wisdom_entry *found = wisdom_find (&w, &t, layer);
      ck_assert_ptr_nonnull (found);
      ck_assert_msg (!strcmp (found->machine.cpu, order[i].cpu) && found->machine.cache[1] == order[i].l2
                       && !strcmp (found->target, order[i].target) && found->threads == order[i].threads,
                     "%zu: %s %s %d", i, found->machine.cpu, found->target, found->threads);
      ck_assert_ptr_null (wisdom_find (&w, &avx512, layer));
      ck_assert_ptr_null (wisdom_find (&w, &t, "another"));
    }
  /* the first of equals */
  struct wisdom_entry e = w.list[0];
  int n = w.count;
  w.list[n - 1] = e;
  ck_assert_ptr_ne (wisdom_find (&w, &t, layer), &w.list[n - 1]);
}
END_TEST

START_TEST (measured_times_decide)
{
  struct wisdom w = { .here = machine_here () };
  char *path = folder_path ("w.json");
  folder_write (path, WISDOM (GOOD));
  wisdom_read (&w, path);
  struct choosing how = { .wisdom = &w };
  struct graph *g = one_conv (16, small_spec (32, 3, 1, false), false, 8);
  g->choosing = &how;
  run_passes (g, targets_parse ("avx2,c"), false);
  ck_assert_str_eq (choice_text (g->nodes[2].choice), "winograd 2x2"); /* the choice, not the least time */
  ck_assert (g->nodes[2].decision->measured && g->nodes[2].decision->count == 3);
  /* where it does not apply: the least of what does */
  g = one_conv (16, small_spec (32, 3, 1, false), false, 8);
  g->choosing = &how;
  g->exact = true;
  run_passes (g, targets_parse ("avx2"), false);
  ck_assert_str_eq (choice_text (g->nodes[2].choice), "direct");
  /* another target's are not taken */
  g = one_conv (16, small_spec (32, 3, 1, false), false, 8);
  g->choosing = &how;
  run_passes (g, targets_parse ("c"), false);
  ck_assert (!g->nodes[2].decision->measured);
  /* a limit weighs measured times */
  struct choosing limited = { .wisdom = &w, .max_weights = 1 };
  g = one_conv (16, small_spec (32, 3, 1, false), false, 8);
  g->exact = true;
  limited.max_weights = planned_bytes (g, "avx2");
  g = one_conv (16, small_spec (32, 3, 1, false), false, 8);
  g->choosing = &limited;
  ck_assert_int_eq (planned_bytes (g, "avx2"), limited.max_weights);
  ck_assert_str_eq (choice_text (g->nodes[2].choice), "direct");
}
END_TEST

START_TEST (shipped_tables)
{
  struct child c = child_shell_ok ("ls '%s'/*.json", source_path ("wisdom"));
  struct wisdom w = { .count = 0 };
  for (char *path = strtok (c.out, "\n"); path; path = strtok (NULL, "\n"))
    {
      int before = w.count;
      wisdom_read (&w, path);
      ck_assert_int_gt (w.count, before);
    }
}
END_TEST

START_TEST (names_of_tables)
{
  ck_assert (data_is_name ("zen3") && data_is_name ("cascade-lake"));
  ck_assert (!data_is_name ("zen3.json") && !data_is_name ("./zen3") && !data_is_name (""));
  ck_assert_str_eq (wisdom_path ("a/b"), "a/b");
  const char *end = "/wisdom/zen4.json", *path = wisdom_path ("zen4");
  ck_assert_str_eq (path + strlen (path) - strlen (end), end);
}
END_TEST

/* ---- manifests ---- */

#define SMALL "network: resnet\nblock: basic\nlayers: [2]\nnum-filters: [32]\ninput-size: [3, 16, 16]\n" \
              "num-classes: 3\ninitial-pooling-layer: none\nname: small\n"

/* A manifest that somebody changed. */
START_TEST (manifest_choices)
{
  static const struct
  {
    const char *edit, *says;
  } cases[] = {
    { "s/^   \"choice\": \"winograd 4x4\"/   \"choice\": \"winograd 4x4x4\"/", "does not apply" },
    { "s/^   \"choice\": \"winograd 4x4\"/   \"choice\": \"fft\"/", "choice that rescast does not write" },
    { "s/\"best\": \"winograd/\"best\": \"wino/", "choice that rescast does not write" },
    { "s/\"times\": \"model\"/\"times\": 1/", "choice that rescast does not write" },
    { "s/\"candidates\": /\"none\": /", "choice that rescast does not write" },
    { "s/\"choice\": /\"chosen\": /", "does not apply" },
    { "s/\"nodes\": /\"knots\": /", "the manifest has 0 nodes" },
    { "s/^   \"choice\": \"winograd 4x4\"/   \"choice\": \"winograd 2x2\"/", "does not fit its own options" },
  };
  char *dir = folder_path ("out"), *manifest = folder_path ("out/small.json"), *yaml = folder_path ("o.yaml");
  folder_write (yaml, SMALL);
  child_shell_ok ("'%s' generate '%s' -o '%s' && make -s -C '%s' libsmall.so", rescast_program (), yaml, dir, dir);
  char *text = folder_read (manifest);
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      folder_write (manifest, text);
      child_shell_ok ("sed -i.old '%s' '%s' && ! cmp -s '%s' '%s.old'", cases[i].edit, manifest, manifest, manifest);
      struct child c = child_shell ("'%s' verify '%s'", rescast_program (), dir);
      child_refused (&c, TEXTS (dir, cases[i].says));
    }
}
END_TEST

Suite *choose_suite (void);

Suite *
choose_suite (void)
{
  const TTest *const tests[] = { candidates, stems, texts, transposed, best_of_the_model, weights_drive_each_other_out,
                                 weights_limit, orders_differ, malformed,
                                 written_as_read, looked_up, measured_times_decide, names_of_tables,
                                 shipped_tables, manifest_choices };
  Suite *s = suite_create ("choose");
  TCase *c = tcase_create ("choose");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_set_timeout (c, 120);
  for (size_t i = 0; i < COUNT (tests); i++)
    tcase_add_test (c, tests[i]);
  suite_add_tcase (s, c);
  return s;
}
