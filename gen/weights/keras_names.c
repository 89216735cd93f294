/* Names of Keras's weights.
 *
 *   .h5     model_weights/GROUP/LAYER/kernel:0, without model_weights in a file of weights alone
 *   .keras  layers/CLASS_N/vars/0: the N-th layer of a class, in snake case, and its variable 0; the layers' own names
 *           are in config.json. Without it, in .weights.h5, CLASS_N is the name.
 *
 * Here all are LAYER.weight and so on. */
#include "keras.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum
{
  MOST_LAYERS = 65536,
  MOST_NESTING = 16
};

static const char vars[] = "/vars/";

struct keras_layer
{
  const char *path; /* "layers/conv2d_1" */
  const char *name, *class_name;
  bool center, scale;
};

struct keras_layers
{
  struct keras_layer *list;
  size_t count, cap;
};

/* BatchNormalization is batch_normalization, Conv2DTranspose conv2d_transpose. */
static const char *
snake_case (const char *s)
{
  struct text t = { 0 };
  for (size_t i = 0; s[i]; i++)
    {
      const bool upper = isupper ((unsigned char) s[i]) != 0, begins = islower ((unsigned char) s[i + 1]) != 0;
      if (i && upper && (begins || islower ((unsigned char) s[i - 1])))
        text_add (&t, "_");
      if (isalnum ((unsigned char) s[i]) || s[i] == '_')
        text_addn (&t, (const char[]){ (char) tolower ((unsigned char) s[i]) }, 1);
    }
  return t.s ? t.s : "";
}

static const char *
text_of (const json_t *j, const char *key)
{
  const char *s = json_string_value (json_object_get (j, key));
  return s ? mem_strdup (s) : "";
}

static void
add_layer (struct keras_layers *l, struct keras_layer layer)
{
  if (l->count == l->cap)
    {
      struct keras_layer *grown = NEW_ARRAY (l->cap = 2 * l->cap + 64, struct keras_layer);
      if (l->count)
        memcpy (grown, l->list, l->count * sizeof *grown);
      l->list = grown;
    }
  l->list[l->count++] = layer;
}

/* How many layers of the path PATH, and of it with a number behind, are there from FIRST on. */
static size_t
count_like (const struct keras_layers *l, size_t first, const char *path)
{
  const size_t n = strlen (path);
  size_t count = 0;
  for (size_t i = first; i < l->count; i++)
    {
      const char *rest = l->list[i].path + n;
      if (strncmp (l->list[i].path, path, n) || (*rest && *rest != '_'))
        continue;
      count += !*rest || !rest[1 + strspn (rest + 1, "0123456789")];
    }
  return count;
}

/* The layers in CONFIG, whose paths begin with PREFIX. */
static void
add_layers (const struct weights_file *f, struct keras_layers *l, const json_t *config, const char *prefix, int nesting)
{
  const json_t *list = json_object_get (config, "layers"), *layer;
  const size_t first = l->count;
  size_t i;
  json_array_foreach ((json_t *) list, i, layer)
  {
    const json_t *own = json_object_get (layer, "config");
    const json_t *center = json_object_get (own, "center"), *scale = json_object_get (own, "scale");
    const char *class_name = text_of (layer, "class_name");
    const char *path = mem_printf ("%slayers/%s", prefix, snake_case (class_name));
    const size_t before = count_like (l, first, path);
    if (l->count == MOST_LAYERS || nesting == MOST_NESTING)
      weights_bad (f, "config.json has more than %d layers, or %d levels of them; no more are allowed", MOST_LAYERS,
                   MOST_NESTING);
    if (before)
      path = mem_printf ("%s_%zu", path, before);
    add_layer (l, (struct keras_layer){ path, text_of (own, "name"), class_name, !json_is_false (center),
                                        !json_is_false (scale) });
    if (json_is_array (json_object_get (own, "layers")))
      add_layers (f, l, own, mem_printf ("%s/", path), nesting + 1);
  }
}

