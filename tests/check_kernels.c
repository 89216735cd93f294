/* Every kernel of every target against the double reference: networks of layers with odd extents, emitted,
 * compiled and run under verify, which poisons outputs, guards memory and looks at halos. A program of its own, since compiling
 * takes minutes: make runs it beside the other tests. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/rescast.h"
#include "generate/network.h"
#include "folder.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "backend/cpu/target.h"
#include "backend/cpu/unroll.h"
#include "pack/pack.h"
#include "run_suites.h"
#include "kernel_networks.h"
#include "verify/verify.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* ---- a network in a folder ---- */

static struct graph *(*making) (uint64_t); /* the network under test, */
static uint64_t made_with;                 /* … its argument */

static bool with_avx512; /* slow where it is emulated */
static enum precision precision;
static const char *only; /* targets that are named in it; NULL: all of the precision */

/* Those that the compiler has and that compute in the precision; verify skips one that the CPU lacks. */
static struct targets
targets (void)
{
  struct targets all = targets_all (), t = { .count = 0 };
  for (int i = 0; i < all.count; i++)
    if (all.list[i].cpu && all.list[i].cpu->compiled_here && (with_avx512 || all.list[i].cpu->lanes < 16)
        && all.list[i].precisions >> precision & 1 && (!only || strstr (only, mem_printf (" %s,", all.list[i].name))))
      {
        t.list[t.count] = all.list[i];
        t.list[t.count++].precision = precision;
      }
  return t;
}

/* What AVX-512's vocabulary has beyond the others'. */
static const char turns[]
    = "static inline void\nvturn (vec v[8])\n{\n  vec u[8];\n"
      "  for (int i = 0; i < 8; i++)\n    for (int j = 0; j < 16; j++)\n      u[j / 2][2 * i + j % 2] = v[i][j];\n"
      "  for (int i = 0; i < 8; i++)\n    v[i] = u[i];\n}\n"
      "static inline vec\nvpick (const int *order, vec a, vec b)\n{\n  vec v;\n"
      "  for (int i = 0; i < 16; i++)\n    v[i] = order[i] < 16 ? a[order[i]] : b[order[i] - 16];\n  return v;\n}\n";

/* A CPU that has all of x86's targets, but tiles only where they are ALLOWED. */
static void
write_cpu (const char *dir, bool allowed)
{
#if defined __x86_64__
  const char *avx2 = "__builtin_cpu_supports (\"avx2\") != 0";
#else
  const char *avx2 = "0";
#endif
  folder_write (mem_printf ("%s/runtime/cpu.c", dir),
                mem_printf ("#include \"rescast.h\"\nint rescast_cpu_has_avx2 (void) { return %s; }\n"
                            "int rescast_cpu_has_avx512 (void) { return 1; }\n"
                            "int rescast_cpu_has_avx512bf16 (void) { return 1; }\n"
                            "int rescast_cpu_gains_by_avx512bf16 (void) { return 1; }\n"
                            "int rescast_cpu_has_amx (void) { return %d; }\n",
                            avx2, allowed));
}

/* AVX-512's register tiles on any CPU: the portable vocabulary with vectors of 16 floats in place of its own; and
 * AMX's, with tiles in software. */
static void
emulate (const char *dir)
{
  folder_write (mem_printf ("%s/turns", dir), turns);
  child_shell_ok (
      "cd '%s' && for h in *_avx512*.h *_amx.h; do test -f $h || continue;"
      " sed -n '/^.. Tiles have/,$p' $h >tiles;"
      " sed '/^#if defined __AVX__/,/^#endif/c\\\n#define VL 16\n"
      " s/return (vec){ f, f, f, f };/return f - (vec){ 0 };/' ${h%%_a*}_c.h >vectors;"
      " { sed '$d' vectors; cat turns; if test -s tiles; then cat tiles; else echo '#endif'; fi; } >$h; done",
      dir);
  write_cpu (dir, true);
  child_shell_ok ("cd '%s' && sed 's/-mavx512f.*-mamx.*/-Wno-psabi -DSOFTWARE_TILES/; s/-mavx512f.*/-Wno-psabi/;"
                  " /^PROBE_a[vm]x[5 ]/s/=.*/= 1/' Makefile >new && mv new Makefile",
                  dir);
}

static int unroll;         /* every kernel's level at least */
static int staged_from;    /* threads from which on all of Winograd's kernels run in stages */
static int activated = -1; /* the first of other activations than its own */

/* The network under test. */
static struct graph *
unfolded (void)
{
  struct graph *g = making (made_with);
  if (activated >= 0)
    kernel_network_activate (g, activated);
  return g;
}

