/* Values by type: read from YAML into the options, and written back. */
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
field (const struct options *o, const struct key *key)
{
  return (char *) o + key->at;
}

void
key_fatal (const struct key *key, const struct yaml *y, const char *what)
{
  fatal_at (y->loc, "%s: %s; allowed: %s", key->name, what, key_allowed (key));
}

static _Noreturn void
bad_value (const struct key *key, const struct yaml *y)
{
  key_fatal (key, y, yaml_show (y));
}

static int64_t
read_int (const struct key *key, const struct yaml *y)
{
  int64_t v;
  if (!yaml_int (y, &v) || v < key->min || v > key->max)
    bad_value (key, y);
  return v;
}

static double
read_real (const struct key *key, const struct yaml *y, bool positive)
{
  double v;
  if (!yaml_double (y, &v) || v > MAX_REAL || v < -MAX_REAL || (positive && v < 1 / MAX_REAL))
    bad_value (key, y);
  return v;
}

static const char *const presences[] = { [AS_IN_FILE] = "null", [PRESENT] = "true", [ABSENT] = "false" };

static enum presence
read_presence (const struct key *key, const struct yaml *y)
{
  bool present;
  if (!yaml_bool (y, &present))
    bad_value (key, y);
  return present ? PRESENT : ABSENT;
}

/* The number of elements of a list, or 1 for a scalar where one may stand for a list. */
static int
list_count (const struct key *key, const struct yaml *y, bool scalar)
{
  if (y->kind == YAML_SCALAR && scalar)
    return 1;
  if (y->kind != YAML_LIST)
    bad_value (key, y);
  if (y->count < (size_t) key->least || y->count > (size_t) key->most)
    key_fatal (key, y, mem_printf ("%zu element%s", y->count, y->count == 1 ? "" : "s"));
  return (int) y->count;
}

static const struct yaml *
element (const struct yaml *y, int i)
{
  return y->kind == YAML_LIST ? &y->items[i] : y;
}

static void
read_extents (const struct key *key, const struct yaml *y, int64_t *v)
{
  if (y->kind == YAML_LIST && y->count != (size_t) key->most)
    key_fatal (key, y, mem_printf ("%zu element%s", y->count, y->count == 1 ? "" : "s"));
  if (y->kind == YAML_MAP)
    bad_value (key, y);
  v[2] = 1;
  for (int i = 0; i < key->most; i++)
    v[i] = read_int (key, element (y, i));
}

static void
read_ints (const struct key *key, const struct yaml *y, struct int_list *list)
{
  list->loc = y->loc;
  list->count = list_count (key, y, key->least == 1);
  for (int i = 0; i < list->count; i++)
    list->v[i] = read_int (key, element (y, i));
}

static void
read_reals (const struct key *key, const struct yaml *y, struct double_list *list)
{
  list->loc = y->loc;
  list->count = list_count (key, y, true);
  list->v = NEW_ARRAY ((size_t) list->count, double);
  for (int i = 0; i < list->count; i++)
    list->v[i] = read_real (key, element (y, i), key->min);
}

static void
read_bools (struct options *o, const struct key *key, const struct yaml *y)
{
  o->replace_stride_count = list_count (key, y, false);
  for (int i = 0; i < o->replace_stride_count; i++)
    if (!yaml_bool (element (y, i), &o->replace_stride_with_dilation[i]))
      bad_value (key, element (y, i));
}

static size_t
read_choice (const struct key *key, const struct yaml *y)
{
  size_t n = key_choice_count (key);
  for (size_t i = 0; y->kind == YAML_SCALAR && i < n; i++)
    if (!strcmp (y->value, key->choices[i]))
      return i;
  const char *near = y->kind == YAML_SCALAR && strlen (y->value) < 64 ? nearest_name (y->value, key->choices, n) : NULL;
  key_fatal (key, y, near ? mem_printf ("%s, did you mean %s?", yaml_show (y), near) : yaml_show (y));
}

static const char *const norms[] = { "batch-norm", "frozen-batch-norm", "instance-norm", "group-norm", "none" };

/* `group-norm 32` or [group-norm, 32], else a word. */
static void
read_norm (struct options *o, const struct key *key, const struct yaml *y)
{
  struct yaml word = *y, number = *y;
  if (y->kind == YAML_LIST && y->count == 2)
    {
      word = y->items[0];
      number = y->items[1];
    }
  else if (y->kind == YAML_SCALAR && !strncmp (y->value, "group-norm ", 11))
    {
      word.value = "group-norm";
      number.value += strspn (number.value + 10, " ") + 10;
      number.quoted = false;
      number.loc = yaml_loc_in (y, (size_t) (number.value - y->value));
    }
  else if (y->kind != YAML_SCALAR || !strcmp (y->value, "group-norm"))
    bad_value (key, y);
  for (size_t i = 0; word.kind == YAML_SCALAR && i < sizeof norms / sizeof *norms; i++)
    if (!strcmp (word.value, norms[i]) && (i == NORM_GROUP || y->kind == YAML_SCALAR))
      {
        o->norm_layer = (enum norm) i;
        o->norm_groups = i == NORM_GROUP ? read_int (key, &number) : 0;
        return;
      }
  bad_value (key, y);
}