struct keras_layers *
keras_layers_of (const struct weights_file *f)
{
  struct keras_layers *l = NEW (struct keras_layers);
  add_layers (f, l, json_object_get (f->json, "config"), "", 0);
  return l;
}

/* What WORD, a variable's name without the number behind it, is called here. */
static const char *
suffix_of (const char *word, size_t n)
{
  static const struct
  {
    const char *keras, *here;
  } words[] = { { "kernel", "weight" },
                { "depthwise_kernel", "weight" },
                { "pointwise_kernel", "pointwise.weight" },
                { "gamma", "weight" },
                { "alpha", "weight" },
                { "beta", "bias" },
                { "moving_mean", "running_mean" },
                { "moving_variance", "running_var" } };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen (words[i].keras) == n && !memcmp (words[i].keras, word, n))
      return words[i].here;
  return mem_strndup (word, n);
}

/* The variable I of LAYER, which has RANK axes. */
static const char *
variable_of (const struct keras_layer *layer, long i, int rank)
{
  static const char *const norm[] = { "weight", "bias", "running_mean", "running_var" };
  if (strstr (layer->class_name, "ormalization"))
    {
      i += !layer->scale;
      i += i > 0 && !layer->center;
      return i < 4 ? norm[i] : NULL;
    }
  if (rank > 1 || !strcmp (layer->class_name, "PReLU"))
    return i ? "pointwise.weight" : "weight";
  return "bias";
}

static const char *
name_in_model (const struct keras_layers *l, const char *path, int rank)
{
  static const char older[] = "_layer_checkpoint_dependencies/";
  const char *end = strstr (path, vars);
  if (!strncmp (path, older, strlen (older)))
    return name_in_model (l, mem_printf ("layers/%s", path + strlen (older)), rank);
  if (strncmp (path, "layers/", strlen ("layers/")) || !end)
    return NULL;
  const size_t n = (size_t) (end - path);
  for (size_t i = 0; i < l->count; i++)
    {
      const struct keras_layer *layer = &l->list[i];
      const bool by_class = strlen (layer->path) == n && !memcmp (layer->path, path, n);
      const char *own = mem_printf ("layers/%s", layer->name);
      if (!by_class && (strlen (own) != n || memcmp (own, path, n)))
        continue;
      const char *variable = variable_of (layer, strtol (end + strlen (vars), NULL, 10), rank);
      return variable ? mem_printf ("%s.%s", layer->name, variable) : NULL;
    }
  return mem_printf ("%.*s.%s", (int) n, path, end + strlen (vars));
}

/* Weights alone, of version 3: layers/conv2d_1/vars/0 is of the layer conv2d_1, as Keras itself would have called it.
 */
static const char *
name_without_config (const char *path, int rank)
{
  const char *end = strstr (path, vars), *name = end;
  while (name > path && name[-1] != '/')
    name--;
  const struct keras_layer layer
      = { .class_name = mem_strndup (name, (size_t) (end - name)), .center = true, .scale = true };
  const char *variable = variable_of (&layer, strtol (end + strlen (vars), NULL, 10), rank);
  return variable ? mem_printf ("%s.%s", layer.class_name, variable) : NULL;
}

static const char *
name_in_h5 (const char *path, int rank)
{
  static const char model[] = "model_weights/", optimizer[] = "optimizer";
  if (!strncmp (path, model, strlen (model)))
    path += strlen (model);
  if (!strncmp (path, optimizer, strlen (optimizer)))
    return NULL;
  if (strstr (path, vars))
    return name_without_config (path, rank);
  const char *last = strrchr (path, '/'), *layer = path;
  if (!last)
    return path;
  for (const char *at = path; at < last; at++)
    if (*at == '/')
      layer = at + 1;
  return mem_printf ("%.*s.%s", (int) (last - layer), layer, suffix_of (last + 1, strcspn (last + 1, ":")));
}

const char *
keras_name (const struct keras_layers *layers, const char *path, int rank)
{
  return layers ? name_in_model (layers, path, rank) : name_in_h5 (path, rank);
}
