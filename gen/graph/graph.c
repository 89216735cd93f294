/* The graph's tables, queries and text dump. */
#include "graph.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shape.h"

const char *
op_name (enum op op)
{
  static const char *const names[] = {
#define OP(id, name, arity, reference) name,
#include "ops.def"
  };
  return names[op];
}

static const char *const precision_names[PRECISION_COUNT] = { "fp32", "tf32", "fp16", "bf16" };

const char *
precision_name (enum precision p)
{
  return precision_names[p];
}

bool
precision_parse (const char *name, enum precision *p)
{
  for (int i = 0; i < PRECISION_COUNT; i++)
    if (!strcmp (name, precision_names[i]))
      {
        *p = (enum precision) i;
        return true;
      }
  return false;
}

enum element
precision_element (enum precision p)
{
  return p == PRECISION_FP16 ? ELEMENT_F16 : p == PRECISION_BF16 ? ELEMENT_BF16 : ELEMENT_F32;
}

const char *
node_op_name (const struct node *n)
{
  return n->op == OP_ACTIVATION ? activation_name (&n->ep.act) : op_name (n->op);
}

bool
op_is_binary (enum op op)
{
  return op >= OP_ADD && op <= OP_POWER;
}

struct graph *
graph_new (const char *name, const char *path, int64_t batch)
{
  struct graph *g = NEW (struct graph);
  g->name = name;
  g->path = path;
  g->batch = batch;
  g->loc.file = path;
  return g;
}

/* Room for one more element in an array of the arena. */
static void *
grow (void *array, int count, int *cap, size_t size)
{
  if (count < *cap)
    return array;
  *cap = *cap ? 2 * *cap : 64;
  void *grown = mem_array ((size_t) *cap, size);
  if (count)
    memcpy (grown, array, (size_t) count * size);
  return grown;
}

int
graph_tensor (struct graph *g, const char *name, struct shape shape)
{
  g->tensors = grow (g->tensors, g->tensor_count, &g->tensor_cap, sizeof *g->tensors);
  g->tensors[g->tensor_count] = (struct tensor){ .name = name, .shape = shape, .producer = -1, .format = format_dense,
                                                 .within = -1 };
  return g->tensor_count++;
}

int
graph_add (struct graph *g, struct node node, const int *in, int nin)
{
  node.in = NEW_ARRAY ((size_t) nin + 1, int);
  for (int i = 0; i < nin; i++)
    node.in[i] = in[i];
  node.nin = nin;
  node.covers = node.name;
  node.stage = g->stage;
  node.block = g->block;
  node.on_shortcut = g->on_shortcut;
  if (!node.loc.line)
    node.loc = g->loc;
  node.ep.residual = -1;
  node.w_offset = -1;
  struct shape shape = shape_infer (g, &node);
  node.macs = shape_macs (g, &node, &shape);
  node.out = graph_tensor (g, node.name, shape);
  g->tensors[node.out].producer = g->node_count;
  g->nodes = grow (g->nodes, g->node_count, &g->node_cap, sizeof *g->nodes);
  g->nodes[g->node_count++] = node;
  return node.out;
}

struct param *
graph_param (struct graph *g, struct param p)
{
  g->params = grow (g->params, g->param_count, &g->param_cap, sizeof *g->params);
  struct param *q = NEW (struct param);
  *q = p;
  if (!q->loc.line)
    q->loc = g->loc;
  return g->params[g->param_count++] = q;
}

bool
node_reads (const struct node *n, int t)
{
  for (int i = 0; i < n->nin; i++)
    if (n->in[i] == t)
      return true;
  return n->ep.residual == t;
}

int
graph_uses (const struct graph *g, int t)
{
  int uses = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->dead)
        continue;
      for (int k = 0; k < n->nin; k++)
        uses += n->in[k] == t;
      uses += n->ep.residual == t;
    }
  return uses;
}

struct node *
graph_only_reader (const struct graph *g, int t)
{
  if (graph_uses (g, t) != 1)
    return NULL;
  for (int i = 0; i < g->node_count; i++)
    if (!g->nodes[i].dead && node_reads (&g->nodes[i], t))
      return &g->nodes[i];
  return NULL;
}

/* Has node N's result no element below 0, where KNOWN says that of the tensors in front of it? */
static bool
result_never_negative (const struct node *n, const bool *known)
{
  if (n->ep.act.id != ACT_NONE)
    return activation_is_never_negative (&n->ep.act);
  switch (n->op)
    {
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
    case OP_GLOBAL_AVERAGE_POOL:
    case OP_GLOBAL_MAX_POOL:
    case OP_UPSAMPLE:
    case OP_SUBSAMPLE:
    case OP_RESHAPE:
    case OP_CHANNELS:
      for (int k = 0; k < n->nin; k++)
        if (!known[n->in[k]])
          return false;
      return !n->ep.bias && !n->ep.scale && n->ep.residual < 0;
    default:
      return false;
    }
}

/* From the front on, so that the time does not grow with the ways from the input to T. */
bool
graph_never_negative (const struct graph *g, int t)
{
  bool *known = heap_array ((size_t) g->tensor_count, sizeof *known);
  for (int i = 0; i <= g->tensors[t].producer; i++)
    if (!g->nodes[i].dead)
      known[g->nodes[i].out] = result_never_negative (&g->nodes[i], known);
  const bool never = known[t];
  free (known);
  return never;
}

/* In blocks of 16 channels most of a stem's multiplications would be with zeros. */
#define MAX_PLANAR_CHANNELS 8

