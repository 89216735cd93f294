/* Plans of kernels: equality, hash, texts, and the documentation in templates/README.md, which this writes:
 * RESCAST_DATADIR=. UPDATE_DOCUMENTATION=1 CK_RUN_SUITE=plan tests/check_main */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/data_dir.h"
#include "plan/families.h"

#define BEGIN "<!-- from gen/plan, by tests/test_plan.c -->\n"
#define END "<!-- end -->\n"

static struct cpu_conv_direct
example (const int64_t *first, const int64_t *taps)
{
  struct cpu_conv_direct p
      = { .io = { .batch = 2, .in = { .c = 20, .element = "f32", .blocks = 2, .row = 320 }, .out.element = "f32" },
          .prefetch = 4,
          .strips_first = 1 };
  p.sums.res.element = "f32";
  p.sums.ep.act = p.sums.ep.activation = "none";
  p.inputs.first = (struct plan_table){ .rows = 2, .ints = 1, .i = first };
  p.planes.taken = (struct plan_table){ .rows = 2, .ints = 2, .i = taps };
  return p;
}

START_TEST (equality)
{
  const int64_t first[] = { 0, 1, 0, 1, 0, 2 }, taps[] = { 0, 3, 1, 3, 0, 3, 1, 3 };
  struct cpu_conv_direct a = example (first, taps), b = example (first + 2, taps + 4);
  const struct plan_family *f = &cpu_conv_direct_family;
  ck_assert (plan_equal (f, &a, &b)); /* contents count, not where they stand */
  b.prefetch = 0;
  ck_assert (!plan_equal (f, &a, &b));
  b = example (first + 4, taps);
  ck_assert (!plan_equal (f, &a, &b));
  b = example (first, taps);
  b.sums.ep.act = "relu";
  ck_assert (!plan_equal (f, &a, &b));
}
END_TEST

START_TEST (hash_of_order)
{
  const int64_t first[] = { 0, 1, 0, 2 }, taps[] = { 0, 3, 1, 3, 0, 2 };
  struct cpu_conv_direct a = example (first, taps), b = example (first, taps);
  const struct plan_family *f = &cpu_conv_direct_family;
  uint64_t h = plan_hash (1, f, &a);
  b.prefetch = 0;
  b.io.batch = 1;
  b.io.in.row = 352;
  b.strips_first = 0;
  b.planes.taken.i = taps + 2;
  b.sums.ep.act = "relu";
  ck_assert_uint_eq (h, plan_hash (1, f, &b)); /* code */
  b.io.in.c = 21;
  ck_assert_uint_ne (h, plan_hash (1, f, &b));
  b = example (first + 2, taps);
  ck_assert_uint_ne (h, plan_hash (1, f, &b));
  b = example (first, taps);
  b.win.k.w = 3;
  ck_assert_uint_ne (h, plan_hash (1, f, &b));
  ck_assert_uint_ne (h, plan_hash (2, f, &a));
}
END_TEST

/* Two families of one order of weights hash alike: the targets' kernels of one node may be of both. */
START_TEST (hash_of_families)
{
  const int64_t first[] = { 0, 1 }, taps[] = { 0, 3, 1, 3 };
  struct cpu_conv_direct a = example (first, taps);
  struct cpu_conv_flat b = { .io = a.io, .win = a.win, .sums = a.sums, .inputs = a.inputs, .prefetch = 2 };
  ck_assert_uint_eq (plan_hash (1, &cpu_conv_direct_family, &a), plan_hash (1, &cpu_conv_flat_family, &b));
}
END_TEST

static void
add_line (void *to, const char *name, const char *value)
{
  text_printf (to, "%s=%s\n", name, value);
}

START_TEST (texts)
{
  const int64_t first[] = { 0, 1 }, taps[] = { 0, 3, 1, 3 }, offsets[] = { 0, 16, 16, 32, 0, 0, 0, 0, 0, 0 };
  const double parts[] = { 0.75, 0.25, 1, 0, 1, 0, 1, 0, 1, 0.1 };
  struct cpu_conv_direct a = example (first, taps);
  struct text t = { 0 };
  plan_params (&cpu_conv_direct_family, &a, add_line, &t);
  const char *const lines[] = { "BATCH=2\n", "IN_C=20\n", "\nHALO_LO_D=0\n", "K_W=0\n", "ACT=none\n", "RES_SAMPLE=0\n",
                                "FIRST_BLOCK=0, 1\n", "TAPS_D={ 0, 3 }, { 1, 3 }\n", "TAPS_H=\n", "TILE_BLOCKS=0\n",
                                "TILE_SIZE=0\n", "HIGH_COUNT1=0\n", "PREFETCH=4\n" };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
    ck_assert_msg (strstr (t.s, lines[i]) != NULL, "%s is not in %s", lines[i], t.s);
  struct cpu_upsample u = { .io = a.io, .w = { 1, { 5, 2, 2, offsets, parts } } };
  t = (struct text){ 0 };
  plan_params (&cpu_upsample_family, &u, add_line, &t);
  ck_assert_msg (strstr (t.s, "SOURCES_W={ 0, 16, 0.75, 0.25 }, { 16, 32, 1, 0 }, { 0, 0, 1, 0 }, { 0, 0, 1, 0 },\n"
                              "  { 0, 0, 1, 0.100000001 }\n") != NULL, "%s", t.s);
}
END_TEST

static void
check_documented (const struct plan_field *fields)
{
  for (const struct plan_field *f = fields; f->name; f++)
    {
      ck_assert_msg (f->doc && strlen (f->doc) > 3, "%s", f->name);
      if (f->kind == PLAN_GROUP)
        check_documented (f->group);
    }
}

START_TEST (documentation)
{
  for (int i = 0; plan_families[i]; i++)
    check_documented (plan_families[i]->fields);
  const char *path = mem_printf ("%s/templates/README.md", data_dir ());
  size_t n;
  char *text = file_read (path, 1 << 20, &n), *begin = strstr (text, BEGIN), *end = strstr (text, END);
  ck_assert (begin && end && begin < end);
  begin += strlen (BEGIN);
  const char *wanted = mem_printf ("\n%s", plan_documentation ());
  if (getenv ("UPDATE_DOCUMENTATION"))
    {
      const char *all = mem_printf ("%.*s%s%s", (int) (begin - text), text, wanted, end);
      file_write (path, all, strlen (all));
    }
  else
    ck_assert_msg (strlen (wanted) == (size_t) (end - begin) && !memcmp (wanted, begin, strlen (wanted)),
                   "templates/README.md differs from gen/plan: RESCAST_DATADIR=. UPDATE_DOCUMENTATION=1 CK_RUN_SUITE=plan tests/check_main");
  free (text);
}
END_TEST

Suite *plan_suite (void);

Suite *
plan_suite (void)
{
  Suite *s = suite_create ("plan");
  TCase *t = tcase_create ("plan");
  const TTest *const tests[] = { equality, hash_of_order, hash_of_families, texts, documentation };
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    tcase_add_test (t, tests[i]);
  suite_add_tcase (s, t);
  return s;
}
