/* The GPU's kernels: node → template, literal parameters, blocks and threads. */
#include "select_cuda.h"

#include <inttypes.h>

#include "applies.h"
#include "backend/phases.h"
#include "backend/cpu/select_kernel.h"
#include "backend/cpu/select_parts.h"
#include "select_cuda_parts.h"
#include "tile.h"

#define THREADS 256

/* Blocks that keep a large GPU busy: one for each of its multiprocessors. */
#define ENOUGH_BLOCKS 132

/* Steps of the sum over taps and channels that are in shared memory at one time. */
#define STEP 16

/* A block's tile of outputs: pixels x channels; each of THREADS threads has thread_pixels x thread_channels of them. */
struct block_tile
{
  int pixels, channels, thread_pixels, thread_channels;
};

/* By channels, the largest first: a large tile reads less, a small one leaves more blocks. */
static const struct block_tile tiles[] = {
  { 128, 64, 8, 4 }, { 64, 64, 4, 4 }, { 32, 64, 4, 2 }, { 128, 32, 4, 4 }, { 64, 32, 4, 2 },
  { 32, 32, 2, 2 },  { 128, 16, 4, 2 }, { 64, 16, 2, 2 }, { 32, 16, 2, 1 },
};

static struct block_tile
choose_tile (int64_t pixels, int64_t channels, int64_t times)
{
  int width = channels > 32 ? 64 : channels > 16 ? 32 : 16;
  struct block_tile last = tiles[0];
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

static void
set_launch (struct kernel *k, int64_t x, int64_t y, int64_t z)
{
  for (int i = 0; i < GENERATIONS; i++)
    k->shape[i] = (struct launch_shape){ { x, y, z }, THREADS, 0 };
}

/* A thread for each of COUNT results. */
static void
launch_each (struct kernel *k, int64_t count)
{
  set_int (k, "COUNT", NULL, count);
  set_launch (k, ceil_div (count, THREADS), 1, 1);
}

/* A product of matrices: PIXELS x ROW, in TIMES groups or phases. CHANNELS: of the input, those that an output takes. */
static void
set_gemm (struct kernel *k, int64_t pixels, int64_t channels, int64_t columns, int64_t times)
{
  struct block_tile t = choose_tile (pixels, columns, times);
  set_int (k, "TILE_M", NULL, t.pixels);
  set_int (k, "TILE_N", NULL, t.channels);
  set_int (k, "TILE_K", NULL, STEP);
  set_int (k, "THREAD_M", NULL, t.thread_pixels);
  set_int (k, "THREAD_N", NULL, t.thread_channels);
  set_int (k, "ROW", NULL, k->row);
  set_int (k, "COLUMNS", NULL, columns);
  set_int (k, "CHANNELS", NULL, channels);
  set_int (k, "LOAD_WIDTH", NULL, channels % 4 ? 1 : 4); /* inputs that lie side by side whatever the tap */
  set_launch (k, ceil_div (pixels, t.pixels), ceil_div (columns, t.channels), times);
  for (int i = 0; i < GENERATIONS; i++)
    k->shape[i].threads = t.pixels / t.thread_pixels * (t.channels / t.thread_channels);
}

static const char *
conv_base (const struct graph *g, const struct node *n, const char *base)
{
  int rank = g->tensors[n->in[0]].shape.rank;
  return mem_printf ("%s%s%s", base, window_name (rank, n->win.kernel), stride_name (rank, n->win.stride));
}

static struct kernel *
named_conv (struct kernel *k, const struct graph *g, const struct node *n)
{
  name_kernel (k, g, n, mem_printf ("%s%s%s", conv_base (g, n, "conv"), n->groups > 1 ? mem_printf ("_g%" PRId64, n->groups) : "",
                                    n->second ? mem_printf ("_and_%s", conv_base (g, n->second, "")) : ""), n->type);
  return k;
}

static struct kernel *
select_conv_cuda (const struct graph *g, const struct node *n)
{
  if (conv_mma_applies (g, n))
    return named_conv (select_conv_mma (g, n), g, n);
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t in_g = in->c / n->groups, out_g = out->c / n->groups, pixels = g->batch * shape_pixels (out);
  int64_t taps = n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2];
  bool small = n->groups > 1 && out_g < 16;
  struct kernel *k = kernel_new (g, n, small ? "conv_grouped" : "conv");
  k->packing = small ? PACK_CUDA_GROUPED : PACK_CUDA_CONV;
  k->row = small ? out->c : round_up (out_g, 4);
  k->weight_floats = taps * in_g * k->row * (small ? 1 : n->groups);
  set_window (k, &n->win);
  set_int (k, "GROUPS", NULL, n->groups);
  set_int (k, "GROUP_IN", NULL, in_g);
  set_int (k, "GROUP_OUT", NULL, out_g);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  if (small)
    launch_each (k, pixels * out->c);
  else
    set_gemm (k, pixels, in_g, out_g, n->groups);
  k->reason = small ? "groups of few channels: a thread for each result" : "a product of matrices whose rows are gathered";
  return named_conv (k, g, n);
}

static struct kernel *
named_transposed (struct kernel *k, const struct graph *g, const struct node *n)
{
  name_kernel (k, g, n, conv_base (g, n, "deconv"), n->type);
  return k;
}

