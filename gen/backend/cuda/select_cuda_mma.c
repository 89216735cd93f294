/* Convolutions on the GPU's tensor cores: tiles of products of matrices. */
#include "select_cuda_families.h"

#include <inttypes.h>

#include "applies.h"
#include "backend/phases.h"
#include "backend/kernel_names.h"
#include "tensor_maps.h"
#include "tile.h"
#include "tile_gathered.h"
#include "tile_halo.h"
#include "tile_tma.h"

/* The most elements, up to UNIT, that divide all of A and B. */
static int64_t
common_width (int64_t unit, int64_t a, int64_t b)
{
  while (a % unit || b % unit)
    unit /= 2;
  return unit;
}

/* Terms of a sum in steps of 128 bytes. */
static int64_t
steps_of (const struct graph *g, const struct matrices *m, int64_t taps)
{
  return ceil_div (taps * m->span + m->second_span, 128 / element_bytes (graph_element (g)));
}

/* Weights of TAPS taps in all matrices together. */
static int64_t
weights_count (const struct matrices *m, int64_t taps)
{
  return (taps * m->span + m->count * m->second_span) * m->row;
}

/* Groups of few channels become larger ones with zeros between them: the tensor cores take 16 at a time anyway. */
static int64_t
merged_groups (int64_t groups, int64_t in_g, int64_t out_g)
{
  int64_t m = 1;
  while ((in_g * m < 32 || out_g * m < 32) && groups % (2 * m) == 0)
    m *= 2;
  return m;
}

/* Does any output's window reach over the border? */
static bool
window_leaves (const struct window *w, const struct shape *in, const struct shape *out)
{
  bool leaves = false;
  for (int a = 0; a < AXES; a++)
    leaves |= w->pad_lo[a] > 0
              || (out->dim[a] - 1) * w->stride[a] - w->pad_lo[a] + (w->kernel[a] - 1) * w->dilation[a] >= in->dim[a];
  return leaves;
}

/* The columns of a padded row that the outputs' taps reach, in whole units of a copy or, of two bytes, of a product. */
static int64_t
stem_columns (const struct node *n, const struct shape *out, int64_t unit)
{
  return (out->dim[AXIS_W] - 1) * n->win.stride[AXIS_W]
         + round_up (n->win.kernel[AXIS_W] * 4, unit == 8 ? 16 : unit) / 4;
}

void
layout_of_input (struct graph *g)
{
  struct tensor *t = &g->tensors[g->nodes[0].out];
  const struct node *n = graph_only_reader (g, g->nodes[0].out);
  int64_t unit = 16 / element_bytes (graph_element (g)), columns;
  if (!n || !stem_mma_applies (g, n))
    return;
  t->format.block = STEM_INPUT_CHANNELS;
  t->format.halo_lo[AXIS_W] = (int) n->win.pad_lo[AXIS_W];
  columns = stem_columns (n, node_own_shape (g, n), unit);
  if (columns < t->shape.dim[AXIS_W] + t->format.halo_lo[AXIS_W])
    columns = t->shape.dim[AXIS_W] + t->format.halo_lo[AXIS_W];
  columns = round_up (columns, unit < 4 ? 1 : unit / 4);
  t->format.halo_hi[AXIS_W] = (int) (columns - t->shape.dim[AXIS_W] - t->format.halo_lo[AXIS_W]);
}

/* A filter's row as one tap: its window in rows of elements. */
static struct window
rows_as_taps (const struct window *w)
{
  struct window rows = *w;
  rows.kernel[AXIS_W] = 1;
  rows.pad_lo[AXIS_W] = 0;
  return rows;
}

/* The second convolution's input and strides. */
static struct plan_second_conv
second_conv_of (const struct graph *g, const struct node *n)
{
  if (!n->second)
    return (struct plan_second_conv){ .c = 0 };
  const struct shape *s = &g->tensors[n->in[1]].shape;
  return (struct plan_second_conv){
    .c = s->c, .d = s->dim[AXIS_D], .h = s->dim[AXIS_H], .w = s->dim[AXIS_W], .s = plan_axes_of (n->second->win.stride)
  };
}

/* Extents of the convolution that a patch of pooled pixels needs. */
static int64_t
patch_pixels (const struct window *pool, int64_t h, int64_t w)
{
  return ((h - 1) * pool->stride[AXIS_H] + pool->kernel[AXIS_H])
         * ((w - 1) * pool->stride[AXIS_W] + pool->kernel[AXIS_W]);
}

