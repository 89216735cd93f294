/* The layers so far as text, and the tensors that are their parameters. */
#include "convert.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum
{
  MAX_NAME = 120 /* of the 128 bytes that a layer's name may have, some are for a number that makes it another one */
};

/* ---- names ---- */

/* NAME with the characters that a layer's name may have, without the first slash. */
static char *
clean_name (const char *name, size_t length)
{
  while (length && *name == '/')
    name++, length--;
  if (length > MAX_NAME)
    {
      name += length - MAX_NAME;
      length = MAX_NAME;
    }
  char *s = mem_strndup (name, length);
  for (char *p = s; *p; p++)
    if (!strchr ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-", *p))
      *p = '_';
  return s;
}

static const char *
lower (const char *s)
{
  char *r = mem_strdup (s);
  for (char *p = r; *p; p++)
    *p = (char) (*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
  return r;
}

/* A name that no other layer has. */
static const char *
new_name (struct conversion *c, const char *wanted)
{
  const char *name = wanted;
  for (int i = 2; !strcmp (name, "input") || *table_slot (c->names, name); i++)
    name = mem_printf ("%s_%d", wanted, i);
  *table_slot (c->names, name) = c;
  return name;
}

/* "layer1.0.conv1.weight" names its layer; a number that an exporter gave does not. */
static const char *
name_of_parameter (const char *parameter)
{
  static const char *const suffixes[] = { ".weight", ".bias", ".running_mean", ".weight_g" };
  for (size_t i = 0; parameter && i < sizeof suffixes / sizeof *suffixes; i++)
    {
      const size_t n = strlen (parameter), k = strlen (suffixes[i]);
      if (n > k && !strcmp (parameter + n - k, suffixes[i]))
        return clean_name (parameter, n - k);
    }
  return NULL;
}

/* "/layer1/layer1.0/conv1/Conv" ends in what its module computes: without that it is the module's name, which is enough
 * unless the module computes several things. */
static const char *
name_of_node (struct conversion *c, const struct onnx_node *n, bool module)
{
  const char *slash = strrchr (n->name, '/');
  if (module && slash && slash > n->name && !strncmp (slash + 1, n->op, strlen (n->op)))
    {
      const char *name = clean_name (n->name, (size_t) (slash - n->name));
      if (*name && !*table_slot (c->names, name))
        return name;
    }
  return clean_name (n->name, strlen (n->name));
}

/* MODULE: the layer is what the node's module computes, not one of several things that it does. */
static const char *
name_of_layer (struct conversion *c, const struct onnx_node *n, const char *parameter, bool module)
{
  const char *name = name_of_parameter (parameter);
  if (!name || *table_slot (c->names, name))
    name = *n->name ? name_of_node (c, n, module) : name;
  return new_name (c, name && *name ? name : mem_printf ("%s_%zu", lower (n->op), c->layer_count));
}

/* ---- text ---- */

const char *
layer_begin (struct conversion *c, const struct onnx_node *n, const char *type, const char *parameter,
             const char *input)
{
  const char *name = name_of_layer (c, n, parameter, strcmp (type, "add") && strcmp (type, "reshape"));
  text_printf (&c->layers, "  - {type: %s, name: %s", type, name);
  if (input && strcmp (input, c->previous))
    text_printf (&c->layers, ", input: %s", input);
  c->previous = name;
  c->layer_count++;
  return name;
}

void
layer_end (struct conversion *c)
{
  text_add (&c->layers, "}\n");
}

void
layer_key_int (struct conversion *c, const char *key, int64_t v)
{
  text_printf (&c->layers, ", %s: %" PRId64, key, v);
}

/* As short as the float is the same one. */
void
layer_key_real (struct conversion *c, const char *key, double v)
{
  int digits = fabs (v) < 1e6 && v == rint (v) ? 6 : 1;
  while (digits < 9 && (float) strtod (mem_printf ("%.*g", digits, v), NULL) != (float) v)
    digits++;
  text_printf (&c->layers, ", %s: %.*g", key, digits, v);
}

void
layer_key_text (struct conversion *c, const char *key, const char *v)
{
  text_printf (&c->layers, ", %s: %s", key, v);
}

/* "3", or "[3, 1]". */
static void
add_extents (struct conversion *c, const int64_t *v, int count, bool matlab)
{
  bool equal = true;
  for (int i = 1; i < count; i++)
    equal = equal && v[i] == v[0];
  if (equal)
    {
      text_printf (&c->layers, "%" PRId64, v[0]);
      return;
    }
  /* MATLAB's depth comes last. */
  const int first = matlab && count == 3 ? 1 : 0;
  text_add (&c->layers, "[");
  for (int i = 0; i < count; i++)
    text_printf (&c->layers, "%s%" PRId64, i ? ", " : "", v[(first + i) % count]);
  text_add (&c->layers, "]");
}

void
layer_key_extents (struct conversion *c, const char *key, const int64_t *v, int count, int64_t fallback, bool matlab)
{
  bool needed = false;
  for (int i = 0; i < count; i++)
    needed = needed || v[i] != fallback;
  if (!needed)
    return;
  text_printf (&c->layers, ", %s: ", key);
  add_extents (c, v, count, matlab);
}

/* Two lists, also where all margins are equal but for before and behind. */
static void
add_list (struct conversion *c, const int64_t *v, int count, bool matlab)
{
  const int first = matlab && count == 3 ? 1 : 0;
  for (int i = 0; i < count; i++)
    text_printf (&c->layers, "%s%" PRId64, i ? ", " : "[", v[(first + i) % count]);
  text_add (&c->layers, "]");
}

void
layer_key_margins (struct conversion *c, const char *key, const int64_t *before, const int64_t *after, int count,
                   bool matlab)
{
  if (!memcmp (before, after, (size_t) count * sizeof *before))
    {
      layer_key_extents (c, key, before, count, 0, matlab);
      return;
    }
  text_printf (&c->layers, ", %s: [", key);
  /* MATLAB's three are top, left, front; a conv's are front, top, left. */
  add_list (c, before, count, matlab);
  text_add (&c->layers, ", ");
  add_list (c, after, count, matlab);
  text_add (&c->layers, "]");
}

/* ---- parameters ---- */

void
layer_parameter (struct conversion *c, const char *name, const char *suffix, const struct weight *w, int rank,
                 const int64_t *shape)
{
  if (c->tensor_count == c->tensor_cap)
    {
      c->tensor_cap = c->tensor_cap ? 2 * c->tensor_cap : 64;
      struct weight *grown = NEW_ARRAY (c->tensor_cap, struct weight);
      if (c->tensor_count)
        memcpy (grown, c->tensors, c->tensor_count * sizeof *grown);
      c->tensors = grown;
    }
  struct weight *t = &c->tensors[c->tensor_count++];
  *t = *w;
  t->name = mem_printf ("%s.%s", name, suffix);
  t->rank = rank;
  memset (t->shape, 0, sizeof t->shape);
  memcpy (t->shape, shape, (size_t) rank * sizeof *shape);
}

static void
vector_parameter (struct conversion *c, const char *name, const char *suffix, int64_t count, const double *v,
                  double fallback)
{
  struct weight *w = constant_new (c, DTYPE_F64, 1, &count);
  for (int64_t i = 0; i < count; i++)
    constant_set_real (w, (size_t) i, v ? v[i] : fallback);
  layer_parameter (c, name, suffix, w, 1, &count);
}

void
layer_vector (struct conversion *c, const char *name, const char *suffix, int64_t count, const struct weight *w,
              double fallback)
{
  if (w)
    layer_parameter (c, name, suffix, w, 1, &count);
  else
    vector_parameter (c, name, suffix, count, NULL, fallback);
}

/* A batch normalisation with mean 0, variance 1 and no eps, which folds into a convolution before it. */
const char *
layer_affine (struct conversion *c, const struct onnx_node *n, const char *input, int64_t channels, const double *scale,
              const double *bias)
{
  const char *name = layer_begin (c, n, "batch-norm", NULL, input);
  layer_key_int (c, "eps", 0);
  layer_end (c);
  vector_parameter (c, name, "weight", channels, scale, 1);
  vector_parameter (c, name, "bias", channels, bias, 0);
  vector_parameter (c, name, "running_mean", channels, NULL, 0);
  vector_parameter (c, name, "running_var", channels, NULL, 1);
  return name;
}

/* ---- values as layers ---- */

const char *
layer_of_two (struct conversion *c, const struct onnx_node *n, const char *type, const char *first, const char *second)
{
  const char *name = layer_begin (c, n, type, NULL, NULL);
  text_printf (&c->layers, ", input: [%s, %s]", first, second);
  layer_end (c);
  return name;
}

const char *
layer_with_constant (struct conversion *c, const struct onnx_node *n, const char *type, const char *input,
                     const struct weight *w, int rank, const int64_t *shape, bool first)
{
  const char *name = layer_begin (c, n, type, NULL, input);
  text_add (&c->layers, ", constant: ");
  add_list (c, shape, rank, false);
  if (first)
    layer_key_text (c, "constant-first", "true");
  layer_end (c);
  layer_parameter (c, name, "weight", w, rank, shape);
  return name;
}

/* A vector of the elements of a map, by a layer. */
static void
settle_vector (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  v->layer = layer_begin (c, n, "reshape", NULL, v->layer);
  text_printf (&c->layers, ", shape: [%" PRId64 "]", v->shape[v->rank - 1]);
  layer_end (c);
  v->flat = false;
  v->vector = true;
}

const char *
layer_of_elements (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  struct activation act;
  if (value_has_margins (v))
    pad_settle (c, n, v);
  if (!v->f)
    return v->layer;
  if (v->flat)
    settle_vector (c, n, v);
  v->layer = layer_expression (c, v->node ? v->node : n, v, v->f, v->layer);
  v->never_negative = expression_activation (v->f, &act) && activation_is_never_negative (&act);
  v->f = NULL;
  return v->layer;
}

const char *
layer_of (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  layer_of_elements (c, n, v);
  if (v->flat)
    settle_vector (c, n, v);
  return v->layer;
}
