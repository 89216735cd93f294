/* Direct convolutions, over blocks or planes. */
#include "pairs.h"
#include "plan_cpu.h"
#include "select_families.h"
#include "shares.h"
#include "input_blocks.h"
#include "weights.h"

#include <inttypes.h>

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

/* How many of a tensor's rows, joined, a core's cache keeps while the output blocks take turns; they divide the tensor.
 */
static int64_t
rows_of_strip (const struct target *t, const struct tensor *in, int64_t rows, int64_t width)
{
  int64_t row_bytes = width * blocks (in->shape.c) * BLOCK * (int64_t) sizeof (float),
          most = t->caches.strip / row_bytes;
  for (int64_t k = most < rows ? most : rows; k > 1; k--)
    if (rows % k == 0)
      return k;
  return 1;
}

/* Shall output blocks take turns at one strip of UNITS, so that the weights are read for each strip and the inputs
 * once? Otherwise the strips take turns at one output block's weights. What is less to read, when it does not stay
 * cached. */
static bool
strips_first (const struct target *t, int64_t weight_floats, const struct tensor *in, const struct node *n,
              int64_t units, int64_t out_tiles)
{
  double inputs = (double) (blocks (in->shape.c) * BLOCK) * (double) shape_pixels (&in->shape);
  double weights = (double) weight_floats;
  if (n->choice.order != ORDER_OF_SHAPE)
    return n->choice.order == ORDER_STRIPS_FIRST;
  return n->groups == 1 && units > 1 && inputs * sizeof (float) > (double) t->caches.unstripped
         && weights * sizeof (float) <= (double) t->caches.streamed
         && weights * (double) units < inputs * (double) out_tiles;
}

/* Steps that WIDTH pixels take in tiles of at most MOST, none of them in fewer than LEAST. */
static int64_t
steps_of_tiles (int64_t width, int64_t most, int64_t least)
{
  int64_t tiles = ceil_div (width, most), size = ceil_div (width, tiles), smaller = tiles * size - width;
  return (tiles - smaller) * (size > least ? size : least) + smaller * (size - 1 > least ? size - 1 : least);
}

/* Do tiles that go on into the next row save a sixteenth or more? Only where a pointer for each pixel fits the
 * registers. */
static bool
tiles_flat (const struct target *t, int64_t rows, int64_t width, const struct register_tile *tile)
{
  const int64_t most = tile->pixels, least = t->least_pixels;
  int64_t high = width * 2 <= tile->pixels ? tile->pixels / width : 1;
  int64_t by_rows = high > 1 ? ceil_div (rows, high) * steps_of_tiles (width * high, most, least)
                             : rows * steps_of_tiles (width, most, least);
  return most <= t->pointers && tile->blocks == 1 && 16 * steps_of_tiles (rows * width, most, least) <= 15 * by_rows;
}

/* Weights that more tiles use come from a cache mostly; those of the only output blocks are not followed by any. */
#define MOST_STREAMING_TILES 64

static bool
streams (int64_t tiles, int64_t out_tiles)
{
  return tiles <= MOST_STREAMING_TILES && out_tiles > 1;
}

/* Sums of so few blocks of inputs that outputs are the most of what a register tile touches. With a residual it is not,
 * and prefetching was not faster. */
#define MOST_BLOCKS_OF_FEW 4

static bool
has_few_inputs (const struct graph *g, const struct node *n)
{
  int64_t inputs = ceil_div (g->tensors[n->in[0]].shape.c, n->groups * BLOCK);
  for (int a = 0; a < AXES; a++)
    inputs *= n->win.kernel[a];
  return n->ep.residual < 0 && inputs <= MOST_BLOCKS_OF_FEW;
}

/* The taps along axis A that read more than padding for some of the outputs from FROM to LAST: RANGE[0] up to RANGE[1].
 * How many these are. */
static int64_t
strip_taps (const struct window *w, int a, int64_t in, int64_t from, int64_t last, int64_t range[2])
{
  int64_t before = w->pad_lo[a] - last * w->stride[a], behind = in + w->pad_lo[a] - from * w->stride[a];
  int64_t first = before > 0 ? ceil_div (before, w->dilation[a]) : 0;
  int64_t end = behind > 0 ? ceil_div (behind, w->dilation[a]) : 0;
  range[1] = end < w->kernel[a] ? end : w->kernel[a];
  range[0] = first < range[1] ? first : range[1];
  return range[1] - range[0];
}

