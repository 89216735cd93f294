/* Options files of every kind that people write, and of some that nobody should: a case is a function of its seed. */
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* xorshift; never 0. */
static uint32_t
next (struct hostile *h)
{
  h->state ^= h->state << 13;
  h->state ^= h->state >> 17;
  h->state ^= h->state << 5;
  return h->state;
}

static unsigned
below (struct hostile *h, unsigned n)
{
  return next (h) % n;
}

/* True PERCENT times of a hundred. */
static bool
chance (struct hostile *h, unsigned percent)
{
  return below (h, 100) < percent;
}

#define PICK(h, list) (list)[below (h, COUNT (list))]

/* ---- texts ---- */

/* Good ones, and such as the generated code and its templates have themselves. */
static const char *const good_names[] = {
  "net", "my_net", "resnet50", "Main", "main", "gamma", "y0", "j1", "sin", "exp", "printf_", "labels", "mean", "targets", "tensors",
  "infos", "kernel", "begin", "end", "run_share", "hook", "weights", "network", "threads", "hash", "error_", "input", "output",
  "init", "x", "w", "t", "n", "a__b", "double_", "m4_define", "m4_", "require", "format_", "divert", "define", "changequote", "iF",
  "FLAGS_c", "FLAGS_avx2", "Node", "Layer", "isA", "template_", "final", "override", "import", "module", "union_find",
  "a23456789012345678901234567890123456789012345678901234567890123",
};

/* Words of languages, types, macros, headers, libraries; what is no identifier. Escapes are YAML's. */
static const char *const odd_names[] = {
  "static_assert", "size_t", "char8_t", "not_eq", "and", "xor_eq", "nullptr", "constinit", "co_await", "typeof", "typeof_unqual",
  "class", "int", "uint8_t", "ptrdiff_t", "pthread_t", "pthread_mutex", "timespec", "tm", "stat", "atomic", "atomic_int", "std",
  "errno", "stdin", "complex", "bool", "true", "va_list", "FILE", "NULL", "EOF", "I", "NODE", "LAYER", "N", "ACT", "FUNCTION", "ISA",
  "string", "vector", "m", "c", "z", "all", "clean", "runtime", "Makefile", "rescast", "rescast_x", "_x", "_Bool", "__x", "PRId32",
  "a234567890123456789012345678901234567890123456789012345678901234", "caf\\u00e9", "", " ", "a b", "a.b", "a-b", "1a", "a$1", "$1", "$@", "a,b", "(", ")", "a(", "<|", "|>", "<|x|>", "/*", "*/", "#", "a#b", "a\\\\b",
  "\\\"", "'", "a\\nb", "a\\tb", "\\u00e4", "\\u732b", "\\U0001f600", "\\u202e", "a/b", "../a", "/tmp/a", "`id`", "%s", "?\?/",
};

static const char *const good_layers[] = {
  "conv1", "layer1.0.conv1", "a/b", "a//b", "a:b", "a-b", "-", ".", "/", "//", "0", "7", "1e5", "NODE", "LAYER", "LABELS", "N", "ACT",
  "FUNCTION", "KERNEL", "MAP", "LAUNCH", "format", "m4_stem", "m4_define", "m4_dnl", "m4", "require", "IF", "FOR", "BANNER", "NULL",
  "labels", "mean", "a_very_long_name_of_a_layer_that_goes_on_and_on_and_on_and_does_not_end_before_the_hundredth_character_of_it",
};

static const char *const odd_layers[] = {
  "", " ", "a b", "input", "output", "<|", "|>", "<|x|>", "*/", "/*", "a,b", "a(b)", "$1", "\\\"", "\\\\", "a\\nb", "\\u00e4", "#", "?\?/",
};

static const char *const good_labels[] = {
  "cat", "tabby, tabby cat", "it's 100%", "\"quoted\"", "back\\slash", "\\", "\\n", "*/", "/* ", "// ", "?\?/", "?\?=", "<|", "|>", "<|x|>",
  "m4_define(<|N|>, 1)", "m4_dnl", "NODE", "N", "LABELS", "INPUT_MEAN", "$1", "$@", "$*", "#include <x>", "#", "a,b", ", ", "(", ")", "{",
  "}", "};", "'", "`", "%s%n", "\t", "a\tb", " lead", "trail ", "\xc3\xa4", "\xe7\x8c\xab", "\xf0\x9f\x98\x80", "\xe2\x80\xaeRTL", "0", "null", "- a", "1234",
};

static const char *const odd_labels[] = {
  "\xef\xbb\xbf", "\0011", "\x1b[1m", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\x7f", "", "\001\002",
};

