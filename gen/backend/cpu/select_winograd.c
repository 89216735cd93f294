/* Winograd over blocks of channels, and Strassen: tiles transformed, products at each position, transformed back. */
#include "select_parts.h"

#include <inttypes.h>

/* Into how many blocks shall TILES tiles be cut? Each block streams all WEIGHTS once. A block of more than KEPT tiles
 * leaves the cache and streams its transformed inputs too: it writes them once and reads them, at half a weight's price since they lie in
 * order, for each tile of output blocks; and its sums, SUMS floats a tile and output block, go there and back. The least
 * to stream wins. */
static int64_t
winograd_blocks (int64_t tiles, int64_t inputs, int64_t sums, int64_t weights, int64_t out_tiles, int64_t kept, int pixels)
{
  int64_t most = ceil_div (tiles, pixels), best = 1, least = INT64_MAX, uncached = inputs + out_tiles * (inputs / 2 + 2 * sums);
  for (int64_t count = 1; count <= most; count++)
    {
      bool cached = ceil_div (tiles, count) <= kept;
      int64_t stream = weights * count + (cached ? 0 : tiles * uncached);
      if (stream < least)
        {
          least = stream;
          best = count;
        }
    }
  return best;
}

/* PARTS of equally many blocks of the input channels C, whose products are added up: of one part the weights for one block of
 * output channels take a quarter of the first-level cache. 1 where a single tile reads the weights. */
static void
set_parts (struct kernel *k, const struct target *t, int64_t c, int64_t tiles)
{
  int64_t parts = ceil_div (c, t->caches.first / 4 / (BLOCK * (int64_t) sizeof (float)));
  while (parts > 1 && c % (parts * BLOCK))
    parts--;
  set_int (k, "PARTS", NULL, tiles > 1 ? parts : 1);
}

static int64_t
winograd_positions (const struct node *n)
{
  int m = n->choice.tile[AXIS_W], m_d = n->choice.tile[AXIS_D];
  return (m + 2) * (m + 2) * (m_d == 1 ? 1 : m_d + 2);
}

/* Tiles of IN_C input channels give OUT_C output channels by products at so many POSITIONS, PASS of them at a time. */
struct products
{
  int64_t tiles, positions, pass, in_c, out_c;
};

/* BLOCK_TILES at a time: their transformed inputs, then block by block of output channels the products of all positions,
 * transformed back. POSITION: floats between two positions of the inputs, an odd number of cache lines. */
static void
set_products (struct kernel *k, const struct target *target, const struct products *p, const struct target_tile *tile,
              int64_t cache_bytes)
{
  int64_t channels = blocks (p->in_c) * BLOCK, out_tiles = ceil_div (blocks (p->out_c), tile->blocks);
  int64_t kept = cache_bytes / (p->pass * channels * (int64_t) sizeof (float));
  int64_t count = winograd_blocks (p->tiles, p->positions * channels, p->positions * BLOCK * tile->blocks,
                                   k->weight_floats, out_tiles, kept, tile->pixels);
  int64_t per_block = ceil_div (p->tiles, count), position = (blocks (p->in_c) * per_block | 1) * BLOCK;
  k->of_target = true;
  set_int (k, "BLOCK_TILES", NULL, per_block);
  set_int (k, "BLOCK_COUNT", NULL, count);
  set_int (k, "POSITION", NULL, position);
  set_tile (k, tile);
  set_tiles (k, "TILE", per_block, tile->pixels);
  set_ahead (k, ceil_div (per_block, tile->pixels));
  set_parts (k, target, p->in_c, ceil_div (per_block, tile->pixels));
  k->of_target = false;
  k->executed_macs = (double) (count * per_block * p->positions) * (double) p->in_c * (double) p->out_c;
  k->scratch_floats = round_up (p->pass * (position + per_block * BLOCK * tile->blocks), BLOCK);
}