static struct kernel *
select_transposed_cuda (const struct graph *g, const struct node *n)
{
  if (transposed_mma_applies (g, n))
    return named_transposed (select_transposed_mma (g, n), g, n);
  struct kernel *k = kernel_new (g, n, "conv_transposed");
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t taps = 1, pixels = g->batch, phases = 1, most;
  for (int a = 0; a < AXES; a++)
    {
      taps *= set_phases (k, &n->win, a, out->dim[a], &most);
      pixels *= most;
      phases *= phase_count (&n->win, a, out->dim[a]);
    }
  set_axes (k, "S", n->win.stride);
  k->packing = PACK_CUDA_TRANSPOSED;
  k->row = round_up (out->c, 4);
  k->weight_floats = taps * in->c * k->row;
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_gemm (k, pixels, in->c, out->c, phases);
  k->reason = "a product of matrices for each output phase";
  return named_transposed (k, g, n);
}

static struct kernel *
named_linear (struct kernel *k, const struct graph *g, const struct node *n)
{
  name_kernel (k, g, n, "linear", n->type);
  return k;
}

static struct kernel *
select_linear_cuda (const struct graph *g, const struct node *n)
{
  if (linear_mma_applies (g, n))
    return named_linear (select_linear_mma (g, n), g, n);
  struct kernel *k = kernel_new (g, n, "linear");
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  k->packing = PACK_CUDA_LINEAR;
  k->row = shape_count (in);
  k->weight_floats = out->c * k->row;
  set_epilogue (k, g, n);
  set_residual (k, g, -1);
  set_int (k, "FEATURES", NULL, k->row);
  set_int (k, "COUNT", NULL, g->batch * out->c);
  set_launch (k, ceil_div (g->batch * out->c, THREADS / 32), 1, 1);
  k->reason = "a warp for each result";
  return named_linear (k, g, n);
}

/* The kernels that differ from the CPU's in their text alone have the same parameters. */
static struct kernel *
select_like_cpu (const struct graph *g, const struct node *n, const struct target *target)
{
  struct kernel *k = select_kernel (g, n, target);
  const struct shape *out = &g->tensors[n->out].shape;
  int64_t pixels = g->batch * shape_pixels (out), team = out->c < 128 ? 32 : THREADS;
  switch (n->op)
    {
    case OP_INSTANCE_NORM:
    case OP_GROUP_NORM:
      set_launch (k, g->batch * n->groups, 1, 1);
      break;
    case OP_GLOBAL_AVERAGE_POOL:
      set_launch (k, g->batch * ceil_div (out->c, 32), 1, 1);
      break;
    case OP_SOFTMAX:
      set_int (k, "COUNT", NULL, pixels);
      set_int (k, "TEAM", NULL, team);
      set_launch (k, ceil_div (pixels, THREADS / team), 1, 1);
      break;
    case OP_INPUT:
      if (g->tensors[n->out].layout == LAYOUT_CHANNELS_4)
        k->stem = "input_4";
      launch_each (k, g->batch * tensor_strides (&g->tensors[n->out]).sample
                        / (g->tensors[n->out].layout == LAYOUT_CHANNELS_4 ? 4 : 1));
      break;
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
    case OP_ADD:
    case OP_IDENTITY:
      set_int (k, "CHANNELS_EACH", NULL, out->c % 8 ? 1 : 8);
      launch_each (k, pixels * out->c / (out->c % 8 ? 1 : 8));
      break;
    default:
      launch_each (k, pixels * out->c);
    }
  k->reason = "the only kernel for this operator";
  return k;
}

static struct kernel *
select_one (const struct graph *g, const struct node *n, const struct target *target)
{
  switch (n->op)
    {
    case OP_CONV:
      return select_conv_cuda (g, n);
    case OP_TRANSPOSED_CONV:
      return select_transposed_cuda (g, n);
    case OP_LINEAR:
      return select_linear_cuda (g, n);
    default:
      return select_like_cpu (g, n, target);
    }
}

/* Scores keep all digits: a softmax makes a relative error of a tenth where a score of 30 has one of a third of a
 * percent. So do the features that a kernel without tensor cores makes them of. */
static bool
holds_scores (const struct graph *g, int t)
{
  const struct node *writer = graph_producer (g, t), *reader = graph_only_reader (g, t);
  if (!reader || reader->ep.residual == t)
    return false;
  if (writer->op == OP_GLOBAL_AVERAGE_POOL)
    return reader->op == OP_LINEAR && !linear_mma_applies (g, reader);
  return (writer->op == OP_LINEAR || writer->op == OP_SOFTMAX) && (reader->op == OP_SOFTMAX || reader->op == OP_OUTPUT);
}

struct kernels *
select_cuda (struct graph *g)
{
  static const struct target gpu = { .name = "cuda", .flags = "", .lanes = 1 };
  struct kernels *ks = NEW (struct kernels);
  ks->target = &gpu;
  for (int i = 0; i < g->tensor_count; i++)
    {
      g->tensors[i].layout = LAYOUT_CHANNELS_LAST;
      g->tensors[i].wide = holds_scores (g, i);
    }
  layout_of_input (g);
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      struct kernel *k = select_one (g, n, &gpu);
      k->dependent = true;
      if (k->product)
        choose_mma_tile (k, g);
      if (k->packing == PACK_CUDA_MMA_STEM)
        choose_stem (k, g, n);
      k->of_target = true; /* tiles decide */
      set_int (k, "THREADS", NULL, k->shape[ELSEWHERE].threads);
      k->of_target = false;
      set_int (k, "X_WIDE", NULL, n->nin > 0 && g->tensors[n->in[0]].wide);
      set_int (k, "Y_WIDE", NULL, g->tensors[n->out].wide);
      set_text (k, "PRECISION", precision_name (g->precision));
      n->kernel = kernels_share (ks, k);
    }
  return ks;
}
