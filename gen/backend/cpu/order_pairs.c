/* Orders of weights in bf16: pairs of input channels side by side, as products of pairs and of matrix tiles read them.
 * A k-step, 32 inputs by 32 outputs, is two halves of 16 outputs, each [16 pairs of inputs][16 outputs][2]: 1,024
 * bytes, the second operand of a tile product. */
#include "orders.h"

#include <assert.h>

#include "backend/phases.h"
#include "pairs.h"

/* Output and input channel, counted in their blocks, of number AT of a k-step. */
static void
place_in_step (int64_t at, int64_t *out, int64_t *in)
{
  *out = at / (PAIRS_STEP / 2) * 16 + at / 2 % 16;
  *in = at / 32 % 16 * 2 + at % 2;
}

static void
check_count (const struct weight_move *p, int64_t count)
{
  assert (count * element_bytes (order_element (p->k->order, p->g)) == p->k->weight_bytes);
  (void) p, (void) count;
}

/* Number AT of the packed ones: output channel O and number IN of a k-step, which is a channel of one of its taps. */
static void
move_of_step (const struct weight_move *p, int64_t o, const struct pairs_step *step, int64_t first, int64_t in,
              int64_t at)
{
  const int64_t channels = pairs_channels (p->g, p->n);
  const int64_t tap[AXES] = { step->tap[AXIS_D], step->tap[AXIS_H], step->tap[AXIS_W] + in / channels };
  if (in / channels < pairs_taps (p->g, p->n) && tap[AXIS_W] < p->n->win.kernel[AXIS_W])
    move_conv (p, o, (first + step->block) * channels + in % channels, tap, at);
  else
    weight_pad (p, at);
}

void
pairs_weights (const struct weight_move *p)
{
  const int64_t out_blocks = graph_blocks (p->g, p->n->out), steps = pairs_steps (p->g, p->n);
  const struct input_blocks blocks = input_blocks_of (p->g, p->n);
  int64_t at = 0, out, in;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t s = 0; s < steps; s++)
      {
        const struct pairs_step step = pairs_step_of (p->g, p->n, s);
        for (int64_t i = 0; i < PAIRS_STEP; i++, at++)
          {
            place_in_step (i, &out, &in);
            move_of_step (p, ob * 32 + out, &step, blocks.first[ob], in, at);
          }
      }
  check_count (p, at);
}

void
linear_pairs_weights (const struct weight_move *p)
{
  const struct shape *x = &p->g->tensors[p->n->in[0]].shape, *y = &p->g->tensors[p->n->out].shape;
  int64_t pixels = shape_pixels (x), steps = graph_blocks (p->g, p->n->in[0]) * pixels, at = 0, out, in;
  for (int64_t s = 0; s < graph_blocks (p->g, p->n->out) * steps; s++)
    for (int64_t i = 0; i < PAIRS_STEP; i++, at++)
      {
        place_in_step (i, &out, &in);
        out += s / steps * 32;
        in += s % steps / pixels * 32;
        if (out < y->c && in < x->c)
          move_linear (p, out, in * pixels + s % pixels, at);
        else
          weight_pad (p, at);
      }
  check_count (p, at);
}

/* One phase for block OB of outputs, from number AT on; returns the number behind it. */
static int64_t
phase_weights (const struct weight_move *p, const struct phase ph[AXES], int64_t ob, int64_t at)
{
  const struct shape *x = &p->g->tensors[p->n->in[0]].shape, *y = &p->g->tensors[p->n->out].shape;
  const int64_t taps[AXES] = { ph[0].taps, ph[1].taps, ph[2].taps };
  for (int64_t ib = 0; ib < graph_blocks (p->g, p->n->in[0]); ib++)
    {
      int64_t tap[AXES] = { 0, 0, 0 }, out, in;
      for (int64_t t = 0; t < taps[0] * taps[1] * taps[2]; t++, next_tap (tap, taps))
        for (int64_t i = 0; i < PAIRS_STEP; i++, at++)
          {
            place_in_step (i, &out, &in);
            if (ob * 32 + out < y->c && ib * 32 + in < x->c)
              move_transposed (p, ph, ib * 32 + in, ob * 32 + out, tap, at);
            else
              weight_pad (p, at);
          }
    }
  return at;
}

void
transposed_pairs_weights (const struct weight_move *p)
{
  const int64_t *dim = p->g->tensors[p->n->out].shape.dim;
  const struct window *w = &p->n->win;
  int64_t at = 0;
  for (int64_t d = 0; d < phase_count (w, AXIS_D, dim[AXIS_D]); d++)
    for (int64_t h = 0; h < phase_count (w, AXIS_H, dim[AXIS_H]); h++)
      for (int64_t x = 0; x < phase_count (w, AXIS_W, dim[AXIS_W]); x++)
        {
          const struct phase ph[AXES] = { phase_of (w, AXIS_D, dim[AXIS_D], d), phase_of (w, AXIS_H, dim[AXIS_H], h),
                                          phase_of (w, AXIS_W, dim[AXIS_W], x) };
          for (int64_t ob = 0; ob < graph_blocks (p->g, p->n->out); ob++)
            at = phase_weights (p, ph, ob, at);
        }
  check_count (p, at);
}

/* Each output's own group alone: [out block][tap][pair of the group][32 outputs][2]. */
void
grouped_pairs_weights (const struct weight_move *p)
{
  const struct shape *x = &p->g->tensors[p->n->in[0]].shape;
  int64_t group = x->c / p->n->groups, taps = taps_left (p->n), at = 0;
  for (int64_t ob = 0; ob < graph_blocks (p->g, p->n->out); ob++)
    {
      int64_t tap[AXES] = { 0, 0, 0 };
      for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
        for (int64_t i = 0; i < group * 32; i++, at++)
          {
            int64_t o = ob * 32 + i / 2 % 32;
            move_conv (p, o, o / group * group + i / 64 * 2 + i % 2, tap, at);
          }
    }
  check_count (p, at);
}
