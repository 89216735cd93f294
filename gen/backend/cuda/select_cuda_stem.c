/* The first layer where there is wgmma: how its work is divided. */
#include "select_cuda_families.h"

#include "tile.h"

/* Bytes of a pixel's channels in shared memory behind the products, with a gap that keeps pixels in different banks. */
#define RESULT_BYTES (STEM_CHANNELS * 2 + 16)
/* Of a product, with the registers of threads in three groups. */
#define MOST_SHARED_PIXELS 240
/* Of a warp, 16 pixels of 16 channels. */
#define RESULTS_OF_WARP 512
/* What a multiprocessor gets from the second-level cache in a cycle, about. */
#define CACHE_BYTES 20

/* Cycles of a launch until the first copies have come, but for their number, and from later copies to their products.
 */
#define START 3600
#define LATENCY 900

static double
least (double a, double b)
{
  return a < b ? a : b;
}

static double
most (double a, double b)
{
  return a > b ? a : b;
}

static int64_t
chunks_of (const struct node *n)
{
  return round_up (n->win.kernel[AXIS_W] * 4, 16) / 8;
}

/* Cycles of all products with N pixels that one row of the filter's plane needs: of the multipliers, or of shared
 * memory. */
static double
products_time (const struct node *n, int64_t pixels)
{
  return (double) (n->win.kernel[AXIS_H] * chunks_of (n) / 2) * most ((double) pixels / 2, 16 + (double) pixels / 4);
}

static int64_t
blocks_across (const struct node *n, const struct graph *g)
{
  return ceil_div (g->tensors[n->out].shape.c, STEM_CHANNELS);
}

/* Blocks of each 64 channels. */
static int64_t
most_blocks (const struct graph *g, const struct node *n)
{
  int64_t across = blocks_across (n, g);
  return across < CUDA_MULTIPROCESSORS ? CUDA_MULTIPROCESSORS / across : 1;
}

static void
keep_better (struct stem_division *best, const struct stem_division *d)
{
  if (d->shared <= CUDA_SHARED_HOPPER && (best->time == 0 || d->time < best->time))
    *best = *d;
}

/* ---- with a pool ---- */

static void
try_strip (struct stem_division *best, const struct graph *g, const struct node *n, struct stem_division d)
{
  const struct shape *out = &g->tensors[n->out].shape;
  int64_t kernel = n->win.kernel[AXIS_H], stride = n->win.stride[AXIS_H], strips = ceil_div (out->dim[AXIS_H], d.strip);
  int64_t row_bytes = (2 * d.columns - 1 + chunks_of (n)) * 16, multiprocessors = most_blocks (g, n);
  d.lead_h = strips > 1 || n->pool->win.pad_lo[AXIS_H] != 1;
  d.tiles = g->batch * strips * ceil_div (out->dim[AXIS_W], d.columns - d.lead_w);
  for (d.ring_steps = 2; d.ring_steps <= 3; d.ring_steps++)
    {
      d.shared
          = kernel * chunks_of (n) * 1024
            + d.groups * (d.ring_steps * (kernel + stride) * row_bytes + d.columns * RESULT_BYTES + d.ring_steps * 8)
            + 8;
      double multiply = 2 * products_time (n, 2 * d.columns), finish = d.groups * (350 + 21.0 * (double) d.columns);
      double sharing = least ((double) d.groups, (double) ceil_div (d.tiles, multiprocessors));
      double rounds = (double) ceil_div (d.tiles, multiprocessors * d.groups),
             steps = (double) d.strip + 0.5 * (double) d.lead_h;
      double rows = sharing * (double) ((kernel + stride) * row_bytes);
      d.time = START + (rows + (double) (kernel * chunks_of (n) * 1024)) / CACHE_BYTES
               + rounds * steps * most (sharing * multiply, multiply + finish)
               + 1500 * (d.ring_steps == 2 && rounds * (double) (d.strip + d.lead_h) > 2);
      keep_better (best, &d);
    }
}

static struct stem_division
divide_pooled (const struct graph *g, const struct node *n)
{
  const struct shape *out = &g->tensors[n->out].shape;
  struct stem_division best = { 0 }, d = { 0 };
  for (d.columns = 8; d.columns <= 64; d.columns += 8)
    {
      d.lead_w = d.columns < out->dim[AXIS_W] || n->pool->win.pad_lo[AXIS_W] != 1;
      for (d.groups = 1; d.groups <= 2; d.groups++)
        for (d.strip = out->dim[AXIS_H]; d.strip > 0; d.strip--)
          try_strip (&best, g, n, d);
    }
  return best;
}

/* ---- without one ---- */

/* The fewest pixels from row to row with which JOINED of them are a product. */
static int64_t
pitch_of (int64_t joined, int64_t columns, int64_t chunks)
{
  int64_t pitch = joined == 1 ? columns : columns - 1 + chunks;
  while (joined * pitch % 8)
    pitch++;
  return pitch;
}

