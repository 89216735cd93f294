/* Stems of stride 2 by Winograd over the phases of their input. */
#include "plan_cpu.h"
#include "select_families.h"

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
struct plane_tiles
{
  int64_t h, w, rows_computed;
  bool pooled;
};

/* How a plane's tiles are divided, and what follows from that. */
struct division
{
  struct plan_stem_tiles plan;
  int64_t computed; /* tiles that are computed, missing ones of the last blocks among them */
  int64_t scratch_floats;
};

/* As many tiles of T at a time as the cache keeps. */
static struct division
divide (const struct polyphase *p, const struct plane_tiles *t, const struct register_tile *tile, int64_t cache_bytes)
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
  struct plan_cut cut = plan_cut_of (rows * cols, tile->pixels);
  return (struct division){ { .block_rows = rows,
                              .row_blocks = ceil_div (t->h, rows),
                              .block_cols = cols,
                              .col_blocks = count,
                              .full_cols = count - (count * cols - t->w),
                              .region = r.region,
                              .position = r.position,
                              .tile = plan_register_tile_of (tile),
                              .cut = cut,
                              .prefetch = prefetched_floats (cut.count + cut.smaller) },
                            round_up (t->rows_computed, rows) * count * cols,
                            room_floats (&r) };
}

/* The tiles of convolution N, M x M outputs each. */
static struct plane_tiles
tiles_of (const struct graph *g, const struct node *n, int64_t m)
{
  const int64_t *extent = node_own_shape (g, n)->dim, pooled = g->tensors[n->out].shape.dim[AXIS_H];
  struct plane_tiles t
      = { .h = ceil_div (extent[AXIS_H], m), .w = ceil_div (extent[AXIS_W], m), .pooled = n->pool != NULL };
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

static struct plan_stem
stem_of (const struct graph *g, const struct node *n, const struct polyphase *p, const struct weights_place *w,
         const struct division *d)
{
  int64_t shorter[AXES] = { p->shorter[AXIS_D], p->shorter[AXIS_H], p->shorter[AXIS_W] };
  return (struct plan_stem){ .win = plan_window_of (&n->win),
                             .sums = plan_sums_of (g, n, w, first_tap_at (&g->tensors[n->in[0]], &n->win)),
                             .face_weights = polyphase_depth (p, 1) * BLOCK,
                             .phases = plan_axes_of (p->phases),
                             .shorter = plan_axes_of (shorter),
                             .outputs = p->tile[AXIS_W],
                             .outputs_d = p->tile[AXIS_D],
                             .tiles_d = ceil_div (node_own_shape (g, n)->dim[AXIS_D], p->tile[AXIS_D]),
                             .tiles = d->plan };
}

static struct kernel *
kernel_of_stem (const struct graph *g, const struct node *n, struct plan_stem stem, const struct weights_place *w)
{
  if (!n->pool)
    {
      struct cpu_conv_stem_winograd *p = plan_new (&cpu_conv_stem_winograd_family);
      *p = (struct cpu_conv_stem_winograd){ plan_io_of (g, n), stem };
      return kernel_of_plan (n, &cpu_conv_stem_winograd_family, p, w);
    }
  struct cpu_conv_stem_winograd_pool *p = plan_new (&cpu_conv_stem_winograd_pool_family);
  *p = (struct cpu_conv_stem_winograd_pool){ plan_io_of (g, n), stem, plan_pool_of (n->pool) };
  return kernel_of_plan (n, &cpu_conv_stem_winograd_pool_family, p, w);
}

struct kernel *
select_stem_winograd (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  struct polyphase p;
  bool applies = polyphase_of (g, n, &p), alone = blocks (out->c) < target->tile.blocks;
  assert (applies);
  int m = p.tile[AXIS_W], m_d = p.tile[AXIS_D];
  int64_t depth = polyphase_depth (&p, p.side[AXIS_D]), outputs = m * m * m_d;
  struct weights_place w = weights_of (g, n);
  const struct plane_tiles tiles = tiles_of (g, n, m);
  /* its weights are few, and leave more of the cache to all of its scratch */
  struct division d = divide (&p, &tiles, alone ? &target->single : &target->tile, target->caches.transformed * 3 / 2);
  struct plan_stem stem = stem_of (g, n, &p, &w, &d);
  struct kernel *k = kernel_of_stem (g, n, stem, &w);
  k->executed_macs = (double) (stem.tiles_d * d.computed * depth) * (double) out->c;
  k->scratch_bytes = d.scratch_floats * (int64_t) sizeof (float);
  const char *tile_text = m_d == 1 ? mem_printf ("%dx%d", m, m) : mem_printf ("%dx%dx%d", m_d, m, m);
  name_kernel (k, g, n, mem_printf ("stem%s%s_winograd%s", window_name (in->rank, n->win.kernel),
                                    stride_name (in->rank, n->win.stride), tile_text),
               mem_printf ("%s by Winograd over the phases of its input, tiles of %s%s", n->type, tile_text,
                           pool_purpose (in->rank, n)));
  k->reason = mem_printf ("%" PRId64 " multiplications in place of %" PRId64 " for %" PRId64 " outputs", depth,
                          outputs * in->c * n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2], outputs);
  return k;
}
