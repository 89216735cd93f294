/* Packing: one function per order of weights, each written once for both directions, so that what verify reads back
 * (unpack.c) is by construction where the kernel looks for it. */
#include "parts.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/cpu/weights.h"
#include "backend/cpu/winograd.h"
#include "tile_bound.h"

static void
pass_conv_blocked (const struct pass *p)
{
  int64_t out_blocks = ceil_div (p->g->tensors[p->n->out].shape.c, BLOCK), taps = taps_left (p->n);
  struct input_blocks in = input_blocks_of (p->g, p->n);
  float *at = p->data;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t ib = 0; ib < in.count; ib++)
      {
        int64_t tap[AXES] = { 0, 0, 0 }, channels = ib + 1 < in.count ? BLOCK : in.last_channels;
        for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
          for (int64_t c = 0; c < channels; c++)
            for (int l = 0; l < BLOCK; l++)
              move_conv (p, ob * BLOCK + l, (in.first[ob] + ib) * BLOCK + c, tap, at++);
      }
  assert (at - p->data == p->k->weight_floats);
}

static void
pass_conv_planar (const struct pass *p)
{
  int64_t out_blocks = ceil_div (p->g->tensors[p->n->out].shape.c, BLOCK), taps = taps_left (p->n);
  int64_t channels = p->g->tensors[p->n->in[0]].shape.c;
  float *at = p->data;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t c = 0; c < channels; c++)
      {
        int64_t tap[AXES] = { 0, 0, 0 };
        for (int64_t t = 0; t < taps; t++, next_tap (tap, p->n->win.kernel))
          for (int l = 0; l < BLOCK; l++)
            move_conv (p, ob * BLOCK + l, c, tap, at++);
      }
  assert (at - p->data == p->k->weight_floats);
}

/* The filter of one pair of channels, transformed along each axis into every position, or back. STEP: floats between
 * positions. */
static void
move_winograd (const struct pass *p, const struct winograd *const w[AXES], int64_t o, int64_t c, float *at, int64_t step)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  const int64_t *kernel = p->n->win.kernel, taps = taps_left (p->n);
  double t[6 * 6 * 6];
  int n[AXES], count = w[0]->side * w[1]->side * w[2]->side;
  int64_t tap[AXES] = { 0, 0, 0 };
  if (o >= out->c)
    return;
  for (int a = 0; a < AXES; a++)
    n[a] = p->dense ? w[a]->side : (int) kernel[a];
  if (p->dense)
    for (int i = 0; i < count; i++)
      t[i] = at[i * step];
  else
    for (int64_t k = 0; k < taps; k++, next_tap (tap, kernel))
      t[k] = conv_weight (p->n, o, c, tap);
  for (int a = AXES - 1; a >= 0; a--)
    if (p->dense)
      multiply_axis (t, n, a, w[a]->inverse[0], (int) kernel[a], WINOGRAD_SIDE);
    else
      multiply_axis (t, n, a, w[a]->g[0], w[a]->side, WINOGRAD_TAPS);
  if (p->dense)
    memcpy (p->dense + (o * in->c + c) * taps, t, (size_t) taps * sizeof *t);
  else
    for (int i = 0; i < count; i++)
      at[i * step] = (float) t[i];
}

static void
pass_winograd (const struct pass *p)
{
  int64_t out_blocks = ceil_div (p->g->tensors[p->n->out].shape.c, BLOCK), channels = p->g->tensors[p->n->in[0]].shape.c;
  struct winograd d = winograd_matrices (p->n->choice.tile[AXIS_D]);
  struct winograd hw = winograd_matrices (p->n->choice.tile[AXIS_W]);
  const struct winograd *w[AXES] = { &d, &hw, &hw };
  int64_t step = channels * BLOCK, block = d.side * hw.side * hw.side * step;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    for (int64_t c = 0; c < channels; c++)
      for (int64_t l = 0; l < BLOCK; l++)
        move_winograd (p, w, ob * BLOCK + l, c, p->data + ob * block + c * BLOCK + l, step);
  assert (out_blocks * block == p->k->weight_floats);
}

