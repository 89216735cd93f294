/* Orders of weights that are multiplied as they are. */
#include "orders.h"

#include <assert.h>

#include "input_blocks.h"
#include "weights.h"

/* Are COUNT numbers what the node's plan reserved? */
static bool
is_whole (const struct weight_move *p, int64_t count)
{
  return count * element_bytes (order_element (p->k->order, p->g)) == p->k->weight_bytes;
}

void
conv_blocked_weights (const struct weight_move *p)
{
  const int64_t block = graph_block (p->g), out_blocks = graph_blocks (p->g, p->n->out), taps = taps_left (p->n);
  struct input_blocks in = input_blocks_of (p->g, p->n);
  int64_t at = 0;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t ib = 0; ib < in.count; ib++)
      {
        int64_t tap[AXES] = { 0, 0, 0 }, channels = ib + 1 < in.count ? block : in.last_channels;
        for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
          for (int64_t c = 0; c < channels; c++)
            for (int64_t l = 0; l < block; l++)
              move_conv (p, ob * block + l, (in.first[ob] + ib) * block + c, tap, at++);
      }
  assert (is_whole (p, at));
}

void
conv_planar_weights (const struct weight_move *p)
{
  const int64_t block = graph_block (p->g), out_blocks = graph_blocks (p->g, p->n->out), taps = taps_left (p->n);
  int64_t channels = p->g->tensors[p->n->in[0]].shape.c, at = 0;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t c = 0; c < channels; c++)
      {
        int64_t tap[AXES] = { 0, 0, 0 };
        for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
          for (int64_t l = 0; l < block; l++)
            move_conv (p, ob * block + l, c, tap, at++);
      }
  assert (is_whole (p, at));
}

void
linear_weights (const struct weight_move *p)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  const int64_t block = graph_block (p->g), out_blocks = graph_blocks (p->g, p->n->out);
  int64_t pixels = shape_pixels (in), blocks = graph_blocks (p->g, p->n->in[0]), at = 0;
  for (int64_t row = 0; row < out_blocks * blocks * pixels * block; row++)
    {
      int64_t c = row / (pixels * block) % blocks * block + row % block, pixel = row / block % pixels;
      for (int64_t o = row / (blocks * pixels * block) * block, l = 0; l < block; l++, o++, at++)
        if (o < out->c && c < in->c)
          move_linear (p, o, c * pixels + pixel, at);
        else
          weight_pad (p, at);
    }
  assert (is_whole (p, at));
}