static struct yaml *
read_list_of (const struct key *key, const struct yaml *y, enum yaml_kind kind)
{
  list_count (key, y, false);
  for (size_t i = 0; i < y->count; i++)
    if (y->items[i].kind != kind)
      key_fatal (key, &y->items[i], yaml_show (&y->items[i]));
  return (struct yaml *) y;
}

static const char *
read_name (const struct key *key, const struct yaml *y)
{
  const char *problem = y->kind == YAML_SCALAR ? name_problem (y->value) : "no text";
  if (problem)
    key_fatal (key, y, mem_printf ("%s is %s", yaml_show (y), problem));
  return y->value;
}

void
key_read (struct options *o, const struct key *key, const struct yaml *y)
{
  void *at = field (o, key);
  switch (key->type)
    {
    case KEY_INT:
      *(int64_t *) at = read_int (key, y); /* seed is unsigned, the same bits */
      break;
    case KEY_REAL:
      *(double *) at = read_real (key, y, true);
      break;
    case KEY_BOOL:
      if (!yaml_bool (y, at))
        bad_value (key, y);
      break;
    case KEY_PRESENCE:
      *(enum presence *) at = read_presence (key, y);
      break;
    case KEY_CHOICE:
      o->initial_pooling_layer = (enum pooling) read_choice (key, y); /* the only one so far */
      break;
    case KEY_FLAG:
      *(bool *) at = read_choice (key, y) == 1;
      break;
    case KEY_WORD:
      *(const char **) at = key->choices[read_choice (key, y)];
      break;
    case KEY_EXTENTS:
      read_extents (key, y, at);
      break;
    case KEY_INTS:
      read_ints (key, y, at);
      break;
    case KEY_REALS:
      read_reals (key, y, at);
      break;
    case KEY_BOOLS:
      read_bools (o, key, y);
      break;
    case KEY_NAME:
      *(const char **) at = read_name (key, y);
      break;
    case KEY_FILE:
      if (y->kind != YAML_SCALAR || !*y->value)
        bad_value (key, y);
      *(const char **) at = y->value;
      break;
    case KEY_NORM:
      read_norm (o, key, y);
      break;
    case KEY_TEXTS:
    case KEY_MAPS:
      *(struct yaml **) at = read_list_of (key, y, key->type == KEY_TEXTS ? YAML_SCALAR : YAML_MAP);
      break;
    }
}

static void
write_ints (struct text *t, const int64_t *v, int count)
{
  for (int i = 0; i < count; i++)
    text_printf (t, "%s%lld", i ? ", " : "[", (long long) v[i]);
  text_add (t, count ? "]" : "null");
}

/* With as few digits as read back the same. */
static void
write_real (struct text *t, double v)
{
  char s[40];
  for (int digits = 15; digits <= 17; digits++)
    {
      snprintf (s, sizeof s, "%.*g", digits, v);
      if (strtod (s, NULL) == v)
        break;
    }
  text_add (t, s);
}

static void
write_reals (struct text *t, const struct double_list *list)
{
  for (int i = 0; i < list->count; i++)
    {
      text_add (t, i ? ", " : "[");
      write_real (t, list->v[i]);
    }
  text_add (t, list->count ? "]" : "null");
}

static void
write_bools (struct text *t, const struct options *o)
{
  for (int i = 0; i < o->replace_stride_count; i++)
    text_printf (t, "%s%s", i ? ", " : "[", o->replace_stride_with_dilation[i] ? "true" : "false");
  text_add (t, o->replace_stride_count ? "]" : "null");
}

static void
write_word (struct text *t, const char *word)
{
  struct yaml y = { .kind = YAML_SCALAR, .value = word, .quoted = true };
  text_add (t, word ? yaml_text (&y) : "null");
}

static void
write_items (struct text *t, const struct yaml *list)
{
  for (size_t i = 0; i < list->count; i++)
    text_printf (t, "\n  - %s", yaml_text (&list->items[i]));
}

void
key_write (const struct options *o, const struct key *key, struct text *t)
{
  const void *at = field (o, key);
  switch (key->type)
    {
    case KEY_INT:
      text_printf (t, "%lld", (long long) *(const int64_t *) at);
      break;
    case KEY_REAL:
      write_real (t, *(const double *) at);
      break;
    case KEY_BOOL:
      text_add (t, *(const bool *) at ? "true" : "false");
      break;
    case KEY_PRESENCE:
      text_add (t, presences[*(const enum presence *) at]);
      break;
    case KEY_CHOICE:
      text_add (t, key->choices[o->initial_pooling_layer]);
      break;
    case KEY_FLAG:
      text_add (t, key->choices[*(const bool *) at]);
      break;
    case KEY_EXTENTS:
      write_ints (t, at, key->most);
      break;
    case KEY_INTS:
      write_ints (t, ((const struct int_list *) at)->v, ((const struct int_list *) at)->count);
      break;
    case KEY_REALS:
      write_reals (t, at);
      break;
    case KEY_BOOLS:
      write_bools (t, o);
      break;
    case KEY_WORD:
    case KEY_NAME:
    case KEY_FILE:
      write_word (t, *(const char *const *) at);
      break;
    case KEY_NORM:
      text_add (t, norms[o->norm_layer]);
      text_add (t, o->norm_layer == NORM_GROUP ? mem_printf (" %lld", (long long) o->norm_groups) : "");
      break;
    case KEY_TEXTS:
    case KEY_MAPS:
      write_items (t, *(struct yaml *const *) at);
      break;
    }
}