static void
pass_linear (const struct pass *p)
{
  const struct shape *in = &p->g->tensors[p->n->in[0]].shape, *out = &p->g->tensors[p->n->out].shape;
  int64_t pixels = shape_pixels (in), features = shape_count (in), blocks = ceil_div (in->c, BLOCK);
  const double *scale = p->n->ep.scale;
  float *at = p->data;
  for (int64_t row = 0; row < ceil_div (out->c, BLOCK) * blocks * pixels * BLOCK; row++)
    {
      int64_t c = row / (pixels * BLOCK) % blocks * BLOCK + row % BLOCK, pixel = row / BLOCK % pixels;
      for (int64_t o = row / (blocks * pixels * BLOCK) * BLOCK, l = 0; l < BLOCK; l++, o++, at++)
        {
          int64_t dense = o * features + c * pixels + pixel;
          bool inside = o < out->c && c < in->c;
          if (p->dense && inside)
            p->dense[dense] = *at;
          else if (!p->dense)
            *at = inside ? (float) (weight_at (p->n->weight->value, (size_t) dense) * (scale ? scale[o] : 1)) : 0;
        }
    }
  assert (at - p->data == p->k->weight_floats);
}

void
pass_blocks (const struct pass *p)
{
  switch (p->k->packing)
    {
    case PACK_CONV_BLOCKED:
      pass_conv_blocked (p);
      break;
    case PACK_CONV_GROUPED:
      pass_conv_grouped (p);
      break;
    case PACK_CONV_PLANAR:
      pass_conv_planar (p);
      break;
    case PACK_TRANSPOSED:
      pass_transposed (p);
      break;
    case PACK_TRANSPOSED_WINOGRAD:
      pass_transposed_winograd (p);
      break;
    case PACK_WINOGRAD:
      pass_winograd (p);
      break;
    case PACK_STRASSEN:
      pass_strassen (p);
      break;
    case PACK_STEM_WINOGRAD:
      pass_stem_winograd (p);
      break;
    case PACK_LINEAR:
      pass_linear (p);
      break;
    default:
      break;
    }
}

void
pass_weights (const struct pass *p)
{
  if (packs_products (p->k->packing))
    backend_of (p->g)->pass_weights (p);
}

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

static void
put_vector (float *data, int64_t at, const double *v, int64_t c)
{
  for (int64_t i = 0; at >= 0 && v && i < c; i++)
    data[at + i] = (float) v[i];
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
pack_affine (const struct node *n, float *data, int64_t c)
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

static void
pack_node (const struct graph *g, const struct node *n, void *data)
{
  struct pass p = { .g = g, .n = n, .k = n->kernel, .data = node_weights (n, data) };
  int64_t c = g->tensors[n->out].shape.c;
  pass_weights (&p);
  if (n->kernel->packing == PACK_INPUT)
    put_param (put_param (p.data, n->mean, false, 0), n->variance, true, 0);
  if (n->kernel->packing == PACK_NORM)
    put_param (put_param (p.data, n->weight, false, round_up (c, BLOCK)), n->bias, false, 0);
  put_vector (p.data, n->kernel->bias_at, n->ep.bias, c);
  if (n->kernel->packing == PACK_NONE && n->ep.scale)
    pack_affine (n, p.data, c);
  put_vector (p.data, n->kernel->residual_scale_at, n->ep.residual_scale, c);
  put_vector (p.data, n->kernel->slope_at, n->ep.slope, c);
  for (int64_t i = 0; n->kernel->channel_mask_at >= 0 && i < c; i++)
    p.data[n->kernel->channel_mask_at + i] = 1;
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
      at += k->total_floats * (int64_t) sizeof (float);
      tiles |= packs_tiles (k->packing);
    }
  g->limit_offset = tiles ? at : 0;
  return at + (tiles ? LIMIT_FLOATS * (int64_t) sizeof (float) : 0);
}

uint64_t
pack_layout_hash (const struct graph *g)
{
  uint64_t h = hash_bytes (HASH_START, g->name, strlen (g->name) + 1);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct kernel *k = g->nodes[i].kernel;
      const char *op = op_name (g->nodes[i].op);
      int64_t order = k->packing;
      h = hash_bytes (h, &g->nodes[i].w_offset, sizeof g->nodes[i].w_offset);
      h = hash_bytes (h, op, strlen (op) + 1);
      h = hash_bytes (h, &order, sizeof order);
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
    pack_node (g, &g->nodes[i], data);
  if (g->limit_offset)
    element_set (data + g->limit_offset, 0, tile_bound_limit (g, (const float *) (const void *) data), ELEMENT_F32);
  return data;
}
