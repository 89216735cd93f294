/* Interpolation points 0, ±a, ±b, infinity. With a² = 1/2 and b² = 2 the largest factor is small and rounding errors
 * stay near a direct convolution's. */
#include "winograd.h"

#define A 0.70710678118654752440
#define B 1.41421356237309504880

struct winograd
winograd_matrices (int m)
{
  static const struct winograd one = { 1, { { 1 } }, { { 1 } } };
  static const struct winograd two = { 4, { { 1, 0, 0 }, { .5, .5, .5 }, { .5, -.5, .5 }, { 0, 0, 1 } },
                                       { { 1, 0, 0, 0 }, { 0, 1, -1, 0 }, { 0, 0, 0, 1 } } };
  if (m < 3)
    return m == 1 ? one : two;
  struct winograd w = { 6, { { 1, 0, 0 }, { 1, A, .5 }, { 1, -A, .5 }, { 1, B, 2 }, { 1, -B, 2 }, { 0, 0, 1 } },
                        { { 1 }, { 0, -.75 / A, .75 / A }, { 0, 0, 0, 0, 0, 1 } } };
  if (m == 3)
    w = (struct winograd){
      6,
      { { 1 }, { 1, A, .5, A / 2 }, { 1, -A, .5, -A / 2 }, { 1, B, 2, 2 * B }, { 1, -B, 2, -2 * B }, { 0, 0, 0, 1 } },
      { { 1 }, { 0, -.75 / A, .75 / A, 0, 0, -.5 }, { -.5, 0, 0, 1.5, 1.5 }, { 0, 0, 0, 0, 0, 1 } }
    };
  for (int k = 0; k < 4; k++)
    {
      w.g[1][k] /= -1.5;
      w.g[2][k] /= -1.5;
      w.g[3][k] /= 6;
      w.g[4][k] /= 6;
    }
  return w;
}

struct winograd_data
winograd_data (int m)
{
  static const struct winograd_data one = { .side = 1, .m = 1, .bt = { { 1 } }, .at = { { 1 } } };
  static const struct winograd_data two = {
    .side = 4, .m = 2, .bt = { { 1, 0, -1 }, { 0, 1, 1 }, { 0, -1, 1 }, { 0, 1, 0, -1 } },
    .at = { { 1, 1, 1 }, { 0, 1, -1, -1 } }, .input_roundings = 1, .output_roundings = 2,
  };
  static const struct winograd_data four = {
    .side = 6, .m = 4,
    .bt = { { 1, 0, -2.5, 0, 1 }, { 0, -B, -2, A, 1 }, { 0, B, -2, -A, 1 }, { 0, -A, -.5, B, 1 }, { 0, A, -.5, -B, 1 },
            { 0, 1, 0, -2.5, 0, 1 } },
    .at = { { 1, 1, 1, 1, 1 }, { 0, A, -A, B, -B }, { 0, .5, .5, 2, 2 }, { 0, A / 2, -A / 2, 2 * B, -2 * B, 1 } },
    .input_roundings = 4, .output_roundings = 5,
  };
  struct winograd_data w = m == 1 ? one : m == 2 ? two : four;
  if (m == 3)
    {
      w.m = 3;
      w.at[2][5] = 1;
    }
  return w;
}

/* An axis of KERNEL taps, 3 or 4 to a phase. */
static bool
axis_of (struct polyphase *p, int a, int64_t kernel, int64_t stride)
{
  p->phases[a] = stride;
  p->taps[a] = ceil_div (kernel, stride);
  p->shorter[a] = kernel % stride != 0;
  p->tile[a] = 7 - (int) p->taps[a];
  p->side[a] = 6;
  return stride <= 2 && (p->taps[a] == 3 || p->taps[a] == 4);
}

bool
polyphase_of (const struct graph *g, const struct node *n, struct polyphase *p)
{
  const struct window *w = &n->win;
  for (int a = 0; a < AXES; a++)
    if (w->dilation[a] != 1 || w->pad_lo[a] < 0 || (a != AXIS_D && w->stride[a] != 2)
        || (!axis_of (p, a, w->kernel[a], w->stride[a]) && !(a == AXIS_D && w->kernel[a] == 1)))
      return false;
  if (w->kernel[AXIS_D] == 1)
    {
      p->phases[AXIS_D] = p->taps[AXIS_D] = p->tile[AXIS_D] = p->side[AXIS_D] = 1;
      p->shorter[AXIS_D] = false;
    }
  p->channels = p->phases[AXIS_D] * 4 * g->tensors[n->in[0]].shape.c;
  return p->tile[AXIS_H] == p->tile[AXIS_W];
}

/* A fused pool over D, or behind a kernel over D: the kernel with tiles pools plane by plane. */
static bool
joins_planes (const struct node *n)
{
  return n->pool && (n->win.kernel[AXIS_D] > 1 || n->pool->win.kernel[AXIS_D] > 1 || n->pool->win.stride[AXIS_D] > 1);
}

bool
stem_winograd_applies (const struct graph *g, const struct node *n, struct polyphase *p)
{
  const struct shape *out = node_own_shape (g, n);
  return !g->exact && n->op == OP_CONV && n->groups == 1 && !joins_planes (n) && n->ep.residual < 0
         && n->in[0] == g->nodes[0].out && graph_planar_input (g) && polyphase_of (g, n, p)
         && out->c >= 16 && out->dim[AXIS_W] > p->tile[AXIS_W];
}

bool
polyphase_has (const struct polyphase *p, int64_t c, const int at[AXES])
{
  int64_t phases = c / (p->channels / (p->phases[0] * p->phases[1] * p->phases[2]));
  for (int a = AXES - 1; a >= 0; phases /= p->phases[a--])
    if (p->shorter[a] && at[a] == p->side[a] - 1 && phases % p->phases[a] == 1)
      return false;
  return true;
}

int64_t
polyphase_depth (const struct polyphase *p, int face)
{
  int64_t depth = 0;
  for (int d = 0; d < face; d++)
    for (int h = 0; h < p->side[AXIS_H]; h++)
      for (int w = 0; w < p->side[AXIS_W]; w++)
        for (int64_t c = 0; c < p->channels; c++)
          depth += polyphase_has (p, c, (const int[AXES]){ d, h, w });
  return depth;
}
