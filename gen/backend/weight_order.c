#include "weight_order.h"

const struct weight_order order_none = { .name = "none" }, order_input = { .name = "input" }, order_norm = { .name = "norm" };

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
move_conv (const struct weight_move *p, int64_t o, int64_t channel, const int64_t tap[AXES], float *at)
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

int64_t
transposed_at (const struct weight_move *p, const struct phase ph[AXES], int64_t i, int64_t o, const int64_t tap[AXES])
{
  int64_t at = i * p->g->tensors[p->n->out].shape.c + o;
  for (int a = 0; a < AXES; a++)
    at = at * p->n->win.kernel[a] + ph[a].first_tap - tap[a] * p->n->win.stride[a];
  return at;
}

double
scaled_weight (const struct node *n, int64_t at, int64_t o)
{
  return weight_at (n->weight->value, (size_t) at) * (n->ep.scale ? n->ep.scale[o] : 1);
}

void
move_transposed (const struct weight_move *p, const struct phase ph[AXES], int64_t i, int64_t o, const int64_t tap[AXES],
                 float *at)
{
  if (p->dense)
    p->dense[transposed_at (p, ph, i, o, tap)] = *at;
  else
    *at = (float) scaled_weight (p->n, transposed_at (p, ph, i, o, tap), o);
}
