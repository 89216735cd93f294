/* `rescast generate`: what lies in the folder afterwards, what is refused, and what programs can do with the code. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/emit.h"
#include "folder.h"
#include "generate/generate.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
/* A network of four kernels. */
#define SMALL "network: resnet\nblock: basic\nlayers: [1]\nnum-filters: [4]\ninput-size: [3, 8, 8]\nnum-classes: 3\n" \
              "initial-pooling-layer: none\nname: small\n"

static void
call_generate (void *options)
{
  generate (options);
}

static struct child
try_generate (const struct generate_options *o)
{
  struct generate_options copy = *o;
  copy.targets = targets_parse ("c");
  return child_run (call_generate, &copy);
}

static struct child
generate_ok (const struct generate_options *o)
{
  struct child c = try_generate (o);
  ck_assert_msg (c.status == 0, "%s%s", c.out, c.err);
  return c;
}

static char *
options_file (const char *text)
{
  char *path = folder_path ("options.yaml");
  folder_write (path, text);
  return path;
}

/* Nothing else than these in the folder. */
static void
check_files (const char *expected)
{
  struct child c = child_shell_ok ("cd '%s' && ls -A | sort | tr '\\n' ' '", folder_path ("."));
  ck_assert_str_eq (c.out, expected);
}

START_TEST (twice_the_same)
{
  const char *path = options_file (SMALL);
  generate_ok (&(struct generate_options){ .path = path, .dir = folder_path ("a") });
  generate_ok (&(struct generate_options){ .path = path, .dir = folder_path ("deep/er/b/") });
  child_shell_ok ("diff -r '%s' '%s'", folder_path ("a"), folder_path ("deep/er/b"));
  check_files ("a deep options.yaml ");
  struct child c = child_shell ("grep -rlF -e \"$(dirname '%s')\" '%s'", path, folder_path ("a"));
  ck_assert_str_eq (c.out, "");
}
END_TEST

START_TEST (other_folders)
{
  const char *path = options_file (SMALL);
  child_shell_ok ("mkdir '%s' && echo precious >'%s'", folder_path ("mine"), folder_path ("mine/thesis.txt"));
  struct child c = try_generate (&(struct generate_options){ .path = path, .dir = folder_path ("mine") });
  child_refused (&c, TEXTS ("mine: the folder is not empty and has no small.json"));
  c = try_generate (&(struct generate_options){ .path = path, .dir = path });
  child_refused (&c, TEXTS ("options.yaml: is not a folder"));
  c = try_generate (&(struct generate_options){ .path = path, .dir = folder_path ("options.yaml/x") });
  child_refused (&c, TEXTS ("options.yaml"));
  check_files ("mine options.yaml ");
  c = child_shell_ok ("ls -A '%s'", folder_path ("mine"));
  ck_assert_str_eq (c.out, "thesis.txt\n");
  /* another network's folder is not this one's; an empty one is anybody's */
  child_shell_ok ("mkdir '%s'", folder_path ("empty"));
  generate_ok (&(struct generate_options){ .path = path, .dir = folder_path ("empty") });
  c = try_generate (&(struct generate_options){ .path = path, .dir = folder_path ("empty"),
                                                .set = TEXTS ("name=other"), .set_count = 1 });
  child_refused (&c, TEXTS ("has no other.json"));
}
END_TEST

