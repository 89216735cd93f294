/* One function per kind of kernel: node → template and literal parameters. templates/README.md says what each
 * parameter means. */
#include "select_kernel.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define BLOCK 16

static void set (struct kernel *k, const char *name, const char *fmt, ...) PRINTF (3, 4);

static void
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

static void
set_int (struct kernel *k, const char *prefix, const char *suffix, int64_t v)
{
  set (k, suffix ? mem_printf ("%s_%s", prefix, suffix) : prefix, "%" PRId64, v);
}

static const char *const axis_name[AXES] = { "D", "H", "W" };

static void
set_axes (struct kernel *k, const char *prefix, const int64_t v[AXES])
{
  for (int a = 0; a < AXES; a++)
    set_int (k, prefix, axis_name[a], v[a]);
}

static int64_t
blocks (int64_t c)
{
  return ceil_div (c, BLOCK);
}

/* Distances in floats between neighbours of a tensor, and of its first pixel from its start. */
struct strides
{
  int64_t pixel, row, plane, block, sample, origin;
};

static struct strides
tensor_strides (const struct tensor *t)
{
  int64_t padded[AXES];
  for (int a = 0; a < AXES; a++)
    padded[a] = t->shape.dim[a] + t->halo_lo[a] + t->halo_hi[a];
  struct strides s;
  s.pixel = t->layout == LAYOUT_BLOCKED ? BLOCK : 1;
  s.row = padded[AXIS_W] * s.pixel;
  s.plane = padded[AXIS_H] * s.row;
  s.block = padded[AXIS_D] * s.plane;
  s.sample = s.block * (t->layout == LAYOUT_BLOCKED ? blocks (t->shape.c) : t->shape.c);
  s.origin = t->halo_lo[AXIS_D] * s.plane + t->halo_lo[AXIS_H] * s.row + t->halo_lo[AXIS_W] * s.pixel;
  return s;
}

/* PREFIX_C, _BLOCKS, _D, _H, _W; PREFIX_ROW, _PLANE, _BLOCK, _SAMPLE, _ORIGIN in floats. */
static void
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
      set_int (k, "HALO_LO", axis_name[a], t->halo_lo[a]);
      set_int (k, "HALO_HI", axis_name[a], t->halo_hi[a]);
    }
}

static void
set_window (struct kernel *k, const struct window *w)
{
  set_axes (k, "K", w->kernel);
  set_axes (k, "S", w->stride);
  set_axes (k, "DIL", w->dilation);
  set_axes (k, "PAD", w->pad_lo);
}

/* Where the epilogue's vectors stand behind the weights, and the template's switches for them. */
static void
set_epilogue (struct kernel *k, const struct graph *g, const struct node *n)
{
  const struct epilogue *ep = &n->ep;
  int64_t at = k->weight_floats, c = blocks (g->tensors[n->out].shape.c) * BLOCK;
  bool own_scale = k->packing == PACK_NONE && ep->scale; /* others have it in their weights */
  k->shift_at = k->residual_scale_at = k->slope_at = -1;
  set_int (k, "SCALE_AT", NULL, own_scale ? at : -1);
  if (own_scale)
    at += c;
  /* convolutions start their sums with the shift, so they always have one */
  bool starts_sums = k->packing == PACK_CONV_BLOCKED || k->packing == PACK_CONV_PLANAR || k->packing == PACK_LINEAR;
  if (ep->shift || starts_sums || k->packing == PACK_WINOGRAD)
    {
      k->shift_at = at;
      at += c;
    }
  if (ep->residual_scale)
    {
      k->residual_scale_at = at;
      at += c;
    }
  if (ep->act == ACT_PRELU)
    {
      k->slope_at = at;
      at += c;
    }
  set_int (k, "SHIFT_AT", NULL, k->shift_at);
  set_int (k, "RESIDUAL_SCALE_AT", NULL, k->residual_scale_at);
  set_int (k, "SLOPE_AT", NULL, k->slope_at);
  set (k, "ACT", "%s", ep->act == ACT_RELU ? "relu" : ep->act == ACT_PRELU ? "prelu" : "none");
  k->total_floats = round_up (at, BLOCK);
}

