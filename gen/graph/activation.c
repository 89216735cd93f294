/* The rows of activations.def, and questions to them. */
#include "activation.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define UNIT 0x1p-24

/* The larger and the smaller one; NaN where either is, unlike fmax and fmin. */
static double
larger (double a, double b)
{
  return a > b || isnan (a) ? a : b;
}

static double
smaller (double a, double b)
{
  return a < b || isnan (a) ? a : b;
}

static const struct row
{
  const char *name, *vector, *device, *pair;
  const char *key[2];
  struct activation_code code;
} rows[ACT_COUNT] = {
  [ACT_NONE] = { "none", "x", "x", "", { NULL, NULL }, { 0, 0 } },
#define PARAMETER(key, fallback, least, rule) key
#define NO_PARAMETER NULL
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, steepest, relative, absolute, inlined,         \
                   outside, first, second)                                                                             \
  [ACT_##id] = { name, vector, device, pair, { first, second }, { inlined, outside } },
#include "activations.def"
};

struct activation
activation_with (enum activation_id id, double a, double b)
{
  return (struct activation){ .id = id, .a = (double) (float) a, .b = (double) (float) b };
}

const char *
activation_name (const struct activation *act)
{
  return rows[act->id].name;
}

const char *
activation_key (const struct activation *act, int i)
{
  return rows[act->id].key[i];
}

struct activation_code
activation_code (const struct activation *act)
{
  return rows[act->id].code;
}

const char *
activation_word (const struct activation *act)
{
  char *word = mem_strdup (rows[act->id].name);
  for (char *p = word; *p; p++)
    if (*p == '-')
      *p = '_';
  return word;
}

const char *
activation_text (const struct activation *act)
{
  const double value[2] = { act->a, act->b };
  struct text t = { 0 };
  text_add (&t, rows[act->id].name);
  for (int i = 0; i < 2; i++)
    if (rows[act->id].key[i])
      text_printf (&t, ", %s %g", rows[act->id].key[i], value[i]);
  return t.s;
}

double
activation_value (const struct activation *act, double slope, double x)
{
  const double a = act->a, b = act->b;
  switch (act->id)
    {
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, name, reference, ...)                                                                           \
  case ACT_##id:                                                                                                       \
    return reference;
#include "activations.def"
    default:
      return x;
    }
}

bool
activation_keeps_zero (const struct activation *act)
{
  return activation_value (act, 1, 0) == 0;
}

bool
activation_is_monotone (const struct activation *act)
{
  const double a = act->a, b = act->b;
  (void) a, (void) b;
  switch (act->id)
    {
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, ...)                                           \
  case ACT_##id:                                                                                                       \
    return monotone;
#include "activations.def"
    default:
      return true;
    }
}

bool
activation_is_never_negative (const struct activation *act)
{
  return activation_is_monotone (act) && activation_value (act, 1, -HUGE_VAL) >= 0;
}

double
activation_steepest (const struct activation *act, double slope, double x)
{
  const double a = act->a;
  (void) x;
  switch (act->id)
    {
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, steepest, ...)                                 \
  case ACT_##id:                                                                                                       \
    return steepest;
#include "activations.def"
    default:
      return 1;
    }
}

bool
activation_is_gentle (const struct activation *act)
{
  const double most = 1e12; /* of what is not infinite anywhere */
  return activation_steepest (act, 1, 0) <= most && activation_steepest (act, 1, HUGE_VAL) <= most;
}

double
activation_error (const struct activation *act, double y)
{
  const double a = act->a, b = act->b;
  (void) a, (void) b;
  switch (act->id)
    {
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, steepest, relative, absolute, ...)             \
  case ACT_##id:                                                                                                       \
    return UNIT * ((relative) *fabs (y) + (absolute));
#include "activations.def"
    default:
      return 0;
    }
}

/* V, a float's value, as a number in C: 6, 0.01f. */
static char *
number (double v)
{
  char digits[40];
  if (v == trunc (v) && fabs (v) < 1e6)
    return mem_printf ("%.0f", v);
  for (int n = 1; n <= 9; n++)
    {
      snprintf (digits, sizeof digits, "%.*g", n, v);
      if ((double) strtof (digits, NULL) == v)
        break;
    }
  return mem_printf ("%s%s", digits, strpbrk (digits, ".e") ? "f" : "");
}

static bool
in_word (char c)
{
  return isalnum ((unsigned char) c) || c == '_' || c == '.';
}

/* EXPRESSION with the words x, slope, a and b replaced. */
static char *
substitute (const struct activation *act, const char *expression, const char *x, const char *slope)
{
  const struct
  {
    const char *word, *text;
  } words[] = { { "x", x }, { "slope", slope }, { "a", number (act->a) }, { "b", number (act->b) } };
  struct text t = { 0 };
  text_add (&t, "");
  for (const char *p = expression, *end; *p; p = end)
    {
      for (end = p; in_word (*end); end++)
        ;
      size_t n = (size_t) (end > p ? end - p : 1), i = 0, count = sizeof words / sizeof *words;
      end = p + n;
      while (i < count && (strlen (words[i].word) != n || strncmp (words[i].word, p, n) != 0))
        i++;
      if (i < count)
        text_add (&t, words[i].text);
      else
        text_addn (&t, p, n);
    }
  return t.s;
}

bool
activation_has_slope (const struct activation *act)
{
  return strstr (rows[act->id].vector, "slope") != NULL;
}

char *
activation_vector (const struct activation *act, const char *x, const char *slope)
{
  return substitute (act, rows[act->id].vector, x, slope);
}

char *
activation_device (const struct activation *act, const char *x, const char *slope)
{
  return substitute (act, rows[act->id].device, x, slope);
}

char *
activation_device_pair (const struct activation *act, const char *x)
{
  return substitute (act, rows[act->id].pair, x, "");
}