START_TEST (refusals)
{
  const char *path = options_file (SMALL), *dir = folder_path ("out");
  struct child c = try_generate (&(struct generate_options){ .path = folder_path ("none.yaml"), .dir = dir });
  child_refused (&c, TEXTS ("none.yaml"));
  c = try_generate (&(struct generate_options){ .path = path, .dir = dir, .weights = folder_path ("none.npz") });
  child_refused (&c, TEXTS ("none.npz"));
  c = try_generate (&(struct generate_options){ .path = path, .dir = dir, .weights = path });
  child_refused (&c, TEXTS ("options.yaml"));
  c = try_generate (&(struct generate_options){ .path = path, .dir = dir, .limits.max_ram = 64 });
  child_refused (&c, TEXTS ("arena", "64 of --max-ram"));
  c = try_generate (&(struct generate_options){ .path = path, .dir = dir, .set = TEXTS ("input-size=[3, 8]"),
                                                .set_count = 1 });
  ck_assert_int_eq (c.status, 0); /* [H, W] */
  child_shell_ok ("rm -r '%s'", dir);
  c = try_generate (&(struct generate_options){ .path = path, .dir = dir, .set = TEXTS ("batch=0"), .set_count = 1 });
  child_refused (&c, TEXTS ("--set batch:1:1: ", "allowed"));
  static const char *const names[] = { "name=BATCH", "name=N", "name=not_eq", "name=math", "name=rescast" };
  for (size_t i = 0; i < COUNT (names); i++)
    {
      c = try_generate (&(struct generate_options){ .path = path, .dir = dir, .set = names + i, .set_count = 1 });
      child_refused (&c, TEXTS ("--set name:1:1: name: "));
    }
  setenv ("RESCAST_DATADIR", folder_path ("nowhere"), 1);
  c = try_generate (&(struct generate_options){ .path = path, .dir = dir });
  ck_assert_int_eq (c.status, 1);
  check_files ("options.yaml ");
}
END_TEST

/* What is too large is refused at its place, whatever finds it out. */
START_TEST (sizes)
{
  static const struct { const char *text, *place; } networks[] = {
    { "network: sequence\ninput-size: [1, 46340, 46341]\nlayers:\n- {type: relu}\n", "options.yaml:2:13: layer input: " },
    { "network: sequence\ninput-size: [1, 9, 9]\nlayers:\n- {type: relu}\n- {type: conv, filters: 60000, kernel-size: 1, "
      "padding: 99}\n", "options.yaml:5:3: layer 1: " },
    { "network: resnet\narch: resnet18\ninput-size: [3, 20000, 20000]\n", "options.yaml:3:13: layer conv1: " },
    { "network: resnet\nbatch: 1024\narch: resnet18\ninitial-stride: 1\n", "options.yaml:1:10: layer conv1: " },
    { "network: resnet3d\nnum-classes: 3\ninput-size: [999, 999, 999]\n", "options.yaml:3:13: layer conv1: " },
    { "network: table\nnum-classes: 3\ninput-size: [3, 9999, 9999]\nstages: [\"7x7, 64\"]\n", "options.yaml:4:11: layer conv1" },
  };
  for (size_t i = 0; i < COUNT (networks); i++)
    {
      const char *path = options_file (networks[i].text);
      struct child c = try_generate (&(struct generate_options){ .path = path, .dir = folder_path ("out") });
      child_refused (&c, TEXTS (networks[i].place));
      check_files ("options.yaml ");
    }
}
END_TEST

/* ---- weights that don't fit ---- */

static const struct
{
  const char *name, *shape;
  int count;
} tensors[] = {
  { "conv1.weight", "4,3,7,7", 588 },       { "bn1.weight", "4", 4 },           { "bn1.bias", "4", 4 },
  { "bn1.running_mean", "4", 4 },           { "bn1.running_var", "4", 4 },
  { "layer1.0.conv1.weight", "4,4,3,3", 144 },
  { "layer1.0.bn1.weight", "4", 4 },        { "layer1.0.bn1.bias", "4", 4 },
  { "layer1.0.bn1.running_mean", "4", 4 },  { "layer1.0.bn1.running_var", "4", 4 },
  { "layer1.0.conv2.weight", "4,4,3,3", 144 }, { "layer1.0.bn2.weight", "4", 4 },
  { "layer1.0.bn2.bias", "4", 4 },          { "layer1.0.bn2.running_var", "4", 4 },
  { "layer1.0.bn2.running_mean", "4", 4 },  { "fc.weight", "3,4", 12 },         { "fc.bias", "3", 3 },
  { "bn1.num_batches_tracked", "", 1 },
};