/* Strides of the residual; none: RES_SAMPLE is -1. */
static void
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

static struct kernel *
kernel_new (const struct graph *g, const struct node *n, const char *stem)
{
  struct kernel *k = NEW (struct kernel);
  k->param_cap = 96;
  k->params = NEW_ARRAY ((size_t) k->param_cap, struct kernel_param);
  k->stem = stem;
  k->shift_at = k->residual_scale_at = k->slope_at = -1;
  k->reason = "the only kernel for this operator";
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

static char *
window_name (int rank, const int64_t v[AXES])
{
  if (rank == 2)
    return mem_printf ("%" PRId64 "x%" PRId64, v[AXIS_H], v[AXIS_W]);
  return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64, v[AXIS_D], v[AXIS_H], v[AXIS_W]);
}

static const char *
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
                     ep->act == ACT_RELU ? ", relu" : ep->act == ACT_PRELU ? ", prelu" : "");
}

static void
name_kernel (struct kernel *k, const struct graph *g, const struct node *n, const char *base, const char *purpose)
{
  const struct shape *out = &g->tensors[n->out].shape, *in = n->nin ? &g->tensors[n->in[0]].shape : out;
  k->function = mem_printf ("%s_%s%s%s%s%s", base, shape_name (in), n->nin && in->c != out->c
                            ? mem_printf ("_%" PRId64, out->c) : "", n->ep.residual >= 0 ? "_res" : "",
                            n->ep.act == ACT_RELU ? "_relu" : n->ep.act == ACT_PRELU ? "_prelu" : "",
                            n->pool ? "_maxpool" : "");
  k->purpose = mem_printf ("%s: (%s) -> (%s)%s", purpose, shape_text (in), shape_text (out),
                           epilogue_purpose (&n->ep));
}

/* A row of WIDTH pixels is cut into COUNT tiles of SIZE and then COUNT1 of SIZE - 1. */
static void
set_tiles (struct kernel *k, const char *prefix, int64_t width, int64_t most)
{
  int64_t tiles = ceil_div (width, most), size = ceil_div (width, tiles);
  int64_t smaller = tiles * size - width;
  set_int (k, prefix, "SIZE", size);
  set_int (k, prefix, "COUNT", tiles - smaller);
  set_int (k, prefix, "COUNT1", smaller);
}

/* The input blocks that output block OB reads with G groups: [*first, *last]. */
static void
group_blocks (int64_t in_c, int64_t out_c, int64_t groups, int64_t ob, int64_t *first, int64_t *last)
{
  int64_t in_g = in_c / groups, out_g = out_c / groups, end = (ob + 1) * BLOCK;
  if (end > out_c)
    end = out_c;
  *first = ob * BLOCK / out_g * in_g / BLOCK;
  *last = (((end - 1) / out_g + 1) * in_g - 1) / BLOCK;
}

/* Which input blocks each output block reads; all the same number of them. */
static void
set_groups (struct kernel *k, const struct shape *in, const struct shape *out, int64_t groups)
{
  int64_t in_blocks = blocks (in->c), out_blocks = blocks (out->c);
  k->first_block = NEW_ARRAY ((size_t) out_blocks, int);
  for (int64_t ob = 0; ob < out_blocks; ob++)
    {
      int64_t first, last;
      group_blocks (in->c, out->c, groups, ob, &first, &last);
      if (last - first + 1 > k->in_blocks)
        k->in_blocks = last - first + 1;
    }
  struct text table = { 0 };
  bool all_first = true;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    {
      int64_t first, last;
      group_blocks (in->c, out->c, groups, ob, &first, &last);
      if (first + k->in_blocks > in_blocks)
        first = in_blocks - k->in_blocks;
      k->first_block[ob] = (int) first;
      all_first &= first == 0;
      text_printf (&table, "%s%" PRId64, ob ? ", " : "", first);
    }
  k->last_channels = k->in_blocks == in_blocks ? in->c - (in_blocks - 1) * BLOCK : BLOCK;
  set_int (k, "GROUP_BLOCKS", NULL, k->in_blocks);
  set_int (k, "LAST_CHANNELS", NULL, k->last_channels);
  set_int (k, "GROUPED", NULL, !all_first);
  struct kernel_param p = { "FIRST_BLOCK", all_first ? "0" : table.s, false };
  assert (k->param_count < k->param_cap);
  k->params[k->param_count++] = p;
}

