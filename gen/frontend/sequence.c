/* A list of layers, each reading the one before it or those that it names, so that any layer graph can be written. */
#include "sequence.h"

#include <string.h>

#include "builders.h"
#include "frontend/options/keys.h"

enum
{
  MAX_LAYER_NAME = 128
};

/* Names of layers → the tensor they give and the place that gave it; open addressing. */
struct scope
{
  struct entry
  {
    const char *name;
    struct loc loc;
    int tensor; /* -1: the layer comes later */
  } *slot;
  size_t size, count;
};

static struct entry *
scope_find (const struct scope *s, const char *name)
{
  size_t i = hash_bytes (HASH_START, name, strlen (name)) & (s->size - 1);
  while (s->slot[i].name && strcmp (s->slot[i].name, name))
    i = (i + 1) & (s->size - 1);
  return &s->slot[i];
}

static void
check_name (const struct yaml *y)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-";
  static const char allowed[] = "1 to 128 of the characters A-Z a-z 0-9 _ . : / -, and not input";
  size_t n = y->kind == YAML_SCALAR ? strlen (y->value) : 0;
  if (!n || n > MAX_LAYER_NAME || y->value[strspn (y->value, letters)] || strcmp (y->value, "input") == 0)
    fatal_at (y->loc, "a layer's name: %s; allowed: %s", yaml_show (y), allowed);
}

/* The name that layer I has, its index where none is written. */
static const char *
layer_name (const struct yaml *y, size_t i)
{
  const struct yaml *name = yaml_get (y, "name");
  if (!name)
    return mem_printf ("%zu", i);
  check_name (name);
  return name->value;
}

static struct loc
name_loc (const struct yaml *y)
{
  const struct yaml *name = yaml_get (y, "name");
  return name ? name->loc : y->loc;
}

/* All names first, so that a reference to a later layer can be told from one to no layer. */
static struct scope
declare (const struct options *o, int input)
{
  const struct yaml *list = o->sequence_layers;
  struct scope s = { .size = 64 };
  while (s.size < 2 * (list->count + 1))
    s.size *= 2;
  s.slot = NEW_ARRAY (s.size, struct entry);
  *scope_find (&s, "input") = (struct entry){ "input", o->input_size.loc, input };
  for (size_t i = 0; i < list->count; i++)
    {
      const char *name = layer_name (&list->items[i], i);
      struct entry *e = scope_find (&s, name);
      if (e->name)
        fatal_at (name_loc (&list->items[i]), "layer %s: another layer has this name, at %d:%d; allowed: a name of its "
                  "own", name, e->loc.line, e->loc.col);
      *e = (struct entry){ name, name_loc (&list->items[i]), -1 };
    }
  return s;
}

static _Noreturn void
unknown_input (const struct scope *s, const struct layer *l, const struct yaml *y)
{
  const char **names = NEW_ARRAY (s->size, const char *);
  size_t n = 0;
  for (size_t i = 0; i < s->size; i++)
    if (s->slot[i].name)
      names[n++] = s->slot[i].name;
  const char *near = y->kind == YAML_SCALAR && strlen (y->value) < 64 ? nearest_name (y->value, names, n) : NULL;
  fatal_at (y->loc, "layer %s: input: %s%s; allowed: input, or the name of an earlier layer", l->name, yaml_show (y),
            near ? mem_printf (", did you mean %s?", near) : "");
}

static int
named_input (const struct scope *s, const struct layer *l, const struct yaml *y)
{
  const struct entry *e = y->kind == YAML_SCALAR ? scope_find (s, y->value) : NULL;
  if (!e || !e->name)
    unknown_input (s, l, y);
  if (e->tensor < 0)
    fatal_at (y->loc, "layer %s: input: %s comes later, at %d:%d; allowed: input, or the name of an earlier layer",
              l->name, yaml_show (y), e->loc.line, e->loc.col);
  return e->tensor;
}

static void
find_inputs (struct layer *l, const struct scope *s, int previous)
{
  const struct yaml *y = yaml_get (l->y, "input");
  if (y && yaml_is_null (y))
    y = NULL;
  l->nin = y && y->kind == YAML_LIST ? (int) y->count : 1;
  l->in = NEW_ARRAY ((size_t) l->nin + 1, int);
  const bool any = layer_type_is_joint (l->type);
  const size_t most = any ? SIZE_MAX : layer_type_is_binary (l->type) ? 2 : 1;
  if (y && y->kind == YAML_LIST && (!y->count || y->count > most))
    fatal_at (y->loc, "layer %s: %zu inputs; allowed: %s", l->name, y->count,
              any         ? "one or more"
              : most == 2 ? "two, or one and a constant"
                          : "one; add and concat take any number");
  for (int i = 0; i < l->nin; i++)
    l->in[i] = !y ? previous : named_input (s, l, y->kind == YAML_LIST ? &y->items[i] : y);
}

