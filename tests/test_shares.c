/* How evenly threads share the work of each layer: the networks in examples/ for every CPU target and 1 to 64 threads;
 * and the runs of the runtime, by which kernels go through their shares. SHOW_SHARES=1 CK_RUN_SUITE=shares
 * tests/check_main prints the layers with the largest shares. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/runs.h"
#include "backend/cpu/stages.h"
#include "backend/kernel.h"
#include "folder.h"
#include "frontend/frontend.h"
#include "generate/generate.h"
#include "generate/pipeline.h"

/* A share may be larger than the mean by this part of it, … */
#define MOST_OVER 0.1
/* … or by one unit, where units are few, and this part, since units are counted and not all of one size. Where all of a
 * thread's tiles have the same blocks of outputs, shares of fewer units may be the faster ones, as they have less to
 * transform and to read; … */
#define SIZES 0.15
#define MOST_BY_MODEL 1.0
/* … for 2, 4, 8 and 16 threads by no more than this. */
#define MOST_OF_SOME 0.25

static bool
is_even (const struct work *w, int64_t n)
{
  double over = shares_balance (w, n) - 1;
  bool some = n == 2 || n == 4 || n == 8 || n == 16;
  return over <= MOST_OVER || over <= SIZES + shares_unit (w, n)
         || (w->whole_rows && over <= (some ? MOST_OF_SOME : MOST_BY_MODEL));
}

static void
check_kernel (const struct graph *g, const struct kernel *k, const char *target)
{
  const struct work *w = k->work;
  double worst = 0;
  int64_t at = 0;
  for (int64_t n = 1; n <= SHARES_THREADS; n++)
    {
      double over = shares_balance (w, n) - 1;
      if (over > worst)
        {
          worst = over;
          at = n;
        }
      ck_assert_msg (is_even (w, n), "%s, %s, %s, %d threads: the largest share is %.2f of the mean", g->name, target,
                     k->function, (int) n, over + 1);
    }
  if (getenv ("SHOW_SHARES") && worst > MOST_OVER)
    printf ("%-24s %-8s %-50s %5d rows %6d columns: %.2f at %d threads; 8: %.2f, 16: %.2f\n", g->name, target,
            k->function, (int) w->rows, (int) w->columns, worst + 1, (int) at, shares_balance (w, 8),
            shares_balance (w, 16));
}

/* Kernels run in stages on some threads and more, which then share the work of each. Is it so with K? */
static bool
has_stages (const struct kernel *k)
{
  if (!k->staged_from)
    return false;
  ck_assert_int_ge (k->staged_from, 4);
  ck_assert (k->shared_bytes > k->scratch_bytes && k->shared_bytes <= STAGES_MOST_BYTES);
  for (int i = 0; i < STAGES; i++)
    ck_assert (k->stage_pieces[i] > 0);
  return true;
}

static void
check_options (const char *path)
{
  struct graph *g = source_build (source_read (path, NULL, 0, NULL));
  for (const struct kernels *ks = run_passes (g, targets_all (), false); ks; ks = ks->next)
    for (int i = 0; i < ks->count; i++)
      {
        if (ks->list[i]->work)
          check_kernel (g, ks->list[i], ks->target->name);
        has_stages (ks->list[i]);
      }
}

/* Of ResNet-18's layers by Winograd those at 28² and smaller are run in stages, for all targets alike. */
START_TEST (stages)
{
  struct graph *g = source_build (source_read (source_path ("examples/networks/resnet18.yaml"), NULL, 0, NULL));
  for (const struct kernels *ks = run_passes (g, targets_all (), false); ks; ks = ks->next)
    for (int i = 0; i < ks->count; i++)
      {
        const char *function = ks->list[i]->function;
        bool staged = strncmp (function, "winograd", 8) == 0 && !strstr (function, "_64x56x56_");
        ck_assert_msg (has_stages (ks->list[i]) == staged, "%s, %s", ks->target->name, function);
      }
}
END_TEST

