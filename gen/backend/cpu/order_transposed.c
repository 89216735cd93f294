/* Weights of transposed convolutions, phase by phase. The source's weights are (I, O, D, H, W). */
#include "orders.h"

#include <assert.h>

#include "backend/phases.h"
#include "winograd.h"

/* One phase for one block of output channels, from number AT on; returns the number behind it. */
static int64_t
phase_weights (const struct weight_move *p, const struct phase ph[AXES], int64_t ob, int64_t at)
{
  int64_t in_c = p->g->tensors[p->n->in[0]].shape.c, out_c = p->g->tensors[p->n->out].shape.c;
  const int64_t taps[AXES] = { ph[0].taps, ph[1].taps, ph[2].taps };
  int64_t tap[AXES] = { 0, 0, 0 }, block = graph_block (p->g);
  for (int64_t t = 0; t < taps[0] * taps[1] * taps[2]; t++, next_tap (tap, taps))
    for (int64_t i = 0; i < in_c; i++)
      for (int64_t o = ob * block; o < (ob + 1) * block; o++, at++)
        if (o >= out_c)
          weight_pad (p, at);
        else
          move_transposed (p, ph, i, o, tap, at);
  return at;
}

void
transposed_weights (const struct weight_move *p)
{
  const struct shape *out = &p->g->tensors[p->n->out].shape;
  const struct window *w = &p->n->win;
  int64_t at = 0;
  for (int64_t d = 0; d < phase_count (w, AXIS_D, out->dim[AXIS_D]); d++)
    for (int64_t h = 0; h < phase_count (w, AXIS_H, out->dim[AXIS_H]); h++)
      for (int64_t x = 0; x < phase_count (w, AXIS_W, out->dim[AXIS_W]); x++)
        {
          const struct phase ph[AXES]
              = { phase_of (w, AXIS_D, out->dim[AXIS_D], d), phase_of (w, AXIS_H, out->dim[AXIS_H], h),
                  phase_of (w, AXIS_W, out->dim[AXIS_W], x) };
          for (int64_t ob = 0; ob < graph_blocks (p->g, p->n->out); ob++)
            at = phase_weights (p, ph, ob, at);
        }
  assert (at * element_bytes (order_element (p->k->order, p->g)) == p->k->weight_bytes);
}

/* ---- Winograd along H and W ---- */

/* A phase's filter of one pair of channels at one tap of D, 3 x 3 with zeros around the taps that there are,
 * transformed into the positions that are kept, or back. STEP: floats between positions. */
static void
move_filter (const struct weight_move *p, const struct phase ph[AXES], const struct phase_in_tiles t[AXES], int64_t d,
             int64_t i, int64_t o, float *at, int64_t step)
{
  struct winograd w = winograd_matrices (p->n->choice.tile[AXIS_W]);
  double f[6 * 6] = { 0 };
  int side = p->dense ? w.side : 3, n[AXES] = { 1, side, side };
  for (int64_t r = t[AXIS_H].from; p->dense && r < t[AXIS_H].end; r++)
    for (int64_t c = t[AXIS_W].from; c < t[AXIS_W].end; c++, at += step)
      f[r * side + c] = *at;
  for (int a = AXIS_W; p->dense && a >= AXIS_H; a--)
    multiply_axis (f, n, a, w.inverse[0], 3, WINOGRAD_SIDE);
  for (int64_t h = 0; h < ph[AXIS_H].taps; h++)
    for (int64_t x = 0; x < ph[AXIS_W].taps; x++)
      {
        double *v = &f[(t[AXIS_H].zeros + h) * 3 + t[AXIS_W].zeros + x];
        int64_t source = transposed_at (p, ph, i, o, (const int64_t[AXES]){ d, h, x });
        if (p->dense)
          p->dense[source] = *v;
        else
          *v = scaled_weight (p->n, source, o);
      }
  for (int a = AXIS_W; !p->dense && a >= AXIS_H; a--)
    multiply_axis (f, n, a, w.g[0], w.side, WINOGRAD_TAPS);
  for (int64_t r = t[AXIS_H].from; !p->dense && r < t[AXIS_H].end; r++)
    for (int64_t c = t[AXIS_W].from; c < t[AXIS_W].end; c++, at += step)
      *at = (float) f[r * w.side + c];
}

/* One phase. */
static float *
phase_winograd_weights (const struct weight_move *p, const struct phase ph[AXES], const struct phase_in_tiles t[AXES],
                        float *at)
{
  int64_t in_c = p->g->tensors[p->n->in[0]].shape.c, out_c = p->g->tensors[p->n->out].shape.c;
  int64_t step = ph[AXIS_D].taps * in_c * BLOCK;
  int64_t positions = (t[AXIS_H].end - t[AXIS_H].from) * (t[AXIS_W].end - t[AXIS_W].from);
  for (int64_t o = 0; o < round_up (out_c, BLOCK); o++)
    for (int64_t d = 0; d < ph[AXIS_D].taps && o < out_c; d++)
      for (int64_t i = 0; i < in_c; i++)
        move_filter (p, ph, t, d, i, o, at + o / BLOCK * positions * step + (d * in_c + i) * BLOCK + o % BLOCK, step);
  return at + ceil_div (out_c, BLOCK) * positions * step;
}

void
transposed_winograd_weights (const struct weight_move *p)
{
  const int64_t *out = p->g->tensors[p->n->out].shape.dim;
  const struct window *w = &p->n->win;
  int64_t count[AXES], f[AXES] = { 0, 0, 0 }, m = p->n->choice.tile[AXIS_W];
  float *at = p->data;
  for (int a = 0; a < AXES; a++)
    count[a] = phase_count (w, a, out[a]);
  for (int64_t i = 0; i < count[0] * count[1] * count[2]; i++)
    {
      struct phase ph[AXES];
      struct phase_in_tiles t[AXES] = { 0 };
      f[AXIS_D] = i % count[AXIS_D];
      f[AXIS_W] = i / count[AXIS_D] % count[AXIS_W];
      f[AXIS_H] = i / (count[AXIS_D] * count[AXIS_W]);
      for (int a = 0; a < AXES; a++)
        ph[a] = phase_of (w, a, out[a], f[a]);
      for (int a = AXIS_H; a < AXES; a++)
        t[a] = phase_in_tiles (ph[a], phase_tiles (w, a, out[a], m), m);
      at = phase_winograd_weights (p, ph, t, at);
    }
  assert ((char *) at - (char *) p->data == p->k->weight_bytes);
}
