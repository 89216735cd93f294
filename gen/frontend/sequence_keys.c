/* A layer's values, read by type and checked. */
#include "sequence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/options/keys.h"
#include "sequence_table.h"

/* Layers whose sizes are [h w d]. */
static bool
is_matlab (const struct layer *l)
{
  return l->type == LAYER_TRANSPOSED_CONV_3D || l->type == LAYER_TRANSPOSED_CONV_2D;
}

void
layer_fatal (const struct layer *l, const char *key, const struct yaml *y, const char *what)
{
  fatal_at (y->loc, "layer %s: %s: %s; allowed: %s", l->name, key, what,
            layer_key_allowed (layer_key_find (l->type, key), l->type, l->shape.rank));
}

const struct yaml *
layer_value (const struct layer *l, const char *key)
{
  const struct yaml *y = yaml_get (l->y, key);
  const struct layer_key *k = layer_key_find (l->type, key);
  bool may_miss = k->fallback && !*k->fallback;
  if (y && !(may_miss && yaml_is_null (y)))
    return y;
  if (may_miss)
    return NULL;
  if (!k->fallback)
    fatal_at (l->loc, "layer %s: type %s needs the key %s; allowed: %s", l->name, layer_type_name (l->type), key,
              layer_key_allowed (k, l->type, l->shape.rank));
  struct yaml *fallback = yaml_parse ("a default", k->fallback, strlen (k->fallback));
  fallback->loc = l->loc; /* where the key could stand */
  return fallback;
}

static int64_t
int_of (const struct layer *l, const char *key, const struct yaml *y)
{
  const struct layer_key *k = layer_key_find (l->type, key);
  int64_t v;
  if (!yaml_int (y, &v) || v < k->min || v > k->max)
    layer_fatal (l, key, y, yaml_show (y));
  return v;
}

int64_t
layer_int (const struct layer *l, const char *key)
{
  return int_of (l, key, layer_value (l, key));
}

double
layer_real (const struct layer *l, const char *key)
{
  const struct yaml *y = layer_value (l, key);
  const char *from = layer_key_find (l->type, key)->from;
  const double least = from ? strtod (from, NULL) : 0;
  double v;
  if (!yaml_double (y, &v) || !(v >= least && v <= MAX_REAL))
    layer_fatal (l, key, y, yaml_show (y));
  return v;
}

bool
layer_bool (const struct layer *l, const char *key)
{
  const struct yaml *y = layer_value (l, key);
  bool v;
  if (!yaml_bool (y, &v))
    layer_fatal (l, key, y, yaml_show (y));
  return v;
}

enum presence
layer_presence (const struct layer *l, const char *key)
{
  return !layer_value (l, key) ? AS_IN_FILE : layer_bool (l, key) ? PRESENT : ABSENT;
}

int
layer_choice (const struct layer *l, const char *key)
{
  const struct yaml *y = layer_value (l, key);
  const char *const *choices = layer_key_find (l->type, key)->choices;
  size_t n = 0;
  for (; choices[n]; n++)
    if (y->kind == YAML_SCALAR && (strcmp (y->value, choices[n]) == 0
                                   || (yaml_is_null (y) && strcmp (choices[n], "null") == 0)))
      return (int) n;
  const char *near = y->kind == YAML_SCALAR && strlen (y->value) < 64 ? nearest_name (y->value, choices, n) : NULL;
  layer_fatal (l, key, y, near ? mem_printf ("%s, did you mean %s?", yaml_show (y), near) : yaml_show (y));
}

void
layer_extents_of (const struct layer *l, const char *key, const struct yaml *y, int64_t other, int64_t v[AXES])
{
  static const int matlab[AXES] = { AXIS_H, AXIS_W, AXIS_D };
  int rank = l->shape.rank;
  bool h_w_d = is_matlab (l);
  if (y->kind == YAML_LIST && y->count != (size_t) rank)
    layer_fatal (l, key, y, mem_printf ("%zu element%s for %d axes", y->count, y->count == 1 ? "" : "s", rank));
  if (y->kind == YAML_MAP)
    layer_fatal (l, key, y, yaml_show (y));
  v[AXIS_D] = other;
  for (int i = 0; i < rank; i++)
    v[h_w_d ? matlab[i] : AXES - rank + i] = int_of (l, key, y->kind == YAML_LIST ? &y->items[i] : y);
}

void
layer_extents (const struct layer *l, const char *key, int64_t other, int64_t v[AXES])
{
  layer_extents_of (l, key, layer_value (l, key), other, v);
}

/* [[before …], [after …]] */
static bool
is_pair_of_lists (const struct yaml *y)
{
  return y->kind == YAML_LIST && y->count == 2 && y->items[0].kind == YAML_LIST && y->items[1].kind == YAML_LIST;
}

void
layer_padding (const struct layer *l, int64_t lo[AXES], int64_t hi[AXES], bool *same)
{
  const char *key = is_matlab (l) ? "cropping" : "padding";
  const struct yaml *y = layer_value (l, key);
  *same = y->kind == YAML_SCALAR && strcmp (y->value, "same") == 0;
  if (*same)
    memset (lo, 0, AXES * sizeof *lo), memset (hi, 0, AXES * sizeof *hi);
  else if (is_pair_of_lists (y))
    {
      layer_extents_of (l, key, &y->items[0], 0, lo);
      layer_extents_of (l, key, &y->items[1], 0, hi);
    }
  else
    {
      layer_extents_of (l, key, y, 0, lo);
      memcpy (hi, lo, AXES * sizeof *lo);
    }
}

struct shape
layer_shape_of (const struct layer *l, const char *key)
{
  const struct yaml *y = layer_value (l, key);
  if (y->kind != YAML_LIST || !(y->count == 1 || y->count == 3 || y->count == 4))
    layer_fatal (l, key, y, yaml_show (y));
  struct shape s = { .rank = (int) y->count - 1, .dim = { 1, 1, 1 } };
  double count = 1;
  for (int i = 0; i <= s.rank; i++)
    {
      int64_t v;
      if (!yaml_int (&y->items[i], &v) || v < 1 || v > INT64_C (1) << 33)
        layer_fatal (l, key, &y->items[i], yaml_show (&y->items[i]));
      *(i ? &s.dim[AXES - s.rank + i - 1] : &s.c) = v;
      count *= (double) v;
    }
  if (count > LAYER_MAX_PADDED)
    layer_fatal (l, key, y, mem_printf ("%.0f elements of %s", count, shape_text (&l->shape)));
  return s;
}

void
layer_check_parameters (const struct layer *l, double count)
{
  if (count > MAX_PARAMETERS)
    fatal_at (l->loc, "layer %s: about %.1e parameters; allowed: at most %.1e", l->name, count, MAX_PARAMETERS);
}