/* Taps of each plane or strip, and the part of all taps that they are. */
struct taken
{
  struct plan_taps plan;
  double part;
};

static struct taken
taps_of_planes (const struct window *w, int64_t in, int64_t out)
{
  int64_t read = 0, all = out * w->kernel[AXIS_D], *range = NEW_ARRAY ((size_t) (2 * out), int64_t);
  for (int64_t d = 0; d < out; d++)
    read += strip_taps (w, AXIS_D, in, d, d, &range[2 * d]);
  return (struct taken){ { read < all, { .rows = out, .ints = 2, .i = range } }, (double) read / (double) all };
}

/* OUT rows of WIDTH steps are taken in strips as CUT has them. */
static struct taken
taps_of_strips (const struct window *w, int64_t in, int64_t out, int64_t width, struct plan_cut cut)
{
  int64_t all = out * width, strips = cut.count + cut.smaller, read = 0,
          *range = NEW_ARRAY ((size_t) (2 * strips), int64_t);
  for (int64_t i = 0, at = 0, steps; i < strips; i++, at += steps)
    {
      steps = cut.size - (i >= cut.count);
      read += steps * strip_taps (w, AXIS_H, in, at / width, (at + steps - 1) / width, &range[2 * i]);
    }
  all *= w->kernel[AXIS_H];
  return (struct taken){ { read < all, { .rows = strips, .ints = 2, .i = range } }, (double) read / (double) all };
}

struct plan_input_blocks
plan_input_blocks_of (const struct graph *g, const struct node *n)
{
  struct input_blocks b = input_blocks_of (g, n);
  int64_t rows = b.differ ? graph_blocks (g, n->out) : 1, *first = NEW_ARRAY ((size_t) rows, int64_t);
  for (int64_t i = 0; i < rows; i++)
    first[i] = b.first[i];
  return (struct plan_input_blocks){ b.count, b.last_channels, b.differ, { .rows = rows, .ints = 1, .i = first } };
}

/* What is decided about a convolution over blocks before its plan is made. */
struct division
{
  const struct target *target;
  struct weights_place weights;
  const struct register_tile *tile;
  const struct shape *own; /* the convolution's output, before a pool */
  int64_t out_tiles;       /* register tiles over all blocks of outputs */
  bool joined;             /* rows may be one long row, … */
  int64_t strip;           /* … and so many of them are; … */
  int64_t rows, width;     /* … what they are then */
};

static struct division
divide (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  const struct tensor *res = n->ep.residual >= 0 ? &g->tensors[n->ep.residual] : NULL;
  struct division d = { .target = target,
                        .weights = weights_of (g, n),
                        .tile = target_tile_of (g, n, target),
                        .own = node_own_shape (g, n),
                        .joined = rows_join (in, out, &n->win, res),
                        .strip = 1 };
  int64_t rows = d.own->dim[AXIS_H], width = d.own->dim[AXIS_W];
  d.out_tiles = ceil_div (blocks (out->shape.c), d.tile->blocks);
  if (d.joined)
    {
      d.strip = rows_of_strip (target, in, rows, width);
      if (!strips_first (target, d.weights.count, in, n, rows / d.strip * d.own->dim[AXIS_D], d.out_tiles))
        d.strip = rows;
    }
  d.rows = rows / d.strip;
  d.width = width * d.strip;
  return d;
}

static double
all_taps_macs (const struct graph *g, const struct node *n, const struct plan_input_blocks *b)
{
  const int64_t *k = n->win.kernel, depth = (b->count - 1) * BLOCK + b->last_channels;
  return (double) shape_pixels (node_own_shape (g, n))
         * (double) (g->tensors[n->out].shape.c * k[AXIS_D] * k[AXIS_H] * k[AXIS_W] * depth);
}

/* Threads share the work of D tile by tile; PANELS: of one thread. Where they are strips, the inputs of a panel stay in
 * the cache. */