static struct graph *
made (void)
{
  struct graph *g = unfolded ();
  g->unroll_least = unroll;
  g->staged_from = staged_from;
  g->precision = precision;
  return g;
}

static struct graph *const *
make_planned (const char *dir, const char *manifest)
{
  static struct graph *list[2];
  (void) dir, (void) manifest;
  list[0] = made ();
  run_passes (list[0], targets (), false);
  pack_plan (list[0]);
  return list;
}

static struct graph *
make_unfolded (const char *dir, const char *manifest, const char *weights, const struct weights_use *use)
{
  (void) dir, (void) manifest, (void) weights, (void) use;
  return unfolded ();
}

static char *
emit (struct graph *(*make) (uint64_t), uint64_t argument)
{
  making = make;
  made_with = argument;
  struct graph *g = made ();
  struct kernels *kernels = run_passes (g, targets (), false);
  char *dir = folder_path ("%s", g->name);
  struct emission e = { .g = g, .kernels = kernels, .dir = dir, .scale = 1,
                        .weight_bytes = pack_plan (g) };
  child_shell_ok ("rm -rf '%s' && mkdir '%s'", dir, dir);
  float *data = pack_weights (g, e.weight_bytes);
  e.weights = data;
  e.file_bytes = generate_weights_bytes (&e);
  emit_network (&e);
  folder_with_runtime (dir, "-O1");
  if (with_avx512)
    emulate (dir);
  generate_weights (&e, data, dir);
  folder_write (mem_printf ("%s/%s.json", dir, g->name), mem_printf ("{\"name\": \"%s\"}", g->name));
  return dir;
}

static void
compile (const char *dir)
{
  folder_compile (dir, mem_printf ("lib$(basename '%s').so", dir));
}

static void
run_verify (void *options)
{
  exit (verify_run (options));
}

/* Verify's exit status, and what it prints. UNFOLDED: also the whole network against the graph before the passes. */
static struct child
verify (const char *dir, int threads, bool unfolded)
{
  struct verify_options o = { .dir = dir, .threads = threads, .seed = 5, .non_finite = true, .planned = make_planned,
                              .unfolded = make_unfolded, .weights = unfolded ? "its own parameters" : NULL };
  return child_run (run_verify, &o);
}

static char *
check_network (struct graph *(*make) (uint64_t), uint64_t argument)
{
  char *dir = emit (make, argument);
  compile (dir);
  /* one share; some; more than most layers have units */
  const int shares[] = { 1, 3, 33 };
  for (size_t i = 0; i < COUNT (shares); i++)
    {
      struct child c = verify (dir, shares[i], i == 0);
      ck_assert_msg (c.status == 0, "%s, %d threads:\n%s%s", dir, shares[i], c.out, c.err);
    }
  return dir;
}

START_TEST (agrees)
{
  with_avx512 = _i % 4 == 1;
  check_network (kernel_networks[_i].make, kernel_networks[_i].argument);
}
END_TEST

/* Each activation where relu and prelu are: behind every kind of kernel, in front of fused pools and behind them. */
static const struct { int network, first; } activated_cases[] = { { 5, 9 }, { 13, 2 }, { 30, 5 } };

START_TEST (with_activations)
{
  const struct kernel_network *n = &kernel_networks[activated_cases[_i].network];
  activated = activated_cases[_i].first;
  with_avx512 = _i == 1;
  check_network (n->make, n->argument);
}
END_TEST

/* Loops written out, level by level, in networks whose code stays small; tests/unroll.sh has straight-line code. */
static const struct { int network, level; bool avx512; } unrolled_cases[] = {
  { 9, 1, true }, { 3, 2, false }, { 9, 3, false },
};

START_TEST (unrolled)
{
  const struct kernel_network *n = &kernel_networks[unrolled_cases[_i].network];
  unroll = unrolled_cases[_i].level;
  with_avx512 = unrolled_cases[_i].avx512;
  check_network (n->make, n->argument);
}
END_TEST

/* Winograd's kernels in stages, which 3 and 33 threads then run. */
static const struct { int rank; bool avx512; } staged_cases[] = { { 2, false }, { 3, true } };

START_TEST (in_stages)
{
  staged_from = 2;
  with_avx512 = staged_cases[_i].avx512;
  char *dir = check_network (kernel_network_winograd, (uint64_t) staged_cases[_i].rank);
  ck_assert_msg (child_shell ("grep -q 'transform_inputs' '%s'/*_winograd*.c", dir).status == 0, "%s has no stages", dir);
}
END_TEST

/* In bf16, networks that have a kernel of each family between them, on targets that differ. RESCAST_LONG: all of both.
 */
