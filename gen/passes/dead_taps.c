/* On a map of extent 1 a 3-wide filter with padding 1 has one live tap of three; in 3-D that leaves 1 of 27. */
#include "dead_taps.h"

/* Whether tap K of axis A reads inside the input for any output. */
static bool
alive (const struct window *w, int a, int64_t k, int64_t in, int64_t out)
{
  for (int64_t o = 0; o < out; o++)
    {
      int64_t i = o * w->stride[a] - w->pad_lo[a] + k * w->dilation[a];
      if (i >= 0 && i < in)
        return true;
    }
  return false;
}

static void
trim (struct node *n, int a, int64_t in, int64_t out)
{
  struct window *w = &n->win;
  int64_t first = 0, last = w->kernel[a] - 1;
  while (first < last && !alive (w, a, first, in, out))
    first++;
  while (last > first && !alive (w, a, last, in, out))
    last--;
  n->first_tap[a] += first;
  w->pad_hi[a] -= (w->kernel[a] - 1 - last) * w->dilation[a];
  w->pad_lo[a] -= first * w->dilation[a];
  w->kernel[a] = last - first + 1;
}

void
dead_taps (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      if (n->op != OP_CONV)
        continue;
      for (int a = 0; a < AXES; a++)
        trim (n, a, g->tensors[n->in[0]].shape.dim[a], g->tensors[n->out].shape.dim[a]);
    }
  graph_check (g);
}