static void
try_tile (struct stem_division *best, const struct graph *g, const struct node *n, struct stem_division d)
{
  const struct shape *out = &g->tensors[n->out].shape;
  int64_t kernel = n->win.kernel[AXIS_H], stride = n->win.stride[AXIS_H], planes = n->win.kernel[AXIS_D];
  int64_t row_bytes = 16 * (d.joined > 1 ? d.pitch : d.columns - 1 + chunks_of (n)),
          weights = kernel * chunks_of (n) * 1024;
  int64_t stage = stride * (d.joined + (kernel - 1) / stride) * row_bytes, pixels = d.joined * d.pitch;
  d.tiles
      = g->batch * out->dim[AXIS_D] * ceil_div (out->dim[AXIS_H], d.joined) * ceil_div (out->dim[AXIS_W], d.columns);
  double rounds = (double) ceil_div (d.tiles, most_blocks (g, n)),
         copies = (double) (((d.joined - 1) * stride + kernel) * row_bytes) / CACHE_BYTES;
  double multiply = products_time (n, pixels), finish = 500 + 8 * (double) pixels;
  d.groups = rounds > 1 ? 2 : 1;
  if (d.groups == 2 && pixels > MOST_SHARED_PIXELS)
    return;
  for (d.stages = 2; d.stages <= 4; d.stages++)
    {
      d.shared = planes * weights + d.stages * stage + d.groups * 4 * RESULTS_OF_WARP + (2 * d.stages + planes + 2) * 8;
      /* a stage is copied while the others are multiplied */
      double plane = most (most (multiply + 50, copies + 100), (multiply + copies + LATENCY) / (double) d.stages);
      double loading = most (0, (double) weights / CACHE_BYTES + copies - plane);
      d.time = START + (double) planes * (rounds * plane + loading) + finish
               + (rounds - 1) * most (100, finish - plane * (double) planes);
      keep_better (best, &d);
    }
}

static struct stem_division
divide (const struct graph *g, const struct node *n)
{
  const int64_t width = g->tensors[n->out].shape.dim[AXIS_W];
  struct stem_division best = { 0 }, d = { 0 };
  for (int64_t across = ceil_div (width, 256); across <= ceil_div (width, 8); across++)
    for (d.joined = 1; d.joined <= 16; d.joined++)
      {
        d.columns = ceil_div (width, across);
        d.pitch = pitch_of (d.joined, d.columns, chunks_of (n));
        if (d.joined * d.pitch <= 256)
          try_tile (&best, g, n, d);
      }
  return best;
}

/* ---- which ---- */

static bool
pool_applies (const struct window *w)
{
  bool applies = true;
  for (int a = AXIS_H; a < AXES; a++)
    applies &= w->kernel[a] == 3 && w->stride[a] == 2 && w->dilation[a] == 1 && w->pad_lo[a] >= 0 && w->pad_lo[a] <= 2;
  return applies;
}

static bool
applies (const struct graph *g, const struct node *n)
{
  const struct window *w = &n->win;
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = node_own_shape (g, n);
  return g->tensors[n->in[0]].format.block == STEM_INPUT_CHANNELS && element_bytes (graph_element (g)) == 2
         && !n->second && n->ep.residual < 0 && g->tensors[n->out].format.element == graph_element (g)
         && out->c % 8 == 0 && w->stride[AXIS_W] == 2 && w->kernel[AXIS_W] <= 8 && w->dilation[AXIS_D] == 1
         && w->dilation[AXIS_H] == 1 && w->dilation[AXIS_W] == 1 && w->kernel[AXIS_H] >= w->stride[AXIS_H]
         && w->kernel[AXIS_H] + w->stride[AXIS_H] <= 32 && w->pad_lo[AXIS_D] >= 0
         && w->pad_lo[AXIS_D] < w->kernel[AXIS_D]
         && (out->dim[AXIS_D] - 1) * w->stride[AXIS_D] - w->pad_lo[AXIS_D] < in->dim[AXIS_D]
         && (!n->pool || pool_applies (&n->pool->win));
}

bool
stem_divide (const struct graph *g, const struct node *n, struct stem_division *d)
{
  if (n->op != OP_CONV || !applies (g, n))
    return false;
  *d = n->pool ? divide_pooled (g, n) : divide (g, n);
  return d->time > 0;
}

static struct cuda_conv_stem_pool *
pooled_plan (const struct node *n, const struct stem_division *d, const struct plan_mma_conv *conv,
             const int64_t patch[2], const struct plan_wgmma_stem *stem)
{
  struct cuda_conv_stem_pool *p = plan_new (&cuda_conv_stem_pool_family);
  int64_t first = 1 - n->pool->win.pad_lo[AXIS_W] - 2 * d->lead_w;
  *p = (struct cuda_conv_stem_pool){ .conv = *conv,
                                     .pool = plan_pool_of (n->pool),
                                     .patch_h = patch[0],
                                     .patch_w = patch[1],
                                     .stem = *stem,
                                     .activation_pair = activation_device_pair (&n->ep.act, "$1"),
                                     .strip = d->strip,
                                     .pw = d->columns,
                                     .lead_h = d->lead_h,
                                     .lead_w = d->lead_w,
                                     .ring_steps = d->ring_steps,
                                     .masked = d->lead_w || first + 2 * d->columns > n->pool->before.dim[AXIS_W] };
  return p;
}

void *
stem_plan (const struct graph *g, const struct node *n, const struct stem_division *d, const struct plan_mma_conv *conv,
           const int64_t patch[2], const struct plan_family **family, struct launch_shape *hopper)
{
  const int threads = (int) (128 * d->groups + (n->pool ? 0 : 32));
  struct plan_wgmma_stem stem = { .groups = d->groups,
                                  .threads = threads,
                                  .chunks = chunks_of (n),
                                  .blocks = most_blocks (g, n) < d->tiles ? most_blocks (g, n) : d->tiles };
  *hopper = (struct launch_shape){ { stem.blocks, blocks_across (n, g), 1 }, threads, (int) d->shared };
  *family = n->pool ? &cuda_conv_stem_pool_family : &cuda_conv_stem_family;
  if (n->pool)
    return pooled_plan (n, d, conv, patch, &stem);
  struct cuda_conv_stem *p = plan_new (&cuda_conv_stem_family);
  *p = (struct cuda_conv_stem){
    .conv = *conv, .stem = stem, .joined = d->joined, .w = d->columns, .pitch = d->pitch, .stages = d->stages
  };
  return p;
}
