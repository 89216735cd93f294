/* Weights of the tensor cores' kernels: for each output channel a row of taps by channels, as elements of the graph's
 * precision, zeros behind a tap's own channels and behind the output channels. A stem's rows are in groups of
 * STEM_CHANNELS, the same 16 bytes of all of them side by side: what wgmma multiplies one bulk copy brings. */
#include "orders.h"

#include <assert.h>

#include "cuda_kernel.h"

static const struct matrices *
matrices_of (const struct weight_move *p)
{
  return &cuda_kernel_of (p->k)->matrices;
}

/* A tap's row of COUNT channels, from element START: MOVE is called for those that are there, as number PLACE. */
#define MOVE_ROW(count, start, there, move) \
  for (int64_t i = 0, place = (start); i < (count); i++, place++) \
    { \
      if (there) \
        move; \
      else \
        weight_pad (p, place); \
    }

static void
move_second (const struct weight_move *p, int64_t o, int64_t i, int64_t at)
{
  const struct node *second = p->n->second;
  size_t dense = (size_t) (o * p->g->tensors[p->n->in[1]].shape.c + i);
  if (p->second)
    p->second[dense] = weight_get (p, at);
  else if (p->rounded_second)
    weight_copy (p, at, p->rounded_second, (int64_t) dense);
  else
    weight_put (p, at, weight_at (second->weight->value, dense) * (second->ep.scale ? second->ep.scale[o] : 1));
}

static void
mma_weights (const struct weight_move *p)
{
  const struct matrices *m = matrices_of (p);
  int64_t out_g = p->g->tensors[p->n->out].shape.c / m->count, in_g = p->g->tensors[p->n->in[0]].shape.c / m->count;
  int64_t taps = taps_left (p->n), at = 0;
  for (int64_t group = 0; group < m->count; group++)
    for (int64_t o = 0; o < m->row; o++)
      {
        int64_t tap[AXES] = { 0, 0, 0 };
        for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel), at += m->span)
          MOVE_ROW (m->span, at, o < out_g && i < in_g, move_conv (p, group * out_g + o, group * in_g + i, tap, place))
        MOVE_ROW (m->second_span, at, o < out_g, move_second (p, o, i, place))
        at += m->second_span;
      }
  assert (at * element_bytes (graph_element (p->g)) == p->k->weight_bytes);
}

static void
mma_linear_weights (const struct weight_move *p)
{
  const struct matrices *m = matrices_of (p);
  int64_t out_c = p->g->tensors[p->n->out].shape.c, in_c = p->g->tensors[p->n->in[0]].shape.c;
  for (int64_t o = 0; o < m->row; o++)
    MOVE_ROW (m->span, o * m->span, o < out_c && i < in_c, move_linear (p, o, i, place))
}

/* UNIT terms of a filter's row, from term K, of each of the channels from FIRST; returns the element behind them. */
static int64_t
terms_weights (const struct weight_move *p, int64_t first, const int64_t row[AXES], int64_t k, int64_t at)
{
  const int64_t unit = 16 / element_bytes (graph_element (p->g)), out_c = p->g->tensors[p->n->out].shape.c;
  int64_t in_c = p->g->tensors[p->n->in[0]].shape.c, tap[AXES] = { row[AXIS_D], row[AXIS_H], 0 };
  for (int64_t o = first; o < first + STEM_CHANNELS; o++, at += unit)
    MOVE_ROW (unit, at, (tap[AXIS_W] = (k + i) / 4) < p->n->win.kernel[AXIS_W] && i % 4 < in_c && o < out_c,
              move_conv (p, o, i % 4, tap, place))
  return at;
}

static void
mma_stem_weights (const struct weight_move *p)
{
  const struct matrices *m = matrices_of (p);
  const int64_t *kernel = p->n->win.kernel, rows[AXES] = { kernel[AXIS_D], kernel[AXIS_H], 1 };
  int64_t at = 0;
  for (int64_t o = 0; o < m->row; o += STEM_CHANNELS)
    {
      int64_t row[AXES] = { 0, 0, 0 };
      for (int64_t t = 0; t < rows[0] * rows[1]; t++, next_tap (row, rows))
        for (int64_t k = 0; k < m->span; k += 16 / element_bytes (graph_element (p->g)))
          at = terms_weights (p, o, row, k, at);
    }
  assert (at * element_bytes (graph_element (p->g)) == p->k->weight_bytes);
}

/* One phase; returns the element behind it. */
static int64_t
phase_weights (const struct weight_move *p, const struct phase ph[AXES], int64_t at)
{
  const struct matrices *m = matrices_of (p);
  int64_t in_c = p->g->tensors[p->n->in[0]].shape.c, out_c = p->g->tensors[p->n->out].shape.c;
  const int64_t taps[AXES] = { ph[0].taps, ph[1].taps, ph[2].taps };
  for (int64_t o = 0; o < m->row; o++)
    {
      int64_t tap[AXES] = { 0, 0, 0 };
      for (int64_t t = 0; t < taps[0] * taps[1] * taps[2]; t++, next_tap (tap, taps), at += m->span)
        MOVE_ROW (m->span, at, o < out_c && i < in_c, move_transposed (p, ph, i, o, tap, place))
    }
  return at;
}

static void
mma_phases_weights (const struct weight_move *p)
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
  assert (at * element_bytes (graph_element (p->g)) == p->k->weight_bytes);
}

const struct weight_order cuda_mma_order = { .name = "cuda-mma", .move = mma_weights, .precision = true },
                          cuda_mma_stem_order
                          = { .name = "cuda-mma-stem", .move = mma_stem_weights, .precision = true },
                          cuda_mma_linear_order
                          = { .name = "cuda-mma-linear", .move = mma_linear_weights, .precision = true },
                          cuda_mma_transposed_order
                          = { .name = "cuda-mma-transposed", .move = mma_phases_weights, .precision = true };
