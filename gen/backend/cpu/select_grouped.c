/* Convolutions of many small groups, depthwise ones among them: several groups share a block of channels. */
#include "plan_cpu.h"
#include "select_families.h"
#include "shares.h"

#include <inttypes.h>

/* A thread's stack has them: one strip of outputs may need no more. */
#define MOST_BYTES (4 * 1024 * 1024)

/* What gathering one lane's input costs, in multiply-adds of that lane. The order of weights depends on it: it is one
 * for all targets. */
#define GATHER_COST 24

static int64_t
taps_of (const struct window *w)
{
  return w->kernel[AXIS_D] * w->kernel[AXIS_H] * w->kernel[AXIS_W];
}

/* Groups of 1, 2, 4 or 8 channels in and out straddle no block of 16, and no vector that has their inputs; in bf16
 * those of 16 are halves of a block. */
static bool
fits_lanes (const struct graph *g, int64_t in, int64_t out)
{
  return in == out && (in == 1 || in == 2 || in == 4 || in == 8 || (in == 16 && in < graph_block (g)));
}

bool
grouped_pairs_apply (const struct graph *g, const struct node *n)
{
  int64_t in = g->tensors[n->in[0]].shape.c / n->groups, out = g->tensors[n->out].shape.c / n->groups;
  return graph_element (g) == ELEMENT_BF16 && n->groups > 1 && in > 1 && fits_lanes (g, in, out);
}

/* Channels of the input blocks that one block of outputs has groups in, at most; conv_direct multiplies with all, those
 * of other groups by 0. */
static int64_t
dense_channels (int64_t in_c, int64_t out_c, int64_t groups, int64_t block)
{
  int64_t most = 0, in = in_c / groups, out = out_c / groups;
  for (int64_t o = 0; o < out_c; o += block)
    {
      int64_t end = o + block < out_c ? o + block : out_c;
      int64_t span = ceil_div (((end - 1) / out + 1) * in, block) - o / out * in / block;
      most = span > most ? span : most;
    }
  return most * block < in_c ? most * block : in_c;
}

/* Floats of one gathered row of inputs, of all channels of a group and planes of the window. */
static int64_t
gathered_row (const struct window *w, const struct shape *out, int64_t in_g, int64_t block)
{
  int64_t width = (out->dim[AXIS_W] - 1) * w->stride[AXIS_W] + (w->kernel[AXIS_W] - 1) * w->dilation[AXIS_W] + 1;
  return w->kernel[AXIS_D] * in_g * width * block;
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
  int64_t block = graph_block (g), in = x->c / n->groups, taps = taps_of (&n->win),
          gathered = taps + GATHER_COST * n->win.kernel[AXIS_D];
  if (n->groups == 1)
    return false;
  if (fits_lanes (g, in, y->c / n->groups))
    return true;
  /* where conv_direct would multiply other groups' channels by 0, a NaN or an infinity of theirs would come in too */
  bool alone = in % block == 0 && y->c / n->groups % block == 0;
  return (!alone || in * gathered < taps * dense_channels (x->c, y->c, n->groups, block))
         && gathered_row (&n->win, y, in, block) * span_of (&n->win) * (int64_t) sizeof (float) <= MOST_BYTES;
}

/* One vector of outputs for nearly as many pixels as a target's tile has sums: it also has three weights, an input, and
 * where multiply-adds are two instructions a product. */
static int64_t
sums_of (const struct target *target)
{
  return target->single.pixels * target->single.vectors - 1;
}

/* Multiply-adds of one sample. */
static double
group_macs (const struct graph *g, const struct node *n)
{
  return (double) shape_count (&g->tensors[n->out].shape)
         * (double) (taps_of (&n->win) * g->tensors[n->in[0]].shape.c / n->groups);
}

static struct kernel *
grouped (const struct graph *g, const struct node *n, const struct weights_place *w, const struct target *target)
{
  const int64_t sums = sums_of (target);
  const struct tensor *in = &g->tensors[n->in[0]];
  const struct shape *out = &g->tensors[n->out].shape;
  int64_t rows = out->dim[AXIS_H], width = out->dim[AXIS_W];
  const double ns = (double) g->batch * group_macs (g, n) / target->cost->macs;
  struct cpu_conv_grouped *p = plan_new (&cpu_conv_grouped_family);
  *p = (struct cpu_conv_grouped){
    plan_io_of (g, n),       plan_window_of (&n->win),  plan_sums_of (g, n, w, first_tap_at (in, &n->win)),
    in->shape.c / n->groups, plan_cut_of (width, sums), plan_cut_of (rows, width * 2 <= sums ? sums / width : 1),
    shares_most (ns)
  };
  struct kernel *k = kernel_of_plan (n, &cpu_conv_grouped_family, p, w);
  const double strips = (double) (g->batch * out->dim[AXIS_D] * (p->high.count + p->high.smaller));
  k->pieces = shares_pieces (strips * (double) graph_blocks (g, n->out), ns);
  k->reason = "small groups: inputs permuted so that each lane has one of its group";
  return k;
}

/* Rows of outputs of one unit of work, so that the inputs that are gathered for them stay cached. */
static int64_t
gathered_strip (const struct target *t, const struct window *w, int64_t rows, int64_t row_floats)
{
  int64_t span = span_of (w), most = t->caches.gathered / (row_floats * (int64_t) sizeof (float));
  return ceil_div (rows, ceil_div (rows, most <= span ? 1 : (most - span) / w->stride[AXIS_H] + 1));
}

static struct kernel *
gathered (const struct graph *g, const struct node *n, const struct weights_place *w, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const struct shape *out = &g->tensors[n->out].shape;
  int64_t in_g = in->shape.c / n->groups, row = gathered_row (&n->win, out, in_g, graph_block (g));
  int64_t strip = gathered_strip (target, &n->win, out->dim[AXIS_H], row);
  int64_t rows = (strip - 1) * n->win.stride[AXIS_H] + span_of (&n->win);
  struct cpu_conv_gathered *p = plan_new (&cpu_conv_gathered_family);
  *p = (struct cpu_conv_gathered){ .io = plan_io_of (g, n),
                                   .win = plan_window_of (&n->win),
                                   .sums = plan_sums_of (g, n, w, first_tap_at (in, &n->win)),
                                   .group_in = in_g,
                                   .group_out = out->c / n->groups,
                                   .strip_rows = strip,
                                   .gather_rows = rows,
                                   .gather_width = row / (n->win.kernel[AXIS_D] * in_g * graph_block (g)),
                                   .cut = plan_cut_of (out->dim[AXIS_W], sums_of (target)) };
  struct kernel *k = kernel_of_plan (n, &cpu_conv_gathered_family, p, w);
  k->scratch_bytes = rows * row * (int64_t) sizeof (float);
  k->reason = "small groups: inputs gathered, each lane's own channels";
  return k;
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
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t in_g = in->c / n->groups, out_g = out->c / n->groups;
  struct weights_place w = weights_of (g, n);
  const bool tiles = target->tiles && grouped_tiles_apply (g, n);
  struct kernel *k = tiles ? select_grouped_tiles (g, n, target)
                           : (fits_lanes (g, in_g, out_g) ? grouped : gathered) (g, n, &w, target);
  int rank = in->rank;
  if (!tiles)
    k->executed_macs = group_macs (g, n);
  const char *dilation = stride_name (rank, n->win.dilation);
  name_kernel (k, g, n, mem_printf ("conv%s%s%s%sg%" PRId64, window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), *dilation ? "d" : "",
                                    *dilation ? dilation + 1 : "", n->groups), group_purpose (n, in_g, out_g));
  return k;
}
