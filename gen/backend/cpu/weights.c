#include "weights.h"

#include "backend/phases.h"
#include "grouped.h"
#include "input_blocks.h"
#include "orders.h"
#include "pairs.h"
#include "winograd.h"

bool
reads_planes (const struct graph *g, const struct node *n)
{
  return n->op == OP_CONV && n->in[0] == g->nodes[0].out && graph_planar_input (g) && !pairs_input_block (g);
}

/* Taps, or for M > 1 positions of Winograd's transformed filters that are not zero, of all phases of axis A. */
static int64_t
all_phases (const struct graph *g, const struct node *n, int a, int64_t m)
{
  int64_t sum = 0, out = g->tensors[n->out].shape.dim[a];
  for (int64_t f = 0; f < phase_count (&n->win, a, out); f++)
    {
      struct phase p = phase_of (&n->win, a, out, f);
      struct phase_in_tiles t = { 0 };
      if (m > 1)
        t = phase_in_tiles (p, phase_tiles (&n->win, a, out, m), m);
      sum += m > 1 ? t.end - t.from : p.taps;
    }
  return sum;
}

/* ---- sizes: FACTORS of each output channel, in whole blocks of them ---- */

static int64_t
in_blocks (const struct graph *g, const struct node *n, int64_t factors)
{
  return graph_padded (g, n->out) * factors;
}

static int64_t
in_channels (const struct graph *g, const struct node *n)
{
  return g->tensors[n->in[0]].shape.c;
}

static int64_t
blocked_count (const struct graph *g, const struct node *n, struct choice c)
{
  (void) c;
  const struct input_blocks b = input_blocks_of (g, n);
  return in_blocks (g, n, taps_left (n) * ((b.count - 1) * graph_block (g) + b.last_channels));
}

static int64_t
planar_count (const struct graph *g, const struct node *n, struct choice c)
{
  (void) c;
  return in_blocks (g, n, taps_left (n) * in_channels (g, n));
}

static int64_t
grouped_count (const struct graph *g, const struct node *n, struct choice c)
{
  (void) c;
  return in_blocks (g, n, taps_left (n) * (in_channels (g, n) / n->groups));
}

static int64_t
winograd_count (const struct graph *g, const struct node *n, struct choice c)
{
  int64_t side = c.tile[AXIS_W] + 2, depth = c.tile[AXIS_D] == 1 ? 1 : c.tile[AXIS_D] + 2;
  return in_blocks (g, n, in_channels (g, n) * side * side * depth);
}

static int64_t
stem_winograd_count (const struct graph *g, const struct node *n, struct choice c)
{
  struct polyphase p;
  (void) c;
  return polyphase_of (g, n, &p) ? in_blocks (g, n, polyphase_depth (&p, p.side[AXIS_D])) : 0;
}

/* Seven products of half the outputs and half the inputs. */
static int64_t
strassen_count (const struct graph *g, const struct node *n, struct choice c)
{
  (void) c;
  return in_blocks (g, n, 1) / 2 * (in_channels (g, n) / 2) * STRASSEN_PRODUCTS;
}

static int64_t
transposed_count (const struct graph *g, const struct node *n, struct choice c)
{
  int64_t m = c.algorithm == ALGORITHM_WINOGRAD ? c.tile[AXIS_W] : 1;
  return in_blocks (g, n,
                    in_channels (g, n) * all_phases (g, n, AXIS_D, 1) * all_phases (g, n, AXIS_H, m)
                        * all_phases (g, n, AXIS_W, m));
}

static int64_t
linear_count (const struct graph *g, const struct node *n, struct choice c)
{
  (void) c;
  const struct shape *in = &g->tensors[n->in[0]].shape;
  return in_blocks (g, n, graph_padded (g, n->in[0]) * shape_pixels (in));
}

static int64_t
pairs_count (const struct graph *g, const struct node *n, struct choice c)
{
  (void) c;
  return graph_blocks (g, n->out) * pairs_steps (g, n) * PAIRS_STEP;
}

static int64_t
transposed_pairs_count (const struct graph *g, const struct node *n, struct choice c)
{
  (void) c;
  return in_blocks (g, n,
                    graph_padded (g, n->in[0]) * all_phases (g, n, AXIS_D, 1) * all_phases (g, n, AXIS_H, 1)
                        * all_phases (g, n, AXIS_W, 1));
}

/* Of each product all weights and a bias for each output. */
static int64_t
gate_count (const struct graph *g, const struct node *n, struct choice c)
{
  const int64_t reduced = n->gate->reduce.shape_hint.c, features = g->tensors[n->in[1]].shape.c;
  (void) c;
  return round_up (reduced, graph_block (g)) * (features + 1) + graph_padded (g, n->out) * (reduced + 1);
}