bool
graph_holds_scores (const struct graph *g, int t)
{
  const enum op writer = graph_producer (g, t)->op;
  const struct node *reader = writer == OP_LINEAR || writer == OP_SOFTMAX ? graph_only_reader (g, t) : NULL;
  return reader && reader->ep.residual != t && (reader->op == OP_SOFTMAX || reader->op == OP_OUTPUT);
}

bool
graph_holds_features (const struct graph *g, int t)
{
  const bool mean = graph_producer (g, t)->op == OP_GLOBAL_AVERAGE_POOL;
  const struct node *reader = mean ? graph_only_reader (g, t) : NULL;
  return reader && reader->ep.residual != t
         && (reader->op == OP_LINEAR || (reader->op == OP_GATE && reader->in[0] != t));
}

bool
graph_planar_input (const struct graph *g)
{
  int t = g->nodes[0].out;
  if (g->tensors[t].shape.c > MAX_PLANAR_CHANNELS)
    return false;
  for (int i = 1; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (!n->dead && node_reads (n, t) && (n->op != OP_CONV || n->groups != 1 || n->ep.residual == t))
        return false;
    }
  return true;
}

void
graph_bypass (struct graph *g, struct node *n)
{
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *r = &g->nodes[i];
      for (int k = 0; k < r->nin && !r->dead; k++)
        if (r->in[k] == n->out)
          r->in[k] = n->in[0];
      if (r->ep.residual == n->out)
        r->ep.residual = n->in[0];
    }
  n->dead = true;
}

void
graph_absorb (struct graph *g, struct node *by, struct node *n)
{
  by->covers = mem_printf ("%s+%s", by->covers, n->covers);
  g->tensors[by->out].name = g->tensors[n->out].name;
  graph_bypass (g, n);
}

void
graph_sweep (struct graph *g)
{
  int *map = NEW_ARRAY ((size_t) g->tensor_count + 1, int);
  int nodes = 0, tensors = 0;
  for (int i = 0; i < g->tensor_count; i++)
    map[i] = -1;
  struct tensor *old = NEW_ARRAY ((size_t) g->tensor_count + 1, struct tensor);
  memcpy (old, g->tensors, (size_t) g->tensor_count * sizeof *old);
  for (int i = 0; i < g->node_count; i++)
    {
      struct node n = g->nodes[i];
      if (n.dead)
        continue;
      map[n.out] = tensors;
      g->tensors[tensors] = old[n.out];
      g->tensors[tensors].producer = nodes;
      n.out = tensors++;
      for (int k = 0; k < n.nin; k++)
        n.in[k] = map[n.in[k]];
      if (n.ep.residual >= 0)
        n.ep.residual = map[n.ep.residual];
      g->nodes[nodes++] = n;
    }
  for (int i = 0; i < tensors; i++)
    if (g->tensors[i].within >= 0)
      g->tensors[i].within = map[g->tensors[i].within];
  g->node_count = nodes;
  g->tensor_count = tensors;
}

void
graph_check (const struct graph *g)
{
  assert (g->node_count >= 2);
  assert (g->nodes[0].op == OP_INPUT && g->nodes[g->node_count - 1].op == OP_OUTPUT);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      assert (!n->dead && g->tensors[n->out].producer == i);
      for (int k = 0; k < n->nin; k++)
        assert (n->in[k] >= 0 && g->tensors[n->in[k]].producer < i);
      assert (n->ep.residual < 0 || g->tensors[n->ep.residual].producer < i);
      const struct shape *s = &g->tensors[n->out].shape;
      assert (s->c > 0 && s->dim[AXIS_D] > 0 && s->dim[AXIS_H] > 0 && s->dim[AXIS_W] > 0);
    }
}

static void
dump_epilogue (const struct graph *g, const struct epilogue *ep, FILE *f)
{
  if (ep->scale)
    fputs (" *scale", f);
  if (ep->bias)
    fputs (" +bias", f);
  if (ep->residual >= 0)
    fprintf (f, " +%s%s", ep->residual_scale ? "scaled " : "", g->tensors[ep->residual].name);
  if (ep->act.id != ACT_NONE)
    fprintf (f, " %s", activation_text (&ep->act));
}

static void
dump_window (const struct window *w, FILE *f)
{
  for (int a = 0; a < AXES; a++)
    fprintf (f, " %c:k%" PRId64 "/s%" PRId64 "/p%" PRId64 ",%" PRId64, "DHW"[a], w->kernel[a], w->stride[a],
             w->pad_lo[a], w->pad_hi[a]);
}

void
graph_dump (const struct graph *g, FILE *f, const char *title)
{
  fprintf (f, "== %s: %d nodes\n", title, g->node_count);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct tensor *t = &g->tensors[n->out];
      fprintf (f, "%3d %-20s %-28s %s (", i, op_name (n->op), n->covers, shape_text (&t->shape));
      for (int k = 0; k < n->nin; k++)
        fprintf (f, "%s%s", k ? ", " : "", g->tensors[n->in[k]].name);
      fputc (')', f);
      if (n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV || n->op == OP_MAX_POOL || n->op == OP_AVERAGE_POOL)
        dump_window (&n->win, f);
      dump_epilogue (g, &n->ep, f);
      if (n->pool)
        {
          fputs (" max-pool", f);
          dump_window (&n->pool->win, f);
        }
      if (t->bytes)
        fprintf (f, " @%zu+%zu [%d..%d]", t->offset, t->bytes, t->first, t->last);
      fputc ('\n', f);
    }
}
