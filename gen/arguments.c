/* Arguments of the command line. */
#include "arguments.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/code_budget.h"
#include "base/terminal.h"
#include "frontend/frontend.h"

_Noreturn void
usage (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  fprintf (stderr, "%srescast:%s ", colour_of (stderr, COLOUR_BAD), colour_of (stderr, COLOUR_NONE));
  vfprintf (stderr, fmt, args);
  va_end (args);
  fputs ("; see rescast --help\n", stderr);
  exit (2);
}

_Noreturn void
bad_option (int c, char **argv)
{
  if (c == ':')
    usage ("%s needs a value", argv[optind - 1]);
  usage ("%s is not an option of %s", argv[optind - 1], argv[0]);
}

const char *
only_argument (int argc, char **argv, const char *what)
{
  if (optind + 1 != argc)
    usage ("%s takes one %s", argv[0], what);
  return argv[optind];
}

void
add_repeated (struct sets *s, const char *option, const char *text)
{
  if (s->count == sizeof s->list / sizeof *s->list)
    usage ("%s is given more than %zu times", option, s->count);
  s->list[s->count++] = text;
}

void
add_set (struct sets *s, const char *text)
{
  if (!strchr (text, '=') || *text == '=')
    usage ("--set %s: must be KEY=VALUE", text);
  add_repeated (s, "--set", text);
}

/* A number of bytes: digits, and k, M, G for powers of 1024. False: it is none. */
static bool
bytes_parse (const char *s, uint64_t *bytes)
{
  static const char units[] = "kMG";
  char *end;
  unsigned long long v = strtoull (s, &end, 10);
  const char *unit = *end ? strchr (units, *end) : NULL;
  int shift = unit ? 10 * (int) (unit - units + 1) : 0;
  if (*s < '0' || *s > '9' || (*end && (!unit || end[1])) || v > (unsigned long long) INT64_MAX >> shift)
    return false;
  *bytes = v << shift;
  return true;
}

uint64_t
bytes_value (const char *option, const char *s)
{
  uint64_t bytes;
  if (!bytes_parse (s, &bytes) || !bytes)
    usage ("%s %s: must be a positive number of bytes, such as 67108864 or 64M", option, s);
  return bytes;
}

int64_t
unroll_value (const char *s)
{
  uint64_t bytes;
  if (!strcmp (s, "max"))
    return CODE_BUDGET_MAX;
  if (!bytes_parse (s, &bytes) || bytes >= (uint64_t) CODE_BUDGET_MAX)
    usage ("--unroll-budget %s: must be a number of bytes, such as 262144 or 256k, or max", s);
  return (int64_t) bytes;
}

enum precision
precision_value (const char *s)
{
  enum precision p;
  if (!precision_parse (s, &p))
    usage ("--precision %s: must be fp32, tf32, fp16 or bf16", s);
  return p;
}

double
number_value (const char *option, const char *s, double least, double most)
{
  char *end;
  double v = strtod (s, &end);
  if (end == s || *end || !(v >= least && v <= most))
    usage ("%s %s: must be a number from %g to %g", option, s, least, most);
  return v;
}

bool
weights_argument (struct weights_arguments *a, int c, const char *value)
{
  switch (c)
    {
    case 'w':
      a->path = value;
      return true;
    case WEIGHTS_KEY:
      if (!*value)
        usage ("--weights-key: must be the words in front of the tensors' names, such as state_dict.model");
      a->use.key = value;
      return true;
    case WEIGHTS_IGNORE:
      add_repeated (&a->ignored, "--ignore", value);
      a->use.ignore = a->ignored.list;
      a->use.ignore_count = a->ignored.count;
      return true;
    default:
      return false;
    }
}

void
weights_arguments_check (const struct weights_arguments *a, const char *model)
{
  if (!a->path && (a->use.key || a->use.ignore) && !(model && source_is_weights (model)))
    usage ("%s: is of a weights file; give one with -w%s", a->use.key ? "--weights-key" : "--ignore",
           model ? " or as the model" : "");
}

bool
model_argument (struct model_arguments *a, int c, const char *value)
{
  if (c == MODEL_SET)
    add_set (&a->sets, value);
  else if (c == MODEL_OUTPUT)
    add_set (&a->sets, mem_printf ("output-tensor=%s", value));
  else
    return weights_argument (&a->weights, c, value);
  return true;
}

bool
run_argument (struct verify_options *o, int c, const char *value)
{
  switch (c)
    {
    case 'v':
      o->verbose = true;
      return true;
    case RUN_REFERENCE:
      o->reference = value;
      return true;
    case RUN_THREADS:
      o->threads = (int) number_value ("--threads", value, 1, 256);
      return true;
    case RUN_SEED:
      o->seed = (uint64_t) number_value ("--seed", value, 0, 1e15);
      return true;
    case RUN_TOLERANCE:
      o->tolerance = number_value ("--tolerance", value, 1e-12, 1);
      return true;
    case RUN_SECONDS:
      o->seconds = number_value ("--seconds", value, 0.1, 86400);
      return true;
    default:
      return false;
    }
}
