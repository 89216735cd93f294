/* Convolutions of many small groups, depthwise ones among them: several groups share a block of channels. */
#include "grouped.h"
#include "plan_cpu.h"
#include "select_families.h"
#include "shares.h"

#include <inttypes.h>

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
         * (double) (grouped_taps (&n->win) * g->tensors[n->in[0]].shape.c / n->groups);
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
  int64_t span = grouped_span (w), most = t->caches.gathered / (row_floats * (int64_t) sizeof (float));
  return ceil_div (rows, ceil_div (rows, most <= span ? 1 : (most - span) / w->stride[AXIS_H] + 1));
}

static struct kernel *
gathered (const struct graph *g, const struct node *n, const struct weights_place *w, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const struct shape *out = &g->tensors[n->out].shape;
  int64_t in_g = in->shape.c / n->groups, row = grouped_row (&n->win, out, in_g, graph_block (g));
  int64_t strip = gathered_strip (target, &n->win, out->dim[AXIS_H], row);
  int64_t rows = (strip - 1) * n->win.stride[AXIS_H] + grouped_span (&n->win);
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
                           : (grouped_fits_lanes (g, in_g, out_g) ? grouped : gathered) (g, n, &w, target);
  int rank = in->rank;
  if (!tiles)
    k->executed_macs = group_macs (g, n);
  const char *dilation = stride_name (rank, n->win.dilation);
  name_kernel (k, g, n, mem_printf ("conv%s%s%s%sg%" PRId64, window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), *dilation ? "d" : "",
                                    *dilation ? dilation + 1 : "", n->groups), group_purpose (n, in_g, out_g));
  return k;
}
