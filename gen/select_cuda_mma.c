/* Convolutions on the GPU's tensor cores: tiles of products of matrices. */
#include "select_cuda_parts.h"

#include <inttypes.h>
#include <math.h>

#include "phases.h"
#include "select_parts.h"

/* Of a large GPU. */
#define MULTIPROCESSORS 132
/* Shared memory of a block: of GPUs with wgmma, and of all others since sm_80, in bytes. */
#define SHARED_MOST (227 * 1024)
#define SHARED_ELSEWHERE (99 * 1024)
/* A row of one step in shared memory. */
#define STEP_BYTES 128
/* Bits for the taps of a window, in one word. */
#define MOST_TAP_BITS 32

/* How a block computes its tile, pixels x channels. */
struct mma_tile
{
  int pixels, channels;
  int warps_m, warps_n, warps_k; /* that share rows, columns, and the terms of a sum */
  int stages;
  int cluster; /* blocks that share a sum's terms */
  bool wgmma;  /* where there is such a thing */
  int blocks;  /* at least, on one multiprocessor at a time */
};

static const struct mma_tile tiles[] = {
  { 16, 32, 1, 1, 4, 4, 1, false, 2 },  { 16, 32, 1, 1, 4, 4, 4, false, 2 },  { 32, 32, 1, 1, 4, 4, 1, false, 2 },  { 32, 64, 1, 2, 2, 4, 1, false, 2 },
  { 32, 64, 1, 2, 2, 4, 4, false, 2 },  { 64, 32, 2, 2, 1, 6, 1, true, 2 },   { 64, 32, 2, 2, 1, 6, 2, true, 2 },
  { 64, 32, 2, 2, 1, 6, 4, true, 2 },   { 64, 32, 2, 2, 1, 6, 8, true, 2 },   { 64, 64, 2, 2, 1, 4, 1, true, 2 },
  { 64, 64, 2, 2, 1, 4, 2, true, 2 },   { 64, 64, 2, 2, 1, 4, 4, true, 2 },   { 64, 64, 2, 2, 1, 4, 8, true, 2 },
  { 128, 64, 2, 2, 1, 3, 1, false, 2 }, { 128, 64, 4, 2, 1, 4, 1, true, 2 },  { 128, 128, 4, 2, 1, 3, 1, true, 2 },
  { 128, 128, 4, 2, 1, 6, 1, true, 1 }, { 256, 128, 4, 2, 1, 4, 1, true, 1 }, { 128, 256, 2, 4, 1, 4, 1, true, 1 },
};

/* A product: rows x columns, terms in steps, so many times beside each other. */
struct product
{
  int64_t rows, columns, steps, times;
};

/* Microseconds, fitted to times of ResNet-50's layers on an H100: a block that is alone on its multiprocessor waits for
 * memory at every step; with many of them the copies or the products themselves are the limit. */
static double
time_of (const struct mma_tile *t, const struct product *p, bool halves)
{
  double tiles_of = (double) (ceil_div (p->rows, t->pixels) * ceil_div (p->columns, t->channels) * p->times);
  double area = t->pixels * t->channels / 16384.0, load = (t->pixels + t->channels) / 128.0;
  double steps = (double) ceil_div (p->steps, t->cluster), of_each = ceil (tiles_of * t->cluster / MULTIPROCESSORS);
  bool wgmma = t->wgmma && halves;
  double alone = 0.15 + steps * (0.11 + 0.02 * load + (wgmma ? 0.25 : 0.65) * area) + 4.9 * area / t->cluster
                 + (t->cluster > 1 ? 1.5 + 0.26 * t->cluster : 0);
  double many = steps * fmax (0.25 * load, wgmma ? 0.43 * area : 0) + 3.8 * area / t->cluster;
  return fmax (ceil (of_each / t->blocks) * alone, of_each * many);
}

static struct mma_tile
choose_mma_tile (const struct product *p, bool halves)
{
  const struct mma_tile *best = &tiles[0];
  for (size_t i = 1; i < sizeof tiles / sizeof *tiles; i++)
    if (tiles[i].cluster <= p->steps && time_of (&tiles[i], p, halves) < time_of (best, p, halves))
      best = &tiles[i];
  struct mma_tile t = *best;
  t.wgmma = t.wgmma && halves;
  if (!halves)
    t.blocks = 1; /* rounding takes more registers */
  return t;
}

static int
stage_bytes (const struct mma_tile *t)
{
  return (t->pixels + t->channels) * STEP_BYTES;
}

