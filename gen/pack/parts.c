#include "parts.h"

#include <string.h>

float *
node_weights (const struct node *n, const void *data)
{
  return (float *) ((uintptr_t) data + (uintptr_t) n->w_offset);
}

int64_t
taps_left (const struct node *n)
{
  return n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2];
}

double
conv_weight (const struct node *n, int64_t o, int64_t i, const int64_t tap[AXES])
{
  const struct param *p = n->weight;
  int64_t at = o * p->shape[1] + i;
  int spatial = p->rank - 2;
  for (int a = AXES - spatial; a < AXES; a++)
    at = at * p->shape[2 + a - (AXES - spatial)] + n->first_tap[a] + tap[a];
  double w = weight_at (p->value, (size_t) at);
  return n->ep.scale ? w * n->ep.scale[o] : w;
}

void
move_conv (const struct pass *p, int64_t o, int64_t channel, const int64_t tap[AXES], float *at)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  int64_t in_g = in->c / p->n->groups, group = o / (out->c / p->n->groups), i = channel - group * in_g;
  if (o >= out->c || i < 0 || i >= in_g)
    {
      if (!p->dense)
        *at = 0;
      return;
    }
  const int64_t *k = p->n->win.kernel;
  if (p->dense)
    p->dense[(((o * in_g + i) * k[0] + tap[0]) * k[1] + tap[1]) * k[2] + tap[2]] = *at;
  else
    *at = (float) conv_weight (p->n, o, i, tap);
}

void
next_tap (int64_t tap[AXES], const int64_t kernel[AXES])
{
  for (int a = AXIS_W; a >= 0; a--)
    {
      if (++tap[a] < kernel[a])
        return;
      tap[a] = 0;
    }
}

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
