/* Convolutions on the GPU's tensor cores: tiles of products of matrices. */
#include "select_cuda_parts.h"

#include "applies.h"
#include "backend/phases.h"
#include "backend/cpu/select_parts.h"
#include "tensor_maps.h"
#include "tile.h"

/* The most elements, up to UNIT, that divide all of A and B. */
static int64_t
common_width (int64_t unit, int64_t a, int64_t b)
{
  while (a % unit || b % unit)
    unit /= 2;
  return unit;
}

/* CHANNELS of the input at a tap, WIDTH of them at a time, COLUMNS of the output, TAPS at most; TIMES: groups or phases.
 * RESIDUAL: there is one that may be read 8 channels at a time. */
static void
set_product (struct kernel *k, const struct graph *g, int64_t pixels, int64_t channels, int64_t width, int64_t columns,
             int64_t taps, int64_t times, bool residual)
{
  const int64_t unit = 16 / element_bytes (precision_element (g->precision));
  set_int (k, "MATRIX_ROWS", NULL, k->row);
  set_int (k, "COLUMNS", NULL, columns);
  set_int (k, "SPAN", NULL, k->span);
  set_int (k, "CHANNELS", NULL, channels);
  set_int (k, "COPY_WIDTH", NULL, width);
  set_int (k, "TAP_COUNT", NULL, taps);
  set_int (k, "TOGETHER", NULL, k->packing == PACK_CUDA_MMA_STEM ? STEM_CHANNELS : 1);
  k->product = NEW (struct product);
  *k->product = (struct product){ pixels, columns, ceil_div (taps * k->span + k->second_span, 8 * unit), times, residual, NULL, false, NULL, NULL };
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
  return (out->dim[AXIS_W] - 1) * n->win.stride[AXIS_W] + round_up (n->win.kernel[AXIS_W] * 4, unit == 8 ? 16 : unit) / 4;
}

