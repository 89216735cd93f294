/* One layer: random inputs and a poisoned output in front of it, and a look at everything afterwards. */
#include "verify_internal.h"

#include "graph/channels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
fail (struct outcome *o, char *what)
{
  if (!o->failure)
    o->failure = what;
}

/* The tensor that is input K of the node; behind the inputs comes the residual. -1: the caller's array, or none. */
static int
operand (const struct node *n, int k)
{
  return n->op == OP_INPUT ? -1 : k < n->nin ? n->in[k] : n->ep.residual;
}

static int
operand_count (const struct node *n)
{
  return n->op == OP_INPUT ? 1 : n->nin + (n->ep.residual >= 0);
}

static struct view
operand_view (const struct layers *l, const struct node *n, int k)
{
  int t = operand (n, k);
  if (t < 0)
    return view_of_array (l->g, &l->g->tensors[n->out].shape, (float *) (void *) l->input.data);
  return view_of_tensor (l->g, t, l->arena.data);
}

static struct view
output_view (const struct layers *l, const struct node *n)
{
  if (n->op == OP_OUTPUT)
    return view_of_array (l->g, &l->g->tensors[n->out].shape, (float *) (void *) l->output.data);
  return view_of_tensor (l->g, n->out, l->arena.data);
}

/* The first operand that is the same tensor as operand K. */
static int
first_like (const struct node *n, int k)
{
  int first = 0;
  while (operand (n, first) != operand (n, k))
    first++;
  return first;
}

/* How many inputs an output depends on, at least: with one special value in twice as many, about half of the outputs
 * are special, and each place of a window is tried. */
static double
reach (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->nin ? n->in[0] : n->out].shape;
  double taps = (double) (n->win.kernel[AXIS_D] * n->win.kernel[AXIS_H] * n->win.kernel[AXIS_W]);
  switch (n->op)
    {
    case OP_CONV:
    case OP_TRANSPOSED_CONV:
      return taps * (double) (in->c / n->groups);
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
      return taps;
    case OP_LINEAR:
      return (double) shape_count (in);
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
      return (double) shape_count (in) / (double) n->groups;
    case OP_GLOBAL_AVERAGE_POOL:
    case OP_GLOBAL_MAX_POOL:
      return (double) shape_pixels (in);
    case OP_SQUEEZE:
      return (double) (n->gate->part_channels * n->gate->part_pixels);
    case OP_GATE:
      return (double) shape_count (&g->tensors[n->in[1]].shape) * 4;
    case OP_SOFTMAX:
    case OP_LAYER_NORM:
      return (double) in->c;
    default:
      return 4;
    }
}

/* Is operand K what others are divided by? Quotients by numbers close to 0 may be beyond fp16. */
static bool
is_divisor (const struct node *n, int k)
{
  return n->op == OP_DIVIDE && (n->nin == 1 ? n->constant_first : k == 1);
}

/* A kernel may rely on that: max pooling that takes a halo of zeros for -infinity. */
static bool
operand_never_negative (const struct graph *g, const struct node *n, int k)
{
  const int t = operand (n, k);
  return t >= 0 && graph_never_negative (g, t);
}

/* Is nearly nothing below 0 what operand K has a result for? */
static bool
needs_positive (const struct node *n, int k)
{
  return isnan (activation_value (&n->ep.act, 1, -1))
         || (n->op == OP_POWER && k == 0 && !(n->nin == 1 && n->constant_first));
}

/* Random data for operand K. Where the values may be negative they are so in three of four layers. */
static void
fill_operand (struct layers *l, const struct node *n, int k)
{
  struct view v = operand_view (l, n, k);
  bool positive = operand_never_negative (l->g, n, k) || random_uniform (&l->random) < 0.25 || needs_positive (n, k);
  double range = n->op == OP_SOFTMAX ? 8 : 1;
  if (is_divisor (n, k))
    view_randomize (&v, &l->random, positive ? 0.25 : -1, positive ? 1 : -0.25);
  else
    view_randomize (&v, &l->random, positive ? 0 : -range, range);
  if (k == 0 && l->outliers && outliers_concern (n))
    outliers_plant (l->outliers, l->g, &v);
  if (l->non_finite)
    view_sprinkle (&v, &l->random, 2 * reach (l->g, n), !operand_never_negative (l->g, n, k));
}

/* The padding channels of blocks of floats may hold anything when inputs are not finite: nobody reads them. */
static bool
pads_with_zeros (const struct layers *l, const struct view *v)
{
  return !l->non_finite || format_pads_with_zeros (&v->format);
}

