#include "input_blocks.h"

/* The input blocks that output block OB of convolution N reads: [*first, *last]. */
static void
group_blocks (const struct graph *g, const struct node *n, int64_t ob, int64_t *first, int64_t *last)
{
  const int64_t block = graph_block (g), in_c = g->tensors[n->in[0]].shape.c, out_c = g->tensors[n->out].shape.c;
  int64_t in_g = in_c / n->groups, out_g = out_c / n->groups, end = (ob + 1) * block;
  if (end > out_c)
    end = out_c;
  *first = ob * block / out_g * in_g / block;
  *last = (((end - 1) / out_g + 1) * in_g - 1) / block;
}

struct input_blocks
input_blocks_of (const struct graph *g, const struct node *n)
{
  const int64_t in_blocks = graph_blocks (g, n->in[0]), out_blocks = graph_blocks (g, n->out), block = graph_block (g);
  int64_t first, last;
  struct input_blocks b = { .first = NEW_ARRAY ((size_t) out_blocks, int) };
  for (int64_t ob = 0; ob < out_blocks; ob++)
    {
      group_blocks (g, n, ob, &first, &last);
      if (last - first + 1 > b.count)
        b.count = last - first + 1;
    }
  for (int64_t ob = 0; ob < out_blocks; ob++)
    {
      group_blocks (g, n, ob, &first, &last);
      if (first + b.count > in_blocks)
        first = in_blocks - b.count;
      b.first[ob] = (int) first;
      b.differ |= first != 0;
    }
  b.last_channels = b.count == in_blocks ? g->tensors[n->in[0]].shape.c - (in_blocks - 1) * block : block;
  return b;
}
