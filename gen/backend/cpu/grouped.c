#include "grouped.h"

/* A thread's stack has them: one strip of outputs may need no more. */
#define MOST_BYTES (4 * 1024 * 1024)

/* What gathering one lane's input costs, in multiply-adds of that lane. The order of weights depends on it: it is one
 * for all targets. */
#define GATHER_COST 24

int64_t
grouped_taps (const struct window *w)
{
  return w->kernel[AXIS_D] * w->kernel[AXIS_H] * w->kernel[AXIS_W];
}

bool
grouped_fits_lanes (const struct graph *g, int64_t in, int64_t out)
{
  return in == out && (in == 1 || in == 2 || in == 4 || in == 8 || (in == 16 && in < graph_block (g)));
}

bool
grouped_pairs_apply (const struct graph *g, const struct node *n)
{
  int64_t in = g->tensors[n->in[0]].shape.c / n->groups, out = g->tensors[n->out].shape.c / n->groups;
  return graph_element (g) == ELEMENT_BF16 && n->groups > 1 && in > 1 && grouped_fits_lanes (g, in, out);
}

/* Channels of the input blocks that one block of outputs has groups in, at most; conv_direct multiplies with all, those
 * of other groups by 0. */
static int64_t
dense_channels (int64_t in_c, int64_t out_c, int64_t groups, int64_t block)
{
  int64_t most = 0, in = in_c / groups, out = out_c / groups;
  for (int64_t o = 0; o < out_c; o += block)
    {
      int64_t end = o + block < out_c ? o + block : out_c;
      int64_t span = ceil_div (((end - 1) / out + 1) * in, block) - o / out * in / block;
      most = span > most ? span : most;
    }
  return most * block < in_c ? most * block : in_c;
}

int64_t
grouped_row (const struct window *w, const struct shape *out, int64_t in_g, int64_t block)
{
  int64_t width = (out->dim[AXIS_W] - 1) * w->stride[AXIS_W] + (w->kernel[AXIS_W] - 1) * w->dilation[AXIS_W] + 1;
  return w->kernel[AXIS_D] * in_g * width * block;
}

int64_t
grouped_span (const struct window *w)
{
  return (w->kernel[AXIS_H] - 1) * w->dilation[AXIS_H] + 1;
}

bool
grouped_applies (const struct graph *g, const struct node *n)
{
  const struct shape *x = &g->tensors[n->in[0]].shape, *y = &g->tensors[n->out].shape;
  int64_t block = graph_block (g), in = x->c / n->groups, taps = grouped_taps (&n->win),
          gathered = taps + GATHER_COST * n->win.kernel[AXIS_D];
  if (n->groups == 1)
    return false;
  if (grouped_fits_lanes (g, in, y->c / n->groups))
    return true;
  /* where conv_direct would multiply other groups' channels by 0, a NaN or an infinity of theirs would come in too */
  bool alone = in % block == 0 && y->c / n->groups % block == 0;
  return (!alone || in * gathered < taps * dense_channels (x->c, y->c, n->groups, block))
         && grouped_row (&n->win, y, in, block) * grouped_span (&n->win) * (int64_t) sizeof (float) <= MOST_BYTES;
}