/* The tile's sums go through shared memory at its end, in so many rounds that they fit everywhere. */
static int
sum_bytes (const struct mma_tile *t, int rounds)
{
  return t->warps_k * (t->pixels / rounds) * (t->channels + 8) * (int) sizeof (float);
}

static int
most (int a, int b)
{
  return a > b ? a : b;
}

static int
least (int a, int b)
{
  return a < b ? a : b;
}

/* RESIDUAL: a tile of it has its place in shared memory, in front of the stages. */
static void
set_mma_tile (struct kernel *k, const struct mma_tile *tile, bool residual)
{
  struct mma_tile shrunk = *tile, *t = &shrunk;
  const int extra = residual ? t->pixels * t->channels * 2 : 0;
  int rounds = 1, elsewhere = most (2, least ((SHARED_ELSEWHERE - extra) / stage_bytes (t), t->stages));
  while (sum_bytes (t, rounds) + extra > SHARED_ELSEWHERE || sum_bytes (t, rounds) + extra > SHARED_MOST / t->blocks)
    rounds *= 2;
  while (t->stages > 2 && t->stages * stage_bytes (t) + extra > SHARED_MOST / t->blocks)
    t->stages--;
  set_int (k, "TILE_M", NULL, t->pixels);
  set_int (k, "TILE_N", NULL, t->channels);
  set_int (k, "WARPS_M", NULL, t->warps_m);
  set_int (k, "WARPS_N", NULL, t->warps_n);
  set_int (k, "WARPS_K", NULL, t->warps_k);
  set_int (k, "STAGES", NULL, t->wgmma ? t->stages : elsewhere);
  set_int (k, "STAGES_ELSEWHERE", NULL, elsewhere);
  set_int (k, "CLUSTER", NULL, t->cluster);
  set_int (k, "WGMMA", NULL, t->wgmma);
  set_int (k, "MIN_BLOCKS", NULL, t->blocks);
  set_int (k, "ROUNDS", NULL, rounds);
  k->threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  int first = most (elsewhere * stage_bytes (t), sum_bytes (t, rounds));
  int hopper = t->wgmma ? most (t->stages * stage_bytes (t), sum_bytes (t, rounds)) : first;
  set_int (k, "BEHIND", NULL, t->stages >= 4);
  set_int (k, "STAGES_AT", NULL, extra);
  k->shared = hopper + extra;
  k->shared_elsewhere = first + extra;
}

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
  const int64_t unit = 16 / element_bytes (g);
  struct product p = { pixels, columns, ceil_div (taps * k->span + k->second_span, 8 * unit), times };
  struct mma_tile t = choose_mma_tile (&p, element_bytes (g) == 2);
  set_int (k, "MATRIX_ROWS", NULL, k->row);
  set_int (k, "COLUMNS", NULL, columns);
  set_int (k, "SPAN", NULL, k->span);
  set_int (k, "CHANNELS", NULL, channels);
  set_int (k, "COPY_WIDTH", NULL, width);
  set_int (k, "TAP_COUNT", NULL, taps);
  set_mma_tile (k, &t, residual && 2 * t.pixels * t.channels + 2 * stage_bytes (&t) <= SHARED_ELSEWHERE);
  int64_t across = ceil_div (columns, t.channels);
  set_int (k, "N_TILES", NULL, across);
  k->grid[0] = ceil_div (pixels, t.pixels) * across;
  k->grid[1] = t.cluster;
  k->grid[2] = times;
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

bool
conv_mma_applies (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape;
  return g->precision != PRECISION_FP32 && n->win.kernel[0] + n->win.kernel[1] + n->win.kernel[2] <= MOST_TAP_BITS
         && (n->groups == 1 || in->c / n->groups >= 4);
}

/* The columns of a padded row that the outputs' taps, in whole units of a copy, reach. */
static int64_t
stem_columns (const struct node *n, const struct shape *out, int64_t unit)
{
  return (out->dim[AXIS_W] - 1) * n->win.stride[AXIS_W] + round_up (n->win.kernel[AXIS_W] * 4, unit) / 4;
}