struct change
{
  const char *tensor, *name, *shape; /* NAME NULL: left out */
  int count;
};

/* A safetensors file of ones: the tensors above, one of them changed, PREFIX before every name. */
static char *
weights_file (const struct change *change, const char *prefix)
{
  struct text header = { 0 };
  int at = 0;
  text_add (&header, "{");
  for (size_t i = 0; i < COUNT (tensors); i++)
    {
      bool it = change && !strcmp (change->tensor, tensors[i].name);
      if (it && !change->name)
        continue;
      int bytes = 4 * (it ? change->count : tensors[i].count);
      text_printf (&header, "%s\"%s%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}", at ? "," : "",
                   prefix, it ? change->name : tensors[i].name, it ? change->shape : tensors[i].shape, at, at + bytes);
      at += bytes;
    }
  text_add (&header, "}");
  char *path = folder_path ("w.safetensors");
  FILE *f = fopen (path, "wb");
  ck_assert_ptr_nonnull (f);
  uint64_t n = header.n;
  fwrite (&n, sizeof n, 1, f);
  fwrite (header.s, 1, header.n, f);
  for (float one = 1; at > 0; at -= 4)
    fwrite (&one, sizeof one, 1, f);
  fclose (f);
  return path;
}

START_TEST (weights_that_do_not_fit)
{
  const char *path = options_file (SMALL), *dir = folder_path ("out");
  static const struct change changes[] = {
    { "bn1.bias", NULL, NULL, 0 },
    { "fc.weight", "fc.weight", "4,3", 12 },
    { "fc.bias", "head.bias", "3", 3 },
    { "conv1.weight", "conv1.weight", "4,3,3,3", 108 },
  };
  static const char *const texts[][4] = {
    { "the weights do not fit network small", "missing: bn1.bias (4)", NULL },
    { "wrong shape: fc.weight is (4, 3), not (3, 4)", NULL },
    { "missing: fc.bias (3)", "not of this network: head.bias (3)", NULL },
    { "wrong shape: conv1.weight is (4, 3, 3, 3), not (4, 3, 7, 7)", NULL },
  };
  for (size_t i = 0; i < COUNT (changes); i++)
    {
      struct child c = try_generate (
        &(struct generate_options){ .path = path, .dir = dir, .weights = weights_file (&changes[i], "") });
      child_refused (&c, texts[i]);
      check_files ("options.yaml w.safetensors ");
    }
  generate_ok (&(struct generate_options){ .path = path, .dir = dir, .weights = weights_file (NULL, "") });
  generate_ok (&(struct generate_options){ .path = path, .dir = folder_path ("b"),
                                           .weights = weights_file (NULL, "module.") });
  child_shell_ok ("cmp '%s' '%s'", folder_path ("out/small.weights"), folder_path ("b/small.weights"));
}
END_TEST

/* ---- templates ---- */

static void
expand (void *data)
{
  struct text t = { 0 };
  setenv ("RESCAST_DATADIR", data, 1);
  emit_text (&t, "x.c", "x.m4", NULL, 0);
  printf ("%s", t.s);
}

/* What m4 only warns of would be code with a hole in it. */
START_TEST (warnings_of_m4)
{
  char *data = folder_path ("data");
  child_shell_ok ("mkdir -p '%s/templates' && cp '%s' '%s/templates'", data, source_path ("templates/base.m4"), data);
  folder_write (folder_path ("data/templates/x.m4"), "int x = m4_eval(1 + 1);\n");
  struct child c = child_run (expand, data);
  ck_assert_msg (c.status == 0 && !strcmp (c.out, "int x = 2;\n"), "%s%s", c.out, c.err);
  folder_write (folder_path ("data/templates/x.m4"), "int x = m4_eval(y);\n");
  c = child_run (expand, data);
  ck_assert_msg (c.status == 1 && strstr (c.err, "m4 failed on the template x.m4"), "%s%s", c.out, c.err);
}
END_TEST

/* ---- the same folder again ---- */