void
layout_of_input (struct graph *g)
{
  struct tensor *t = &g->tensors[g->nodes[0].out];
  const struct node *n = graph_only_reader (g, g->nodes[0].out);
  int64_t unit = 16 / element_bytes (precision_element (g->precision)), columns;
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

/* The second convolution's input and stride; SECOND_C 0: there is none. */
static void
set_second (struct kernel *k, const struct graph *g, const struct node *n)
{
  set_int (k, "SECOND", "C", k->second_span);
  if (!n->second)
    return;
  set_axes (k, "SECOND", g->tensors[n->in[1]].shape.dim);
  set_axes (k, "SECOND_S", n->second->win.stride);
}

/* Extents of the convolution that a patch of pooled pixels needs. */
static int64_t
patch_pixels (const struct window *pool, int64_t h, int64_t w)
{
  return ((h - 1) * pool->stride[AXIS_H] + pool->kernel[AXIS_H]) * ((w - 1) * pool->stride[AXIS_W] + pool->kernel[AXIS_W]);
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

/* Rows of the product are the pixels of a patch, so the tile is not free. */
static void
set_patch (struct kernel *k, const struct graph *g, const struct node *n)
{
  static const struct mma_tile large = { 256, 64, 4, 2, 1, 2, 1, TILE_WGMMA, 2 }, small = { 128, 64, 4, 2, 1, 4, 1, TILE_WGMMA, 2 };
  const struct shape *out = &g->tensors[n->out].shape;
  int64_t patch[2];
  bool many = choose_patch (n->pool, out, large.pixels, patch) * g->batch >= 256;
  const struct mma_tile *t = many ? &large : &small;
  k->product->rows = choose_patch (n->pool, out, t->pixels, patch) * g->batch * t->pixels;
  k->product->tile = t;
  set_pool (k, n->pool);
  set_int (k, "PATCH", "H", patch[0]);
  set_int (k, "PATCH", "W", patch[1]);
}

struct kernel *
select_conv_mma (const struct graph *g, const struct node *n)
{
  const struct tensor *t = &g->tensors[n->in[0]];
  const struct shape *in = &t->shape, *out = node_own_shape (g, n);
  const bool stem = t->format.block == STEM_INPUT_CHANNELS;
  struct window w = stem ? rows_as_taps (&n->win) : n->win;
  struct kernel *k = kernel_new (g, n, n->pool ? "conv_mma_pool" : "conv_mma");
  k->packing = stem ? PACK_CUDA_MMA_STEM : PACK_CUDA_MMA;
  k->matrices = n->groups / merged_groups (n->groups, in->c / n->groups, out->c / n->groups);
  int64_t in_g = stem ? n->win.kernel[AXIS_W] * 4 : in->c / k->matrices, out_g = out->c / k->matrices;
  int64_t taps = w.kernel[0] * w.kernel[1] * w.kernel[2], unit = 16 / element_bytes (precision_element (g->precision));
  int64_t pixel = tensor_strides (t).pixel, row = tensor_strides (t).row;
  k->row = round_up (out_g, stem ? STEM_CHANNELS : 8);
  k->span = round_up (in_g, stem && unit == 8 ? 16 : unit); /* what wgmma takes at once */
  k->second_span = n->second ? g->tensors[n->in[1]].shape.c : 0;
  k->weight_floats = k->matrices * (taps * k->span + k->second_span) * k->row * element_bytes (precision_element (g->precision)) / (int64_t) sizeof (float);
  set_second (k, g, n);
  set_window (k, &w);
  set_int (k, "PADDED", NULL, window_leaves (&w, in, out));
  set_int (k, "IN", "PIXEL", pixel);
  set_int (k, "IN", "COLUMNS", row / pixel);
  set_int (k, "GROUPS", NULL, k->matrices);
  set_int (k, "GROUP_IN", NULL, in_g);
  set_int (k, "GROUP_OUT", NULL, out_g);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  /* a stem's copies may take what lies behind a filter's row: the weights there are zeros */
  set_product (k, g, g->batch * shape_pixels (out), stem ? k->span : in_g,
               stem ? common_width (unit, 4 * w.stride[AXIS_W], row) : common_width (unit, in_g, in->c), out_g, taps,
               k->matrices,
               n->ep.residual >= 0 && element_bytes (precision_element (g->precision)) == 2 && out->c % 8 == 0 && out_g % 8 == 0);
  if (n->pool)
    set_patch (k, g, n);
  k->product->maps = tensor_maps_of (g, n, &w, k);
  k->product->halo = halo_of (g, n, k);
  k->reason = "a product of matrices on the tensor cores";
  return k;
}

/* A convolution of one pixel. */
struct kernel *
select_linear_mma (const struct graph *g, const struct node *n)
{
  static const struct window point = { .kernel = { 1, 1, 1 }, .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 } };
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const int64_t unit = 16 / element_bytes (precision_element (g->precision));
  struct kernel *k = kernel_new (g, n, "conv_mma");
  k->packing = PACK_CUDA_MMA_LINEAR;
  k->matrices = 1;
  k->row = round_up (out->c, 8);
  k->span = round_up (in->c, unit);
  k->weight_floats = k->span * k->row * element_bytes (precision_element (g->precision)) / (int64_t) sizeof (float);
  set_window (k, &point);
  set_int (k, "SECOND", "C", 0);
  set_int (k, "PADDED", NULL, 0);
  set_int (k, "IN", "PIXEL", in->c);
  set_int (k, "IN", "COLUMNS", 1);
  set_int (k, "GROUPS", NULL, 1);
  set_int (k, "GROUP_IN", NULL, in->c);
  set_int (k, "GROUP_OUT", NULL, out->c);
  set_epilogue (k, g, n);
  set_residual (k, g, -1);
  set_product (k, g, g->batch, in->c, common_width (unit, in->c, in->c), out->c, 1, 1, false);
  k->product->maps = tensor_maps_of (g, n, &point, k);
  k->reason = "a product of matrices on the tensor cores";
  return k;
}

/* PIXELS of the largest phase, its TAPS, ALL_TAPS of all PHASES. */
struct kernel *
select_transposed_mma (const struct graph *g, const struct node *n)
{
  static const char *const axis[AXES] = { "D", "H", "W" };
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  struct kernel *k = kernel_new (g, n, "conv_transposed_mma");
  int64_t taps = 1, all_taps = 1, pixels = g->batch, phases = 1, most_outputs;
  for (int a = 0; a < AXES; a++)
    {
      int64_t most_taps = phases_most_taps (&n->win, a, out->dim[a]);
      all_taps *= set_phases (k, &n->win, a, out->dim[a], &most_outputs);
      taps *= most_taps;
      pixels *= most_outputs;
      phases *= phase_count (&n->win, a, out->dim[a]);
      set_int (k, "MOST", axis[a], most_taps);
    }
  set_axes (k, "S", n->win.stride);
  k->packing = PACK_CUDA_MMA_TRANSPOSED;
  k->matrices = phases;
  k->row = round_up (out->c, 8);
  k->span = round_up (in->c, 16 / element_bytes (precision_element (g->precision)));
  k->weight_floats = all_taps * k->span * k->row * element_bytes (precision_element (g->precision)) / (int64_t) sizeof (float);
  set_int (k, "SECOND", "C", 0);
  set_int (k, "PADDED", NULL, 1);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_product (k, g, pixels, in->c, common_width (16 / element_bytes (precision_element (g->precision)), in->c, in->c), out->c, taps, phases, false);
  k->reason = "a product of matrices on the tensor cores for each output phase";
  return k;
}
