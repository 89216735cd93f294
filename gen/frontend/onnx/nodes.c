/* Functions are expanded where they are called, and what the output does not need is left out. */
#include "nodes.h"

#include <string.h>

enum
{
  MAX_NODES = 1 << 17, /* with functions expanded */
  MAX_DEPTH = 16       /* of functions that call functions */
};

struct list
{
  const struct onnx_node **nodes;
  size_t count, cap;
};

static void
add (struct list *l, const struct onnx_node *n)
{
  if (l->count == l->cap)
    {
      l->cap = l->cap ? 2 * l->cap : 256;
      const struct onnx_node **grown = NEW_ARRAY (l->cap, const struct onnx_node *);
      if (l->count)
        memcpy (grown, l->nodes, l->count * sizeof *grown);
      l->nodes = grown;
    }
  l->nodes[l->count++] = n;
}

/* ---- functions ---- */

static const char *
full_name (const char *domain, const char *name)
{
  return mem_printf ("%s\n%s", domain, name);
}

/* The functions by domain and name. */
static struct table_of_names *
all_functions (const struct onnx_model *m)
{
  struct table_of_names *t = table_new (m->function_count);
  for (size_t i = 0; i < m->function_count; i++)
    *table_slot (t, full_name (m->functions[i].domain, m->functions[i].name)) = &m->functions[i];
  return t;
}

/* A call of FN: what its names stand for outside. */
struct call
{
  struct conversion *c;
  const struct onnx_node *node;
  const struct onnx_function *fn;
  const char *prefix; /* of the names of nodes within, */
  const char *scope;  /* … and of values, of this call alone */
};

static const char *
outside (const struct call *k, const char *name)
{
  for (size_t i = 0; *name && i < k->fn->nin; i++)
    if (!strcmp (name, k->fn->in[i]))
      return i < k->node->nin ? k->node->in[i] : "";
  for (size_t i = 0; *name && i < k->fn->nout; i++)
    if (!strcmp (name, k->fn->out[i]))
      return i < k->node->nout && *k->node->out[i] ? k->node->out[i] : mem_printf ("%s/%s", k->scope, name);
  return *name ? mem_printf ("%s/%s", k->scope, name) : name;
}

static const char **
names_outside (const struct call *k, const char **names, size_t count)
{
  const char **list = NEW_ARRAY (count, const char *);
  for (size_t i = 0; i < count; i++)
    {
      /* Functions within functions make much of little: what is looked through and what is copied counts as memory. */
      const size_t cost = sizeof *list + strlen (k->scope) + strlen (names[i]) + k->fn->nin + k->fn->nout;
      if (cost > k->c->budget)
        convert_bad (k->c, k->node, "has too much in it with all functions expanded; allowed: what a network has");
      k->c->budget -= cost;
      list[i] = outside (k, names[i]);
    }
  return list;
}

/* An attribute that takes its value of the call's one. */
static bool
attribute_outside (const struct call *k, struct onnx_attribute *a)
{
  const char *name = a->name;
  const struct onnx_attribute *given = onnx_attribute (k->node, a->of_function);
  for (size_t i = 0; !given && i < k->fn->default_count; i++)
    if (!strcmp (k->fn->defaults[i].name, a->of_function))
      given = &k->fn->defaults[i];
  if (!given)
    return false;
  *a = *given;
  a->name = name;
  return true;
}

static struct onnx_node *
node_outside (const struct call *k, const struct onnx_node *inner)
{
  struct onnx_node *n = NEW (struct onnx_node);
  *n = *inner;
  n->name = *inner->name ? mem_printf ("%s/%s", k->prefix, inner->name) : k->prefix;
  n->in = names_outside (k, inner->in, inner->nin);
  n->out = names_outside (k, inner->out, inner->nout);
  n->attributes = NEW_ARRAY (inner->attribute_count, struct onnx_attribute);
  n->attribute_count = 0;
  for (size_t i = 0; i < inner->attribute_count; i++)
    {
      struct onnx_attribute a = inner->attributes[i];
      if (!a.of_function || attribute_outside (k, &a))
        n->attributes[n->attribute_count++] = a;
    }
  return n;
}

static void
expand (struct conversion *c, struct list *l, struct table_of_names *functions, const struct onnx_node *n, int depth)
{
  const struct onnx_function *fn
      = c->model->function_count ? *table_slot (functions, full_name (n->domain, n->op)) : NULL;
  if (!fn)
    {
      if (l->count == MAX_NODES)
        convert_bad (c, n, "is one of more than %d nodes; allowed: fewer, functions expanded", MAX_NODES);
      add (l, n);
      return;
    }
  if (depth == MAX_DEPTH)
    convert_bad (c, n, "is called within %d functions; allowed: fewer", MAX_DEPTH);
  const char *name = *n->name ? n->name : n->op;
  const struct call k = { c, n, fn, name, mem_printf ("%s#%zu", name, c->calls++) };
  for (size_t i = 0; i < fn->node_count; i++)
    expand (c, l, functions, node_outside (&k, &fn->nodes[i]), depth + 1);
}

/* ---- what is needed ---- */

static const char *
choose_output (const struct conversion *c, const char *name)
{
  const struct onnx_graph *g = &c->model->graph;
  struct text all = { 0 };
  for (size_t i = 0; i < g->output_count; i++)
    {
      if (name && !strcmp (name, g->outputs[i].name))
        return g->outputs[i].name;
      text_printf (&all, "%s%s", i ? ", " : "", weights_shown (g->outputs[i].name));
    }
  if (!g->output_count)
    convert_refuse (c, "has no output; allowed: one or more");
  if (name)
    return name; /* any value of the graph's may be asked for */
  if (g->output_count > 1)
    convert_refuse (c, "has the outputs %s; allowed: one, which --output-tensor names", all.s);
  return g->outputs[0].name;
}

void
nodes_needed (struct conversion *c, const char *name)
{
  const struct onnx_graph *g = &c->model->graph;
  struct list all = { 0 }, needed = { 0 };
  struct table_of_names *functions = all_functions (c->model);
  c->output = choose_output (c, name);
  for (size_t i = 0; i < g->node_count; i++)
    expand (c, &all, functions, &g->nodes[i], 0);
  value_of (c, c->output)->uses = 1;
  bool made = false;
  for (size_t i = all.count; i-- > 0;)
    {
      const struct onnx_node *n = all.nodes[i];
      bool wanted = false;
      for (size_t k = 0; k < n->nout; k++)
        {
          wanted = wanted || (*n->out[k] && value_of (c, n->out[k])->uses);
          made = made || !strcmp (n->out[k], c->output);
        }
      if (!wanted)
        continue;
      add (&needed, n);
      for (size_t k = 0; k < n->nin; k++)
        if (*n->in[k])
          value_of (c, n->in[k])->uses++;
    }
  if (!made)
    convert_refuse (c, "no node makes %s; allowed: --output-tensor with the name of an output or of any node's",
                    weights_shown (c->output));
  c->node_count = needed.count;
  c->nodes = NEW_ARRAY (needed.count, const struct onnx_node *);
  for (size_t i = 0; i < needed.count; i++)
    c->nodes[i] = needed.nodes[needed.count - 1 - i];
}