START_TEST (again)
{
  const char *path = options_file (SMALL), *dir = folder_path ("out");
  generate_ok (&(struct generate_options){ .path = path, .dir = dir });
  child_shell_ok ("cd '%s' && make -s libsmall.so && touch notes.txt && find . -exec touch -d '2001-02-03' {} +", dir);
  generate_ok (&(struct generate_options){ .path = path, .dir = dir });
  struct child c = child_shell_ok ("cd '%s' && find . -type f -newermt 2001-02-04", dir);
  ck_assert_str_eq (c.out, "");
  ck_assert_int_eq (child_shell ("make -q -C '%s' libsmall.so", dir).status, 0);
  /* five classes: the last layers' sources change, the others' time stamps stay */
  generate_ok (&(struct generate_options){ .path = path, .dir = dir, .set = TEXTS ("num-classes=5"), .set_count = 1 });
  c = child_shell_ok ("cd '%s' && find . -type f -newermt 2001-02-04 | sort | tr '\\n' ' '", dir);
  ck_assert_msg (strstr (c.out, "./small.c ") && strstr (c.out, "linear_4_5") && !strstr (c.out, "conv")
                   && !strstr (c.out, "runtime"), "%s", c.out);
  /* what is no more goes, but for what others put there */
  c = child_shell_ok ("cd '%s' && ls", dir);
  ck_assert_msg (!strstr (c.out, "linear_4_3.c") && strstr (c.out, "notes.txt"), "%s", c.out);
  child_shell_ok ("make -s -C '%s' libsmall.so", dir);
  check_files ("options.yaml out ");
}
END_TEST

START_TEST (dump)
{
  const char *path = options_file (SMALL);
  struct child c = generate_ok (&(struct generate_options){ .path = path, .dir = folder_path ("out"), .dump = true });
  static const char *const titles[] = { "built", "dead taps", "fold batch normalisation", "fuse", "select",
                                        "plan memory" };
  const char *at = c.out;
  for (size_t i = 0; i < COUNT (titles); i++)
    {
      const char *title = strstr (at, mem_printf ("== %s", titles[i]));
      ck_assert_msg (title, "no %s: %s", titles[i], c.out);
      at = title;
    }
  ck_assert (strstr (at, "conv1+bn1+relu") && strstr (at, "@"));
  ck_assert_str_eq (c.err, mem_printf ("rescast: %s: without -w the weights are random, drawn from seed 0\n", path));
}
END_TEST

/* ---- programs ---- */

/* An input of zeros for the classifier program. */
static char *
input_file (void)
{
  static const char head[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8, 8), }";
  char *path = folder_path ("x.npy"), header[128];
  FILE *f = fopen (path, "wb");
  ck_assert_ptr_nonnull (f);
  memset (header, ' ', sizeof header);
  memcpy (header, "\x93NUMPY\x01\x00\x76\x00", 10);
  memcpy (header + 10, head, sizeof head - 1);
  header[127] = '\n';
  fwrite (header, 1, sizeof header, f);
  for (int i = 0; i < 192; i++)
    fwrite (&(float){ (float) (i % 7) }, sizeof (float), 1, f);
  fclose (f);
  return path;
}

START_TEST (embedded)
{
  const char *path = options_file (SMALL), *x = input_file (), *a = folder_path ("a"), *b = folder_path ("b");
  generate_ok (&(struct generate_options){ .path = path, .dir = a });
  generate_ok (&(struct generate_options){ .path = path, .dir = b, .embed = true });
  folder_with_runtime (a, "-O1");
  folder_with_runtime (b, "-O1");
  folder_compile (a, "small");
  folder_compile (b, "small");
  child_shell_ok ("'%s/small' --output '%s' '%s'", a, folder_path ("a.npy"), x);
  /* alone, without the weights beside it */
  child_shell_ok ("cp '%s/small' '%s' && rm -r '%s'", b, folder_path ("program"), b);
  child_shell_ok ("cd / && '%s' --output '%s' '%s'", folder_path ("program"), folder_path ("b.npy"), x);
  child_shell_ok ("cmp '%s' '%s'", folder_path ("a.npy"), folder_path ("b.npy"));
}
END_TEST