/* Rows of H, W and no halo anywhere are one long row for a 1x1 filter. */
static bool
rows_join (const struct tensor *in, const struct tensor *out, const struct window *w, const struct tensor *res)
{
  for (int a = 0; a < AXES; a++)
    if (w->kernel[a] != 1 || w->stride[a] != 1 || w->pad_lo[a] != 0)
      return false;
  for (int a = AXIS_H; a < AXES; a++)
    if (in->halo_lo[a] || in->halo_hi[a] || out->halo_lo[a] || out->halo_hi[a]
        || (res && (res->halo_lo[a] || res->halo_hi[a])))
      return false;
  return true;
}

/* CONV_*: the extents before the pool; POOL_*: its window. Threads share strips of POOL_STRIP pooled rows: the rows
 * that two strips have in common are computed twice. */
static void
set_pool (struct kernel *k, const struct fused_pool *p, int64_t rows)
{
  set_axes (k, "CONV", p->before.dim);
  set_axes (k, "POOL_K", p->win.kernel);
  set_axes (k, "POOL_S", p->win.stride);
  set_axes (k, "POOL_PAD", p->win.pad_lo);
  int64_t strip = rows < 16 ? rows : 16;
  set_int (k, "POOL_STRIP", NULL, strip);
  set_int (k, "POOL_STRIPS", NULL, ceil_div (rows, strip));
}

/* The register tile of node N's kernel: neighbouring blocks of outputs share one when they read the same inputs. */
static const struct target_tile *
tile_of (const struct graph *g, const struct node *n, const struct target *target)
{
  bool planar = g->tensors[n->in[0]].layout == LAYOUT_PLANAR;
  bool alone = planar || n->groups > 1 || blocks (g->tensors[n->out].shape.c) < target->tile.blocks;
  return alone ? &target->single : &target->tile;
}

static void
set_tile (struct kernel *k, const struct target_tile *tile)
{
  set_int (k, "TILE_BLOCKS", NULL, tile->blocks);
  set_int (k, "TILE_VECTORS", NULL, tile->vectors);
}

/* What one core's second-level cache keeps of the inputs while output blocks take turns. */
#define STRIP_BYTES (128 * 1024)

/* Weights that are read again and again come from the last-level cache at best. */
#define STREAM_BYTES (2 * 1024 * 1024)

/* How many of a tensor's rows, joined, still fit there; they divide the tensor. */
static int64_t
rows_of_strip (const struct tensor *in, int64_t rows, int64_t width)
{
  int64_t row_bytes = width * blocks (in->shape.c) * BLOCK * (int64_t) sizeof (float), most = STRIP_BYTES / row_bytes;
  for (int64_t k = most < rows ? most : rows; k > 1; k--)
    if (rows % k == 0)
      return k;
  return 1;
}

/* Shall output blocks take turns at one strip of UNITS, so that the weights are read for each strip and the inputs once?
 * Otherwise the strips take turns at one output block's weights. What is less to read, when it does not stay cached. */
static bool
strips_first (const struct kernel *k, const struct tensor *in, const struct node *n, int64_t units, int64_t out_tiles)
{
  double inputs = (double) (blocks (in->shape.c) * BLOCK) * (double) shape_pixels (&in->shape);
  double weights = (double) k->weight_floats;
  return n->groups == 1 && units > 1 && inputs * sizeof (float) > STRIP_BYTES
         && weights * sizeof (float) <= STREAM_BYTES && weights * (double) units < inputs * (double) out_tiles;
}

