/* Convolutions of many small groups, depthwise ones among them: several groups share a block of channels. */
#include "select_parts.h"

#include <inttypes.h>

/* A thread's stack has them: one strip of outputs may need no more. */
#define MOST_BYTES (4 * 1024 * 1024)

/* What gathering one lane's input costs, in multiply-adds of that lane. The order of weights depends on it: it is one for
 * all targets. */
#define GATHER_COST 24

static int64_t
taps_of (const struct window *w)
{
  return w->kernel[AXIS_D] * w->kernel[AXIS_H] * w->kernel[AXIS_W];
}

/* Groups of 1, 2, 4 or 8 channels in and out straddle no block of 16, and no vector that their inputs spread over. */
static bool
spreads (int64_t in, int64_t out)
{
  return in == out && (in == 1 || in == 2 || in == 4 || in == 8);
}

/* Channels of the input blocks that one block of outputs has groups in, at most; conv_direct multiplies with all, those
 * of other groups by 0. */
static int64_t
dense_channels (int64_t in_c, int64_t out_c, int64_t groups)
{
  int64_t most = 0, in = in_c / groups, out = out_c / groups;
  for (int64_t o = 0; o < out_c; o += BLOCK)
    {
      int64_t end = o + BLOCK < out_c ? o + BLOCK : out_c;
      int64_t span = ceil_div (((end - 1) / out + 1) * in, BLOCK) - o / out * in / BLOCK;
      most = span > most ? span : most;
    }
  return most * BLOCK < in_c ? most * BLOCK : in_c;
}

/* Floats of one gathered row of inputs, of all channels of a group and planes of the window. */
static int64_t
gathered_row (const struct window *w, const struct shape *out, int64_t in_g)
{
  int64_t width = (out->dim[AXIS_W] - 1) * w->stride[AXIS_W] + (w->kernel[AXIS_W] - 1) * w->dilation[AXIS_W] + 1;
  return w->kernel[AXIS_D] * in_g * width * BLOCK;
}

/* Rows of inputs under one row of outputs. */
static int64_t
span_of (const struct window *w)
{
  return (w->kernel[AXIS_H] - 1) * w->dilation[AXIS_H] + 1;
}

bool
grouped_applies (const struct graph *g, const struct node *n)
{
  const struct shape *x = &g->tensors[n->in[0]].shape, *y = &g->tensors[n->out].shape;
  int64_t in = x->c / n->groups, taps = taps_of (&n->win), gathered = taps + GATHER_COST * n->win.kernel[AXIS_D];
  if (n->groups == 1)
    return false;
  if (spreads (in, y->c / n->groups))
    return true;
  /* where conv_direct would multiply other groups' channels by 0, a NaN or an infinity of theirs would come in too */
  bool alone = in % BLOCK == 0 && y->c / n->groups % BLOCK == 0;
  return (!alone || in * gathered < taps * dense_channels (x->c, y->c, n->groups))
         && gathered_row (&n->win, y, in) * span_of (&n->win) * (int64_t) sizeof (float) <= MOST_BYTES;
}

/* One vector of outputs for nearly as many pixels as a target's tile has sums: it also has three weights, an input, and
 * where multiply-adds are two instructions a product. */
static int64_t
sums_of (const struct target *target)
{
  return target->single.pixels * target->single.vectors - 1;
}

static void
set_tile_of_rows (struct kernel *k, const struct shape *out, const struct target *target)
{
  int64_t rows = out->dim[AXIS_H], width = out->dim[AXIS_W], sums = sums_of (target);
  k->of_target = true;
  set_tiles (k, "TILE", width, sums);
  set_tiles (k, "HIGH", rows, width * 2 <= sums ? sums / width : 1);
  k->of_target = false;
}

/* STRIP_ROWS rows of outputs, and the GATHER_ROWS x GATHER_WIDTH inputs of each plane of the window that they read. */
static void
set_gathered (struct kernel *k, const struct window *w, const struct shape *out, int64_t in_g,
              const struct target *target)
{
  int64_t span = span_of (w), row = gathered_row (w, out, in_g);
  int64_t most = target->caches.gathered / (row * (int64_t) sizeof (float));
  int64_t rows = most <= span ? 1 : (most - span) / w->stride[AXIS_H] + 1;
  rows = ceil_div (out->dim[AXIS_H], ceil_div (out->dim[AXIS_H], rows));
  int64_t gathered = (rows - 1) * w->stride[AXIS_H] + span;
  set_int (k, "STRIP_ROWS", NULL, rows);
  set_int (k, "GATHER_ROWS", NULL, gathered);
  set_int (k, "GATHER_WIDTH", NULL, row / (w->kernel[AXIS_D] * in_g * BLOCK));
  k->scratch_floats = gathered * row;
  k->of_target = true;
  set_tiles (k, "TILE", out->dim[AXIS_W], sums_of (target));
  k->of_target = false;
}

static void
set_group (struct kernel *k, const struct node *n, const struct shape *out, int64_t in_g, int64_t out_g,
           const struct target *target)
{
  if (spreads (in_g, out_g))
    {
      set_int (k, "LANES", NULL, in_g);
      set_tile_of_rows (k, out, target);
      k->reason = "small groups: inputs spread over the lanes of their group";
      return;
    }
  set_int (k, "GROUP_IN", NULL, in_g);
  set_int (k, "GROUP_OUT", NULL, out_g);
  set_gathered (k, &n->win, out, in_g, target);
  k->reason = "small groups: inputs gathered, each lane's own channels";
}

/* "conv 3x3, 32 groups of 4 channels" */
static const char *
group_purpose (const struct node *n, int64_t in_g, int64_t out_g)
{
  return mem_printf ("%s of %" PRId64 "%s channel%s", n->type, in_g,
                     out_g == in_g ? "" : mem_printf (" to %" PRId64, out_g), out_g == 1 ? "" : "s");
}

struct kernel *
select_grouped (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  int64_t in_g = in->shape.c / n->groups, out_g = out->shape.c / n->groups, weights = taps_of (&n->win) * in_g * BLOCK;
  struct kernel *k = kernel_new (g, n, spreads (in_g, out_g) ? "conv_grouped" : "conv_gathered");
  struct strides x = tensor_strides (in);
  int rank = in->shape.rank;
  k->packing = PACK_CONV_GROUPED;
  k->weight_floats = blocks (out->shape.c) * weights;
  k->executed_macs = (double) shape_count (&out->shape) * (double) (taps_of (&n->win) * in_g);
  set_window (k, &n->win);
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, weights);
  set_int (k, "IN_START", NULL, x.origin - n->win.pad_lo[AXIS_D] * x.plane - n->win.pad_lo[AXIS_H] * x.row
           - n->win.pad_lo[AXIS_W] * x.pixel);
  set_group (k, n, &out->shape, in_g, out_g, target);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  const char *dilation = stride_name (rank, n->win.dilation);
  name_kernel (k, g, n, mem_printf ("conv%s%s%s%sg%" PRId64, window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), *dilation ? "d" : "",
                                    *dilation ? dilation + 1 : "", n->groups), group_purpose (n, in_g, out_g));
  return k;
}
