/* Orders of weights that are multiplied as they are. */
#include "orders.h"

#include <assert.h>

#include "weights.h"

void
conv_blocked_weights (const struct weight_move *p)
{
  int64_t out_blocks = ceil_div (p->g->tensors[p->n->out].shape.c, BLOCK), taps = taps_left (p->n);
  struct input_blocks in = input_blocks_of (p->g, p->n);
  float *at = p->data;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t ib = 0; ib < in.count; ib++)
      {
        int64_t tap[AXES] = { 0, 0, 0 }, channels = ib + 1 < in.count ? BLOCK : in.last_channels;
        for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
          for (int64_t c = 0; c < channels; c++)
            for (int l = 0; l < BLOCK; l++)
              move_conv (p, ob * BLOCK + l, (in.first[ob] + ib) * BLOCK + c, tap, at++);
      }
  assert (at - p->data == p->k->weight_floats);
}

void
conv_planar_weights (const struct weight_move *p)
{
  int64_t out_blocks = ceil_div (p->g->tensors[p->n->out].shape.c, BLOCK), taps = taps_left (p->n);
  int64_t channels = p->g->tensors[p->n->in[0]].shape.c;
  float *at = p->data;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t c = 0; c < channels; c++)
      {
        int64_t tap[AXES] = { 0, 0, 0 };
        for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
          for (int l = 0; l < BLOCK; l++)
            move_conv (p, ob * BLOCK + l, c, tap, at++);
      }
  assert (at - p->data == p->k->weight_floats);
}

void
linear_weights (const struct weight_move *p)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  int64_t pixels = shape_pixels (in), features = shape_count (in), blocks = ceil_div (in->c, BLOCK);
  const double *scale = p->n->ep.scale;
  float *at = p->data;
  for (int64_t row = 0; row < ceil_div (out->c, BLOCK) * blocks * pixels * BLOCK; row++)
    {
      int64_t c = row / (pixels * BLOCK) % blocks * BLOCK + row % BLOCK, pixel = row / BLOCK % pixels;
      for (int64_t o = row / (blocks * pixels * BLOCK) * BLOCK, l = 0; l < BLOCK; l++, o++, at++)
        {
          int64_t dense = o * features + c * pixels + pixel;
          bool inside = o < out->c && c < in->c;
          if (p->dense && inside)
            p->dense[dense] = *at;
          else if (!p->dense)
            *at = inside ? (float) (weight_at (p->n->weight->value, (size_t) dense) * (scale ? scale[o] : 1)) : 0;
        }
    }
  assert (at - p->data == p->k->weight_floats);
}