static void
set_conv_tiles (struct kernel *k, const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  const struct tensor *res = n->ep.residual >= 0 ? &g->tensors[n->ep.residual] : NULL;
  const struct shape *own = node_own_shape (g, n);
  int64_t rows = own->dim[AXIS_H], width = own->dim[AXIS_W];
  const struct target_tile *tile = tile_of (g, n, target);
  int64_t out_tiles = ceil_div (blocks (out->shape.c), tile->blocks);
  bool joined = in->layout == LAYOUT_BLOCKED && rows_join (in, out, &n->win, res);
  int64_t strip = joined ? rows_of_strip (in, rows, width) : 1;
  if (joined && !strips_first (k, in, n, rows / strip * own->dim[AXIS_D], out_tiles))
    strip = rows;
  width *= strip;
  rows /= strip;
  struct strides x = tensor_strides (in);
  set_int (k, "IN_START", NULL, x.origin - n->win.pad_lo[AXIS_D] * x.plane - n->win.pad_lo[AXIS_H] * x.row
           - n->win.pad_lo[AXIS_W] * x.pixel);
  k->of_target = true;
  set_int (k, "ROWS", NULL, rows);
  set_int (k, "WIDTH", NULL, width);
  set_int (k, "JOINED_ROWS", NULL, strip);
  set_tile (k, tile);
  set_tiles (k, "TILE", width, tile->pixels);
  int64_t high = width * 2 <= tile->pixels ? tile->pixels / width : 1;
  set_tiles (k, "HIGH", rows, high);
  set_int (k, "STRIPS_FIRST", NULL,
           strips_first (k, in, n, ceil_div (rows, high) * own->dim[AXIS_D], out_tiles));
  k->of_target = false;
}

static const char *
conv_purpose (int rank, const struct node *n)
{
  if (!n->pool)
    return n->type;
  return mem_printf ("%s, then max pool %s", n->type, window_name (rank, n->pool->win.kernel));
}

/* Transformed tiles of a block of tiles that should stay in a core's second-level cache. */
#define WINOGRAD_CACHE_BYTES (384 * 1024)

static int64_t
winograd_positions (const struct node *n)
{
  return (n->winograd + 2) * (n->winograd + 2) * (n->winograd_d == 1 ? 1 : n->winograd_d + 2);
}

/* TILES_D x TILES_H x TILES_W tiles of WINO_D x WINO x WINO outputs, BLOCK_TILES at a time: their transformed inputs, then block by block of
 * output channels the products of all positions, transformed back. POSITION: floats between two positions of the
 * inputs, an odd number of cache lines. */
static void
set_winograd_tiles (struct kernel *k, const struct shape *in, const struct shape *out, const struct node *n,
                    const struct target_tile *tile)
{
  int m = n->winograd, m_d = n->winograd_d, pixels = tile->pixels;
  int64_t positions = winograd_positions (n), channels = blocks (in->c) * BLOCK;
  int64_t tiles_d = ceil_div (out->dim[AXIS_D], m_d), tiles_h = ceil_div (out->dim[AXIS_H], m);
  int64_t tiles_w = ceil_div (out->dim[AXIS_W], m), tiles = tiles_d * tiles_h * tiles_w;
  int64_t most = WINOGRAD_CACHE_BYTES / (positions * channels * (int64_t) sizeof (float));
  int64_t per_block = most / pixels * pixels;
  if (per_block < pixels)
    per_block = pixels;
  int64_t count = ceil_div (tiles, per_block);
  per_block = ceil_div (tiles, count);
  int64_t position = (blocks (in->c) * per_block | 1) * BLOCK;
  set_int (k, "WINO", NULL, m);
  set_int (k, "WINO_D", NULL, m_d);
  set_int (k, "TILES_D", NULL, tiles_d);
  set_int (k, "TILES_H", NULL, tiles_h);
  set_int (k, "TILES_W", NULL, tiles_w);
  k->of_target = true;
  set_int (k, "BLOCK_TILES", NULL, per_block);
  set_int (k, "BLOCK_COUNT", NULL, count);
  set_int (k, "POSITION", NULL, position);
  set_tile (k, tile);
  set_tiles (k, "TILE", per_block, pixels);
  k->of_target = false;
  k->scratch_floats = round_up (positions * (position + per_block * BLOCK * tile->blocks), BLOCK);
}

