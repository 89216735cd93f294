/* Convolutions: direct ones, over blocks or planes, and Winograd's. */
#include "select_parts.h"

#include <inttypes.h>

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
  set_text (k, "FIRST_BLOCK", all_first ? "0" : table.s);
}

/* Rows of H, W and no halo anywhere are one long row for a 1x1 filter. */
static bool
rows_join (const struct tensor *in, const struct tensor *out, const struct window *w, const struct tensor *res)
{
  for (int a = 0; a < AXES; a++)
    if (w->kernel[a] != 1 || w->stride[a] != 1 || w->pad_lo[a] != 0)
      return false;
  for (int a = AXIS_H; a < AXES; a++)
    if (in->format.halo_lo[a] || in->format.halo_hi[a] || out->format.halo_lo[a] || out->format.halo_hi[a]
        || (res && (res->format.halo_lo[a] || res->format.halo_hi[a])))
      return false;
  return true;
}

/* Threads share strips of POOL_STRIP of the pooled ROWS: the rows of the convolution that two strips have in common are
 * computed twice, those that no window has not at all. */
static void
set_strips (struct kernel *k, const struct fused_pool *p, int64_t rows)
{
  int64_t strip = rows < 16 ? rows : 16, in = p->before.dim[AXIS_H], computed = 0;
  set_int (k, "POOL_STRIP", NULL, strip);
  set_int (k, "POOL_STRIPS", NULL, ceil_div (rows, strip));
  for (int64_t i = 0, next = 0; i < rows; i++)
    {
      int64_t at = i * p->win.stride[AXIS_H] - p->win.pad_lo[AXIS_H], end = at + p->win.kernel[AXIS_H];
      next = i % strip == 0 || next < at ? at : next;
      next = next < 0 ? 0 : next;
      end = end < in ? end : in;
      computed += end > next ? end - next : 0;
      next = end > next ? end : next;
    }
  k->executed_macs *= (double) computed / (double) in;
}

/* How many of a tensor's rows, joined, a core's cache keeps while the output blocks take turns; they divide the tensor. */
static int64_t
rows_of_strip (const struct target *t, const struct tensor *in, int64_t rows, int64_t width)
{
  int64_t row_bytes = width * blocks (in->shape.c) * BLOCK * (int64_t) sizeof (float), most = t->caches.strip / row_bytes;
  for (int64_t k = most < rows ? most : rows; k > 1; k--)
    if (rows % k == 0)
      return k;
  return 1;
}

/* Shall output blocks take turns at one strip of UNITS, so that the weights are read for each strip and the inputs once?
 * Otherwise the strips take turns at one output block's weights. What is less to read, when it does not stay cached. */
static bool
strips_first (const struct target *t, const struct kernel *k, const struct tensor *in, const struct node *n, int64_t units,
              int64_t out_tiles)
{
  double inputs = (double) (blocks (in->shape.c) * BLOCK) * (double) shape_pixels (&in->shape);
  double weights = (double) k->weight_floats;
  if (n->choice.order != ORDER_OF_SHAPE)
    return n->choice.order == ORDER_STRIPS_FIRST;
  return n->groups == 1 && units > 1 && inputs * sizeof (float) > (double) t->caches.strip
         && weights * sizeof (float) <= (double) t->caches.streamed && weights * (double) units < inputs * (double) out_tiles;
}

/* Steps that WIDTH pixels take in tiles of at most MOST, none of them in fewer than LEAST. */
static int64_t
steps_of_tiles (int64_t width, int64_t most, int64_t least)
{
  int64_t tiles = ceil_div (width, most), size = ceil_div (width, tiles), smaller = tiles * size - width;
  return (tiles - smaller) * (size > least ? size : least) + smaller * (size - 1 > least ? size - 1 : least);
}

/* Do tiles that go on into the next row save a sixteenth or more? Only where a pointer for each pixel fits the registers. */
static bool
tiles_flat (const struct target *t, int64_t rows, int64_t width, const struct target_tile *tile)
{
  const int64_t most = tile->pixels, least = t->least_pixels;
  int64_t high = width * 2 <= tile->pixels ? tile->pixels / width : 1;
  int64_t by_rows = high > 1 ? ceil_div (rows, high) * steps_of_tiles (width * high, most, least)
                             : rows * steps_of_tiles (width, most, least);
  return most <= t->pointers && tile->blocks == 1 && 16 * steps_of_tiles (rows * width, most, least) <= 15 * by_rows;
}

/* Weights that more tiles use come from a cache mostly; those of the only output blocks are not followed by any. */
#define MOST_STREAMING_TILES 64

static int64_t
streaming_tiles (int64_t tiles, int64_t out_tiles)
{
  return tiles > MOST_STREAMING_TILES || out_tiles == 1 ? 0 : tiles;
}

/* Adds to T a strip's "{ first, end }": the taps along axis A that read more than padding for some of the outputs from FROM
 * to LAST. How many these are. */
static int64_t
strip_taps (struct text *t, const struct window *w, int a, int64_t in, int64_t from, int64_t last)
{
  int64_t before = w->pad_lo[a] - last * w->stride[a], behind = in + w->pad_lo[a] - from * w->stride[a];
  int64_t first = before > 0 ? ceil_div (before, w->dilation[a]) : 0;
  int64_t end = behind > 0 ? ceil_div (behind, w->dilation[a]) : 0;
  end = end < w->kernel[a] ? end : w->kernel[a];
  first = first < end ? first : end;
  text_printf (t, "%s{ %" PRId64 ", %" PRId64 " }", t->n ? ", " : "", first, end);
  return end - first;
}