static const struct
{
  int network;
  bool avx512;
  const char *only;
} bf16_cases[] = {
#if defined __x86_64__
  { 13, true, " avx512bf16, c," },
  { 23, false, " avx2," },
#else
  { 13, false, " c," },
  { 23, false, " neon," },
#endif
  { 27, false, " c," },
  { 32, false, " c," },
};

START_TEST (in_bf16)
{
  bool all = getenv ("RESCAST_LONG") != NULL;
  if (!all && _i >= (int) COUNT (bf16_cases))
    return;
  const struct kernel_network *n = &kernel_networks[all ? _i : bf16_cases[_i].network];
  precision = PRECISION_BF16;
  with_avx512 = all ? _i % 4 == 1 : bf16_cases[_i].avx512;
  only = all ? NULL : bf16_cases[_i].only;
  check_network (n->make, n->argument);
}
END_TEST

/* Where the system refuses tiles a network takes the next target, and says why when it was asked for them. */
START_TEST (tiles_refused)
{
  precision = PRECISION_BF16;
  with_avx512 = true;
  only = " amx, c,";
  if (strcmp (targets ().list[0].name, "amx") != 0)
    return;
  char *dir = emit (kernel_network_small, 0);
  for (int allowed = 1; allowed >= 0; allowed--)
    {
      write_cpu (dir, allowed);
      child_shell_ok ("make -s -j2 -C '%s' CFLAGS=-O1 o4", dir);
      struct child asked = child_shell ("'%s/o4' --target amx --bench 1", dir);
      ck_assert_int_eq (asked.status, allowed ? 0 : 1);
      ck_assert (allowed || strstr (asked.err, "lacks the instructions"));
      child_shell_ok ("'%s/o4' --bench 1", dir);
    }
}
END_TEST

/* ---- and verify would notice ---- */

/* Replace the first FROM in the one file of DIR that matches PATTERN and has it. */
static void
break_source (const char *dir, const char *pattern, const char *from, const char *to)
{
  struct child c = child_shell_ok ("cd '%s' && grep -lF -e '%s' %s | head -n 1", dir, from, pattern);
  ck_assert_msg (*c.out, "no file of %s has %s", pattern, from);
  c.out[strcspn (c.out, "\n")] = 0;
  char *path = mem_printf ("%s/%s", dir, c.out), *text = folder_read (path), *at = strstr (text, from);
  folder_write (mem_printf ("%s.kept", path), text);
  folder_write (path, mem_printf ("%.*s%s%s", (int) (at - text), text, to, at + strlen (from)));
}

static void
mend_source (const char *dir)
{
  child_shell_ok ("cd '%s' && for f in *.kept; do mv $f ${f%%.kept}; touch ${f%%.kept}; done", dir);
}

struct fault
{
  const char *pattern, *from, *to, *says;
};

/* One at a time. */
static void
check_faults (struct graph *(*make) (uint64_t), uint64_t argument, const struct fault *faults, size_t count)
{
  char *dir = check_network (make, argument);
  for (size_t i = 0; i < count; i++)
    {
      break_source (dir, faults[i].pattern, faults[i].from, faults[i].to);
      compile (dir);
      struct child c = verify (dir, 1, false);
      ck_assert_msg (c.status == 1, "%s for %s: status %d\n%s%s", faults[i].to, faults[i].from, c.status, c.out, c.err);
      ck_assert_msg (strstr (c.out, faults[i].says) && strstr (c.out, "the first is"), "%s", c.out);
      mend_source (dir);
    }
  compile (dir);
  ck_assert_int_eq (verify (dir, 2, false).status, 0);
}

START_TEST (broken_kernels)
{
  static const struct fault faults[] = {
    { "*conv*.c", "c < 16; c++, q += 16", "c < 15; c++, q += 16", "got" },     /* a channel too few */
    { "*conv*.c", "kw < 3", "kw < 2", "got" },                                 /* a tap */
    { "*conv*.c", "memset (p, 0,", "memset (p + 16, 0,", "" },                 /* the halo's edge */
    { "*conv*.c", "vrelu (a0_1)", "a0_1", "got" },                             /* an activation */
    { "*avgpool*.c", "+ 16 * w", "+ 16 * w + 16", "got" },                     /* the next pixel */
    { "*linear*.c", "vstore (y + (size_t) 16 * i", "vstore (y + 16 + (size_t) 16 * i", "" }, /* the next block */
    { "*global_pool*.c", "j < ", "j <= ", "got" },
    { "*output*.c", "= px[c", "= px[1 + c", "" }, /* the next channel */
  };
  static const struct fault strassen[] = {
    { "*avx2*strassen*.c", "a21 - a11", "a21 + a11", "got" },
    { "*avx2*strassen*.c", "m0 - m1 + m2", "m0 + m2", "got" },
    { "*avx2*strassen*.c", "if (more)", "if (0)", "got" },
    { "*avx2*strassen*.c", ", j > i)", ", j < i)", "got" }, /* the second pixel of each pair */
  };
  static const struct fault pooled[] = {
    { "*avx2_stem7*maxpool*.c", "seen ? q", "seen ? p0", "got" },        /* what the block above gave */
    { "*avx2_stem7*maxpool*.c", "h > start ? 3", "h > start ? 4", "got" }, /* a row of the region is an old one */
  };
  check_faults (kernel_network_small, 0, faults, COUNT (faults));
  check_faults (kernel_network_strassen, 3, strassen, COUNT (strassen));
  check_faults (kernel_network_pooled_stems, 1, pooled, COUNT (pooled));
}
END_TEST