/* The patch whose convolution has at most ROWS pixels and that leaves the fewest blocks; their number. */
static int64_t
choose_patch (const struct fused_pool *p, const struct shape *out, int64_t rows, int64_t patch[2])
{
  int64_t best = INT64_MAX;
  for (int64_t h = 1; h <= out->dim[AXIS_H]; h++)
    for (int64_t w = 1; w <= out->dim[AXIS_W] && patch_pixels (&p->win, h, w) <= rows; w++)
      {
        int64_t blocks_of = ceil_div (out->dim[AXIS_H], h) * ceil_div (out->dim[AXIS_W], w);
        if (blocks_of >= best)
          continue;
        best = blocks_of;
        patch[0] = h;
        patch[1] = w;
      }
  return best;
}

/* Rows of the product P are the pixels of a patch, so the tile is not free. */
static void
choose_pool_tile (struct product *p, const struct graph *g, const struct node *n, int64_t patch[2])
{
  static const struct mma_tile large = { 256, 64, 4, 2, 1, 2, 1, TILE_WGMMA, 2 },
                               small = { 128, 64, 4, 2, 1, 4, 1, TILE_WGMMA, 2 };
  const struct shape *out = &g->tensors[n->out].shape;
  bool many = choose_patch (n->pool, out, large.pixels, patch) * g->batch >= 256;
  p->tile = many ? &large : &small;
  p->rows = choose_patch (n->pool, out, p->tile->pixels, patch) * g->batch * p->tile->pixels;
}

/* A convolution or a linear layer as it becomes a kernel. */
struct mma
{
  struct kernel name;
  struct matrices matrices;
  struct weights_place place;
  struct product *product;
  struct tile_choice *tile;
  struct plan_mma_conv conv;
  struct launch_shapes launch;
  const struct tensor_map *maps;
  int64_t patch[2];
};

static struct cuda_kernel *
kernel_of_mma (const struct mma *m, const struct node *n, const struct plan_family *family, void *plan)
{
  struct cuda_kernel *k = cuda_kernel_new (n, family, plan, &m->place, &m->launch);
  k->base.function = m->name.function;
  k->base.purpose = m->name.purpose;
  k->base.reason = mma_tile_reason (m->product, m->tile);
  k->matrices = m->matrices;
  k->product = m->product;
  k->tile = m->tile;
  k->maps = m->maps;
  return k;
}

/* The product of M has been decided: its tile. */
static struct plan_mma_tile
choose_tile (struct mma *m, const struct graph *g)
{
  m->tile = NEW (struct tile_choice);
  *m->tile = choose_mma_tile (g, m->product);
  return gathered_tile_plan (&m->tile->gathered, m->product, &m->launch);
}

static struct cuda_kernel *
pooled_kernel (struct mma *m, const struct node *n)
{
  struct cuda_conv_mma_pool *p = plan_new (&cuda_conv_mma_pool_family);
  *p = (struct cuda_conv_mma_pool){
    .conv = m->conv, .pool = plan_pool_of (n->pool), .patch_h = m->patch[0], .patch_w = m->patch[1]
  };
  return kernel_of_mma (m, n, &cuda_conv_mma_pool_family, p);
}

static struct cuda_kernel *
halo_kernel (struct mma *m, const struct node *n)
{
  struct cuda_conv_halo *p = plan_new (&cuda_conv_halo_family);
  p->conv = m->conv;
  halo_tile_plan (p, &m->tile->tile, m->product, &m->maps, &m->launch.shape[ON_HOPPER]);
  return kernel_of_mma (m, n, &cuda_conv_halo_family, p);
}

static struct cuda_kernel *
tma_kernel (struct mma *m, const struct node *n)
{
  struct cuda_conv_tma *p = plan_new (&cuda_conv_tma_family);
  p->conv = m->conv;
  p->tma = tma_tile_plan (&m->tile->tile, m->product, &m->maps, &m->launch.shape[ON_HOPPER]);
  return kernel_of_mma (m, n, &cuda_conv_tma_family, p);
}