static struct kernel *
select_winograd (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  struct kernel *k = kernel_new (g, n, "conv_winograd");
  struct strides x = tensor_strides (&g->tensors[n->in[0]]);
  int64_t positions = winograd_positions (n), outputs = n->winograd * n->winograd * n->winograd_d;
  k->packing = PACK_WINOGRAD;
  k->weight_floats = blocks (out->c) * positions * in->c * BLOCK;
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, positions * in->c * BLOCK);
  set_int (k, "IN_START", NULL, x.origin - n->win.pad_lo[AXIS_D] * x.plane - n->win.pad_lo[AXIS_H] * x.row
           - n->win.pad_lo[AXIS_W] * x.pixel);
  set_int (k, "LAST_CHANNELS", NULL, in->c - (blocks (in->c) - 1) * BLOCK);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_winograd_tiles (k, in, out, n, tile_of (g, n, target));
  const char *tile_text = n->winograd_d == 1 ? mem_printf ("%dx%d", n->winograd, n->winograd)
                                             : mem_printf ("%dx%dx%d", n->winograd_d, n->winograd, n->winograd);
  name_kernel (k, g, n, mem_printf ("winograd%s", tile_text),
               mem_printf ("%s by Winograd, tiles of %s", n->type, tile_text));
  k->reason = mem_printf ("%" PRId64 " multiplications in place of %" PRId64 " for %" PRId64 " outputs", positions,
                          outputs * (n->winograd_d == 1 ? 9 : 27), outputs);
  return k;
}

static struct kernel *
select_conv (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  bool planar = in->layout == LAYOUT_PLANAR;
  struct kernel *k = kernel_new (g, n, !planar ? "conv_direct" : n->pool ? "conv_planar_pool" : "conv_planar");
  int64_t taps = n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2], depth = in->shape.c;
  set_window (k, &n->win);
  if (planar)
    k->packing = PACK_CONV_PLANAR;
  else
    {
      k->packing = PACK_CONV_BLOCKED;
      set_groups (k, &in->shape, &out->shape, n->groups);
      depth = (k->in_blocks - 1) * BLOCK + k->last_channels;
    }
  k->weight_floats = blocks (out->shape.c) * taps * depth * BLOCK;
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, taps * depth * BLOCK);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_conv_tiles (k, g, n, target);
  if (n->pool)
    set_pool (k, n->pool, out->shape.dim[AXIS_H]);
  const char *groups = n->groups > 1 ? mem_printf ("g%" PRId64, n->groups) : "";
  int rank = in->shape.rank;
  const char *dilation = stride_name (rank, n->win.dilation);
  name_kernel (k, g, n, mem_printf ("conv%s%s%s%s%s", window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), *dilation ? "d" : "",
                                    *dilation ? dilation + 1 : "", groups), conv_purpose (rank, n));
  k->reason = planar ? "few input channels: planar input, every tap of every channel in turn"
                     : "direct convolution over blocks of 16 channels";
  return k;
}

static struct kernel *
select_input (const struct graph *g, const struct node *n)
{
  struct kernel *k = kernel_new (g, n, "input");
  bool per_element = n->mean && n->mean->value && n->mean->value->rank > 1;
  bool std_per_element = n->variance && n->variance->value && n->variance->value->rank > 1;
  const struct shape *s = &g->tensors[n->out].shape;
  int64_t means = n->mean ? (per_element ? shape_count (s) : s->c) : 0;
  int64_t stds = n->variance ? (std_per_element ? shape_count (s) : s->c) : 0;
  set (k, "LAYOUT", "%s", g->tensors[n->out].layout == LAYOUT_PLANAR ? "planar" : "blocked");
  set (k, "MEAN", "%s", !n->mean ? "none" : per_element ? "element" : "channel");
  set (k, "STD", "%s", !n->variance ? "none" : std_per_element ? "element" : "channel");
  set_int (k, "STD_AT", NULL, means);
  k->packing = PACK_INPUT;
  k->weight_floats = means + stds;
  k->total_floats = round_up (k->weight_floats, BLOCK);
  name_kernel (k, g, n, "input", mem_printf ("the caller's array into the arena%s", n->mean ? ", normalised" : ""));
  return k;
}

