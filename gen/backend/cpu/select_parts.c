/* Parameters of templates that several kinds of kernels have. templates/README.md says what each means. */
#include "select_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void
set (struct kernel *k, const char *name, const char *fmt, ...)
{
  char value[256];
  va_list args;
  va_start (args, fmt);
  vsnprintf (value, sizeof value, fmt, args);
  va_end (args);
  assert (k->param_count < k->param_cap);
  k->params[k->param_count++] = (struct kernel_param){ name, mem_strdup (value), k->of_target };
}

void
set_text (struct kernel *k, const char *name, const char *value)
{
  assert (k->param_count < k->param_cap);
  k->params[k->param_count++] = (struct kernel_param){ name, value, k->of_target };
}

void
set_int (struct kernel *k, const char *prefix, const char *suffix, int64_t v)
{
  set (k, suffix ? mem_printf ("%s_%s", prefix, suffix) : prefix, "%" PRId64, v);
}

static const char *const axis_name[AXES] = { "D", "H", "W" };

void
set_axes (struct kernel *k, const char *prefix, const int64_t v[AXES])
{
  for (int a = 0; a < AXES; a++)
    set_int (k, prefix, axis_name[a], v[a]);
}

int64_t
blocks (int64_t c)
{
  return ceil_div (c, BLOCK);
}

/* PREFIX_C, _BLOCKS, _D, _H, _W; PREFIX_ROW, _PLANE, _BLOCK, _SAMPLE, _ORIGIN in elements. */
void
set_tensor (struct kernel *k, const char *prefix, const struct tensor *t)
{
  struct strides s = tensor_strides (t);
  set_int (k, prefix, "C", t->shape.c);
  set_int (k, prefix, "BLOCKS", blocks (t->shape.c));
  set_axes (k, prefix, t->shape.dim);
  set_int (k, prefix, "ROW", s.row);
  set_int (k, prefix, "PLANE", s.plane);
  set_int (k, prefix, "BLOCK", s.block);
  set_int (k, prefix, "SAMPLE", s.sample);
  set_int (k, prefix, "ORIGIN", s.origin);
}

/* The output with the halo that its kernel clears. */
static void
set_output (struct kernel *k, const struct tensor *t)
{
  set_tensor (k, "OUT", t);
  for (int a = 0; a < AXES; a++)
    {
      set_int (k, "HALO_LO", axis_name[a], t->format.halo_lo[a]);
      set_int (k, "HALO_HI", axis_name[a], t->format.halo_hi[a]);
    }
}

void
set_window (struct kernel *k, const struct window *w)
{
  set_axes (k, "K", w->kernel);
  set_axes (k, "S", w->stride);
  set_axes (k, "DIL", w->dilation);
  set_axes (k, "PAD", w->pad_lo);
}

/* The channels that pad the last block would not be zero, as other layers need them: the kernel has to clear them. */
static bool
pads_with_values (const struct graph *g, const struct node *n)
{
  const struct tensor *t = &g->tensors[n->out];
  return format_channels (&t->format, &t->shape) > t->shape.c && !activation_keeps_zero (&n->ep.act);
}

/* The activation as macros of m4: ACTIVATION(X, SLOPE), and for GPUs ACTIVATION_PAIR(X), nothing where there is none. */
static void
set_activation (struct kernel *k, const struct graph *g, const struct activation *act)
{
  set (k, "ACT", "%s", activation_name (act));
  set (k, "ACTIVATION", "%s", (g->cuda ? activation_cuda : activation_vector) (act, "$1", "$2"));
  if (!g->cuda)
    return;
  const char *pair = activation_cuda_pair (act, "$1");
  set (k, "ACTIVATION_PAIR", "%s", pair ? pair : "");
}

/* Where the epilogue's vectors stand behind the weights, and the template's switches for them. */
void
set_epilogue (struct kernel *k, const struct graph *g, const struct node *n)
{
  const struct epilogue *ep = &n->ep;
  int64_t at = k->weight_floats, c = blocks (g->tensors[n->out].shape.c) * BLOCK;
  bool own_scale = k->packing == PACK_NONE && ep->scale; /* others have it in their weights */
  k->centre_at = k->shift_at = k->residual_scale_at = k->slope_at = k->channel_mask_at = -1;
  set_int (k, "SCALE_AT", NULL, own_scale ? at : -1);
  if (own_scale)
    at += c;
  if (own_scale && ep->shift)
    {
      k->centre_at = at;
      at += c;
    }
  /* convolutions start their sums with the shift, so they always have one */
  if (ep->shift || packs_products (k->packing))
    {
      k->shift_at = at;
      at += c;
    }
  if (ep->residual_scale)
    {
      k->residual_scale_at = at;
      at += c;
    }
  if (activation_has_slope (&ep->act))
    {
      k->slope_at = at;
      at += c;
    }
  if (pads_with_values (g, n))
    {
      k->channel_mask_at = at;
      at += c;
    }
  set_int (k, "CENTRE_AT", NULL, k->centre_at);
  set_int (k, "SHIFT_AT", NULL, k->shift_at);
  set_int (k, "RESIDUAL_SCALE_AT", NULL, k->residual_scale_at);
  set_int (k, "SLOPE_AT", NULL, k->slope_at);
  set_int (k, "CHANNEL_MASK_AT", NULL, k->channel_mask_at);
  set_activation (k, g, &ep->act);
  k->total_floats = round_up (at, BLOCK);
}