static struct cuda_kernel *
gathered_kernel (struct mma *m, const struct node *n)
{
  struct cuda_conv_mma *p = plan_new (&cuda_conv_mma_family);
  p->conv = m->conv;
  return kernel_of_mma (m, n, &cuda_conv_mma_family, p);
}

/* M's kernel is complete but for its tile, which decides on the family. */
static struct cuda_kernel *
finish (struct mma *m, const struct graph *g, const struct node *n)
{
  m->conv.tile = choose_tile (m, g);
  m->conv.gpu = plan_gpu_of (g, n, m->launch.shape[ELSEWHERE].threads);
  return n->pool                           ? pooled_kernel (m, n)
         : m->tile->tile.kind == TILE_HALO ? halo_kernel (m, n)
         : m->tile->tile.kind == TILE_TMA  ? tma_kernel (m, n)
                                           : gathered_kernel (m, n);
}

/* A first layer that is another kernel on compute capability 9. */
static struct cuda_kernel *
finish_stem (struct mma *m, const struct graph *g, const struct node *n, const struct stem_division *d)
{
  const struct plan_family *family;
  m->product->elsewhere = true;
  m->conv.tile = choose_tile (m, g);
  m->conv.gpu = plan_gpu_of (g, n, m->launch.shape[ELSEWHERE].threads);
  void *plan = stem_plan (g, n, d, &m->conv, m->patch, &family, &m->launch.shape[ON_HOPPER]);
  struct cuda_kernel *k = kernel_of_mma (m, n, family, plan);
  k->base.reason = mem_printf ("rows of the input as wgmma's factor, %" PRId64 " tiles; on other GPUs %s", d->tiles,
                               k->base.reason);
  return k;
}

struct cuda_kernel *
select_conv_mma (const struct graph *g, const struct node *n, const char *base)
{
  const struct tensor *t = &g->tensors[n->in[0]];
  const struct shape *in = &t->shape, *out = node_own_shape (g, n);
  const bool stem = t->format.block == STEM_INPUT_CHANNELS;
  const struct window w = stem ? rows_as_taps (&n->win) : n->win;
  const int64_t taps = w.kernel[0] * w.kernel[1] * w.kernel[2], unit = 16 / element_bytes (graph_element (g));
  const int64_t pixel = tensor_strides (t).pixel, row = tensor_strides (t).row;
  const int64_t count = n->groups / merged_groups (n->groups, in->c / n->groups, out->c / n->groups);
  const int64_t in_g = stem ? n->win.kernel[AXIS_W] * 4 : in->c / count, out_g = out->c / count;
  struct mma m = { .product = NEW (struct product) };
  m.matrices = (struct matrices){ .count = count,
                                  .row = round_up (out_g, stem ? STEM_CHANNELS : 8),
                                  .span = round_up (in_g, stem && unit == 8 ? 16 : unit), /* what wgmma takes at once */
                                  .second_span = n->second ? g->tensors[n->in[1]].shape.c : 0 };
  m.place = weights_with_epilogue (g, n, stem ? &cuda_mma_stem_order : &cuda_mma_order,
                                   weights_count (&m.matrices, count * taps));
  name_kernel (&m.name, g, n, base, n->type);
  m.conv = (struct plan_mma_conv){ .win = plan_window_of (&w),
                                   .in_pixel = pixel,
                                   .in_columns = row / pixel,
                                   .groups = count,
                                   .group_in = in_g,
                                   .group_out = out_g,
                                   .ep = m.place.ep,
                                   .res = plan_residual_of (g, n->ep.residual) };
  /* a stem's copies may take what lies behind a filter's row: the weights there are zeros */
  m.conv.matrix = (struct plan_mma_matrix){ .rows = m.matrices.row,
                                            .columns = out_g,
                                            .span = m.matrices.span,
                                            .channels = stem ? m.matrices.span : in_g,
                                            .copy_width = stem ? common_width (unit, 4 * w.stride[AXIS_W], row)
                                                               : common_width (unit, in_g, in->c),
                                            .taps = taps,
                                            .together = stem ? STEM_CHANNELS : 1,
                                            .padded = window_leaves (&w, in, out),
                                            .second = second_conv_of (g, n) };
  *m.product = (struct product){ .name = m.name.function,
                                 .rows = g->batch * shape_pixels (out),
                                 .columns = out_g,
                                 .steps = steps_of (g, &m.matrices, taps),
                                 .times = count,
                                 .second = n->second,
                                 .stem = stem,
                                 .residual = n->ep.residual >= 0 && element_bytes (graph_element (g)) == 2
                                             && out->c % 8 == 0 && out_g % 8 == 0,
                                 .maps = tensor_maps_of (g, n, &w, &m.matrices),
                                 .halo = halo_of (g, n, &m.matrices) };
  if (n->pool)
    choose_pool_tile (m.product, g, n, m.patch);
  struct stem_division d;
  return stem && stem_divide (g, n, &d) ? finish_stem (&m, g, n, &d) : finish (&m, g, n);
}