static const char two_networks[]
    = "#include \"one/one.h\"\n#include \"two/two.h\"\n#include <pthread.h>\n#include <stdio.h>\n#include "
      "<stdlib.h>\n#include <string.h>\n"
      "static struct rescast_weights w1, w2;\n"
      "static float x[ONE_FLOATS], y[3][64];\n"
      "static void *run (void *arg)\n{\n  float *out = arg;\n  static _Thread_local struct one net;\n"
      "  void *arena = aligned_alloc (64, one_ARENA_BYTES);\n"
      "  if (one_init (&net, &w1, arena, one_ARENA_BYTES, NULL)) exit (3);\n"
      "  for (int i = 0; i < 50; i++) if (one_run (&net, x, out)) exit (4);\n"
      "  one_free (&net);\n  free (arena);\n  return NULL;\n}\n"
      "int main (void)\n{\n  static struct two net;\n  static float z[two_OUTPUT_FLOATS];\n  pthread_t t[2];\n"
      "  struct rescast_config three = { .threads = 3 };\n"
      "  for (int i = 0; i < ONE_FLOATS; i++) x[i] = (float) (i % 11) - 5;\n"
      "  if (one_weights_map (&w1, \"one/one.weights\") || two_weights_map (&w2, \"two/two.weights\")) return 2;\n"
      "  if (one_weights_map (&w2, \"two/two.weights\") != RESCAST_EMATCH) return 5;\n"
      "  two_weights_map (&w2, \"two/two.weights\");\n"
      "  void *arena = aligned_alloc (64, two_ARENA_BYTES);\n"
      "  if (two_init (&net, &w2, arena, two_ARENA_BYTES - 1, NULL) != RESCAST_EARENA) return 6;\n"
      "  if (two_init (&net, &w2, (char *) arena + 4, two_ARENA_BYTES, NULL) != RESCAST_EARENA) return 7;\n"
      "  if (two_init (&net, &w2, arena, two_ARENA_BYTES, &three)) return 8;\n"
      "  for (int i = 0; i < 2; i++) pthread_create (&t[i], NULL, run, y[i]);\n"
      "  memset (two_input (&net), 0, sizeof (float) * two_INPUT_FLOATS);\n"
      "  if (two_run (&net, two_input (&net), z)) return 9;\n"
      "  for (int i = 0; i < 2; i++) pthread_join (t[i], NULL);\n"
      "  run (y[2]);\n"
      "  if (memcmp (y[0], y[1], sizeof y[0]) || memcmp (y[0], y[2], sizeof y[0])) return 10;\n"
      "  two_free (&net);\n  free (arena);\n"
      "  printf (\"%s %d %s %d\\n\", one_info ()->name, one_info ()->output_shape[0], two_info ()->name, "
      "two_info ()->output_shape[0]);\n"
      "  return !(y[0][0] == y[0][0]);\n}\n";

static const char cplusplus[] = "#include \"one/one.h\"\n#include \"two/two.h\"\n"
                                "int main () { return one_info ()->batch + two_info ()->batch == 3 ? 0 : 1; }\n";

static void
generate_two (void)
{
  const char *path = options_file (SMALL);
  generate_ok (&(struct generate_options){ .path = path, .dir = folder_path ("one"), .set = TEXTS ("name=one"),
                                           .set_count = 1 });
  generate_ok (&(struct generate_options){ .path = path, .dir = folder_path ("two"), .set_count = 4,
                                           .set = TEXTS ("name=two", "num-classes=5", "batch=2",
                                                         "norm-layer=instance-norm") });
  child_shell_ok ("cd '%s' && make -s -j2 -C one libone.a libone.so && make -s -j2 -C two libtwo.a",
                  folder_path ("."));
}