/* What earlier layers left around the inputs, and whether the arena's plan keeps tensors apart. */
static void
check_operands (const struct layers *l, const struct node *n, struct outcome *o)
{
  for (int k = 0; k < operand_count (n); k++)
    {
      struct view v = operand_view (l, n, k);
      float value;
      int64_t stain = view_stain (&v, pads_with_zeros (l, &v), &value);
      int t = operand (n, k);
      if (stain >= 0)
        fail (o, mem_printf ("its input %s is not zero in the halo or the padding channels, at %s: %g",
                             l->g->tensors[t].name, view_where (&v, stain), (double) value));
      for (int j = 0; j < k; j++)
        {
          struct view other = operand_view (l, n, j);
          if (operand (n, j) != t && view_overlaps (&v, &other) && !channels_share (l->g, operand (n, j), t))
            fail (o, mem_printf ("its inputs %s and %s overlap in the arena", l->g->tensors[operand (n, j)].name,
                                 l->g->tensors[t].name));
        }
    }
}

static bool
read_later (const struct graph *g, int t, int after)
{
  for (int i = after + 1; i < g->node_count; i++)
    for (int k = 0; k < operand_count (&g->nodes[i]); k++)
      if (operand (&g->nodes[i], k) == t)
        return true;
  return false;
}

/* Writing the output of node I must not destroy what a later node reads. */
static void
check_lifetimes (const struct layers *l, int i, struct outcome *o)
{
  const struct graph *g = l->g;
  struct view out = output_view (l, &g->nodes[i]);
  for (int t = 0; t < g->tensor_count && g->nodes[i].op != OP_OUTPUT; t++)
    {
      if (t == g->nodes[i].out || g->tensors[t].producer > i || graph_producer (g, t)->op == OP_OUTPUT)
        continue;
      struct view v = view_of_tensor (g, t, l->arena.data);
      if (view_overlaps (&v, &out) && read_later (g, t, i) && !channels_share (g, t, g->nodes[i].out))
        fail (o, mem_printf ("its output lies in the arena where %s does, which is still needed", g->tensors[t].name));
    }
}

/* The output to NaN, but for what it shares with an input that is computed in place. */
static void
poison_output (const struct layers *l, const struct node *n)
{
  struct view out = output_view (l, n);
  unsigned char **saved = heap_array ((size_t) operand_count (n), sizeof *saved);
  for (int k = 0; k < operand_count (n); k++)
    {
      struct view v = operand_view (l, n, k);
      if (!view_overlaps (&v, &out))
        continue;
      saved[k] = heap_array (v.bytes, 1);
      memcpy (saved[k], v.start, v.bytes);
    }
  view_poison (&out);
  for (int k = 0; k < operand_count (n); k++)
    if (saved[k])
      {
        struct view v = operand_view (l, n, k);
        memcpy (v.start, saved[k], v.bytes);
        free (saved[k]);
      }
  free (saved);
}

void
layer_release (struct layers *l)
{
  for (int k = 0; k < l->operands; k++)
    free (l->owned[k]);
  free (l->owned);
  free (l->in);
  l->operands = 0;
  l->owned = NULL;
  l->in = NULL;
}

/* The values of all operands, for the reference: read when all are filled, since some may be parts of others. */
static void
note_operands (struct layers *l, const struct node *n, int count)
{
  for (int k = 0; k < count; k++)
    if (first_like (n, k) == k)
      {
        struct view v = operand_view (l, n, k);
        l->in[k] = l->owned[k] = view_read (&v);
      }
    else
      l->in[k] = l->in[first_like (n, k)];
}

void
layer_before (struct layers *l, int i)
{
  const struct node *n = &l->g->nodes[i];
  struct outcome *o = &l->outcomes[i];
  int count = operand_count (n);
  layer_release (l); /* of a layer whose end was not announced */
  check_operands (l, n, o);
  check_lifetimes (l, i, o);
  poison_output (l, n);
  l->in = heap_array ((size_t) count + 1, sizeof *l->in);
  l->owned = heap_array ((size_t) count + 1, sizeof *l->owned);
  l->operands = count;
  for (int k = 0; k < count; k++)
    if (first_like (n, k) == k)
      fill_operand (l, n, k);
  note_operands (l, n, count);
  memcpy (l->snapshot, l->arena.data, l->arena.bytes);
  memcpy (l->input_copy, l->input.data, l->input.bytes);
}