static const char *const numbers[] = {
  "0", "1", "0.5", "-1", "0.485", "255", "-0.0", "1e-30", "1e30", "-1e30", "1.0000001e30", "1e31", "1e-31", "1e400", "1e-400", "3.",
  ".5", "+2", "1_000", "0x10", "0b1", "0o7", "1,5", "nan", ".nan", ".inf", "-.inf", "inf", "null", "~", "true", "''", "\"1\"", "[]", "[1]",
  "{}", "a", "1e", "--1", "1 2", "9007199254740993", "340282346638528859811704183484516925440", "0.1234567890123456789",
};

static const char *const integers[] = {
  "1", "2", "3", "4", "1024", "1025", "0", "-1", "65536", "65537", "2147483647", "2147483648", "4294967296", "9223372036854775807",
  "9223372036854775808", "99999999999999999999", "1.0", "1e3", "0x2", "''", "null", "[1]", "two",
};

static const char *const comments[] = {
  "# an ordinary comment\n", "# <|x|> m4_define(<|N|>, 1) */ /* ?\?/ \\\n", "# $1 `id` \xc3\xa4\n", "#\n", "\n",
};

/* ---- files ---- */

/* A good number, now and then another; POSITIVE: above 0. */
static const char *
number (struct hostile *h, bool positive)
{
  static const char *const good[] = { "0", "-3", "-0.0", "0.5", "1", "0.485", "127.5", "1e-3", "1e-30", "1e30", "3.", ".5", "+2" };
  if (chance (h, 3))
    return PICK (h, numbers);
  return good[positive ? 3 + below (h, COUNT (good) - 3) : below (h, COUNT (good))];
}

/* One number, or a list of 1 to 8, most often COUNT. */
static void
numbers_text (struct hostile *h, FILE *f, int count, bool positive)
{
  bool list = chance (h, 80);
  int n = !list ? 1 : chance (h, 95) ? count : 1 + (int) below (h, 8);
  fputs (list ? "[" : "", f);
  for (int i = 0; i < n; i++)
    fprintf (f, "%s%s", i ? ", " : "", number (h, positive));
  fputs (list ? "]\n" : "\n", f);
}

/* A labels file of about CLASSES lines in H's folder. */
static void
write_labels (struct hostile *h, int classes)
{
  static const char *const ends[] = { "\n", "\n", "\r\n", "\r" };
  char path[4200];
  snprintf (path, sizeof path, "%s/the labels.txt", h->folder);
  FILE *f = fopen (path, "wb");
  if (!f)
    exit (99);
  const char *end = PICK (h, ends);
  bool hostile = chance (h, 30);
  fputs (chance (h, 15) ? "\xef\xbb\xbf" : "", f);
  int n = chance (h, 90) ? classes : (int) below (h, 6);
  for (int i = 0; i < n; i++)
    {
      if (chance (h, 2))
        for (int k = 1022 + (int) below (h, 4); k; k--)
          fputc (k % 7 ? 'y' : '"', f);
      else
        fputs (hostile && chance (h, 10) ? PICK (h, odd_labels) : PICK (h, good_labels), f);
      fputs (i + 1 < n || chance (h, 80) ? end : "", f);
    }
  fputs (chance (h, 10) ? "\n \n" : "", f);
  if (chance (h, 2))
    fputc (0, f);
  fclose (f);
}

static const char *
layer_text (struct hostile *h, int at)
{
  static const char *const flat[] = {
    "type: relu", "type: prelu", "type: batch-norm", "type: instance-norm", "type: group-norm, groups: 2",
    "type: conv, filters: 3, kernel-size: 3, padding: same",
    "type: conv, filters: 16, kernel-size: 1", "type: conv, filters: 17, kernel-size: 3, stride: 2, padding: 1",
    "type: max-pool, kernel-size: 2", "type: average-pool, kernel-size: 3, stride: 1, padding: 1", "type: reshape, shape: [4, 1, 1]",
    "type: upsample, scale: 2", "type: add",
  };
  static char text[600];
  char integer[64];
  snprintf (integer, sizeof integer, "type: conv, kernel-size: 1, filters: %s", PICK (h, integers));
  const char *kind = chance (h, 5) ? integer : PICK (h, flat);
  if (chance (h, 60))
    snprintf (text, sizeof text, "- {%s, name: \"%s\"}\n", kind, chance (h, 96) ? PICK (h, good_layers) : PICK (h, odd_layers));
  else if (chance (h, 20))
    snprintf (text, sizeof text, "- {%s, name: \"l%d\", input: \"%s\"}\n", kind, at, chance (h, 80) ? "input" : PICK (h, good_layers));
  else
    snprintf (text, sizeof text, "- {%s}\n", kind);
  return text;
}