static void *
read_file (const char *path, size_t *size)
{
  FILE *f = fopen (path, "rb");
  ck_assert_ptr_nonnull (f);
  fseek (f, 0, SEEK_END);
  *size = (size_t) ftell (f);
  rewind (f);
  void *data = malloc (*size);
  ck_assert_ptr_nonnull (data);
  ck_assert_uint_eq (fread (data, 1, *size, f), *size);
  fclose (f);
  return data;
}

static void
write_file (const char *path, const void *data, size_t size)
{
  FILE *f = fopen (path, "wb");
  ck_assert_ptr_nonnull (f);
  ck_assert_uint_eq (fwrite (data, 1, size, f), size);
  fclose (f);
}

/* Wrong weights, with the hash that belongs to them: each kernel does what they say, the network does not. */
START_TEST (broken_weights)
{
  char *dir = emit (kernel_network_small, 0);
  compile (dir);
  size_t size;
  struct rescast_weights_header *h = read_file (mem_printf ("%s/o4.weights", dir), &size);
  struct rescast_weights_section *s = (struct rescast_weights_section *) (h + 1);
  float *data = (float *) (s + 1);
  ck_assert_uint_eq (size, s->offset + s->bytes);
  data[16] = 3; /* behind the input's mean: a weight of conv1 */
  s->hash = rescast_hash (data, s->bytes, s->word);
  write_file (mem_printf ("%s/o4.weights", dir), h, size);
  free (h);
  ck_assert_int_eq (verify (dir, 1, false).status, 0);
  struct child c = verify (dir, 1, true);
  ck_assert_msg (c.status == 1 && strstr (c.out, "relative L2 error"), "%s", c.out);
}
END_TEST

/* A file with the right header, and data that end too early. */
START_TEST (short_weights)
{
  char *dir = emit (kernel_network_small, 0), *file = mem_printf ("%s/short.weights", dir);
  folder_compile (dir, "all");
  size_t size;
  struct rescast_weights_header *h = read_file (mem_printf ("%s/o4.weights", dir), &size);
  struct rescast_weights_section *s = (struct rescast_weights_section *) (h + 1);
  s->bytes = 64;
  s->hash = rescast_hash (s + 1, s->bytes, s->word);
  write_file (file, h, s->offset + s->bytes);
  free (h);
  for (int checked = 0; checked < 2; checked++)
    {
      struct child c = child_shell ("'%s/o4' --weights '%s' %s --bench 1", dir, file, checked ? "" : "--no-check");
      ck_assert_msg (c.status == 1 && strstr (c.err, "truncated"), "status %d\n%s", c.status, c.err);
    }
}
END_TEST

static Suite *
kernels_suite (void)
{
  Suite *s = suite_create ("kernels");
  static const char *const names[] = { "agree", "unrolled", "activations", "bf16", "broken", "staged" };
  for (size_t i = 0; i < COUNT (names); i++)
    {
      TCase *c = tcase_create (names[i]);
      tcase_set_timeout (c, 300);
      tcase_add_unchecked_fixture (c, folder_make, folder_remove);
      if (i == 0)
        tcase_add_loop_test (c, agrees, 0, kernel_network_count);
      if (i == 1)
        tcase_add_loop_test (c, unrolled, 0, COUNT (unrolled_cases));
      if (i == 2)
        tcase_add_loop_test (c, with_activations, 0, COUNT (activated_cases));
      if (i == 3)
        {
          tcase_add_loop_test (c, in_bf16, 0, kernel_network_count);
          tcase_add_test (c, tiles_refused);
        }
      if (i == 4)
        {
          tcase_add_test (c, broken_kernels);
          tcase_add_test (c, broken_weights);
          tcase_add_test (c, short_weights);
        }
      if (i == 5)
        tcase_add_loop_test (c, in_stages, 0, COUNT (staged_cases));
      suite_add_tcase (s, c);
    }
  return s;
}

int
main (void)
{
  static Suite *(*const suites[]) (void) = { kernels_suite };
  return run_suites (suites, COUNT (suites));
}