static struct kernel *
select_pool (const struct graph *g, const struct node *n)
{
  struct kernel *k = kernel_new (g, n, "pool");
  bool max = n->op == OP_MAX_POOL;
  int rank = g->tensors[n->out].shape.rank;
  set_window (k, &n->win);
  set (k, "KIND", "%s", max ? "max" : n->count_padding ? "average" : "average_inside");
  name_kernel (k, g, n, mem_printf ("%spool%s%s", max ? "max" : "avg", window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride)), n->type);
  return k;
}

/* identity, add: x (+ residual), then the epilogue. An addition's second input is the kernel's residual. */
static struct kernel *
select_elementwise (const struct graph *g, const struct node *n)
{
  struct kernel *k = kernel_new (g, n, "elementwise");
  set_epilogue (k, g, n);
  set_residual (k, g, n->nin > 1 ? n->in[1] : -1);
  name_kernel (k, g, n, n->op == OP_ADD ? "add" : n->ep.scale ? "affine" : "act", n->type);
  return k;
}

static struct kernel *
select_norm (const struct graph *g, const struct node *n)
{
  struct kernel *k = kernel_new (g, n, "norm");
  const struct shape *s = &g->tensors[n->out].shape;
  int64_t c = round_up (s->c, BLOCK), each = s->c / n->groups;
  k->packing = PACK_NORM;
  k->weight_floats = (n->weight ? c : 0) + (n->bias ? c : 0);
  set_int (k, "GROUPS", NULL, n->groups);
  set_int (k, "GROUP_C", NULL, each);
  /* a unit of work holds whole groups and whole blocks, so that no two threads write one vector */
  int64_t unit = each % BLOCK == 0 ? each / BLOCK : BLOCK % each == 0 ? 1 : blocks (s->c);
  set_int (k, "UNIT_BLOCKS", NULL, unit);
  set (k, "EPS", "%.9g", n->eps);
  set_int (k, "WEIGHT_AT", NULL, n->weight ? 0 : -1);
  set_int (k, "BIAS_AT", NULL, n->bias ? (n->weight ? c : 0) : -1);
  set_epilogue (k, g, n);
  name_kernel (k, g, n, n->op == OP_INSTANCE_NORM ? "instance_norm" : mem_printf ("group_norm%" PRId64, n->groups),
               n->type);
  return k;
}

static struct kernel *
select_linear (const struct graph *g, const struct node *n, const struct target *target)
{
  struct kernel *k = kernel_new (g, n, "linear");
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  k->packing = PACK_LINEAR;
  k->weight_floats = blocks (out->c) * BLOCK * blocks (in->c) * BLOCK * shape_pixels (in);
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, blocks (in->c) * BLOCK * shape_pixels (in) * BLOCK);
  set_epilogue (k, g, n);
  k->of_target = true;
  set_int (k, "TILE_VECTORS", NULL, target->single.vectors);
  name_kernel (k, g, n, "linear", n->type);
  return k;
}

static struct kernel *
select_simple (const struct graph *g, const struct node *n, const char *stem, const char *base)
{
  struct kernel *k = kernel_new (g, n, stem);
  if (n->op == OP_SUBSAMPLE)
    set_axes (k, "S", n->win.stride);
  name_kernel (k, g, n, base, n->op == OP_OUTPUT ? "the arena into the caller's array" : n->type);
  return k;
}

struct kernel *
select_kernel (const struct graph *g, const struct node *n, const struct target *target)
{
  switch (n->op)
    {
    case OP_INPUT:
      return select_input (g, n);
    case OP_CONV:
      return n->winograd ? select_winograd (g, n, target) : select_conv (g, n, target);
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
      return select_pool (g, n);
    case OP_ADD:
    case OP_IDENTITY:
      return select_elementwise (g, n);
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
      return select_norm (g, n);
    case OP_LINEAR:
      return select_linear (g, n, target);
    case OP_GLOBAL_AVERAGE_POOL:
      return select_simple (g, n, "global_pool", "global_pool");
    case OP_SOFTMAX:
      return select_simple (g, n, "softmax", "softmax");
    case OP_SUBSAMPLE:
      return select_simple (g, n, "subsample", "subsample");
    case OP_OUTPUT:
      return select_simple (g, n, "output", "output");
    default:
      fatal_at (n->loc, "layer %s: the operator %s has no kernel", n->name, op_name (n->op));
    }
}