START_TEST (two_in_one_program)
{
  generate_two ();
  folder_write (folder_path ("main.c"), two_networks);
  struct child c = child_shell_ok ("cd '%s' && ${CC:-cc} -std=gnu11 -O1 -Wall -Wextra -Werror -DONE_FLOATS=192 -I. "
                                   "-Ione -o main main.c one/libone.a two/libtwo.a -lm -pthread && ./main",
                                   folder_path ("."));
  ck_assert_str_eq (c.out, "one 3 two 5\n");
  /* C++ reads the header */
  if (child_shell ("command -v g++").status == 0)
    {
      folder_write (folder_path ("main.cc"), cplusplus);
      child_shell_ok ("cd '%s' && g++ -Wall -Wextra -Werror -I. -Ione -o mainc main.cc one/libone.a two/libtwo.a -lm "
                      "-pthread && ./mainc", folder_path ("."));
    }
  /* and the shared library keeps the rest to itself */
  c = child_shell_ok ("nm -D --defined-only '%s' | cut -d' ' -f3 | grep -v -e '^one_' -e '^rescast_' -e '^_'; true",
                      folder_path ("one/libone.so"));
  ck_assert_str_eq (c.out, "");
  c = child_shell_ok ("nm -D --defined-only '%s' | grep -c _c_; true", folder_path ("one/libone.so"));
  ck_assert_str_eq (c.out, "0\n");
}
END_TEST

/* The program itself: usage errors are one line and status 2. */
START_TEST (command_line)
{
  static const char *const lines[] = { "", "generate", "generate a b", "generate -t x a", "generate --max-ram 5x a", "generate --unroll-budget most a",
                                       "generate --set x a", "generate --nonsense a", "generate -w", "paint",
                                       "verify" };
  for (size_t i = 0; i < COUNT (lines); i++)
    {
      struct child c = child_shell ("'%s' %s", rescast_program (), lines[i]);
      ck_assert_msg (c.status == 2 && !strncmp (c.err, "rescast: ", 9), "%s: %d %s", lines[i], c.status, c.err);
      ck_assert_msg (strchr (c.err, '\n') == c.err + strlen (c.err) - 1, "%s", c.err);
    }
  const char *path = options_file (SMALL);
  child_shell_ok ("cd '%s' && '%s' generate '%s' --set num-classes=7 --embed", folder_path ("."), rescast_program (),
                  path);
  struct child c = child_shell_ok ("cd '%s' && '%s' verify out/small -w '%s' || true", folder_path ("."),
                                   rescast_program (), weights_file (NULL, ""));
  child_refused (&(struct child){ 1, c.out, c.err }, TEXTS ("fc.weight is (3, 4), not (7, 4)"));
  c = child_shell_ok ("'%s' verify '%s' --threads 2", rescast_program (), folder_path ("out/small"));
  ck_assert_msg (strstr (c.out, "small: c: 7 layers agree with the double reference"), "%s", c.out);
  /* nothing fused */
  const char *w = weights_file (NULL, ""), *kept = folder_path ("kept");
  child_shell_ok ("'%s' generate --keep-tensors '%s' -w '%s' -o '%s'", rescast_program (), path, w, kept);
  c = child_shell_ok ("'%s' verify '%s' -w '%s'", rescast_program (), kept, w);
  ck_assert_msg (strstr (c.out, "layers agree with the double reference") && !strstr (c.out, "small: c: 7"), "%s", c.out);
}
END_TEST

Suite *generate_suite (void);

Suite *
generate_suite (void)
{
  const TTest *const tests[] = { twice_the_same, other_folders, refusals, sizes, weights_that_do_not_fit, warnings_of_m4, again, dump,
                                 embedded, two_in_one_program, command_line };
  Suite *s = suite_create ("generate");
  for (size_t i = 0; i < COUNT (tests); i++) /* each has a folder of its own */
    {
      TCase *c = tcase_create (tests[i]->name);
      tcase_set_timeout (c, 120);
      tcase_add_unchecked_fixture (c, folder_make, folder_remove);
      tcase_add_test (c, tests[i]);
      suite_add_tcase (s, c);
    }
  return s;
}