static void
check_red_zones (const struct layers *l, struct outcome *o)
{
  const struct
  {
    const struct guarded *m;
    const char *name;
  } zones[] = { { &l->arena, "arena" }, { &l->input, "caller's input" }, { &l->output, "caller's output" },
                { &l->context, "context" } };
  int64_t at;
  for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
    if (guarded_broken (zones[i].m, &at))
      {
        fail (o, mem_printf ("it wrote outside the %s: byte %lld of %zu", zones[i].name, (long long) at,
                             zones[i].m->bytes));
        guarded_repaint (zones[i].m);
      }
}

/* Nothing in the arena from FIRST to END changed. Damage is undone, so that no later layer is blamed for it. */
static void
check_unchanged (const struct layers *l, size_t first, size_t end, struct outcome *o)
{
  size_t at = first;
  if (!memcmp (l->arena.data + first, l->snapshot + first, end - first))
    return;
  while (l->arena.data[at] == l->snapshot[at])
    at++;
  fail (o, mem_printf ("it changed byte %zu of the arena, which is not its output's", at));
  memcpy (l->arena.data + first, l->snapshot + first, end - first);
}

static void
compare (const struct layers *l, const struct node *n, const double *residual, const struct view *out,
         struct outcome *o)
{
  const float *packed = l->lib->weights.data;
  if (!l->outliers)
    compare_layer (l->g, n, packed, l->in, residual, l->non_finite, out, o);
  else if (outliers_concern (n))
    outliers_compare (l->outliers, l->g, n, packed, l->in, residual, out, o);
}

void
layer_after (struct layers *l, int i)
{
  const struct node *n = &l->g->nodes[i];
  const struct tensor *t = &l->g->tensors[n->out];
  struct outcome *o = &l->outcomes[i];
  struct view out = output_view (l, n);
  const double *residual = n->ep.residual >= 0 && l->operands ? l->in[l->operands - 1] : NULL;
  if (!o->failure && l->operands)
    compare (l, n, residual, &out, o);
  o->ran = l->operands > 0;
  float value;
  int64_t stain = view_stain (&out, pads_with_zeros (l, &out), &value);
  if (stain >= 0)
    fail (o, mem_printf ("its output is not zero in the halo or the padding channels, at %s: %g",
                         view_where (&out, stain), (double) value));
  bool in_arena = n->op != OP_OUTPUT;
  memcpy (l->arena.data + n->scratch_offset, l->snapshot + n->scratch_offset, n->scratch_bytes); /* its own */
  check_unchanged (l, 0, in_arena ? t->offset : l->arena.bytes, o);
  if (in_arena)
    check_unchanged (l, t->offset + t->bytes, l->arena.bytes, o);
  if (memcmp (l->input_copy, l->input.data, l->input.bytes))
    fail (o, mem_printf ("it changed the caller's input"));
  check_red_zones (l, o);
  layer_release (l);
}

void
layer_undo (struct layers *l, int i)
{
  const struct node *n = &l->g->nodes[i];
  struct view out = output_view (l, n);
  memcpy (l->arena.data, l->snapshot, l->arena.bytes);
  memcpy (l->input.data, l->input_copy, l->input.bytes);
  memset (out.start, 0, out.bytes);
  guarded_repaint (&l->arena);
  guarded_repaint (&l->input);
  guarded_repaint (&l->output);
  layer_release (l);
}

const char *
layer_end_text (const struct layers *l, int i, struct process *p)
{
  const struct node *n = &l->g->nodes[i];
  int count = operand_count (n), zones = 0;
  struct zone *list = NEW_ARRAY ((size_t) count + 2, struct zone);
  for (int k = 0; k < count; k++)
    {
      struct view v = operand_view (l, n, k);
      const char *name = operand (n, k) < 0 ? "the caller's input" : l->g->tensors[operand (n, k)].name;
      const char *what = n->op == OP_INPUT ? "" : k < n->nin ? "its input " : "its residual ";
      list[zones++] = (struct zone){ mem_printf ("%s%s", what, name), v.start, v.bytes,
                                     operand (n, k) < 0 ? &l->input : &l->arena };
    }
  struct view out = output_view (l, n);
  list[zones++] = (struct zone){ "its output", out.start, out.bytes, n->op == OP_OUTPUT ? &l->output : &l->arena };
  list[zones++] = (struct zone){ "the weights", l->lib->weights.data, l->lib->weights.data_bytes, &l->lib->section };
  return process_end_text (p, list, zones);
}