void
layout_of_input (struct graph *g)
{
  struct tensor *t = &g->tensors[g->nodes[0].out];
  const struct node *n = graph_only_reader (g, g->nodes[0].out);
  int64_t unit = 16 / element_bytes (g), columns;
  if (!n || n->op != OP_CONV || n->groups > 1 || t->shape.c > 4 || n->win.dilation[AXIS_W] != 1 || n->win.pad_lo[AXIS_W] < 0
      || n->ep.residual == g->nodes[0].out || !conv_mma_applies (g, n))
    return;
  t->layout = LAYOUT_CHANNELS_4;
  t->halo_lo[AXIS_W] = (int) n->win.pad_lo[AXIS_W];
  columns = stem_columns (n, &g->tensors[n->out].shape, unit);
  if (columns < t->shape.dim[AXIS_W] + t->halo_lo[AXIS_W])
    columns = t->shape.dim[AXIS_W] + t->halo_lo[AXIS_W];
  columns = round_up (columns, unit < 4 ? 1 : unit / 4);
  t->halo_hi[AXIS_W] = (int) (columns - t->shape.dim[AXIS_W] - t->halo_lo[AXIS_W]);
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

struct kernel *
select_conv_mma (const struct graph *g, const struct node *n)
{
  const struct tensor *t = &g->tensors[n->in[0]];
  const struct shape *in = &t->shape, *out = &g->tensors[n->out].shape;
  const bool stem = t->layout == LAYOUT_CHANNELS_4;
  struct window w = stem ? rows_as_taps (&n->win) : n->win;
  struct kernel *k = kernel_new (g, n, "cuda_conv_mma");
  k->packing = stem ? PACK_CUDA_MMA_STEM : PACK_CUDA_MMA;
  k->matrices = n->groups / merged_groups (n->groups, in->c / n->groups, out->c / n->groups);
  int64_t in_g = stem ? n->win.kernel[AXIS_W] * 4 : in->c / k->matrices, out_g = out->c / k->matrices;
  int64_t taps = w.kernel[0] * w.kernel[1] * w.kernel[2], unit = 16 / element_bytes (g);
  int64_t pixel = tensor_strides (t).pixel, row = tensor_strides (t).row;
  k->row = round_up (out_g, 8);
  k->span = round_up (in_g, unit);
  k->second_span = n->second ? g->tensors[n->in[1]].shape.c : 0;
  k->weight_floats = k->matrices * (taps * k->span + k->second_span) * k->row * element_bytes (g) / (int64_t) sizeof (float);
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
               n->ep.residual >= 0 && element_bytes (g) == 2 && out->c % 8 == 0 && out_g % 8 == 0);
  k->reason = "a product of matrices on the tensor cores";
  return k;
}

/* Scores need more digits than bf16 and tf32 have: a softmax turns a small error of a large score into a large one. */
bool
linear_mma_applies (const struct graph *g, const struct node *n)
{
  return g->precision == PRECISION_FP16 && g->tensors[n->in[0]].shape.rank == 0;
}

/* A convolution of one pixel. */
struct kernel *
select_linear_mma (const struct graph *g, const struct node *n)
{
  static const struct window point = { .kernel = { 1, 1, 1 }, .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 } };
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const int64_t unit = 16 / element_bytes (g);
  struct kernel *k = kernel_new (g, n, "cuda_conv_mma");
  k->packing = PACK_CUDA_MMA_LINEAR;
  k->matrices = 1;
  k->row = round_up (out->c, 8);
  k->span = round_up (in->c, unit);
  k->weight_floats = k->span * k->row * element_bytes (g) / (int64_t) sizeof (float);
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
  k->reason = "a product of matrices on the tensor cores";
  return k;
}

bool
transposed_mma_applies (const struct graph *g, const struct node *n)
{
  int64_t bits = 0;
  for (int a = 0; a < AXES; a++)
    bits += phases_most_taps (&n->win, a, g->tensors[n->out].shape.dim[a]);
  return g->precision != PRECISION_FP32 && bits <= MOST_TAP_BITS;
}

/* PIXELS of the largest phase, its TAPS, ALL_TAPS of all PHASES. */
struct kernel *
select_transposed_mma (const struct graph *g, const struct node *n)
{
  static const char *const axis[AXES] = { "D", "H", "W" };
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  struct kernel *k = kernel_new (g, n, "cuda_conv_transposed_mma");
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
  k->span = round_up (in->c, 16 / element_bytes (g));
  k->weight_floats = all_taps * k->span * k->row * element_bytes (g) / (int64_t) sizeof (float);
  set_int (k, "SECOND", "C", 0);
  set_int (k, "PADDED", NULL, 1);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_product (k, g, pixels, in->c, common_width (16 / element_bytes (g), in->c, in->c), out->c, taps, phases, false);
  k->reason = "a product of matrices on the tensor cores for each output phase";
  return k;
}
