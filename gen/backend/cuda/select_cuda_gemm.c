/* Convolutions and linear layers without tensor cores. */
#include "backend/phases.h"
#include "backend/cpu/select_parts.h"
#include "select_cuda_families.h"

/* Blocks that keep a large GPU busy: one for each of its multiprocessors. */
#define ENOUGH_BLOCKS 132

/* Steps of the sum over taps and channels that are in shared memory at one time. */
#define STEP 16

/* A block's tile of outputs: pixels x channels, of which each thread has thread_pixels x thread_channels. */
struct gemm_tile
{
  int pixels, channels, thread_pixels, thread_channels;
};

/* By channels, the largest first: a large tile reads less, a small one leaves more blocks. */
static const struct gemm_tile tiles[] = {
  { 128, 64, 8, 4 }, { 64, 64, 4, 4 },  { 32, 64, 4, 2 }, { 128, 32, 4, 4 }, { 64, 32, 4, 2 },
  { 32, 32, 2, 2 },  { 128, 16, 4, 2 }, { 64, 16, 2, 2 }, { 32, 16, 2, 1 },
};

static struct gemm_tile
choose_tile (int64_t pixels, int64_t channels, int64_t times)
{
  int width = channels > 32 ? 64 : channels > 16 ? 32 : 16;
  struct gemm_tile last = tiles[0];
  for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
    {
      if (tiles[i].channels != width)
        continue;
      last = tiles[i];
      if (ceil_div (pixels, last.pixels) * ceil_div (channels, width) * times >= ENOUGH_BLOCKS)
        break;
    }
  return last;
}

/* A product of matrices: PIXELS x ROW, in TIMES groups or phases. CHANNELS: of the input, those that an output takes.
 */
static struct plan_gemm
gemm_of (int64_t pixels, int64_t channels, int64_t columns, int64_t row, int64_t times, struct launch_shapes *launch)
{
  struct gemm_tile t = choose_tile (pixels, columns, times);
  *launch = cuda_launch_blocks (ceil_div (pixels, t.pixels), ceil_div (columns, t.channels), times,
                                t.pixels / t.thread_pixels * (t.channels / t.thread_channels));
  return (struct plan_gemm){ .tile_m = t.pixels,
                             .tile_n = t.channels,
                             .tile_k = STEP,
                             .thread_m = t.thread_pixels,
                             .thread_n = t.thread_channels,
                             .row = row,
                             .columns = columns,
                             .channels = channels,
                             .load_width = channels % 4 ? 1 : 4 };
}

static int64_t
taps_of (const struct node *n)
{
  return n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2];
}

/* Groups of few channels. */
static struct cuda_kernel *
conv_grouped (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t in_g = in->c / n->groups, count = g->batch * shape_pixels (out) * out->c;
  struct weights_place place = weights_with_epilogue (g, n, PACK_CUDA_GROUPED, taps_of (n) * in_g * out->c);
  struct launch_shapes launch = cuda_launch_each (count);
  struct cuda_conv_grouped *p = plan_new (&cuda_conv_grouped_family);
  *p = (struct cuda_conv_grouped){ .gpu = plan_gpu_of (g, n, CUDA_THREADS),
                                   .win = plan_window_of (&n->win),
                                   .groups = n->groups,
                                   .group_in = in_g,
                                   .group_out = out->c / n->groups,
                                   .ep = place.ep,
                                   .res = plan_residual_of (g, n->ep.residual),
                                   .count = count };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_conv_grouped_family, p, &place, &launch);
  k->matrices.row = out->c;
  k->base.reason = "groups of few channels: a thread for each result";
  return k;
}

static struct cuda_kernel *
conv_of_matrices (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t in_g = in->c / n->groups, out_g = out->c / n->groups, row = round_up (out_g, 4);
  struct weights_place place = weights_with_epilogue (g, n, PACK_CUDA_CONV, taps_of (n) * in_g * row * n->groups);
  struct launch_shapes launch;
  struct cuda_conv *p = plan_new (&cuda_conv_family);
  p->gemm = gemm_of (g->batch * shape_pixels (out), in_g, out_g, row, n->groups, &launch);
  p->gpu = plan_gpu_of (g, n, launch.shape[ELSEWHERE].threads);
  p->win = plan_window_of (&n->win);
  p->groups = n->groups;
  p->group_in = in_g;
  p->group_out = out_g;
  p->ep = place.ep;
  p->res = plan_residual_of (g, n->ep.residual);
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_conv_family, p, &place, &launch);
  k->matrices.row = row;
  k->base.reason = "a product of matrices whose rows are gathered";
  return k;
}

