/* Packing: the weights of each kernel in its order, which the backend's table has, and the epilogue's vectors behind
 * them. */
#include "pack.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/terminal.h"
#include "check.h"
#include "round.h"

/* A parameter's elements as floats, 1 / x of them where INVERSE; returns the end. */
static float *
put_param (float *at, const struct param *p, bool inverse, int64_t padded)
{
  if (!p || !p->value)
    return at;
  for (size_t i = 0; i < p->value->count; i++)
    {
      double v = weight_at (p->value, i);
      at[i] = (float) (inverse ? 1 / v : v);
    }
  return at + (padded ? padded : (int64_t) p->value->count);
}

/* The floats that begin AT bytes behind a node's first weight, DATA. */
static float *
floats_at (void *data, int64_t at)
{
  return (float *) ((uintptr_t) data + (uintptr_t) at);
}

static void
put_vector (void *data, int64_t at, const double *v, int64_t c)
{
  for (int64_t i = 0; at >= 0 && v && i < c; i++)
    floats_at (data, at)[i] = (float) v[i];
}

/* The zeros of x · SCALE + BIAS, of C channels, so that (x - centre) · scale errs by a part of its own size however
 * large x is; or 0 where there is none that a float holds. */
static double *
centres (const double *scale, const double *bias, int64_t c)
{
  double *v = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    {
      double zero = -bias[i] / scale[i];
      v[i] = fabs (zero) < FLT_MAX / 2 ? (double) (float) zero : 0; /* false for NaN */
    }
  return v;
}

/* A layer of its own, y = (x - centre) · scale + bias: of the bias that is what rounding the centre to a float has
 * left. */
static void
pack_affine (const struct node *n, void *data, int64_t c)
{
  const double *scale = n->ep.scale, *bias = n->ep.bias;
  put_vector (data, 0, scale, c);
  if (n->kernel->centre_at < 0)
    return;
  double *centre = centres (scale, bias, c), *rest = NEW_ARRAY ((size_t) c, double);
  for (int64_t i = 0; i < c; i++)
    rest[i] = bias[i] + centre[i] * scale[i];
  put_vector (data, n->kernel->centre_at, centre, c);
  put_vector (data, n->kernel->bias_at, rest, c);
}

/* Weights of 16 bits that meet inputs which are never negative are rounded as round.h says, others each for itself. */
static void
move_weights (struct weight_move *p)
{
  const struct node *n = p->n;
  const enum element e = order_element (p->k->order, p->g);
  const bool half = p->k->order->precision && element_bytes (e) == (int) sizeof (uint16_t);
  void *rounded = half && graph_never_negative (p->g, n->in[0]) ? round_weights (p->g, n, e) : NULL;
  void *second = half && n->second && graph_never_negative (p->g, n->in[1]) ? round_second (p->g, n, e) : NULL;
  p->rounded = rounded;
  p->rounded_second = second;
  p->k->order->move (p);
  free (rounded);
  free (second);
}

static void
pack_node (const struct graph *g, const struct node *n, void *data)
{
  struct weight_move p = { .g = g, .n = n, .k = n->kernel, .data = node_weights (n, data) };
  int64_t c = g->tensors[n->out].shape.c;
  if (n->kernel->order->move)
    move_weights (&p);
  if (n->kernel->order == &order_input)
    put_param (put_param (p.data, n->mean, false, 0), n->variance, true, 0);
  if (n->kernel->order == &order_norm)
    put_param (put_param (p.data, n->weight, false, graph_padded (g, n->out)), n->bias, false, 0);
  put_vector (p.data, n->kernel->bias_at, n->ep.bias, c);
  if (n->kernel->order == &order_none && n->ep.scale)
    pack_affine (n, p.data, c);
  put_vector (p.data, n->kernel->residual_scale_at, n->ep.residual_scale, c);
  put_vector (p.data, n->kernel->slope_at, n->ep.slope, c);
  for (int64_t i = 0; n->kernel->channel_mask_at >= 0 && i < c; i++)
    floats_at (p.data, n->kernel->channel_mask_at)[i] = 1;
  pack_check (g, n, p.data);
}

int64_t
pack_plan (struct graph *g)
{
  int64_t at = 0;
  bool tiles = false;
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      const struct kernel *k = n->kernel;
      n->w_offset = at;
      at += k->total_bytes;
      tiles |= k->order->tiles;
    }
  g->limit_offset = tiles ? at : 0;
  return at + (tiles ? LIMIT_BYTES : 0);
}

uint64_t
pack_layout_hash (const struct graph *g)
{
  uint64_t h = hash_bytes (HASH_START, g->name, strlen (g->name) + 1);
  if (g->precision != PRECISION_FP32)
    h = hash_bytes (h, precision_name (g->precision), strlen (precision_name (g->precision)) + 1);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct kernel *k = g->nodes[i].kernel;
      const char *op = op_name (g->nodes[i].op);
      h = hash_bytes (h, &g->nodes[i].w_offset, sizeof g->nodes[i].w_offset);
      h = hash_bytes (h, op, strlen (op) + 1);
      h = hash_bytes (h, k->order->name, strlen (k->order->name) + 1);
      h = plan_hash (h, k->family, k->plan);
    }
  return h;
}

void *
pack_weights (const struct graph *g, int64_t bytes)
{
  size_t rounded = bytes ? (size_t) round_up (bytes, 64) : 64;
  unsigned char *data = aligned_alloc (64, rounded);
  if (!data)
    fatal ("out of memory for %zu bytes of packed weights", rounded);
  memset (data, 0, rounded);
  for (int i = 0; i < g->node_count; i++)
    {
      progress_show ("packing weights: layer", i, g->node_count);
      pack_node (g, &g->nodes[i], data);
    }
  if (g->limit_offset)
    element_set (data + g->limit_offset, 0, backend_of (g)->outlier_limit (g, (const float *) (const void *) data),
                 ELEMENT_F32);
  return data;
}