/* Strides of the residual; none: RES_SAMPLE is -1. */
void
set_residual (struct kernel *k, const struct graph *g, int residual)
{
  if (residual < 0)
    {
      set_int (k, "RES", "SAMPLE", -1);
      return;
    }
  struct strides s = tensor_strides (&g->tensors[residual]);
  set_int (k, "RES", "ROW", s.row);
  set_int (k, "RES", "PLANE", s.plane);
  set_int (k, "RES", "BLOCK", s.block);
  set_int (k, "RES", "SAMPLE", s.sample);
  set_int (k, "RES", "ORIGIN", s.origin);
}

struct kernel *
kernel_new (const struct graph *g, const struct node *n, const char *stem)
{
  struct kernel *k = NEW (struct kernel);
  k->param_cap = 128;
  k->params = NEW_ARRAY ((size_t) k->param_cap, struct kernel_param);
  k->stem = stem;
  k->node = -1;
  k->centre_at = k->shift_at = k->residual_scale_at = k->slope_at = k->channel_mask_at = -1;
  k->reason = "the only kernel for this operator";
  k->executed_macs = n->macs;
  set_int (k, "BATCH", NULL, g->batch);
  set_output (k, &g->tensors[n->out]);
  if (n->nin)
    set_tensor (k, "IN", &g->tensors[n->in[0]]);
  return k;
}

/* "64x8x56x56": for names of functions. */
static char *
shape_name (const struct shape *s)
{
  const int64_t *d = s->dim;
  if (s->rank == 0)
    return mem_printf ("%" PRId64, s->c);
  if (s->rank == 2)
    return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64, s->c, d[AXIS_H], d[AXIS_W]);
  return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64 "x%" PRId64, s->c, d[AXIS_D], d[AXIS_H], d[AXIS_W]);
}

char *
window_name (int rank, const int64_t v[AXES])
{
  if (rank == 2)
    return mem_printf ("%" PRId64 "x%" PRId64, v[AXIS_H], v[AXIS_W]);
  return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64, v[AXIS_D], v[AXIS_H], v[AXIS_W]);
}

const char *
stride_name (int rank, const int64_t v[AXES])
{
  if (v[AXIS_D] == 1 && v[AXIS_H] == 1 && v[AXIS_W] == 1)
    return "";
  if (v[AXIS_H] == v[AXIS_W] && (rank == 2 || v[AXIS_D] == v[AXIS_H]))
    return mem_printf ("s%" PRId64, v[AXIS_W]);
  return mem_printf ("s%s", window_name (rank, v));
}

static const char *
epilogue_purpose (const struct epilogue *ep)
{
  return mem_printf ("%s%s", ep->residual >= 0 ? ", plus a residual" : "",
                     ep->act.id == ACT_NONE ? "" : mem_printf (", %s", activation_text (&ep->act)));
}

void
name_kernel (struct kernel *k, const struct graph *g, const struct node *n, const char *base, const char *purpose)
{
  const struct shape *out = &g->tensors[n->out].shape, *in = n->nin ? &g->tensors[n->in[0]].shape : out;
  k->function = mem_printf ("%s_%s%s%s%s%s", base, shape_name (in), n->nin && in->c != out->c
                            ? mem_printf ("_%" PRId64, out->c) : "", n->ep.residual >= 0 ? "_res" : "",
                            n->ep.act.id == ACT_NONE ? "" : mem_printf ("_%s", activation_word (&n->ep.act)),
                            n->pool ? "_maxpool" : "");
  k->purpose = mem_printf ("%s: (%s) -> (%s)%s", purpose, shape_text (in), shape_text (out),
                           epilogue_purpose (&n->ep));
}

const char *
pool_purpose (int rank, const struct node *n)
{
  return n->pool ? mem_printf (", then max pool %s", window_name (rank, n->pool->win.kernel)) : "";
}

void
set_pool (struct kernel *k, const struct fused_pool *p)
{
  set_axes (k, "CONV", p->before.dim);
  set_axes (k, "POOL_K", p->win.kernel);
  set_axes (k, "POOL_S", p->win.stride);
  set_axes (k, "POOL_PAD", p->win.pad_lo);
}

/* A row of WIDTH pixels is cut into COUNT tiles of SIZE and then COUNT1 of SIZE - 1. */
void
set_tiles (struct kernel *k, const char *prefix, int64_t width, int64_t most)
{
  int64_t tiles = ceil_div (width, most), size = ceil_div (width, tiles);
  int64_t smaller = tiles * size - width;
  set_int (k, prefix, "SIZE", size);
  set_int (k, prefix, "COUNT", tiles - smaller);
  set_int (k, prefix, "COUNT1", smaller);
}

/* AHEAD: while TILES tiles use an output block's weights, each of their steps asks for so many floats of the next ones'. */
void
set_ahead (struct kernel *k, int64_t tiles)
{
  set_int (k, "AHEAD", NULL, tiles ? ceil_div (BLOCK, tiles) : 0);
}

void
set_tile (struct kernel *k, const struct target_tile *tile)
{
  set_int (k, "TILE_BLOCKS", NULL, tile->blocks);
  set_int (k, "TILE_VECTORS", NULL, tile->vectors);
}

/* The register tile of node N's kernel: neighbouring blocks of outputs share one when they read the same inputs. */
const struct target_tile *
target_tile_of (const struct graph *g, const struct node *n, const struct target *target)
{
  bool planar = g->tensors[n->in[0]].format.layout == LAYOUT_PLANAR;
  bool alone = planar || n->groups > 1 || blocks (g->tensors[n->out].shape.c) < target->tile.blocks;
  return alone ? &target->single : &target->tile;
}
