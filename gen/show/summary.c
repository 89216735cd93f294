/* Layers, shapes, parameters, multiply-adds; for people and for programs. */
#include "summary.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *
summary_number (double v)
{
  char *digits = mem_printf ("%.0f", v);
  size_t n = strlen (digits);
  struct text t = { 0 };
  for (size_t i = 0; i < n; i++)
    {
      if (i && (n - i) % 3 == 0)
        text_add (&t, ",");
      text_addn (&t, digits + i, 1);
    }
  return t.s;
}

static int64_t
param_count (const struct param *p)
{
  int64_t n = 1;
  if (!p || p->state || (p->optional && !p->value && p->init == INIT_NONE))
    return 0;
  for (int i = 0; i < p->rank; i++)
    n *= p->shape[i];
  return n;
}

int64_t
summary_parameters (const struct node *n)
{
  return param_count (n->weight) + param_count (n->bias) + param_count (n->mean) + param_count (n->variance);
}

struct totals
{
  double macs, parameters;
  int learnables, states;
};

static struct totals
totals (const struct graph *g)
{
  struct totals t = { 0 };
  for (int i = 0; i < g->node_count; i++)
    {
      t.macs += g->nodes[i].macs;
      t.parameters += (double) summary_parameters (&g->nodes[i]);
    }
  for (int i = 0; i < g->param_count; i++)
    if (g->params[i]->state)
      t.states += strncmp (g->params[i]->name, "input.", 6) != 0;
    else
      t.learnables++;
  return t;
}

/* MATLAB's counts are of the source's layers: all nodes but our OP_OUTPUT, and what they read. */
static int
connections (const struct graph *g)
{
  int n = 0;
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].op != OP_OUTPUT)
      n += g->nodes[i].nin;
  return n;
}

enum
{
  CELLS = 5,
  MOST_COLUMNS = 100, /* of a line */
  LEAST_TYPE = 16,    /* columns that a type has at least, where it is longer */
  LEAST_NAME = 20
};

/* Characters of S in UTF-8. */
static int
characters (const char *s)
{
  int n = 0;
  for (; *s; s++)
    n += ((unsigned char) *s & 0xc0) != 0x80;
  return n;
}

/* Where S's character number I begins. */
static const char *
character (const char *s, int i)
{
  for (; *s; s++)
    if (((unsigned char) *s & 0xc0) != 0x80 && i-- == 0)
      break;
  return s;
}

/* S in WIDTH columns: its beginning and its end, which tell more than the middle. */
static char *
shortened (const char *s, int width)
{
  const int n = characters (s), tail = width / 2, front = width - 1 - tail;
  if (n <= width)
    return mem_strdup (s);
  const char *end = character (s, front);
  return mem_printf ("%.*s…%s", (int) (end - s), s, character (s, n - tail));
}

/* One line of the table, without blanks at its end: names to the left, numbers to the right. */
static void
print_row (const int width[CELLS], const char *const cell[CELLS])
{
  struct text line = { 0 };
  for (int k = 0; k < CELLS; k++)
    {
      const char *s = shortened (cell[k], width[k]);
      const int blanks = width[k] - characters (s);
      text_printf (&line, "%s%*s%s%*s", k ? "  " : "", k < 3 ? 0 : blanks, "", s, k < 3 ? blanks : 0, "");
    }
  while (line.n && line.s[line.n - 1] == ' ')
    line.n--;
  printf ("%.*s\n", (int) line.n, line.s);
}

/* Take columns from types and names, in this order, until all fit MOST_COLUMNS. */
static void
narrow (int width[CELLS])
{
  static const int least[] = { LEAST_NAME, LEAST_TYPE };
  int sum = 2 * (CELLS - 1);
  for (int k = 0; k < CELLS; k++)
    sum += width[k];
  for (int k = 1; k >= 0 && sum > MOST_COLUMNS; k--)
    {
      int left = width[k] - (sum - MOST_COLUMNS);
      left = left < least[k] ? least[k] : left;
      left = left > width[k] ? width[k] : left;
      sum -= width[k] - left;
      width[k] = left;
    }
}

/* The cells of layer N. */
static void
layer_cells (const struct graph *g, const struct node *n, const char *cell[CELLS])
{
  int64_t p = summary_parameters (n);
  cell[0] = n->name;
  cell[1] = n->type;
  cell[2] = shape_text (&g->tensors[n->out].shape);
  cell[3] = p ? summary_number ((double) p) : "";
  cell[4] = n->macs > 0 ? summary_number (n->macs) : "";
}

/* BYTES, or a dash where they are not known. */
static const char *
bytes_text (int64_t bytes)
{
  return bytes < 0 ? "-" : summary_number ((double) bytes);
}

/* Each target's needs in bytes. ROM is weights and code, RAM the arena and the context. */
static void
print_needs (const struct summary *s)
{
  const char *unknown = NULL;
  printf ("\n%-16s  %14s  %14s  %14s  %14s  %10s\n", "Target, bytes", "ROM", "weights", "code, about", "RAM", "stack");
  for (int i = 0; i < s->count; i++)
    {
      const struct needs *n = &s->needs[i];
      printf ("%-16s  %14s  %14s  %14s  %14s  %10s\n", n->target, bytes_text (n->code < 0 ? -1 : n->weights + n->code),
              bytes_text (n->weights), bytes_text (n->code), bytes_text (n->arena + n->context), bytes_text (n->stack));
      if (n->unknown)
        unknown = mem_printf ("%s: no code and stack: %s; its RAM is the arena, in the device's memory", n->target,
                              n->unknown);
    }
  if (unknown)
    puts (unknown);
}

