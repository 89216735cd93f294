/* A tree's nodes: members of maps, scalars as what the core schema reads in them. */
#include "yaml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct yaml *
yaml_get (const struct yaml *map, const char *key)
{
  for (size_t i = 0; map->kind == YAML_MAP && i < map->count; i++)
    if (!strcmp (map->items[i].key, key))
      return &map->items[i];
  return NULL;
}

void
yaml_set (struct yaml *map, const char *key, struct yaml *value)
{
  struct yaml *member = yaml_get (map, key);
  if (!member)
    {
      struct yaml *items = NEW_ARRAY (map->count + 1, struct yaml);
      if (map->count)
        memcpy (items, map->items, map->count * sizeof *items);
      map->items = items;
      member = &items[map->count++];
    }
  *member = *value;
  member->key = mem_strdup (key);
  member->key_loc = (struct loc){ value->loc.file, 0, 0 };
}

static bool
is_plain (const struct yaml *y)
{
  return y->kind == YAML_SCALAR && !y->quoted;
}

bool
yaml_int (const struct yaml *y, int64_t *out)
{
  if (!is_plain (y))
    return false;
  const char *digits = y->value + (*y->value == '-' || *y->value == '+');
  if (!*digits || digits[strspn (digits, "0123456789")])
    return false;
  errno = 0;
  long long v = strtoll (y->value, NULL, 10);
  if (errno)
    return false;
  *out = v;
  return true;
}

bool
yaml_double (const struct yaml *y, double *out)
{
  char *end;
  /* strtod also takes hexadecimal, inf and nan, all of which need other letters. */
  if (!is_plain (y) || !*y->value || y->value[strspn (y->value, "0123456789+-.eE")])
    return false;
  double v = strtod (y->value, &end);
  if (*end || end == y->value || !isfinite (v))
    return false;
  *out = v;
  return true;
}

/* One of the three ways in which the core schema writes a word. */
static bool
is_word (const struct yaml *y, const char *lower, const char *capital, const char *upper)
{
  return is_plain (y) && (!strcmp (y->value, lower) || !strcmp (y->value, capital) || !strcmp (y->value, upper));
}

bool
yaml_bool (const struct yaml *y, bool *out)
{
  *out = is_word (y, "true", "True", "TRUE");
  return *out || is_word (y, "false", "False", "FALSE");
}

bool
yaml_is_null (const struct yaml *y)
{
  return is_word (y, "null", "Null", "NULL") || is_word (y, "", "~", "~");
}