const struct weight_order cpu_blocked_order
    = { "cpu-blocked", conv_blocked_weights, blocked_count, true, false },
    cpu_grouped_order = { "cpu-grouped", conv_grouped_weights, grouped_count, true, false },
    cpu_planar_order = { "cpu-planar", conv_planar_weights, planar_count, true, false },
    cpu_transposed_order = { "cpu-transposed", transposed_weights, transposed_count, true, false },
    cpu_transposed_winograd_order
    = { "cpu-transposed-winograd", transposed_winograd_weights, transposed_count, false, true },
    cpu_winograd_order = { "cpu-winograd", winograd_weights, winograd_count, false, true },
    cpu_stem_winograd_order = { "cpu-stem-winograd", stem_winograd_weights, stem_winograd_count, false, true },
    cpu_strassen_order = { "cpu-strassen", strassen_weights, strassen_count, false, true },
    cpu_linear_order = { "cpu-linear", linear_weights, linear_count, false, false },
    cpu_pairs_order = { "cpu-pairs", pairs_weights, pairs_count, true, false },
    cpu_grouped_pairs_order = { "cpu-grouped-pairs", grouped_pairs_weights, grouped_count, true, false },
    cpu_transposed_pairs_order
    = { "cpu-transposed-pairs", transposed_pairs_weights, transposed_pairs_count, true, false },
    cpu_linear_pairs_order = { "cpu-linear-pairs", linear_pairs_weights, linear_count, true, false },
    cpu_gate_order = { "cpu-gate", gate_weights, gate_count, false, false };

/* ---- orders of layers ---- */

/* So few weights of a linear layer stay cached as floats, too. Its features are floats, and what rounding these weights
 * costs is a seventh of a small network's error. */
#define FEW_WEIGHTS (64 * 1024)

static bool
linear_in_floats (const struct graph *g, const struct node *n)
{
  return graph_holds_features (g, n->in[0]) && graph_padded (g, n->in[0]) * graph_padded (g, n->out) <= FEW_WEIGHTS;
}

static const struct weight_order *
bf16_order (const struct graph *g, const struct node *n)
{
  if (n->op == OP_LINEAR)
    return linear_in_floats (g, n) ? &cpu_linear_order : &cpu_linear_pairs_order;
  if (n->op == OP_TRANSPOSED_CONV)
    return &cpu_transposed_pairs_order;
  if (grouped_applies (g, n))
    return grouped_pairs_apply (g, n) ? &cpu_grouped_pairs_order : &cpu_grouped_order;
  return reads_planes (g, n) ? &cpu_planar_order : &cpu_pairs_order;
}

const struct weight_order *
weights_order (const struct graph *g, const struct node *n, struct choice c)
{
  bool winograd = c.algorithm == ALGORITHM_WINOGRAD, planar = reads_planes (g, n);
  if (graph_element (g) == ELEMENT_BF16 && (n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV || n->op == OP_LINEAR))
    return bf16_order (g, n);
  switch (n->op)
    {
    case OP_CONV:
      return winograd && planar                  ? &cpu_stem_winograd_order
             : winograd                          ? &cpu_winograd_order
             : c.algorithm == ALGORITHM_STRASSEN ? &cpu_strassen_order
             : grouped_applies (g, n)            ? &cpu_grouped_order
             : planar                            ? &cpu_planar_order
                                                 : &cpu_blocked_order;
    case OP_TRANSPOSED_CONV:
      return winograd ? &cpu_transposed_winograd_order : &cpu_transposed_order;
    case OP_LINEAR:
      return &cpu_linear_order;
    case OP_GATE:
      return &cpu_gate_order;
    case OP_INPUT:
      return &order_input;
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
    case OP_LAYER_NORM:
      return &order_norm;
    default:
      return op_is_binary (n->op) && n->weight ? &order_operand : &order_none;
    }
}

int64_t
input_means (const struct graph *g, const struct node *n)
{
  bool per_element = n->mean && n->mean->value && n->mean->value->rank > 1;
  const struct shape *s = &g->tensors[n->out].shape;
  return !n->mean ? 0 : per_element ? shape_count (s) : s->c;
}

static int64_t
input_deviations (const struct graph *g, const struct node *n)
{
  bool per_element = n->variance && n->variance->value && n->variance->value->rank > 1;
  const struct shape *s = &g->tensors[n->out].shape;
  return !n->variance ? 0 : per_element ? shape_count (s) : s->c;
}

int64_t
weights_count (const struct graph *g, const struct node *n, struct choice c)
{
  const struct weight_order *order = weights_order (g, n, c);
  int64_t padded = graph_padded (g, n->out);
  if (order == &order_input)
    return input_means (g, n) + input_deviations (g, n);
  if (order == &order_norm)
    return (n->weight ? padded : 0) + (n->bias ? padded : 0);
  if (order == &order_operand)
    return operand_count (g, n);
  return order->count ? order->count (g, n, c) : 0;
}
