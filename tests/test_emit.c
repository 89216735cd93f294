/* What emission does with text: the user's passes through m4 untouched, arithmetic loses what changes nothing, names are free. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/neutral_c.h"
#include "emit/verbatim.h"
#include "folder.h"
#include "generate/generate.h"
#include "frontend/options/keys.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static char *
decoded (const char *s)
{
  struct text in = { 0 }, out = { 0 };
  text_add (&in, s);
  ck_assert (verbatim_decode (&in, &out));
  return out.s;
}

START_TEST (every_byte)
{
  char all[256];
  for (int i = 0; i < 255; i++)
    all[i] = (char) (i + 1);
  all[255] = 0;
  const char *coded = verbatim (all);
  ck_assert_str_eq (decoded (mem_printf ("a%sb%s", coded, verbatim ("x"))), mem_printf ("a%sbx", all));
  ck_assert_str_eq (verbatim (""), "");
  /* nothing that m4 looks at */
  for (const char *p = coded; *p; p++)
    ck_assert ((*p >= '0' && *p <= '7') || *p == 1 || *p == 2);
  static const char *const broken[] = { "\0011", "\001181\002", "\002", "\00112\002" };
  for (size_t i = 0; i < COUNT (broken); i++)
    {
      struct text in = { 0 }, out = { 0 };
      text_add (&in, broken[i]);
      ck_assert (!verbatim_decode (&in, &out));
    }
}
END_TEST

static const char *const texts[] = {
  "", "plain", "a, b", "\"", "\\", "\\n", "\"\\\"", "?\?/", "???\?=", "*/ /*", "<|x|>", "m4_define(<|N|>, 1)", "\n\t\r\1", "1\0012",
  "\xc3\xa4", "\xff", "%s%n", "'", "$1 #",
};

/* The compiler reads what was written. */
START_TEST (c_strings)
{
  struct text t = { 0 };
  text_add (&t, "#include <string.h>\nint\nmain (void)\n{\n");
  for (size_t i = 0; i < COUNT (texts); i++)
    {
      text_printf (&t, "  /* %s */\n  {\n    static const char bytes[] = { ", decoded (verbatim_comment (texts[i])));
      for (const char *p = texts[i]; *p; p++)
        text_printf (&t, "(char) %d, ", *p);
      text_printf (&t, "0 };\n    if (strcmp (bytes, %s))\n      return %zu;\n  }\n", decoded (verbatim_string (texts[i])), i + 1);
    }
  text_add (&t, "  return 0;\n}\n");
  folder_write (folder_path ("strings.c"), t.s);
  child_shell_ok ("cd '%s' && ${CC:-cc} -std=c11 -Wall -Wextra -Werror -o strings strings.c && ./strings", folder_path ("."));
}
END_TEST