START_TEST (balance)
{
  static const char *const networks[]
      = { "resnet18", "resnet50", "resnext50_32x4d", "resnet20-cifar10", "resnet3d-14", "resnet3d-50" };
  check_options (source_path (mem_printf ("examples/networks/%s.yaml", networks[_i])));
}
END_TEST

/* 392 tiles of one thread as 62 columns of 6 and 4 of 5, or as 2 of 6 and 76 of 5: each column takes as much beside its
 * tiles, however few these are. */
START_TEST (small_columns)
{
  const struct target *t = target_find ("avx2", strlen ("avx2"));
  struct work few = { .rows = 16, .columns = 66, .panels = 3, .whole_rows = true, .unit_ns = 6, .tile_ns = 1 };
  few.cut = (struct plan_cut){ 6, 62, 4 };
  few.high = (struct plan_cut){ 1, 1, 0 };
  struct work many = few;
  many.columns = 78;
  many.cut = (struct plan_cut){ 6, 2, 76 };
  ck_assert_double_eq_tol (shares_ns (&few, t, 3, 1), 16 * (392 + 66), 1e-6);
  ck_assert_double_eq_tol (shares_ns (&many, t, 3, 1), 16 * (392 + 78), 1e-6);
}
END_TEST

/* ---- the runtime ---- */

/* Runs of N threads, each of which takes STEP parts of its share at a time, meet each unit once, in the order of
 * panels, rows and columns; shares differ by one unit. */
static void
check_runs (int rows, int columns, int panels, int n, int step)
{
  int next = 0, units = 0;
  for (int t = 0; t < RESCAST_PARTS * n; t += step)
    {
      units = t % RESCAST_PARTS ? units : 0;
      for (struct rescast_runs r = rescast_runs (rows, columns, panels, (struct rescast_part){ t, t + step }, n);
           r.left > 0; rescast_next_run (&r))
        for (int c = r.column; c < r.end; c++, next++, units++)
          {
            int cut = panels < columns ? panels : columns, panel = 0, from = 0, to = columns / cut;
            while (next >= to * rows)
              {
                from = to;
                to = columns * (++panel + 1) / cut;
              }
            ck_assert_int_eq (r.row, (next - from * rows) / (to - from));
            ck_assert_int_eq (c, from + (next - from * rows) % (to - from));
          }
      if ((t + step) % RESCAST_PARTS == 0)
        ck_assert (units == rows * columns / n || units == rows * columns / n + 1);
    }
  ck_assert_int_eq (next, rows * columns);
}

START_TEST (runs)
{
  static const int threads[] = { 1, 2, 3, 5, 7, 16, 33, 64 };
  for (int rows = 1; rows <= 7; rows += 2)
    for (int columns = 1; columns <= 23; columns += 1 + columns / 4)
      for (int panels = 1; panels <= columns + 1; panels++)
        for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
          check_runs (rows, columns, panels, threads[i], RESCAST_PARTS >> (columns + panels) % 5);
  /* a thread that has no share, and numbers near the limit */
  ck_assert_int_eq (rescast_runs (4, 5, 2, (struct rescast_part){ 48, 64 }, 3).left, 0);
  struct rescast_runs r = rescast_runs (30000, 70000, 7, (struct rescast_part){ 1008, 1024 }, 64);
  ck_assert_int_eq (r.left, 30000 * 70000 / 64 + (30000 * 70000 % 64 > 0));
  ck_assert_int_eq (r.panel, 6);
}
END_TEST

Suite *shares_suite (void);

Suite *
shares_suite (void)
{
  Suite *s = suite_create ("shares");
  TCase *c = tcase_create ("shares");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_set_timeout (c, 60);
  tcase_add_loop_test (c, balance, 0, 6);
  tcase_add_test (c, stages);
  tcase_add_test (c, small_columns);
  tcase_add_test (c, runs);
  suite_add_tcase (s, c);
  return s;
}
