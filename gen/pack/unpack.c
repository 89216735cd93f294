/* What was packed, read back for verify. */
#include "backend/kernel.h"
#include "pack.h"

/* C floats AT bytes behind DATA as doubles; NULL where there are none. */
static double *
get_vector (const void *data, int64_t at, int64_t c)
{
  if (at < 0)
    return NULL;
  const float *from = (const float *) ((uintptr_t) data + (uintptr_t) at);
  double *v = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    v[i] = from[i];
  return v;
}

static double *
get_array (const float *data, int64_t count, bool inverse)
{
  double *v = heap_array ((size_t) count, sizeof *v);
  for (int64_t i = 0; i < count; i++)
    v[i] = inverse ? 1 / (double) data[i] : data[i];
  return v;
}

static void
unpack_params (const struct graph *g, const struct node *n, const float *data, struct reference_params *r)
{
  int64_t c = g->tensors[n->out].shape.c;
  if (n->kernel->order == &order_input)
    {
      int64_t means = n->mean ? (int64_t) n->mean->value->count : 0;
      r->mean = n->mean ? get_array (data, means, false) : NULL;
      r->variance = n->variance ? get_array (data + means, (int64_t) n->variance->value->count, true) : NULL;
    }
  if (n->kernel->order == &order_norm)
    {
      r->weight = n->weight ? get_array (data, c, false) : NULL;
      r->bias = n->bias ? get_array (data + (n->weight ? graph_padded (g, n->out) : 0), c, false) : NULL;
    }
}

struct reference_params
pack_unpack (const struct graph *g, const struct node *n, const void *data, struct epilogue *ep)
{
  struct reference_params r = { 0 };
  const struct kernel *k = n->kernel;
  const struct shape *out = &g->tensors[n->out].shape;
  struct weight_move p = { .g = g, .n = n, .k = k, .data = node_weights (n, data) };
  if (k->order->move)
    {
      const struct shape *in = &g->tensors[n->in[0]].shape;
      const int64_t reduced = n->gate ? n->gate->reduce.shape_hint.c : 0;
      int64_t count = n->gate              ? reduced * (n->gate->features + 1)
                      : k->order == &order_operand ? (int64_t) n->weight->value->count
                      : n->op == OP_LINEAR ? out->c * shape_count (in)
                                           : out->c * (in->c / n->groups) * taps_left (n);
      if (n->op == OP_GATE)
        r.second = p.second = heap_array ((size_t) (out->c * (reduced + 1)), sizeof *p.second);
      p.dense = heap_array ((size_t) count, sizeof *p.dense);
      if (n->second)
        r.second = p.second = heap_array ((size_t) (out->c * g->tensors[n->in[1]].shape.c), sizeof *p.second);
      k->order->move (&p);
      r.weight = p.dense;
    }
  unpack_params (g, n, p.data, &r);
  *ep = n->ep;
  ep->scale = k->order == &order_none && n->ep.scale ? get_vector (p.data, 0, out->c) : NULL;
  ep->bias = get_vector (p.data, k->bias_at, out->c);
  const double *centre = get_vector (p.data, k->centre_at, out->c);
  for (int64_t c = 0; centre && c < out->c; c++)
    ep->bias[c] -= centre[c] * ep->scale[c];
  ep->residual_scale = get_vector (p.data, k->residual_scale_at, out->c);
  ep->slope = get_vector (p.data, k->slope_at, out->c);
  return r;
}