static void
check_rank (const struct graph *g, const struct layer *l)
{
  int rank = layer_type_rank (l->type);
  if (rank < 0 || (rank ? l->shape.rank == rank : l->shape.rank > 0))
    return;
  fatal_at (l->loc, "layer %s: its input %s is %s; allowed for type %s: %s", l->name, g->tensors[l->in[0]].name,
            l->shape.rank ? mem_printf ("%s, a map of %d axes", shape_text (&l->shape), l->shape.rank)
                          : mem_printf ("a vector of %s", shape_text (&l->shape)),
            layer_type_name (l->type), rank == 3 ? "a 3-D map" : rank == 2 ? "a 2-D map" : "a map, 2-D or 3-D");
}

static struct layer
read_layer (const struct graph *g, const struct scope *s, const struct yaml *y, size_t index, int previous)
{
  const struct yaml *type = yaml_get (y, "type");
  struct layer l = { .name = layer_name (y, index), .y = y, .loc = y->loc };
  if (!type)
    fatal_at (y->loc, "layer %s: the key type is missing; allowed: %s", l.name, layer_type_names ());
  int t = type->kind == YAML_SCALAR ? layer_type_find (type->value) : -1;
  if (t < 0)
    {
      const char *names[LAYER_TYPES], *near = NULL;
      for (int i = 0; i < LAYER_TYPES; i++)
        names[i] = layer_type_name ((enum layer_type) i);
      if (type->kind == YAML_SCALAR && strlen (type->value) < 64)
        near = nearest_name (type->value, names, LAYER_TYPES);
      fatal_at (type->loc, "layer %s: type: %s%s; allowed: %s", l.name, yaml_show (type),
                near ? mem_printf (", did you mean %s?", near) : "", layer_type_names ());
    }
  l.type = (enum layer_type) t;
  layer_check_keys (l.type, y);
  find_inputs (&l, s, previous);
  l.shape = g->tensors[l.in[0]].shape;
  check_rank (g, &l);
  return l;
}

/* The nodes from FIRST on, which a layer has added, must not take the name of a layer; their work must be feasible. */
static void
check_new_nodes (const struct graph *g, const struct scope *s, const struct layer *l, int first, double *macs)
{
  for (int i = first; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct entry *e = scope_find (s, n->name);
      if (strcmp (n->name, l->name) && e->name)
        fatal_at (e->loc, "layer %s: a part of layer %s has this name; allowed: a name of its own", n->name, l->name);
      *macs += n->macs * (double) g->batch;
    }
  if (*macs > MAX_MACS)
    fatal_at (l->loc, "layer %s: up to here one run needs about %.1e multiply-adds; allowed: at most %.1e", l->name,
              *macs, MAX_MACS);
}

static double
parameters (const struct graph *g, int *counted)
{
  double sum = 0;
  for (; *counted < g->param_count; ++*counted)
    {
      double n = 1;
      for (int i = 0; i < g->params[*counted]->rank; i++)
        n *= (double) g->params[*counted]->shape[i];
      sum += n;
    }
  return sum;
}

static void
check_labels (const struct options *o, const struct shape *out)
{
  if (!o->labels || (out->rank == 0 && out->c == (int64_t) o->label_count))
    return;
  fatal_at (o->labels_loc, "labels: %zu lines for an output of %s; allowed: one for each element of a vector",
            o->label_count, shape_text (out));
}

static struct shape
input_shape (const struct options *o)
{
  struct shape s = { .rank = o->input_size.count - 1, .c = o->input_size.v[0], .dim = { 1, 1, 1 } };
  for (int i = 0; i < s.rank; i++)
    s.dim[AXES - s.rank + i] = o->input_size.v[1 + i];
  return s;
}

/* Add the layer's nodes; returns the output tensor. */
static int
build_layer (struct graph *g, const struct layer *l)
{
  switch (l->type)
    {
    case LAYER_BOTTLENECK_3D:
    case LAYER_BOTTLENECK_2D:
      return layer_build_bottleneck (g, l);
    case LAYER_TRANSPOSED_CONV_3D:
    case LAYER_TRANSPOSED_CONV_2D:
      return layer_build_transposed (g, l);
    case LAYER_CONCAT:
    case LAYER_SLICE:
    case LAYER_SHUFFLE:
    case LAYER_GATHER:
      return layer_build_channels (g, l);
    default:
      return layer_build_plain (g, l);
    }
}

struct graph *
build_sequence (const struct options *o)
{
  struct graph *g = graph_new (o->name, o->path, o->batch);
  g->loc = o->input_size.loc;
  int x = build_input (g, input_shape (o)), counted = 0;
  struct scope s = declare (o, x);
  double macs = 0, params = 0;
  for (size_t i = 0; i < o->sequence_layers->count; i++)
    {
      struct layer l = read_layer (g, &s, &o->sequence_layers->items[i], i, x);
      int first = g->node_count;
      g->loc = l.loc;
      x = build_layer (g, &l);
      check_new_nodes (g, &s, &l, first, &macs);
      layer_check_parameters (&l, params += parameters (g, &counted));
      scope_find (&s, l.name)->tensor = x;
    }
  check_labels (o, &g->tensors[x].shape);
  build_output (g, x);
  return g;
}