static const struct { const char *in, *out; } arithmetic[] = {
  { "x = a * 1 + b / 1 - 0;", "x = a + b;" },
  { "f (1 * x, (size_t) 1 * y, a - 1 * z, 1 * 16);", "f (x, (size_t) y, a - z, 16);" },
  { "p[(i + 0) * 4 + 0] = q[0 + j];", "p[i * 4] = q[j];" },
  { "a = (1.0F / ((float) 1 * 7 * 1));", "a = (1.0F / ((float) 7));" },
  { "{ int i = 3, d = i / 4 % 1 * 7 - 2; use (i, i); }\n", "{ int i = 3, d = -2; use (i, i); }\n" },
  { "{ int k = 2, d = (i + k) % 1, s = i + k, e = 5 + k % 1 + i; }\n", "{ int k = 2, d = 0, s = i + k, e = 5 + i; }\n" },
  { "m = blockIdx.x % 1 * 32, n = blockIdx.x;", "m = 0, n = blockIdx.x;" },
  /* left as they are: it would be unused, it is a call's, it is a cast's */
  { "{ int i = g (), d = i % 1; }\n", "{ int i = g (), d = i % 1; }\n" },
  { "d = f (i) % 1 + i + i;", "d = f (i) % 1 + i + i;" },
  { "d = (int) i % 1 + i + i;", "d = (int) i % 1 + i + i;" },
  /* … other numbers, other meanings */
  { "x = a * 10 + b * 1.5F + c * 1u + 0.5 - 0x10 + a / 1e3;", "x = a * 10 + b * 1.5F + c * 1u + 0.5 - 0x10 + a / 1e3;" },
  { "x = a + 0 * b; y = *p; z = -1; t = x ? 0 : 1; u = 1 << k;", "x = a + 0 * b; y = *p; z = -1; t = x ? 0 : 1; u = 1 << k;" },
  { "x = 0 - a;", "x = 0 - a;" },
  /* loops that run once */
  { "{ for (int i = 0; i < 1; i++) f (i, i * 4 + k, (i) + k, p[i * k], k); }\n", "{ f (0, k, k, p[0], k); }\n" },
  { "{\n  #pragma unroll\n  for (int i = 0; i < 1; i++)\n    {\n      const int a = i;\n      f (a);\n    }\n}\n",
    "{\n      const int a = 0;\n      f (a);\n}\n" },
  { "{ int a = 1; for (int i = 2; i < 5; i += 3) { int a = i; f (s.i, a); } g (a); }\n",
    "{ int a = 1; { int a = 2; f (s.i, a); } g (a); }\n" },
  { "for (int i = 0; i < 1; i++) for (int j = 0; j < 2; j++) if (j) f (i); else g ();",
    "for (int j = 0; j < 2; j++) if (j) f (0); else g ();" },
  { "for (int i = 0; i < 1; i++) { if (f ()) break; }", "for (int i = 0; i < 1; i++) { if (f ()) break; }" },
  { "for (int i = 0; i < 1; i++) { for (int j = 0; j < n; j++) { if (f (i)) continue; g (); } h (); }",
    "{ for (int j = 0; j < n; j++) { if (f (0)) continue; g (); } h (); }" },
  { "for (int i = 0; i < 1; i++) f (i++);", "for (int i = 0; i < 1; i++) f (i++);" },
  { "for (int i = 0; i < 1; i++, p++) f (i);", "for (int i = 0; i < 1; i++, p++) f (i);" },
  { "for (int i = 0; i < 2; i++) f (i);", "for (int i = 0; i < 2; i++) f (i);" },
  { "for (int i = 0; i < 1; i++)", "for (int i = 0; i < 1; i++)" },
  { "const float *restrict x, float (*const f) (int *);", "const float *restrict x, float (*const f) (int *);" },
  /* names of 0: of all terms and factors, and of others */
  { "{ const int s = 0; x = p[(s * 3 + c) * 5 + k]; }\n", "{ x = p[c * 5 + k]; }\n" },
  { "{ const int m = b * 16, n = 0; f (m + n, n * 4 + k); }\n", "{ const int m = b * 16; f (m, k); }\n" },
  { "{ const int o = 0; p = x + (size_t) o * 35 * k + k + k; }\n", "{ p = x + k + k; }\n" },
  { "{ const int s = 0; x = s * 3 + k; if (s < n) f (s); }\n", "{ const int s = 0; x = s * 3 + k; if (s < n) f (s); }\n" },
  { "{\n#if A\n  const int r = f;\n#else\n  const int r = 0;\n#endif\n  x = r * 3 + k;\n}\n",
    "{\n#if A\n  const int r = f;\n#else\n  const int r = 0;\n#endif\n  x = r * 3 + k;\n}\n" },
  /* brackets around one operand; those of calls, casts, conditions and asm */
  { "x = (k) * 64 + (unsigned) (i) << (7);", "x = k * 64 + (unsigned) i << 7;" },
  { "asm (\"\" : \"r\"(k + 0), \"r\"(1 * k));", "asm (\"\" : \"r\"(k), \"r\"(k));" },
  { "{ for (int h = 0; h < 1; h++) f (h || d > e ? 1 : 0, h * 4 + k); }\n", "{ f (d > e ? 1 : 0, k); }\n" },
  { "x = f (k) + (short) k + (int) -k; if (k) asm (\"\" : \"r\"(k));", "x = f (k) + (short) k + (int) -k; if (k) asm (\"\" : \"r\"(k));" },
  { "\"a * 1\" /* b * 1 */ 'x';\n#define X 1 * 2 \\\n  + 0\nint a[1 * 2];", "\"a * 1\" /* b * 1 */ 'x';\n#define X 1 * 2 \\\n  + 0\nint a[2];" },
};

START_TEST (neutral_operands)
{
  struct text in = { 0 }, out = { 0 };
  text_add (&in, arithmetic[_i].in);
  neutral_c (&in, &out);
  ck_assert_str_eq (out.s, arithmetic[_i].out);
}
END_TEST

