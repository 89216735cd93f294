/* Orders of weights for the GPU. */
#include "orders.h"

#include <assert.h>

#include "cuda_kernel.h"

/* Output channels that are moved together: what one line of the cache has of a row. */
#define TOGETHER 16

/* Zeros from number AT on, behind a row's own columns; returns the number behind them. */
static int64_t
pad (const struct weight_move *p, int64_t at, int64_t from)
{
  for (int64_t o = from; o < cuda_kernel_of (p->k)->matrices.row; o++)
    weight_pad (p, at++);
  return at;
}

static void
conv_weights (const struct weight_move *p)
{
  int64_t out_g = p->g->tensors[p->n->out].shape.c / p->n->groups,
          in_g = p->g->tensors[p->n->in[0]].shape.c / p->n->groups;
  int64_t taps = taps_left (p->n), row = cuda_kernel_of (p->k)->matrices.row;
  for (int64_t group = 0; group < p->n->groups; group++)
    for (int64_t first = 0; first < row; first += TOGETHER)
      for (int64_t i = 0; i < in_g; i++)
        {
          int64_t tap[AXES] = { 0, 0, 0 };
          for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
            for (int64_t o = first, at = ((group * taps + t) * in_g + i) * row + first; o < row && o < first + TOGETHER;
                 o++, at++)
              if (o < out_g)
                move_conv (p, group * out_g + o, group * in_g + i, tap, at);
              else
                weight_pad (p, at);
        }
  assert (p->n->groups * taps * in_g * row * (int64_t) sizeof (float) == p->k->weight_bytes);
}

static void
grouped_weights (const struct weight_move *p)
{
  int64_t out_c = p->g->tensors[p->n->out].shape.c, out_g = out_c / p->n->groups;
  int64_t in_g = p->g->tensors[p->n->in[0]].shape.c / p->n->groups, taps = taps_left (p->n), tap[AXES] = { 0, 0, 0 };
  int64_t at = 0;
  for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
    for (int64_t i = 0; i < in_g; i++)
      for (int64_t o = 0; o < out_c; o++)
        move_conv (p, o, o / out_g * in_g + i, tap, at++);
  assert (at * (int64_t) sizeof (float) == p->k->weight_bytes);
}

static int64_t
phase_weights (const struct weight_move *p, const struct phase ph[AXES], int64_t at)
{
  int64_t in_c = p->g->tensors[p->n->in[0]].shape.c, out_c = p->g->tensors[p->n->out].shape.c;
  const int64_t taps[AXES] = { ph[0].taps, ph[1].taps, ph[2].taps };
  int64_t tap[AXES] = { 0, 0, 0 };
  for (int64_t t = 0; t < taps[0] * taps[1] * taps[2]; t++, next_tap (tap, taps))
    for (int64_t i = 0; i < in_c; i++)
      {
        for (int64_t o = 0; o < out_c; o++)
          move_transposed (p, ph, i, o, tap, at++);
        at = pad (p, at, out_c);
      }
  return at;
}

static void
phases_weights (const struct weight_move *p)
{
  const int64_t *out = p->g->tensors[p->n->out].shape.dim;
  const struct window *w = &p->n->win;
  int64_t at = 0;
  for (int64_t d = 0; d < phase_count (w, AXIS_D, out[AXIS_D]); d++)
    for (int64_t h = 0; h < phase_count (w, AXIS_H, out[AXIS_H]); h++)
      for (int64_t x = 0; x < phase_count (w, AXIS_W, out[AXIS_W]); x++)
        {
          const struct phase ph[AXES] = { phase_of (w, AXIS_D, out[AXIS_D], d), phase_of (w, AXIS_H, out[AXIS_H], h),
                                          phase_of (w, AXIS_W, out[AXIS_W], x) };
          at = phase_weights (p, ph, at);
        }
  assert (at * (int64_t) sizeof (float) == p->k->weight_bytes);
}

/* The source counts features by channels first, the GPU's tensors by pixels first. */
static void
linear_weights (const struct weight_move *p)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  int64_t pixels = shape_pixels (in), features = shape_count (in);
  int64_t at = 0;
  for (int64_t o = 0; o < out->c; o++)
    for (int64_t f = 0; f < features; f++)
      move_linear (p, o, f % in->c * pixels + f / in->c, at++);
  assert (at * (int64_t) sizeof (float) == p->k->weight_bytes);
}

/* Number AT, which is V, or in DENSE at FROM. */
static void
move_one (const struct weight_move *p, int64_t at, double v, double *dense, int64_t from)
{
  if (dense)
    dense[from] = weight_get (p, at);
  else
    weight_put (p, at, v);
}

/* Number AT, the bias of the linear layer N's output O, which stands behind its INPUTS · outputs weights in DENSE. */
static void
move_bias (const struct weight_move *p, const struct node *n, int64_t inputs, int64_t o, int64_t at, double *dense)
{
  move_one (p, at, n->ep.bias ? n->ep.bias[o] : 0, dense, n->shape_hint.c * inputs + o);
}

/* The weights of the linear layer N, of INPUTS inputs, from number AT on; returns the number behind them. */
static int64_t
move_matrix (const struct weight_move *p, const struct node *n, int64_t inputs, int64_t at, double *dense)
{
  for (int64_t i = 0; i < inputs; i++)
    for (int64_t o = 0; o < n->shape_hint.c; o++)
      move_one (p, at++, dense ? 0 : scaled_weight (n, o * inputs + i, o), dense, o * inputs + i);
  return at;
}

static void
squeeze_weights (const struct weight_move *p)
{
  move_matrix (p, &p->n->gate->reduce, p->n->gate->features, 0, p->dense);
}

static void
gate_weights (const struct weight_move *p)
{
  const struct gate *gate = p->n->gate;
  const int64_t reduced = gate->reduce.shape_hint.c, outputs = gate->expand.shape_hint.c;
  int64_t at = 0;
  for (; at < reduced; at++)
    move_bias (p, &gate->reduce, gate->features, at, at, p->dense);
  while (at % BLOCK)
    weight_pad (p, at++);
  at = move_matrix (p, &gate->expand, reduced, at, p->second);
  for (int64_t o = 0; o < outputs; o++)
    move_bias (p, &gate->expand, reduced, o, at++, p->second);
  assert (at * (int64_t) sizeof (float) == p->k->weight_bytes);
}

const struct weight_order cuda_conv_order = { .name = "cuda-conv", .move = conv_weights },
                          cuda_grouped_order = { .name = "cuda-grouped", .move = grouped_weights },
                          cuda_transposed_order = { .name = "cuda-transposed", .move = phases_weights },
                          cuda_linear_order = { .name = "cuda-linear", .move = linear_weights },
                          cuda_squeeze_order = { .name = "cuda-squeeze", .move = squeeze_weights },
                          cuda_gate_order = { .name = "cuda-gate", .move = gate_weights };
