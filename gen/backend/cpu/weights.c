#include "weights.h"

#include "backend/phases.h"
#include "select_parts.h"
#include "winograd.h"

/* The input blocks that output block OB reads with G groups: [*first, *last]. */
static void
group_blocks (int64_t in_c, int64_t out_c, int64_t groups, int64_t ob, int64_t *first, int64_t *last)
{
  int64_t in_g = in_c / groups, out_g = out_c / groups, end = (ob + 1) * BLOCK;
  if (end > out_c)
    end = out_c;
  *first = ob * BLOCK / out_g * in_g / BLOCK;
  *last = (((end - 1) / out_g + 1) * in_g - 1) / BLOCK;
}

struct input_blocks
input_blocks_of (const struct graph *g, const struct node *n)
{
  int64_t in_c = g->tensors[n->in[0]].shape.c, out_c = g->tensors[n->out].shape.c, first, last;
  struct input_blocks b = { .first = NEW_ARRAY ((size_t) blocks (out_c), int) };
  for (int64_t ob = 0; ob < blocks (out_c); ob++)
    {
      group_blocks (in_c, out_c, n->groups, ob, &first, &last);
      if (last - first + 1 > b.count)
        b.count = last - first + 1;
    }
  for (int64_t ob = 0; ob < blocks (out_c); ob++)
    {
      group_blocks (in_c, out_c, n->groups, ob, &first, &last);
      if (first + b.count > blocks (in_c))
        first = blocks (in_c) - b.count;
      b.first[ob] = (int) first;
      b.differ |= first != 0;
    }
  b.last_channels = b.count == blocks (in_c) ? in_c - (blocks (in_c) - 1) * BLOCK : BLOCK;
  return b;
}

bool
reads_planes (const struct graph *g, const struct node *n)
{
  return n->op == OP_CONV && n->in[0] == g->nodes[0].out && graph_planar_input (g);
}

enum packing
weights_order (const struct graph *g, const struct node *n, struct choice c)
{
  bool winograd = c.algorithm == ALGORITHM_WINOGRAD, planar = reads_planes (g, n);
  switch (n->op)
    {
    case OP_CONV:
      return winograd                             ? (planar ? PACK_STEM_WINOGRAD : PACK_WINOGRAD)
             : c.algorithm == ALGORITHM_STRASSEN ? PACK_STRASSEN
             : grouped_applies (g, n)            ? PACK_CONV_GROUPED
             : planar                            ? PACK_CONV_PLANAR
                                                 : PACK_CONV_BLOCKED;
    case OP_TRANSPOSED_CONV:
      return winograd ? PACK_TRANSPOSED_WINOGRAD : PACK_TRANSPOSED;
    case OP_LINEAR:
      return PACK_LINEAR;
    case OP_INPUT:
      return PACK_INPUT;
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
      return PACK_NORM;
    default:
      return PACK_NONE;
    }
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

static int64_t
stem_depth (const struct graph *g, const struct node *n)
{
  struct polyphase p;
  return polyphase_of (g, n, &p) ? polyphase_depth (&p, p.side[AXIS_D]) : 0;
}

/* Factors of one output channel by an order that blocks of 16 output channels share. */
static int64_t
factors (const struct graph *g, const struct node *n, enum packing order, struct choice c)
{
  const struct shape *in = &g->tensors[n->in[0]].shape;
  int64_t taps = n->win.kernel[AXIS_D] * n->win.kernel[AXIS_H] * n->win.kernel[AXIS_W], m = c.tile[AXIS_W];
  struct input_blocks b;
  switch (order)
    {
    case PACK_CONV_BLOCKED:
      b = input_blocks_of (g, n);
      return taps * ((b.count - 1) * BLOCK + b.last_channels);
    case PACK_CONV_PLANAR:
      return taps * in->c;
    case PACK_CONV_GROUPED:
      return taps * (in->c / n->groups);
    case PACK_WINOGRAD:
      return in->c * (m + 2) * (m + 2) * (c.tile[AXIS_D] == 1 ? 1 : c.tile[AXIS_D] + 2);
    case PACK_STEM_WINOGRAD:
      return stem_depth (g, n);
    case PACK_TRANSPOSED:
      return in->c * all_phases (g, n, AXIS_D, 1) * all_phases (g, n, AXIS_H, 1) * all_phases (g, n, AXIS_W, 1);
    case PACK_TRANSPOSED_WINOGRAD:
      return in->c * all_phases (g, n, AXIS_D, 1) * all_phases (g, n, AXIS_H, m) * all_phases (g, n, AXIS_W, m);
    case PACK_LINEAR:
      return blocks (in->c) * BLOCK * shape_pixels (in);
    default:
      return 0;
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
weights_floats (const struct graph *g, const struct node *n, struct choice c)
{
  enum packing order = weights_order (g, n, c);
  int64_t padded = round_up (g->tensors[n->out].shape.c, BLOCK);
  if (order == PACK_INPUT)
    return input_means (g, n) + input_deviations (g, n);
  if (order == PACK_NORM)
    return (n->weight ? padded : 0) + (n->bias ? padded : 0);
  if (order == PACK_STRASSEN) /* of half the outputs, from half the inputs */
    return padded / 2 * (g->tensors[n->in[0]].shape.c / 2) * STRASSEN_PRODUCTS;
  return order == PACK_NONE ? 0 : padded * factors (g, n, order, c);
}