static void
call_generate (void *options)
{
  generate (options);
}

/* Lists of every length, a layer and a network that are called as what m4 has, labels that look like it. */
START_TEST (text_of_the_user)
{
  struct text mean = { 0 };
  for (int i = 0; i <= _i; i++)
    text_printf (&mean, "%s0.5", i ? ", " : "");
  const char *path = folder_path ("text.yaml");
  folder_write (folder_path ("names.txt"), "<|x|>\nm4_define(<|N|>, 1)\n\"a\", b\\\n$1 */\n");
  folder_write (path, mem_printf ("name: m4_define\nnetwork: sequence\ninput-size: [%d, 4, 4]\nmean: [%s]\nstd: 2\nlabels: names.txt\n"
                                  "layers: [{type: relu, name: m4_stem}, {type: linear, name: NODE, features: 4}]\n", _i + 1, mean.s));
  struct generate_options o = { .path = path, .dir = folder_path ("out"), .targets = targets_parse ("c,cuda") };
  struct child c = child_run (call_generate, &o);
  ck_assert_msg (c.status == 0, "%s", c.err);
  static const char *const sources[] = { "out/m4_define.c", "out/m4_define_cuda.c" };
  for (size_t i = 0; i < COUNT (sources); i++)
    {
      const char *text = folder_read (folder_path ("%s", sources[i]));
      ck_assert (strstr (text, mem_printf ("float mean[] = { %s };", mean.s)));
      ck_assert (strstr (text, mem_printf ("float std[] = { 2%s", _i ? ", 2" : " };")));
      ck_assert (strstr (text, "  \"<|x|>\",\n  \"m4_define(<|N|>, 1)\",\n  \"\\\"a\\\", b\\\\\",\n  \"$1 */\",\n"));
      ck_assert (strstr (text, "m4_stem\", \""));
      ck_assert (strstr (text, "{ \"NODE\", \"linear\""));
    }
  child_shell_ok ("cd '%s/out' && ${CC:-cc} -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -fsyntax-only m4_define.c m4_define_cuda.c",
                  folder_path ("."));
}
END_TEST

/* Numbers become the floats nearest to them: nine digits of the first would be another float's. */
START_TEST (numbers_of_the_user)
{
  const char *path = folder_path ("numbers.yaml");
  folder_write (path, "name: n\nnetwork: sequence\ninput-size: [3, 1, 1]\nlayers: [{type: relu}]\nmean: [0.499799922237, -0.0, 010]\n"
                      "std: [1e-30, .5, +5.]\nscale: 0.115558180592\n");
  struct generate_options o = { .path = path, .dir = folder_path ("floats"), .targets = targets_parse ("c") };
  struct child c = child_run (call_generate, &o);
  ck_assert_msg (c.status == 0, "%s", c.err);
  const char *text = folder_read (folder_path ("floats/n.c"));
  ck_assert (strstr (text, "float mean[] = { 0.499799937, 0, 10 };"));
  ck_assert (strstr (text, "float std[] = { 1e-30, 0.5, 5 };"));
  ck_assert (strstr (text, ".scale = 0.115558177,"));
}
END_TEST

/* ---- names ---- */

/* The words of TEXT that a name may be, each once. */
static const char **
words (char *text, size_t *count)
{
  const char **list = NEW_ARRAY (strlen (text) / 2 + 1, const char *);
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  for (char *p = text; *(p += strcspn (p, letters));)
    {
      size_t n = strspn (p, letters);
      const char *word = mem_strndup (p, n);
      p += n;
      if (name_problem (word))
        continue;
      size_t i = 0;
      while (i < *count && strcmp (list[i], word))
        i++;
      list[i] = word;
      *count += i == *count;
    }
  return list;
}

/* What programs include beside a network's header. */
#define C_HEADERS "#include <math.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
#define CXX_HEADERS "#include <iostream>\n#include <string>\n#include <thread>\n#include <vector>\n"