/* A convolution of one pixel. */
struct cuda_kernel *
select_linear_mma (const struct graph *g, const struct node *n)
{
  static const struct window point = { .kernel = { 1, 1, 1 }, .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 } };
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const int64_t unit = 16 / element_bytes (graph_element (g));
  struct mma m = { .product = NEW (struct product) };
  m.matrices = (struct matrices){ .count = 1, .row = round_up (out->c, 8), .span = round_up (in->c, unit) };
  m.place = weights_with_epilogue (g, n, &cuda_mma_linear_order, weights_count (&m.matrices, 1));
  name_kernel (&m.name, g, n, "linear", n->type);
  m.conv = (struct plan_mma_conv){ .win = plan_window_of (&point),
                                   .in_pixel = in->c,
                                   .in_columns = 1,
                                   .groups = 1,
                                   .group_in = in->c,
                                   .group_out = out->c,
                                   .ep = m.place.ep,
                                   .res = plan_residual_of (g, -1) };
  m.conv.matrix = (struct plan_mma_matrix){ .rows = m.matrices.row,
                                            .columns = out->c,
                                            .span = m.matrices.span,
                                            .channels = in->c,
                                            .copy_width = common_width (unit, in->c, in->c),
                                            .taps = 1,
                                            .together = 1 };
  *m.product = (struct product){ .name = m.name.function,
                                 .rows = g->batch,
                                 .columns = out->c,
                                 .steps = steps_of (g, &m.matrices, 1),
                                 .times = 1,
                                 .maps = tensor_maps_of (g, n, &point, &m.matrices) };
  return finish (&m, g, n);
}

struct cuda_kernel *
select_transposed_mma (const struct graph *g, const struct node *n, const char *base)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const int64_t unit = 16 / element_bytes (graph_element (g));
  struct cuda_conv_transposed_mma *p = plan_new (&cuda_conv_transposed_mma_family);
  const struct phases_of_axes f = phases_of_axes (&n->win, out);
  struct mma m = { .product = NEW (struct product) };
  int64_t most[AXES], taps = 1;
  for (int a = 0; a < AXES; a++)
    taps *= most[a] = phases_most_taps (&n->win, a, out->dim[a]);
  m.matrices = (struct matrices){ .count = f.phases, .row = round_up (out->c, 8), .span = round_up (in->c, unit) };
  m.place = weights_with_epilogue (g, n, &cuda_mma_transposed_order, weights_count (&m.matrices, f.taps));
  name_kernel (&m.name, g, n, base, n->type);
  /* every row is of the largest phase, every sum of the most taps */
  *m.product = (struct product){ .name = m.name.function,
                                 .rows = g->batch * f.outputs,
                                 .columns = out->c,
                                 .steps = steps_of (g, &m.matrices, taps),
                                 .times = f.phases };
  p->d = f.table[AXIS_D];
  p->h = f.table[AXIS_H];
  p->w = f.table[AXIS_W];
  p->most = plan_axes_of (most);
  p->s = plan_axes_of (n->win.stride);
  p->ep = m.place.ep;
  p->res = plan_residual_of (g, n->ep.residual);
  p->matrix = (struct plan_mma_matrix){ .rows = m.matrices.row,
                                        .columns = out->c,
                                        .span = m.matrices.span,
                                        .channels = in->c,
                                        .copy_width = common_width (unit, in->c, in->c),
                                        .taps = taps,
                                        .together = 1,
                                        .padded = 1 };
  p->tile = choose_tile (&m, g);
  p->gpu = plan_gpu_of (g, n, m.launch.shape[ELSEWHERE].threads);
  return kernel_of_mma (&m, n, &cuda_conv_transposed_mma_family, p);
}
