/* Winograd over blocks of channels, and Strassen: tiles transformed, products at each position, transformed back. */
#include "plan_cpu.h"
#include "select_families.h"
#include "stages.h"

#include <inttypes.h>
#include <math.h>

/* Into how many blocks shall TILES tiles be cut? Each block streams all WEIGHTS once. A block of more than KEPT tiles
 * leaves the cache and streams its transformed inputs too: it writes them once and reads them, at half a weight's price
 * since they lie in order, for each tile of output blocks; and its sums, SUMS floats a tile and output block, go there
 * and back. The least to stream wins. */
static int64_t
winograd_blocks (int64_t tiles, int64_t inputs, int64_t sums, int64_t weights, int64_t out_tiles, int64_t kept,
                 int pixels)
{
  int64_t most = ceil_div (tiles, pixels), best = 1, least = INT64_MAX,
          uncached = inputs + out_tiles * (inputs / 2 + 2 * sums);
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

/* Into how many parts of equally many blocks the input channels C are divided, whose products are added up: of one part
 * the weights for one block of output channels take a quarter of the first-level cache. 1 where a single register tile
 * reads the weights. */
static int64_t
input_parts (const struct target *t, int64_t c, int64_t tiles)
{
  int64_t parts = ceil_div (c, t->caches.first / 4 / (BLOCK * (int64_t) sizeof (float)));
  while (parts > 1 && c % (parts * BLOCK))
    parts--;
  return tiles > 1 ? parts : 1;
}

/* Tiles of IN_C input channels give OUT_C output channels by products at so many POSITIONS, PASS of them at a time; the
 * last block of inputs has LAST_CHANNELS. What transforming a tile's inputs takes for a channel, and its products for
 * one; the input's pixels under a tile. */
struct task
{
  int64_t tiles[AXES], positions, pass, in_c, out_c, last_channels, pixels;
  double in_ns, out_ns;
};

/* What a kernel says of the task beside its plan. */
struct products
{
  struct plan_products plan;
  struct work work;
  double macs;
  int64_t scratch_floats;
};

/* Tiles whose transformed inputs take BYTES. */
static int64_t
tiles_in (int64_t bytes, const struct task *t)
{
  return bytes / (t->pass * blocks (t->in_c) * BLOCK * (int64_t) sizeof (float));
}

static int64_t
all_tiles (const struct task *t)
{
  return t->tiles[AXIS_D] * t->tiles[AXIS_H] * t->tiles[AXIS_W];
}

/* How many tiles of a Winograd kernel the second-level cache keeps. A 3-D kernel comes back to its tensors for each
 * pair of faces, so that these need more of it. */
static int64_t
tiles_kept (const struct target_caches *c, const struct task *t, const struct register_tile *tile)
{
  int64_t tile_bytes = t->pass * (blocks (t->in_c) + tile->blocks) * BLOCK * (int64_t) sizeof (float);
  bool whole = t->pass == t->positions && all_tiles (t) * tile_bytes <= c->whole;
  return whole ? all_tiles (t) : tiles_in (c->transformed, t);
}

/* How threads share TILES tiles that are cut into columns by CUT: blocks of outputs by columns, these in as many panels
 * as are best for the cache of one thread. */
static struct work
work_of (const struct target *target, const struct task *t, int64_t weights, const struct register_tile *tile,
         int64_t kept, struct plan_cut cut)
{
  int64_t channels = blocks (t->in_c) * BLOCK, rows = blocks (t->out_c), columns = cut.count + cut.smaller;
  int64_t tiles = cut.count * cut.size + cut.smaller * (cut.size - 1);
  int64_t count = winograd_blocks (tiles, t->positions * channels, t->positions * BLOCK * tile->blocks, weights,
                                   ceil_div (rows, tile->blocks), kept, cut.size);
  int64_t at_once = ceil_div (tiles, count) * columns / tiles;
  double tile_ns = (double) (t->positions * t->in_c * BLOCK) / target->cost->macs;
  int64_t panels = ceil_div (columns, at_once > 1 ? at_once : 1);
  return (struct work){ .rows = rows,
                        .columns = columns,
                        .panels = panels,
                        .fewest = panels,
                        .whole_rows = true,
                        .cut = cut,
                        .high = { 1, 1, 0 },
                        .unit_ns = (double) cut.size * (tile_ns + BLOCK * t->out_ns),
                        .tile_ns = tile_ns,
                        .column_ns = (double) (cut.size * t->in_c) * t->in_ns,
                        .row_bytes = (double) (weights / rows) * sizeof (float),
                        .column_bytes = (double) (cut.size * t->pixels * t->in_c) * sizeof (float) };
}

/* Into how many columns tiles that need FEWEST of them at least may be cut. */
static bool
columns_may_be (int64_t columns, int64_t fewest)
{
  return columns * 4 <= fewest * 5 && columns < fewest + 16;
}

/* TILES in so many columns, the last ones one tile smaller where they do not come out even. */
static struct plan_cut
cut_into (int64_t tiles, int64_t columns)
{
  int64_t size = ceil_div (tiles, columns), smaller = size * columns - tiles;
  return (struct plan_cut){ size, columns - smaller, smaller };
}

/* A column is a register tile. Some more of them, slightly smaller ones, take one thread hardly longer, and may be a
 * number that more threads can share evenly: of those that cost one thread at most 1 % the best for 2 to 32. */
static struct work
best_work (const struct target *target, const struct task *t, int64_t weights, const struct register_tile *tile,
           int64_t kept)
{
  int64_t tiles = all_tiles (t), fewest = ceil_div (tiles, tile->pixels);
  struct work best = { 0 };
  double alone = INFINITY, least = INFINITY;
  for (int64_t columns = fewest; columns_may_be (columns, fewest); columns++)
    {
      struct work w = work_of (target, t, weights, tile, kept, cut_into (tiles, columns));
      alone = fmin (alone, shares_ns (&w, target, w.panels, 1));
    }
  for (int64_t columns = fewest; columns_may_be (columns, fewest); columns++)
    {
      struct work w = work_of (target, t, weights, tile, kept, cut_into (tiles, columns));
      double ns = 0;
      for (int64_t n = 2; n <= 32; n *= 2)
        ns += (double) n * shares_least_ns (&w, target, n);
      if (shares_ns (&w, target, w.panels, 1) <= alone * 1.01 && ns < least * 0.99)
        {
          least = ns;
          best = w;
        }
    }
  return best;
}

/* So many tiles at a time as a panel of one thread has: their transformed inputs, then block by block of output
 * channels the products of all positions, transformed back. The cache keeps KEPT tiles. Positions of the inputs are an
 * odd number of cache lines apart. */
static struct products
products_of (const struct target *target, const struct task *t, int64_t weights, const struct register_tile *tile,
             int64_t kept)
{
  struct products p = { .work = best_work (target, t, weights, tile, kept) };
  struct plan_cut cut = p.work.cut;
  int64_t tiles = cut.count * cut.size + cut.smaller * (cut.size - 1), most = ceil_div (p.work.columns, p.work.panels);
  int64_t at_once = most * cut.size - (most > cut.count ? most - cut.count : 0);
  int64_t position = (blocks (t->in_c) * at_once | 1) * BLOCK;
  p.scratch_floats = round_up (t->pass * (position + at_once * BLOCK * tile->blocks), BLOCK);
  p.macs = (double) (tiles * t->positions) * (double) t->in_c * (double) t->out_c;
  p.plan = (struct plan_products){ t->last_channels,
                                   t->tiles[AXIS_D],
                                   t->tiles[AXIS_H],
                                   t->tiles[AXIS_W],
                                   at_once,
                                   position,
                                   plan_register_tile_of (tile),
                                   cut,
                                   shares_of (&p.work, target),
                                   input_parts (target, t->in_c, most),
                                   0 };
  return p;
}

/* Bytes of all tiles' inputs and of their sums, in the panels of one thread: what the stages of P's kernel share. */
static int64_t
shared_bytes (const struct task *t, const struct products *p)
{
  const struct plan_products *plan = &p->plan;
  int64_t of_position = plan->position + p->work.rows * plan->block_tiles * BLOCK;
  return p->work.panels * t->positions * of_position * (int64_t) sizeof (float);
}

/* What P's kernel does in stages, with all of WEIGHTS. */
static struct stages
stages_of (const struct target *target, const struct task *t, const struct products *p, int64_t weights)
{
  const struct work *w = &p->work;
  int64_t units = w->panels * p->plan.block_tiles, block = BLOCK * (int64_t) sizeof (float);
  double tiles = (double) all_tiles (t), pixels = tiles * (double) t->pixels, values = tiles * (double) t->positions;
  double in = (double) (blocks (t->in_c) * block), out = (double) (w->rows * block);
  /* a tile more for what a register tile loads beside its inputs */
  double multiplied = tiles + (double) w->columns;
  return (struct stages){ .inputs = units * blocks (t->in_c),
                          .products = t->positions * ceil_div (w->rows, p->plan.tile.blocks),
                          .outputs = units * w->rows,
                          .input_ns = tiles * (double) t->in_c * t->in_ns,
                          .product_ns = multiplied * (double) weights / target->cost->macs,
                          .output_ns = tiles * (double) t->out_c * t->out_ns,
                          .input_bytes = values * in,
                          .sum_bytes = values * out,
                          .tensor_in_bytes = pixels * in,
                          .tensor_out_bytes = pixels * out,
                          .weight_bytes = (double) (weights * (int64_t) sizeof (float)) };
}

/* Tiles of outputs of convolution N. Of what scratch holds at once, a 3-D tile has two faces of positions. */
static struct task
winograd_task (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t m = n->choice.tile[AXIS_W], m_d = n->choice.tile[AXIS_D], face = (m + 2) * (m + 2);
  int64_t positions = face * (m_d == 1 ? 1 : m_d + 2);
  double transform = target->cost->transform * (double) (positions * (2 * m + (m_d == 1 ? 0 : m_d)));
  return (struct task){ .tiles = { ceil_div (out->dim[AXIS_D], m_d), ceil_div (out->dim[AXIS_H], m),
                                   ceil_div (out->dim[AXIS_W], m) },
                        .positions = positions,
                        .pass = m_d == 1 ? face : 2 * face,
                        .in_c = in->c,
                        .out_c = out->c,
                        .last_channels = in->c - (blocks (in->c) - 1) * BLOCK,
                        .pixels = m * m * m_d,
                        .in_ns = transform,
                        .out_ns = transform };
}

/* From how many threads on P's kernel for node N runs in stages S. The first target decides for all, as their functions
 * have the same parameters. */
static int
staged_from (const struct graph *g, const struct node *n, const struct target *target, const struct task *t,
             const struct products *p, const struct stages *s)
{
  if (n->kernel)
    return n->kernel->staged_from;
  if (g->batch > 1 || p->work.rows < STAGES_LEAST_BLOCKS || shared_bytes (t, p) > STAGES_MOST_BYTES)
    return 0;
  return g->staged_from ? g->staged_from : stages_from (s, &p->work, target);
}

static struct kernel *
winograd_kernel (const struct graph *g, const struct node *n, const struct weights_place *w, const struct products *r)
{
  struct plan_sums sums = plan_sums_of (g, n, w, first_tap_at (&g->tensors[n->in[0]], &n->win));
  int64_t m = n->choice.tile[AXIS_W], m_d = n->choice.tile[AXIS_D];
  if (m_d == 1)
    {
      struct cpu_conv_winograd *p = plan_new (&cpu_conv_winograd_family);
      *p = (struct cpu_conv_winograd){ plan_io_of (g, n), sums, m, m_d, r->plan };
      return kernel_of_plan (n, &cpu_conv_winograd_family, p, w);
    }
  struct cpu_conv_winograd_3d *p = plan_new (&cpu_conv_winograd_3d_family);
  *p = (struct cpu_conv_winograd_3d){ plan_io_of (g, n), sums, m, m_d, r->plan };
  return kernel_of_plan (n, &cpu_conv_winograd_3d_family, p, w);
}

struct kernel *
select_winograd (const struct graph *g, const struct node *n, const struct target *target)
{
  struct weights_place w = weights_of (g, n);
  struct task t = winograd_task (g, n, target);
  int m = n->choice.tile[AXIS_W], m_d = n->choice.tile[AXIS_D], outputs = m * m * m_d;
  const struct register_tile *tile = target_tile_of (g, n, target);
  struct products r = products_of (target, &t, w.count, tile, tiles_kept (&target->caches, &t, tile));
  struct stages stages = stages_of (target, &t, &r, w.count);
  int from = staged_from (g, n, target, &t, &r, &stages);
  r.plan.staged_panels = from ? r.work.panels : 0;
  struct kernel *k = winograd_kernel (g, n, &w, &r);
  const char *tile_text = m_d == 1 ? mem_printf ("%dx%d", m, m) : mem_printf ("%dx%dx%d", m_d, m, m);
  k->work = NEW (struct work);
  *k->work = r.work;
  k->executed_macs = r.macs;
  k->scratch_bytes = r.scratch_floats * (int64_t) sizeof (float);
  k->staged_from = from;
  k->shared_bytes = from ? shared_bytes (&t, &r) : 0;
  stages_pieces (&stages, k->stage_pieces);
  name_kernel (k, g, n, mem_printf ("winograd%s", tile_text),
               mem_printf ("%s by Winograd, tiles of %s", n->type, tile_text));
  k->reason = mem_printf ("%" PRId64 " multiplications in place of %d for %d outputs", t.positions,
                          outputs * (m_d == 1 ? 9 : 27), outputs);
  return k;
}

/* Tiles are pairs of pixels; channels are half of them. */
struct kernel *
select_strassen (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *x = &g->tensors[n->in[0]];
  const struct shape *out = &g->tensors[n->out].shape;
  double sums = target->cost->addition * STRASSEN_PRODUCTS;
  struct task t = { .tiles = { 1, 1, ceil_div (shape_pixels (out), 2) },
                    .positions = STRASSEN_PRODUCTS,
                    .pass = STRASSEN_PRODUCTS,
                    .in_c = x->shape.c / 2,
                    .out_c = out->c / 2,
                    .last_channels = BLOCK,
                    .pixels = 4,
                    .in_ns = sums,
                    .out_ns = sums };
  bool alone = blocks (t.out_c) < target->tile.blocks;
  struct weights_place w = weights_of (g, n);
  const struct register_tile *tile = alone ? &target->single : &target->tile;
  /* nothing else is read again: its inputs may have the cache */
  struct products r = products_of (target, &t, w.count, tile, tiles_in (target->caches.transformed * 2, &t));
  struct cpu_conv_strassen *p = plan_new (&cpu_conv_strassen_family);
  *p = (struct cpu_conv_strassen){ plan_io_of (g, n), plan_window_of (&n->win),
                                   plan_sums_of (g, n, &w, tensor_strides (x).origin), r.plan };
  struct kernel *k = kernel_of_plan (n, &cpu_conv_strassen_family, p, &w);
  k->work = NEW (struct work);
  *k->work = r.work;
  k->executed_macs = r.macs;
  k->scratch_bytes = r.scratch_floats * (int64_t) sizeof (float);
  name_kernel (k, g, n, mem_printf ("strassen%s", stride_name (x->shape.rank, n->win.stride)),
               mem_printf ("%s by one step of Strassen's algorithm", n->type));
  k->reason = "seven products in place of eight";
  return k;
}