static struct work *
work_of (const struct graph *g, const struct node *n, const struct division *d, struct plan_cut cut,
         struct plan_cut high, int64_t panels)
{
  const struct shape *in = &g->tensors[n->in[0]].shape;
  struct work *w = NEW (struct work);
  double row_weights = (double) (d->weights.count / blocks (g->tensors[n->out].shape.c) * d->tile->blocks);
  *w = (struct work){ .rows = d->out_tiles,
                      .cut = cut,
                      .high = high,
                      .panels = panels,
                      .columns
                      = g->batch * d->own->dim[AXIS_D] * (cut.count + cut.smaller) * (high.count + high.smaller),
                      .row_bytes = row_weights * sizeof (float) };
  w->tile_ns = row_weights / d->target->cost->macs;
  w->unit_ns = (double) (cut.size * high.size) * w->tile_ns;
  /* groups read inputs of their own */
  const double readers = n->groups > 1 ? (double) w->rows : 1;
  w->column_bytes = (double) (g->batch * blocks (in->c) * BLOCK * shape_pixels (in)) * sizeof (float)
                    / (double) w->columns / readers;
  w->fewest = ceil_div ((int64_t) (w->column_bytes * (double) w->columns), 2 * d->target->caches.strip);
  w->fewest = panels == g->batch || w->fewest < g->batch ? g->batch : w->fewest < panels ? w->fewest : panels;
  return w;
}

static struct kernel *
flat (const struct graph *g, const struct node *n, const struct division *d)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  struct plan_cut cut = plan_cut_of (d->rows * d->width, d->tile->pixels);
  struct taken planes = taps_of_planes (&n->win, in->shape.dim[AXIS_D], d->own->dim[AXIS_D]);
  struct taken strips = taps_of_strips (&n->win, in->shape.dim[AXIS_H], d->rows, d->width, cut);
  int64_t tiles = (cut.count + cut.smaller) * d->own->dim[AXIS_D];
  struct work *work = work_of (g, n, d, cut, (struct plan_cut){ 1, 1, 0 }, g->batch);
  struct cpu_conv_flat *p = plan_new (&cpu_conv_flat_family);
  *p = (struct cpu_conv_flat){ .io = plan_io_of (g, n),
                               .win = plan_window_of (&n->win),
                               .sums = plan_sums_of (g, n, &d->weights, first_tap_at (in, &n->win)),
                               .inputs = plan_input_blocks_of (g, n),
                               .loop_order = n->choice.order,
                               .planes = planes.plan,
                               .strips = strips.plan,
                               .tile = plan_register_tile_of (d->tile),
                               .cut = cut,
                               .prefetch = streams (tiles, d->out_tiles),
                               .shares = shares_of (work, d->target) };
  struct kernel *k = kernel_of_plan (n, &cpu_conv_flat_family, p, &d->weights);
  shares_set (k, work, d->target);
  k->executed_macs = all_taps_macs (g, n, &p->inputs) * planes.part * strips.part;
  return k;
}

static struct kernel *
direct (const struct graph *g, const struct node *n, const struct division *d)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  struct plan_cut cut = plan_cut_of (d->width, d->tile->pixels);
  struct plan_cut high = plan_cut_of (d->rows, d->width * 2 <= d->tile->pixels ? d->tile->pixels / d->width : 1);
  struct taken planes = taps_of_planes (&n->win, in->shape.dim[AXIS_D], d->own->dim[AXIS_D]);
  struct taken strips = taps_of_strips (&n->win, in->shape.dim[AXIS_H], d->rows, 1, high);
  int64_t strip_count = (high.count + high.smaller) * d->own->dim[AXIS_D], strip_tiles = cut.count + cut.smaller;
  bool first = strips_first (d->target, d->weights.count, in, n, strip_count, d->out_tiles);
  struct work *work = work_of (g, n, d, cut, high, first ? g->batch * strip_count : g->batch);
  struct cpu_conv_direct *p = plan_new (&cpu_conv_direct_family);
  *p = (struct cpu_conv_direct){ .io = plan_io_of (g, n),
                                 .win = plan_window_of (&n->win),
                                 .sums = plan_sums_of (g, n, &d->weights, first_tap_at (in, &n->win)),
                                 .inputs = plan_input_blocks_of (g, n),
                                 .loop_order = n->choice.order,
                                 .planes = planes.plan,
                                 .strips = strips.plan,
                                 .rows = d->rows,
                                 .width = d->width,
                                 .joined_rows = d->strip,
                                 .tile = plan_register_tile_of (d->tile),
                                 .cut = cut,
                                 .high = high,
                                 .strips_first = first,
                                 .prefetch = streams (first ? strip_tiles : strip_tiles * strip_count, d->out_tiles),
                                 .prefetch_output = has_few_inputs (g, n),
                                 .shares = shares_of (work, d->target) };
  struct kernel *k = kernel_of_plan (n, &cpu_conv_direct_family, p, &d->weights);
  shares_set (k, work, d->target);
  k->all_taps_macs = all_taps_macs (g, n, &p->inputs);
  k->executed_macs = k->all_taps_macs * planes.part * strips.part;
  return k;
}

