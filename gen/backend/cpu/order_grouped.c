/* The order of weights where each lane has the channels of its own group. */
#include "orders.h"

#include <assert.h>

void
conv_grouped_weights (const struct weight_move *p)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  int64_t in_g = in->c / p->n->groups, out_g = out->c / p->n->groups, taps = taps_left (p->n), at = 0;
  const int64_t block = graph_block (p->g);
  for (int64_t ob = 0; ob < graph_blocks (p->g, p->n->out); ob++)
    {
      int64_t tap[AXES] = { 0, 0, 0 };
      for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
        for (int64_t c = 0; c < in_g; c++)
          for (int64_t o = ob * block; o < (ob + 1) * block; o++)
            move_conv (p, o, o / out_g * in_g + c, tap, at++);
    }
  assert (at * element_bytes (order_element (p->k->order, p->g)) == p->k->weight_bytes);
}
