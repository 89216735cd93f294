/* The order of filters that Winograd's algorithm transformed. */
#include "orders.h"

#include <assert.h>
#include <string.h>

#include "winograd.h"

void
multiply_axis (double *t, int n[AXES], int axis, const double *matrix, int rows, int stride)
{
  double result[6 * 6 * 6];
  int outer = axis == AXIS_D ? 1 : axis == AXIS_H ? n[AXIS_D] : n[AXIS_D] * n[AXIS_H];
  int inner = n[AXIS_D] * n[AXIS_H] * n[AXIS_W] / (outer * n[axis]);
  for (int o = 0; o < outer; o++)
    for (int r = 0; r < rows; r++)
      for (int i = 0; i < inner; i++)
        {
          double sum = 0;
          for (int k = 0; k < n[axis]; k++)
            sum += matrix[r * stride + k] * t[(o * n[axis] + k) * inner + i];
          result[(o * rows + r) * inner + i] = sum;
        }
  memcpy (t, result, (size_t) (outer * rows * inner) * sizeof *t);
  n[axis] = rows;
}

/* The filter of one pair of channels, transformed along each axis into every position, or back. STEP: floats between
 * positions. */
static void
move_winograd (const struct weight_move *p, const struct winograd *const w[AXES], int64_t o, int64_t c, float *at,
               int64_t step)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  const int64_t *kernel = p->n->win.kernel, taps = taps_left (p->n);
  double t[6 * 6 * 6];
  int n[AXES], count = w[0]->side * w[1]->side * w[2]->side;
  int64_t tap[AXES] = { 0, 0, 0 };
  if (o >= out->c)
    return;
  for (int a = 0; a < AXES; a++)
    n[a] = p->dense ? w[a]->side : (int) kernel[a];
  if (p->dense)
    for (int i = 0; i < count; i++)
      t[i] = at[i * step];
  else
    for (int64_t k = 0; k < taps; k++, next_tap (tap, kernel))
      t[k] = conv_weight (p->n, o, c, tap);
  for (int a = AXES - 1; a >= 0; a--)
    if (p->dense)
      multiply_axis (t, n, a, w[a]->inverse[0], (int) kernel[a], WINOGRAD_SIDE);
    else
      multiply_axis (t, n, a, w[a]->g[0], w[a]->side, WINOGRAD_TAPS);
  if (p->dense)
    memcpy (p->dense + (o * in->c + c) * taps, t, (size_t) taps * sizeof *t);
  else
    for (int i = 0; i < count; i++)
      at[i * step] = (float) t[i];
}

void
winograd_weights (const struct weight_move *p)
{
  int64_t out_blocks = ceil_div (p->g->tensors[p->n->out].shape.c, BLOCK);
  int64_t channels = p->g->tensors[p->n->in[0]].shape.c;
  struct winograd d = winograd_matrices (p->n->choice.tile[AXIS_D]);
  struct winograd hw = winograd_matrices (p->n->choice.tile[AXIS_W]);
  const struct winograd *w[AXES] = { &d, &hw, &hw };
  int64_t step = channels * BLOCK, block = d.side * hw.side * hw.side * step;
  float *data = p->data;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t c = 0; c < channels; c++)
      for (int64_t l = 0; l < BLOCK; l++)
        move_winograd (p, w, ob * BLOCK + l, c, data + ob * block + c * BLOCK + l, step);
  assert (out_blocks * block * (int64_t) sizeof (float) == p->k->weight_bytes);
}
