#include "weight_order.h"

#include <string.h>

#include "backend/kernel.h"
#include "graph/shape.h"

void *
node_weights (const struct node *n, const void *data)
{
  return (void *) ((uintptr_t) data + (uintptr_t) n->w_offset);
}

/* tf32 has 10 of a float's 23 bits of fraction. */
static float
to_tf32 (float v)
{
  uint32_t bits;
  memcpy (&bits, &v, sizeof bits);
  bits = (bits + 0x1000) & ~0x1FFFU;
  memcpy (&v, &bits, sizeof v);
  return v;
}

/* Where the machine's memory has number AT: those of 16 bits are lower and upper halves of numbers of 32 bits, so that
 * a section of weights and floats has one size of numbers, in whose bytes machines differ. */
static int64_t
place_of (const struct weight_order *order, const struct graph *g, int64_t at)
{
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return element_bytes (order_element (order, g)) == 2 ? at ^ 1 : at;
#else
  (void) order, (void) g;
  return at;
#endif
}

double
weight_get (const struct weight_move *p, int64_t at)
{
  return element_get (p->data, place_of (p->k->order, p->g, at), order_element (p->k->order, p->g));
}

void
weight_put (const struct weight_move *p, int64_t at, double v)
{
  const struct weight_order *order = p->k->order;
  bool tf32 = order->precision && p->g->precision == PRECISION_TF32;
  element_set (p->data, place_of (order, p->g, at), tf32 ? to_tf32 ((float) v) : v, order_element (order, p->g));
}

void
weight_copy (const struct weight_move *p, int64_t at, const void *rounded, int64_t from)
{
  const struct weight_order *order = p->k->order;
  const size_t bytes = (size_t) element_bytes (order_element (order, p->g));
  char *to = (char *) p->data + (size_t) place_of (order, p->g, at) * bytes;
  memcpy (to, (const char *) rounded + (size_t) from * bytes, bytes);
}

void
weight_pad (const struct weight_move *p, int64_t at)
{
  if (!p->dense)
    weight_put (p, at, 0);
}

int64_t
taps_left (const struct node *n)
{
  return n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2];
}

double
conv_weight (const struct node *n, int64_t o, int64_t i, const int64_t tap[AXES])
{
  const struct param *p = n->weight;
  int64_t at = o * p->shape[1] + i;
  int spatial = p->rank - 2;
  for (int a = AXES - spatial; a < AXES; a++)
    at = at * p->shape[2 + a - (AXES - spatial)] + n->first_tap[a] + tap[a];
  double w = weight_at (p->value, (size_t) at);
  return n->ep.scale ? w * n->ep.scale[o] : w;
}

void
move_conv (const struct weight_move *p, int64_t o, int64_t channel, const int64_t tap[AXES], int64_t at)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  int64_t in_g = in->c / p->n->groups, group = o / (out->c / p->n->groups), i = channel - group * in_g;
  if (o >= out->c || i < 0 || i >= in_g)
    {
      weight_pad (p, at);
      return;
    }
  const int64_t *k = p->n->win.kernel, dense = (((o * in_g + i) * k[0] + tap[0]) * k[1] + tap[1]) * k[2] + tap[2];
  if (p->dense)
    p->dense[dense] = weight_get (p, at);
  else if (p->rounded)
    weight_copy (p, at, p->rounded, dense);
  else
    weight_put (p, at, conv_weight (p->n, o, i, tap));
}

void
next_tap (int64_t tap[AXES], const int64_t kernel[AXES])
{
  for (int a = AXIS_W; a >= 0; a--)
    {
      if (++tap[a] < kernel[a])
        return;
      tap[a] = 0;
    }
}

int64_t
transposed_at (const struct weight_move *p, const struct phase ph[AXES], int64_t i, int64_t o, const int64_t tap[AXES])
{
  int64_t at = i * p->g->tensors[p->n->out].shape.c + o;
  for (int a = 0; a < AXES; a++)
    at = at * p->n->win.kernel[a] + ph[a].first_tap - tap[a] * p->n->win.stride[a];
  return at;
}

double
scaled_weight (const struct node *n, int64_t at, int64_t o)
{
  return weight_at (n->weight->value, (size_t) at) * (n->ep.scale ? n->ep.scale[o] : 1);
}

void
move_transposed (const struct weight_move *p, const struct phase ph[AXES], int64_t i, int64_t o,
                 const int64_t tap[AXES], int64_t at)
{
  const int64_t dense = transposed_at (p, ph, i, o, tap);
  if (p->dense)
    p->dense[dense] = weight_get (p, at);
  else if (p->rounded)
    weight_copy (p, at, p->rounded, dense);
  else
    weight_put (p, at, scaled_weight (p->n, dense, o));
}

void
move_linear (const struct weight_move *p, int64_t o, int64_t feature, int64_t at)
{
  int64_t dense = o * shape_count (&p->g->tensors[p->n->in[0]].shape) + feature;
  if (p->dense)
    p->dense[dense] = weight_get (p, at);
  else if (p->rounded)
    weight_copy (p, at, p->rounded, dense);
  else
    weight_put (p, at, scaled_weight (p->n, dense, o));
}

struct tensor_format
operand_format (const struct graph *g, const struct node *n)
{
  const struct tensor_format *f = &g->tensors[n->out].format;
  const int block = n->weight->shape[0] == 1 ? 1 : f->block;
  return (struct tensor_format){ .element = ELEMENT_F32, .layout = f->layout, .block = block };
}

int64_t
operand_count (const struct graph *g, const struct node *n)
{
  const struct tensor_format f = operand_format (g, n);
  const struct shape s = shape_of_param (n->weight);
  return round_up (format_elements (&f, &s, 1), BLOCK); /* so that what follows is aligned to vectors */
}

/* The constant's elements in their order; what fills up the last block is left as it is, 0. */
static void
move_operand (const struct weight_move *p)
{
  const struct tensor_format f = operand_format (p->g, p->n);
  const struct shape s = shape_of_param (p->n->weight);
  const struct strides strides = format_strides (&f, &s);
  const int64_t pixels = shape_pixels (&s), *dim = s.dim;
  for (int64_t i = 0; i < shape_count (&s); i++)
    {
      const int64_t pixel = i % pixels, row = pixel / dim[AXIS_W];
      const int64_t at = format_index (&strides, (struct position){ .c = i / pixels,
                                                                    .at = { row / dim[AXIS_H], row % dim[AXIS_H],
                                                                            pixel % dim[AXIS_W] } });
      if (p->dense)
        p->dense[i] = weight_get (p, at);
      else
        weight_put (p, at, weight_at (p->n->weight->value, (size_t) i));
    }
}

const struct weight_order order_none = { .name = "none" }, order_input = { .name = "input" },
                          order_norm = { .name = "norm" },
                          order_operand = { .name = "operand", .move = move_operand };
