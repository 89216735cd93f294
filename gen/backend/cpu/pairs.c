#include "pairs.h"

/* Taps of one plane of the window. */
static int64_t
plane_taps (const struct node *n)
{
  return n->win.kernel[AXIS_H] * n->win.kernel[AXIS_W];
}

int64_t
pairs_steps (const struct graph *g, const struct node *n)
{
  return n->win.kernel[AXIS_D] * input_blocks_of (g, n).count * plane_taps (n);
}

struct pairs_step
pairs_step_of (const struct graph *g, const struct node *n, int64_t s)
{
  const int64_t taps = plane_taps (n), blocks = input_blocks_of (g, n).count, width = n->win.kernel[AXIS_W];
  return (struct pairs_step){ s / taps % blocks, { s / taps / blocks, s % taps / width, s % width } };
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
  const int64_t count = pairs_steps (g, n), planes = node_own_shape (g, n)->dim[AXIS_D], each = count / w->kernel[AXIS_D];
  int64_t *at = NEW_ARRAY ((size_t) count, int64_t), *range = NEW_ARRAY ((size_t) (2 * planes), int64_t);
  struct plan_steps p = { .count = count, .pairs = blocks.count > 1 ? graph_block (g) / 2 : ceil_div (blocks.last_channels, 2),
                          .at = { .rows = count, .ints = 1, .i = at }, .planes = { .rows = planes, .ints = 2, .i = range },
                          .x_pixel = w->stride[AXIS_W] * x.pixel, .x_line = w->stride[AXIS_H] * x.row,
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