/* All words of these headers and the runtime's, in C and C++, either are refused or make a header that compiles there. */
START_TEST (words_of_headers)
{
  static const struct { const char *compiler, *language; } compilers[] = {
    { "${CC:-cc} -std=c11", "c" }, { "${CC:-cc} -std=gnu11 -D_GNU_SOURCE", "c" }, { "${CXX:-c++} -std=c++17", "c++" },
    { "${CXX:-c++} -std=gnu++20", "c++" },
  };
  const char *compiler = compilers[_i].compiler, *language = compilers[_i].language, *path = folder_path ("all.h");
  if (*language == 'c' && language[1] && child_shell ("command -v ${CXX:-c++}").status)
    return; /* no C++ compiler here */
  folder_write (folder_path ("zz.yaml"), "name: zz\nnetwork: sequence\ninput-size: [1, 2, 2]\nlayers: [{type: relu}]\n");
  struct generate_options o = { .path = folder_path ("zz.yaml"), .dir = folder_path ("zz"), .targets = targets_parse ("c") };
  ck_assert_int_eq (child_run (call_generate, &o).status, 0);
  const char *includes = language[1] ? C_HEADERS CXX_HEADERS : C_HEADERS;
  folder_write (folder_path ("zz/zz.in"), mem_printf ("%s#include \"runtime/rescast.h\"\n", includes));
  struct child c = child_shell_ok ("cd '%s/zz' && %s -x %s -E -P zz.in && %s -x %s -E -dM zz.in", folder_path ("."), compiler,
                                   language, compiler, language);
  size_t count = 0;
  const char **list = words (c.out, &count), *header = folder_read (folder_path ("zz/zz.h"));
  struct text t = { 0 };
  text_printf (&t, "%s#include \"runtime/rescast.h\"\n", includes);
  for (size_t i = 0; i < count; i++)
    for (const char *p = header, *at; *p; p = at + 2 * (*at != 0))
      {
        at = strstr (p, "zz") ? strstr (p, "zz") : p + strlen (p);
        text_addn (&t, p, (size_t) (at - p));
        text_add (&t, *at ? list[i] : "");
      }
  folder_write (path, t.s);
  ck_assert_uint_gt (count, 100);
  child_shell_ok ("cd '%s' && %s -w -Izz -fsyntax-only -x %s all.h >errors 2>&1 || { head -n 5 errors; exit 1; }",
                  folder_path ("."), compiler, language);
}
END_TEST

static const char *const refused[] = {
  "static_assert", "size_t", "float4", "half", "char8_t", "not_eq", "and", "constinit", "co_await", "typeof_unqual", "nullptr", "alignas", "_Bool", "bool",
  "int_fast8_t", "pthread_t", "pthread_mutex", "timespec", "stat", "atomic", "atomic_int", "std", "errno", "FILE", "va_list", "string",
  "vector", "m", "c", "all", "Makefile", "makefile", "rescast_net", "_x", "PRId64", "SYS_read", "sigset_t", "atomic_size_t", "map", "1a", "a-b", "",
}, *const allowed[] = {
  "net", "main", "gamma", "y0", "sin", "m4_define", "require", "FLAGS_c", "a__b", "labels", "weights", "error_", "PRIor", "Node", "format_",
  "unet_t", "option", "entry", "group", "generator", "link", "search", "svc", "atomic_t",
};

START_TEST (names)
{
  for (size_t i = 0; i < COUNT (refused); i++)
    ck_assert_msg (name_problem (refused[i]), "%s", refused[i]);
  for (size_t i = 0; i < COUNT (allowed); i++)
    ck_assert_msg (!name_problem (allowed[i]), "%s", allowed[i]);
  static const char *const files[][2] = { { "a/size_t.yaml", "net_size_t" }, { "class.yaml", "net_class" }, { "my net.yaml", "my_net" },
                                          { "m4_x.yaml", "m4_x" }, { "7.yaml", "net_7" } };
  for (size_t i = 0; i < COUNT (files); i++)
    ck_assert_str_eq (default_name (files[i][0]), files[i][1]);
}
END_TEST

Suite *emit_suite (void);

Suite *
emit_suite (void)
{
  Suite *s = suite_create ("emit");
  TCase *c = tcase_create ("emit");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_set_timeout (c, 120);
  tcase_add_test (c, every_byte);
  tcase_add_test (c, c_strings);
  tcase_add_loop_test (c, neutral_operands, 0, COUNT (arithmetic));
  tcase_add_loop_test (c, text_of_the_user, 0, 8); /* channels, from one on */
  tcase_add_test (c, numbers_of_the_user);
  tcase_add_test (c, names);
  tcase_add_loop_test (c, words_of_headers, 0, 4);
  suite_add_tcase (s, c);
  return s;
}
