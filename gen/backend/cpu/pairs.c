#include "pairs.h"

#include "shares.h"

int
pairs_input_block (const struct graph *g)
{
  const int input = g->nodes[0].out;
  if (graph_element (g) != ELEMENT_BF16 || !graph_planar_input (g))
    return 0;
  for (int i = 1; i < g->node_count; i++)
    if (!g->nodes[i].dead && g->nodes[i].in[0] == input && g->nodes[i].win.dilation[AXIS_W] > 1)
      return 0;
  return g->tensors[input].shape.c <= 4 ? 4 : 8;
}

int64_t
pairs_channels (const struct graph *g, const struct node *n)
{
  return n->in[0] == g->nodes[0].out && pairs_input_block (g) ? pairs_input_block (g) : graph_block (g);
}

/* Bytes of the rows that a strip of pooled rows has on the stack: of one pooled row at most, and of several. */
#define MOST_STRIP_BYTES (128 * 1024)
#define STRIP_BYTES (64 * 1024)
/* … of a row's pixel: a block of channels. */
#define PIXEL_BYTES 64

bool
pairs_pool_applies (const struct graph *g, const struct node *conv, const struct window *pool)
{
  const int64_t *dim = g->tensors[conv->out].shape.dim;
  return conv->groups == 1 && dim[AXIS_D] == 1 && pool->kernel[AXIS_D] == 1 && pool->stride[AXIS_D] == 1
         && pool->kernel[AXIS_H] * dim[AXIS_W] * PIXEL_BYTES <= MOST_STRIP_BYTES;
}

int64_t
pairs_pool_strip (const struct fused_pool *p, int64_t rows)
{
  const int64_t most = STRIP_BYTES / (p->before.dim[AXIS_W] * PIXEL_BYTES);
  const int64_t strip
      = most > p->win.kernel[AXIS_H] ? (most - p->win.kernel[AXIS_H]) / p->win.stride[AXIS_H] + 1 : 1;
  return strip < rows ? strip : rows;
}

/* Pooled rows of a piece, which computes the rows that it has in common with the one before once more. */
#define PIECE_ROWS 4

int64_t
pairs_pool_pieces (const struct graph *g, const struct node *n, double macs)
{
  const int64_t rows = g->batch * graph_blocks (g, n->out) * g->tensors[n->out].shape.dim[AXIS_H];
  return shares_pieces ((double) (rows / PIECE_ROWS), (double) g->batch * n->macs / macs);
}

/* K-steps of a row of taps. */
static int64_t
row_steps (const struct graph *g, const struct node *n)
{
  return ceil_div (n->win.kernel[AXIS_W], graph_block (g) / pairs_channels (g, n));
}

int64_t
pairs_taps (const struct graph *g, const struct node *n)
{
  return ceil_div (n->win.kernel[AXIS_W], row_steps (g, n));
}

int64_t
pairs_steps (const struct graph *g, const struct node *n)
{
  const int64_t *k = n->win.kernel;
  return k[AXIS_D] * input_blocks_of (g, n).count * k[AXIS_H] * row_steps (g, n);
}

struct pairs_step
pairs_step_of (const struct graph *g, const struct node *n, int64_t s)
{
  const int64_t blocks = input_blocks_of (g, n).count, across = row_steps (g, n),
                plane = n->win.kernel[AXIS_H] * across;
  return (struct pairs_step){ s / plane % blocks,
                              { s / plane / blocks, s % plane / across, s % across * pairs_taps (g, n) } };
}

/* Pairs of a k-step that are not padding in all of them. */
static int64_t
step_pairs (const struct graph *g, const struct node *n, const struct input_blocks *blocks)
{
  const int64_t channels = pairs_channels (g, n);
  if (channels < graph_block (g))
    return pairs_taps (g, n) * channels / 2;
  return blocks->count > 1 ? channels / 2 : ceil_div (blocks->last_channels, 2);
}

/* The planes of taps that read more than padding for plane D of the output: RANGE[0] up to RANGE[1]. */
static void
planes_of (const struct window *w, int64_t in, int64_t d, int64_t range[2])
{
  const int64_t at = d * w->stride[AXIS_D] - w->pad_lo[AXIS_D], step = w->dilation[AXIS_D];
  range[0] = at < 0 ? ceil_div (-at, step) : 0;
  range[1] = in > at ? ceil_div (in - at, step) : 0;
  range[1] = range[1] < w->kernel[AXIS_D] ? range[1] : w->kernel[AXIS_D];
  range[0] = range[0] < range[1] ? range[0] : range[1];
}

struct plan_steps
plan_steps_of (const struct graph *g, const struct node *n)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const struct strides x = tensor_strides (in);
  const struct window *w = &n->win;
  const struct input_blocks blocks = input_blocks_of (g, n);
  const int64_t count = pairs_steps (g, n), planes = node_own_shape (g, n)->dim[AXIS_D],
                each = count / w->kernel[AXIS_D];
  int64_t *at = NEW_ARRAY ((size_t) count, int64_t), *range = NEW_ARRAY ((size_t) (2 * planes), int64_t);
  struct plan_steps p = { .count = count,
                          .pairs = step_pairs (g, n, &blocks),
                          .at = { .rows = count, .ints = 1, .i = at },
                          .planes = { .rows = planes, .ints = 2, .i = range },
                          .x_pixel = w->stride[AXIS_W] * x.pixel,
                          .x_line = w->stride[AXIS_H] * x.row,
                          .x_plane = w->stride[AXIS_D] * x.plane };
  for (int64_t s = 0; s < count; s++)
    {
      const struct pairs_step step = pairs_step_of (g, n, s);
      at[s] = step.block * x.block + step.tap[AXIS_D] * w->dilation[AXIS_D] * x.plane
              + step.tap[AXIS_H] * w->dilation[AXIS_H] * x.row + step.tap[AXIS_W] * w->dilation[AXIS_W] * x.pixel;
    }
  for (int64_t d = 0; d < planes; d++)
    {
      planes_of (w, in->shape.dim[AXIS_D], d, range + 2 * d);
      p.some |= range[2 * d] > 0 || range[2 * d + 1] < w->kernel[AXIS_D];
      range[2 * d] *= each;
      range[2 * d + 1] *= each;
    }
  return p;
}