/* Pooled rows of one unit of work. */
#define POOL_STRIP 16

/* How many of the convolution's rows are computed for each that there is, when threads share strips of pooled rows:
 * those that two strips have in common twice, those that no window has not at all. */
static double
rows_of_strips (const struct fused_pool *p, int64_t rows, int64_t strip)
{
  int64_t in = p->before.dim[AXIS_H], computed = 0;
  for (int64_t i = 0, next = 0; i < rows; i++)
    {
      int64_t at = i * p->win.stride[AXIS_H] - p->win.pad_lo[AXIS_H], end = at + p->win.kernel[AXIS_H];
      next = i % strip == 0 || next < at ? at : next;
      next = next < 0 ? 0 : next;
      end = end < in ? end : in;
      computed += end > next ? end - next : 0;
      next = end > next ? end : next;
    }
  return (double) computed / (double) in;
}

void
name_conv (struct kernel *k, const struct graph *g, const struct node *n, const char *reason)
{
  int rank = g->tensors[n->in[0]].shape.rank;
  const char *groups = n->groups > 1 ? mem_printf ("g%" PRId64, n->groups) : "";
  const char *dilation = stride_name (rank, n->win.dilation);
  name_kernel (k, g, n,
               mem_printf ("conv%s%s%s%s%s", window_name (rank, n->win.kernel), stride_name (rank, n->win.stride),
                           *dilation ? "d" : "", *dilation ? dilation + 1 : "", groups),
               mem_printf ("%s%s", n->type, pool_purpose (rank, n)));
  k->reason = reason;
}

struct kernel *
select_conv (const struct graph *g, const struct node *n, const struct target *target)
{
  struct division d = divide (g, n, target);
  bool is_flat = !d.joined && tiles_flat (target, d.rows, d.width, d.tile);
  struct kernel *k = (is_flat ? flat : direct) (g, n, &d);
  name_conv (k, g, n, "direct convolution over blocks of 16 channels");
  return k;
}

struct kernel *
select_planar (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  struct weights_place w = weights_of (g, n);
  const struct register_tile *tile = &target->single;
  const struct shape *own = node_own_shape (g, n);
  struct cpu_conv_planar plain = { .io = plan_io_of (g, n),
                                   .win = plan_window_of (&n->win),
                                   .sums = plan_sums_of (g, n, &w, first_tap_at (in, &n->win)),
                                   .tile = plan_register_tile_of (tile),
                                   .cut = plan_cut_of (own->dim[AXIS_W], tile->pixels) };
  int64_t rows = g->tensors[n->out].shape.dim[AXIS_H], strip = rows < POOL_STRIP ? rows : POOL_STRIP;
  int64_t factors = w.count / graph_padded (g, n->out);
  double macs = (double) shape_pixels (own) * (double) (g->tensors[n->out].shape.c * factors);
  struct kernel *k;
  if (n->pool)
    {
      struct cpu_conv_planar_pool *p = plan_new (&cpu_conv_planar_pool_family);
      *p = (struct cpu_conv_planar_pool){
        plain.io, plain.win, plain.sums, plain.tile, plain.cut, plan_pool_of (n->pool), strip, ceil_div (rows, strip)
      };
      k = kernel_of_plan (n, &cpu_conv_planar_pool_family, p, &w);
    }
  else
    {
      struct cpu_conv_planar *p = plan_new (&cpu_conv_planar_family);
      const double ns = (double) g->batch * macs / target->cost->macs;
      *p = plain;
      p->most = shares_most (ns);
      k = kernel_of_plan (n, &cpu_conv_planar_family, p, &w);
      k->pieces = shares_pieces ((double) (g->batch * graph_blocks (g, n->out) * own->dim[AXIS_D] * rows), ns);
    }
  k->executed_macs = macs * (n->pool ? rows_of_strips (n->pool, rows, strip) : 1);
  name_conv (k, g, n, "few input channels: planar input, every tap of every channel in turn");
  return k;
}