static void
sequence (struct hostile *h, FILE *f, int channels)
{
  int rank = chance (h, 25) ? 3 : 2, count = 1 + (int) below (h, 3);
  fprintf (f, "network: sequence\n");
  if (chance (h, 5))
    fprintf (f, "input-size: [%d, %s, %s]\n", channels, PICK (h, integers), PICK (h, integers));
  else
    fprintf (f, "input-size: [%d, %s5, %u]\n", channels, rank == 3 ? "2, " : "", 1 + below (h, 9));
  fprintf (f, "layers:\n");
  for (int i = 0; i < count; i++)
    fputs (layer_text (h, i), f);
  if (chance (h, 80))
    fprintf (f, "- {type: linear, features: %d, name: head}\n", HOSTILE_CLASSES);
}

static void
network (struct hostile *h, FILE *f, int channels)
{
  static const char *const others[] = {
    "network: resnet\nblock: basic\nlayers: [1]\nnum-filters: [3]\ninitial-pooling-layer: none\ninput-size: [%d, 6, 6]\nnum-classes: 4\n",
    "network: resnet2d\nstack-depth: 1\nnum-filters: 2\ninitial-num-filters: 2\ninput-size: [8, 8, %d]\nnum-classes: 4\n",
    ("network: resnet3d\nstack-depth: 1\nnum-filters: 2\ninitial-num-filters: 2\ninput-size: [4, 4, 4, %d]\nnum-classes: 4\n"
     "bottleneck-type: none\ninitial-filter-size: 3\n"),
    "network: table\ninput-size: [%d, 8, 8]\nnum-classes: 4\nstages: [\"3x3, 4, stride 2\", \"average pool, 4-d fc, softmax\"]\n",
  };
  if (chance (h, 75))
    sequence (h, f, channels);
  else
    {
      const char *text = PICK (h, others), *at = strstr (text, "%d");
      fprintf (f, "%.*s%d%s", (int) (at - text), text, channels, at + 2);
    }
}

/* The values that may as well be given by --set. */
static void
add_set (struct hostile *h)
{
  static const char *const keys[] = { "batch", "scale", "mean", "std", "seed" };
  if (!chance (h, 6))
    return;
  if (chance (h, 50))
    snprintf (h->set, sizeof h->set, "name=\"%s\"", PICK (h, odd_names));
  else
    snprintf (h->set, sizeof h->set, "%s=%s", PICK (h, keys), PICK (h, numbers));
}

void
hostile_write (struct hostile *h, const char *folder, uint32_t seed)
{
  static const char *const files[] = { "net", "my net", "size_t", "a$b#c", "\xc3\xa4", "<|x|>", "m4_x", "-x", "static", "1", ".a", "a\nb" };
  char path[4200];
  *h = (struct hostile){ .folder = folder, .state = seed * 2654435761u | 1 };
  for (int i = 0; i < 8; i++)
    next (h);
  const int channels = chance (h, 50) ? 3 : 1 + (int) below (h, 8);
  snprintf (h->file, sizeof h->file, "%s.yaml", chance (h, 80) ? "net" : PICK (h, files));
  snprintf (path, sizeof path, "%s/%s", folder, h->file);
  FILE *f = fopen (path, "wb");
  if (!f)
    exit (99);
  if (chance (h, 70))
    fprintf (f, "name: \"%s\"\n", chance (h, 88) ? PICK (h, good_names) : PICK (h, odd_names));
  network (h, f, channels);
  fputs (chance (h, 20) ? PICK (h, comments) : "", f);
  for (int k = 0; k < 3; k++)
    if (chance (h, 35))
      {
        fputs (k == 0 ? "mean: " : k == 1 ? "std: " : "scale: ", f);
        if (k == 2)
          fprintf (f, "%s\n", number (h, true));
        else
          numbers_text (h, f, channels, k == 1);
      }
  if (chance (h, 15))
    fprintf (f, "%s: %s\n", chance (h, 50) ? "batch" : "seed", integers[below (h, chance (h, 60) ? 5 : COUNT (integers))]);
  if (chance (h, 40))
    {
      fprintf (f, "labels: the labels.txt\n");
      write_labels (h, HOSTILE_CLASSES);
    }
  fclose (f);
  add_set (h);
  h->cuda = chance (h, 10);
  h->embed = chance (h, 10);
}