/* TILES_D x TILES_H x TILES_W tiles of WINO_D x WINO x WINO outputs. */
static void
set_winograd (struct kernel *k, const struct target *target, const struct shape *in, const struct shape *out,
              const struct node *n, const struct target_tile *tile)
{
  int m = n->choice.tile[AXIS_W], m_d = n->choice.tile[AXIS_D];
  int64_t face = (m + 2) * (m + 2), tiles_d = ceil_div (out->dim[AXIS_D], m_d);
  int64_t tiles_h = ceil_div (out->dim[AXIS_H], m), tiles_w = ceil_div (out->dim[AXIS_W], m);
  /* of what scratch holds at once, a 3-D tile has two faces of positions */
  struct products p = { .tiles = tiles_d * tiles_h * tiles_w, .positions = winograd_positions (n),
                        .pass = m_d == 1 ? face : 2 * face, .in_c = in->c, .out_c = out->c };
  set_int (k, "WINO", NULL, m);
  set_int (k, "WINO_D", NULL, m_d);
  set_int (k, "TILES_D", NULL, tiles_d);
  set_int (k, "TILES_H", NULL, tiles_h);
  set_int (k, "TILES_W", NULL, tiles_w);
  set_products (k, target, &p, tile, target->caches.transformed);
}

struct kernel *
select_winograd (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  struct kernel *k = kernel_new (g, n, n->choice.tile[AXIS_D] == 1 ? "conv_winograd" : "conv_winograd_3d");
  struct strides x = tensor_strides (&g->tensors[n->in[0]]);
  int m = n->choice.tile[AXIS_W], m_d = n->choice.tile[AXIS_D];
  int64_t positions = winograd_positions (n), outputs = m * m * m_d;
  k->packing = PACK_WINOGRAD;
  k->weight_floats = blocks (out->c) * positions * in->c * BLOCK;
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, positions * in->c * BLOCK);
  set_int (k, "IN_START", NULL, x.origin - n->win.pad_lo[AXIS_D] * x.plane - n->win.pad_lo[AXIS_H] * x.row
           - n->win.pad_lo[AXIS_W] * x.pixel);
  set_int (k, "LAST_CHANNELS", NULL, in->c - (blocks (in->c) - 1) * BLOCK);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_winograd (k, target, in, out, n, target_tile_of (g, n, target));
  const char *tile_text = m_d == 1 ? mem_printf ("%dx%d", m, m) : mem_printf ("%dx%dx%d", m_d, m, m);
  name_kernel (k, g, n, mem_printf ("winograd%s", tile_text),
               mem_printf ("%s by Winograd, tiles of %s", n->type, tile_text));
  k->reason = mem_printf ("%" PRId64 " multiplications in place of %" PRId64 " for %" PRId64 " outputs", positions,
                          outputs * (m_d == 1 ? 9 : 27), outputs);
  return k;
}

/* TILES_W pairs of pixels; of the channels half. */
struct kernel *
select_strassen (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  struct kernel *k = kernel_new (g, n, "conv_strassen");
  struct products p = { .tiles = ceil_div (shape_pixels (out), 2), .positions = STRASSEN_PRODUCTS,
                        .pass = STRASSEN_PRODUCTS, .in_c = in->c / 2, .out_c = out->c / 2 };
  int64_t block = STRASSEN_PRODUCTS * p.in_c * BLOCK;
  bool alone = blocks (p.out_c) < target->tile.blocks;
  k->packing = PACK_STRASSEN;
  k->weight_floats = blocks (p.out_c) * block;
  set_window (k, &n->win);
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, block);
  set_int (k, "IN_START", NULL, tensor_strides (&g->tensors[n->in[0]]).origin);
  set_int (k, "LAST_CHANNELS", NULL, BLOCK);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_int (k, "TILES_D", NULL, 1);
  set_int (k, "TILES_H", NULL, 1);
  set_int (k, "TILES_W", NULL, p.tiles);
  /* nothing else is read again: its inputs may have the cache */
  set_products (k, target, &p, alone ? &target->single : &target->tile, target->caches.transformed * 2);
  int rank = in->rank;
  name_kernel (k, g, n, mem_printf ("strassen%s", stride_name (rank, n->win.stride)),
               mem_printf ("%s by one step of Strassen's algorithm", n->type));
  k->reason = "seven products in place of eight";
  return k;
}