/* FEWER_*, TAPS_* of cpu/taps.m4: READ of ALL taps are taken, as T has it. */
static void
set_taps (struct kernel *k, const char *axis, const struct text *t, int64_t read, int64_t all)
{
  set_int (k, "FEWER", axis, read < all);
  set_text (k, mem_printf ("TAPS_%s", axis), t->s);
  k->executed_macs *= (double) read / (double) all;
}

static void
set_taps_of_planes (struct kernel *k, const struct window *w, int64_t in, int64_t out)
{
  struct text t = { 0 };
  int64_t read = 0;
  for (int64_t d = 0; d < out; d++)
    read += strip_taps (&t, w, AXIS_D, in, d, d);
  set_taps (k, "D", &t, read, out * w->kernel[AXIS_D]);
}

/* OUT rows of WIDTH steps are taken in strips of at most MOST steps, as set_tiles has them. */
static void
set_taps_of_strips (struct kernel *k, const struct window *w, int64_t in, int64_t out, int64_t width, int64_t most)
{
  struct text t = { 0 };
  int64_t all = out * width, strips = ceil_div (all, most), size = ceil_div (all, strips), smaller = strips * size - all;
  int64_t read = 0;
  for (int64_t i = 0, at = 0, steps; i < strips; i++, at += steps)
    {
      steps = size - (i >= strips - smaller);
      read += steps * strip_taps (&t, w, AXIS_H, in, at / width, (at + steps - 1) / width);
    }
  set_taps (k, "H", &t, read, all * w->kernel[AXIS_H]);
}

static void
set_conv_tiles (struct kernel *k, const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  const struct tensor *res = n->ep.residual >= 0 ? &g->tensors[n->ep.residual] : NULL;
  const struct shape *own = node_own_shape (g, n);
  int64_t rows = own->dim[AXIS_H], width = own->dim[AXIS_W];
  const struct target_tile *tile = target_tile_of (g, n, target);
  int64_t out_tiles = ceil_div (blocks (out->shape.c), tile->blocks);
  bool joined = in->format.layout == LAYOUT_BLOCKED && rows_join (in, out, &n->win, res);
  int64_t strip = joined ? rows_of_strip (target, in, rows, width) : 1;
  if (joined && !strips_first (target, k, in, n, rows / strip * own->dim[AXIS_D], out_tiles))
    strip = rows;
  width *= strip;
  rows /= strip;
  struct strides x = tensor_strides (in);
  set_int (k, "IN_START", NULL, x.origin - n->win.pad_lo[AXIS_D] * x.plane - n->win.pad_lo[AXIS_H] * x.row
           - n->win.pad_lo[AXIS_W] * x.pixel);
  set_int (k, "LOOP_ORDER", NULL, n->choice.order);
  double all_taps = k->executed_macs;
  if (in->format.layout == LAYOUT_BLOCKED)
    set_taps_of_planes (k, &n->win, in->shape.dim[AXIS_D], own->dim[AXIS_D]);
  k->of_target = true;
  if (in->format.layout == LAYOUT_BLOCKED && !joined && tiles_flat (target, rows, width, tile))
    {
      k->stem = "conv_flat";
      set_tile (k, tile);
      set_taps_of_strips (k, &n->win, in->shape.dim[AXIS_H], rows, width, tile->pixels);
      set_tiles (k, "TILE", rows * width, tile->pixels);
      set_ahead (k, streaming_tiles (ceil_div (rows * width, tile->pixels) * own->dim[AXIS_D], out_tiles));
      k->of_target = false;
      return;
    }
  k->all_taps_macs = in->format.layout == LAYOUT_BLOCKED ? all_taps : 0;
  set_int (k, "ROWS", NULL, rows);
  set_int (k, "WIDTH", NULL, width);
  set_int (k, "JOINED_ROWS", NULL, strip);
  set_tile (k, tile);
  set_tiles (k, "TILE", width, tile->pixels);
  int64_t high = width * 2 <= tile->pixels ? tile->pixels / width : 1;
  set_tiles (k, "HIGH", rows, high);
  if (in->format.layout == LAYOUT_BLOCKED)
    set_taps_of_strips (k, &n->win, in->shape.dim[AXIS_H], rows, 1, high);
  int64_t strips = ceil_div (rows, high) * own->dim[AXIS_D], strip_tiles = ceil_div (width, tile->pixels);
  bool first = strips_first (target, k, in, n, strips, out_tiles);
  set_int (k, "STRIPS_FIRST", NULL, first);
  set_ahead (k, streaming_tiles (first ? strip_tiles : strip_tiles * strips, out_tiles));
  k->of_target = false;
}

struct kernel *
select_conv (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  bool planar = in->format.layout == LAYOUT_PLANAR;
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
  k->executed_macs = (double) shape_pixels (node_own_shape (g, n)) * (double) (out->shape.c * taps * depth);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_conv_tiles (k, g, n, target);
  if (n->pool)
    {
      set_pool (k, n->pool);
      set_strips (k, n->pool, out->shape.dim[AXIS_H]);
    }
  const char *groups = n->groups > 1 ? mem_printf ("g%" PRId64, n->groups) : "";
  int rank = in->shape.rank;
  const char *dilation = stride_name (rank, n->win.dilation);
  name_kernel (k, g, n, mem_printf ("conv%s%s%s%s%s", window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), *dilation ? "d" : "",
                                    *dilation ? dilation + 1 : "", groups), mem_printf ("%s%s", n->type, pool_purpose (rank, n)));
  k->reason = planar ? "few input channels: planar input, every tap of every channel in turn"
                     : "direct convolution over blocks of 16 channels";
  return k;
}