struct cuda_kernel *
select_conv_gemm (const struct graph *g, const struct node *n, const char *base)
{
  bool small = n->groups > 1 && g->tensors[n->out].shape.c / n->groups < 16;
  struct cuda_kernel *k = (small ? conv_grouped : conv_of_matrices) (g, n);
  name_kernel (&k->base, g, n, base, n->type);
  return k;
}

static struct plan_phase_table
phase_table_of (const struct window *w, int a, int64_t out)
{
  int64_t phases = phase_count (w, a, out), taps = 0;
  struct plan_table t = plan_table_new (phases, 4, 0);
  int64_t *row = NEW_ARRAY ((size_t) (phases * 4), int64_t);
  t.i = row;
  for (int64_t f = 0; f < phases; f++, row += 4)
    {
      struct phase p = phase_of (w, a, out, f);
      row[0] = p.taps;
      row[1] = taps;
      row[2] = p.taps ? p.first : 0;
      row[3] = p.count;
      taps += p.taps;
    }
  return (struct plan_phase_table){ phases, taps, t };
}

struct phases_of_axes
phases_of_axes (const struct window *w, const struct shape *out)
{
  struct phases_of_axes all = { .phases = 1, .taps = 1, .outputs = 1 };
  for (int a = 0; a < AXES; a++)
    {
      const struct plan_phase_table *t = &all.table[a];
      int64_t most = 0;
      all.table[a] = phase_table_of (w, a, out->dim[a]);
      for (int64_t f = 0; f < t->phases; f++)
        most = t->table.i[4 * f + 3] > most ? t->table.i[4 * f + 3] : most;
      all.phases *= t->phases;
      all.taps *= t->all_taps;
      all.outputs *= most;
    }
  return all;
}

struct cuda_kernel *
select_transposed_gemm (const struct graph *g, const struct node *n, const char *base)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const struct phases_of_axes f = phases_of_axes (&n->win, out);
  const int64_t row = round_up (out->c, 4);
  struct weights_place place = weights_with_epilogue (g, n, PACK_CUDA_TRANSPOSED, f.taps * in->c * row);
  struct launch_shapes launch;
  struct cuda_conv_transposed *p = plan_new (&cuda_conv_transposed_family);
  p->gemm = gemm_of (g->batch * f.outputs, in->c, out->c, row, f.phases, &launch);
  p->gpu = plan_gpu_of (g, n, launch.shape[ELSEWHERE].threads);
  p->d = f.table[AXIS_D];
  p->h = f.table[AXIS_H];
  p->w = f.table[AXIS_W];
  p->s = plan_axes_of (n->win.stride);
  p->ep = place.ep;
  p->res = plan_residual_of (g, n->ep.residual);
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_conv_transposed_family, p, &place, &launch);
  k->matrices.row = row;
  k->base.reason = "a product of matrices for each output phase";
  name_kernel (&k->base, g, n, base, n->type);
  return k;
}

struct cuda_kernel *
select_linear_warps (const struct graph *g, const struct node *n)
{
  const int64_t out_c = g->tensors[n->out].shape.c, features = shape_count (&g->tensors[n->in[0]].shape);
  struct weights_place place = weights_with_epilogue (g, n, PACK_CUDA_LINEAR, out_c * features);
  struct launch_shapes launch = cuda_launch_blocks (ceil_div (g->batch * out_c, CUDA_THREADS / 32), 1, 1, CUDA_THREADS);
  struct cuda_linear *p = plan_new (&cuda_linear_family);
  *p = (struct cuda_linear){ .gpu = plan_gpu_of (g, n, CUDA_THREADS),
                             .ep = place.ep,
                             .res = plan_residual_of (g, -1),
                             .features = features,
                             .count = g->batch * out_c };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_linear_family, p, &place, &launch);
  k->matrices.row = features;
  k->base.reason = "a warp for each result";
  name_kernel (&k->base, g, n, "linear", n->type);
  return k;
}