static void
print_text (const struct summary *s)
{
  const struct graph *g = s->layers, *planned = s->planned;
  const int64_t weights_bytes = s->weights_bytes;
  static const char *const head[CELLS] = { "Layer", "Type", "Output shape", "Parameters", "MACs" };
  const char *cell[CELLS];
  int width[CELLS] = { 5, 4, 12, 10, 14 }, all = 2 * (CELLS - 1);
  for (int i = 0; i < g->node_count - 1; i++)
    {
      layer_cells (g, &g->nodes[i], cell);
      for (int k = 0; k < CELLS; k++)
        if (characters (cell[k]) > width[k])
          width[k] = characters (cell[k]);
    }
  narrow (width);
  for (int k = 0; k < CELLS; k++)
    all += width[k];
  print_row (width, head);
  for (int i = 0; i < all; i++)
    putchar ('-');
  putchar ('\n');
  for (int i = 0; i < g->node_count - 1; i++)
    {
      layer_cells (g, &g->nodes[i], cell);
      print_row (width, cell);
    }
  struct totals t = totals (g);
  printf ("\n%s: %d layers, %d connections, depth %d\n", g->name, g->node_count - 1, connections (g), g->depth);
  printf ("parameters %s, multiply-adds %s per sample\n", summary_number (t.parameters), summary_number (t.macs));
  printf ("memory%s: arena %.1f MiB (lower bound %.1f), weights %.1f MiB, batch %" PRId64 "\n",
          planned->precision == PRECISION_FP32 ? "" : mem_printf (" in %s", precision_name (planned->precision)),
          (double) planned->arena_bytes / 1048576, (double) planned->arena_bound / 1048576,
          (double) weights_bytes / 1048576, g->batch);
  if (s->count)
    print_needs (s);
}

/* BYTES, or null where they are not known. */
static json_t *
bytes_json (int64_t bytes)
{
  return bytes < 0 ? json_null () : json_integer (bytes);
}

static json_t *
needs_json (const struct summary *s)
{
  json_t *a = json_array ();
  for (int i = 0; i < s->count; i++)
    {
      const struct needs *n = &s->needs[i];
      json_t *o = json_pack ("{s:s, s:o, s:I, s:o, s:I, s:I, s:I, s:o}", "target", n->target, "rom_bytes",
                             bytes_json (n->code < 0 ? -1 : n->weights + n->code), "weights_bytes",
                             (json_int_t) n->weights, "code_bytes", bytes_json (n->code), "ram_bytes",
                             (json_int_t) (n->arena + n->context), "arena_bytes", (json_int_t) n->arena,
                             "context_bytes", (json_int_t) n->context, "stack_bytes", bytes_json (n->stack));
      if (n->unknown)
        json_object_set_new (o, "unknown", json_string (n->unknown));
      json_array_append_new (a, o);
    }
  return a;
}

static json_t *
output_shape (const struct shape *s)
{
  json_t *a = json_array ();
  json_array_append_new (a, json_integer (s->c));
  for (int axis = AXES - s->rank; axis < AXES; axis++)
    json_array_append_new (a, json_integer (s->dim[axis]));
  return a;
}

static void
print_json (const struct summary *s)
{
  const struct graph *g = s->layers, *planned = s->planned;
  struct totals t = totals (g);
  json_t *layers = json_array ();
  for (int i = 0; i < g->node_count - 1; i++)
    {
      const struct node *n = &g->nodes[i];
      json_array_append_new (layers, json_pack ("{s:s, s:s, s:o, s:I, s:I}", "name", n->name, "type", node_op_name (n),
                                                "output_shape", output_shape (&g->tensors[n->out].shape), "parameters",
                                                (json_int_t) summary_parameters (n), "macs", (json_int_t) n->macs));
    }
  json_t *j = json_pack ("{s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:o}", "name", g->name, "network", s->network,
                         "depth", g->depth, "parameters", (json_int_t) t.parameters, "macs", (json_int_t) t.macs,
                         "arena_bytes", (json_int_t) planned->arena_bytes, "arena_lower_bound",
                         (json_int_t) planned->arena_bound, "weights_bytes", (json_int_t) s->weights_bytes, "layers",
                         layers);
  if (s->count)
    json_object_set_new (j, "targets", needs_json (s));
  if (g->matlab) /* resnet3dLayers has a classification layer behind the softmax, resnet3dNetwork has none */
    json_object_set_new (j, "matlab",
                         json_pack ("{s:i, s:i, s:i, s:i, s:i, s:i}", "layers", g->node_count - 1, "connections",
                                    connections (g), "learnables", t.learnables, "states", t.states,
                                    "layer_graph_layers", g->node_count, "layer_graph_connections",
                                    connections (g) + 1));
  char *text = json_dumps (j, JSON_INDENT (1));
  if (!text)
    fatal ("the summary is no JSON");
  puts (text);
  free (text);
  json_decref (j);
}

void
summary_print (const struct summary *s, enum summary_format format)
{
  if (format == SUMMARY_JSON)
    print_json (s);
  else if (format == SUMMARY_TABLE)
    summary_table (s->layers);
  else
    print_text (s);
}
