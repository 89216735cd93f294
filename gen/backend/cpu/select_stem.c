/* Stems of stride 2 by Winograd over the phases of their input. */
#include "select_parts.h"

#include <assert.h>
#include <inttypes.h>

#include "winograd.h"

/* Scratch for one block of tiles: its inputs by phases, for as many faces of positions as are taken at once (two of a
 * 3-D tile), these transformed, and the sums of a tile of output blocks. */
struct room
{
  int64_t faces, region, positions, position, sums, kept;
};

/* POOLED: and what these give of the convolution, for one output block at a time. */
static struct room
room_of (const struct polyphase *p, int64_t rows, int64_t cols, int64_t out_blocks, bool pooled)
{
  int64_t m = p->tile[AXIS_W], pixel = round_up (p->channels, BLOCK), side = p->side[AXIS_W];
  struct room r = { .faces = p->side[AXIS_D] > 1 ? 2 : 1, .positions = side * side };
  r.region = (rows * m + side - m) * (cols * m + side - m) * pixel;
  r.position = (rows * cols * pixel / BLOCK | 1) * BLOCK; /* an odd number of cache lines */
  r.sums = out_blocks * side * side * rows * cols * BLOCK;
  r.kept = pooled ? rows * m * cols * m * BLOCK : 0;
  return r;
}

static int64_t
room_floats (const struct room *r)
{
  return r->faces * (r->region + r->positions * r->position + r->sums) + r->kept;
}

/* Tiles of a plane; and the rows of them that one thread computes, which a pool behind them may make fewer. */
struct tiles
{
  int64_t h, w, rows_computed;
  bool pooled;
};

/* BLOCK_ROWS x BLOCK_COLS tiles at a time of TILES_H x TILES_W, as many as the cache keeps; the last COL_BLOCKS -
 * FULL_COLS blocks of a row have one column less. Returns how many tiles are computed, missing ones of the last blocks
 * among them. */
static int64_t
set_blocks (struct kernel *k, const struct polyphase *p, const struct tiles *t, const struct target_tile *tile,
            int64_t cache_bytes)
{
  int64_t cols = t->w, rows = 1, count = 1;
  struct room r;
  for (; r = room_of (p, 1, cols, tile->blocks, t->pooled), room_floats (&r) * 4 > cache_bytes && cols > 4; count++)
    cols = ceil_div (t->w, count);
  count = ceil_div (t->w, cols);
  while (r = room_of (p, rows + 1, cols, tile->blocks, t->pooled), rows < t->h && room_floats (&r) * 4 <= cache_bytes)
    rows++;
  rows = ceil_div (t->h, ceil_div (t->h, rows));
  r = room_of (p, rows, cols, tile->blocks, t->pooled);
  set_int (k, "BLOCK_ROWS", NULL, rows);
  set_int (k, "ROW_BLOCKS", NULL, ceil_div (t->h, rows));
  set_int (k, "BLOCK_COLS", NULL, cols);
  set_int (k, "COL_BLOCKS", NULL, count);
  set_int (k, "FULL_COLS", NULL, count - (count * cols - t->w));
  set_int (k, "REGION", NULL, r.region);
  set_int (k, "POSITION", NULL, r.position);
  set_tile (k, tile);
  set_tiles (k, "TILE", rows * cols, tile->pixels);
  set_ahead (k, ceil_div (rows * cols, tile->pixels));
  k->scratch_floats = room_floats (&r);
  return round_up (t->rows_computed, rows) * count * cols;
}

/* The tiles of convolution N, M x M outputs each. */
static struct tiles
tiles_of (const struct graph *g, const struct node *n, int64_t m)
{
  const int64_t *extent = node_own_shape (g, n)->dim, pooled = g->tensors[n->out].shape.dim[AXIS_H];
  struct tiles t = { .h = ceil_div (extent[AXIS_H], m), .w = ceil_div (extent[AXIS_W], m), .pooled = n->pool != NULL };
  t.rows_computed = t.h;
  if (n->pool)
    {
      const struct window *w = &n->pool->win;
      int64_t first = w->pad_lo[AXIS_H] < 0 ? -w->pad_lo[AXIS_H] / m : 0;
      int64_t end = (pooled - 1) * w->stride[AXIS_H] - w->pad_lo[AXIS_H] + w->kernel[AXIS_H];
      t.rows_computed = ceil_div (end < extent[AXIS_H] ? end : extent[AXIS_H], m) - first;
    }
  return t;
}

struct kernel *
select_stem_winograd (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  struct kernel *k = kernel_new (g, n, n->pool ? "conv_stem_winograd_pool" : "conv_stem_winograd");
  struct strides x = tensor_strides (in);
  struct polyphase p;
  bool applies = polyphase_of (g, n, &p);
  assert (applies);
  int m = p.tile[AXIS_W], m_d = p.tile[AXIS_D];
  int64_t depth = polyphase_depth (&p, p.side[AXIS_D]), outputs = m * m * m_d;
  int64_t tiles_d = ceil_div (node_own_shape (g, n)->dim[AXIS_D], m_d);
  const struct tiles tiles = tiles_of (g, n, m);
  if (n->pool)
    set_pool (k, n->pool);
  k->packing = PACK_STEM_WINOGRAD;
  k->weight_floats = blocks (out->shape.c) * depth * BLOCK;
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, depth * BLOCK);
  set_int (k, "FACE_WEIGHTS", NULL, polyphase_depth (&p, 1) * BLOCK);
  set_int (k, "IN_START", NULL, x.origin - n->win.pad_lo[AXIS_D] * x.plane - n->win.pad_lo[AXIS_H] * x.row
           - n->win.pad_lo[AXIS_W] * x.pixel);
  set_window (k, &n->win);
  set_axes (k, "PHASES", p.phases);
  set_axes (k, "SHORTER", (const int64_t[AXES]){ p.shorter[0], p.shorter[1], p.shorter[2] });
  set_int (k, "WINO", NULL, m);
  set_int (k, "WINO_D", NULL, m_d);
  set_int (k, "TILES_D", NULL, tiles_d);
  set_epilogue (k, g, n);
  set_residual (k, g, -1);
  k->of_target = true;
  bool alone = blocks (out->shape.c) < target->tile.blocks;
  /* its weights are few, and leave more of the cache to all of its scratch */
  int64_t computed = set_blocks (k, &p, &tiles, alone ? &target->single : &target->tile,
                                 target->caches.transformed * 3 / 2);
  k->executed_macs = (double) (tiles_d * computed * depth) * (double) out->shape.c;
  k->of_target = false;
  const char *tile_text = m_d == 1 ? mem_printf ("%dx%d", m, m) : mem_printf ("%dx%dx%d", m_d, m, m);
  int rank = in->shape.rank;
  name_kernel (k, g, n, mem_printf ("stem%s%s_winograd%s", window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), tile_text),
               mem_printf ("%s by Winograd over the phases of its input, tiles of %s%s", n->type, tile_text, pool_purpose (rank, n)));
  k->reason = mem_printf ("%" PRId64 " multiplications in place of %" PRId64 " for %" PRId64 " outputs", depth,
                          outputs * in->shape.c * n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2], outputs);
  return k;
}
