/* Convolutions of many small groups, depthwise ones among them. */
#include "select_parts.h"

#include <inttypes.h>

/* Groups of 1, 2, 4 or 8 channels in and out never straddle a block of 16, nor a vector of the lanes they spread over. */
bool
grouped_applies (const struct graph *g, const struct node *n)
{
  int64_t in = g->tensors[n->in[0]].shape.c / n->groups, out = g->tensors[n->out].shape.c / n->groups;
  return n->groups > 1 && in == out && (in == 1 || in == 2 || in == 4 || in == 8);
}

/* One vector of outputs for as many pixels as a target's tile has sums: three weights and an input are in registers. */
static void
set_grouped_tiles (struct kernel *k, const struct shape *out, const struct target *target)
{
  int64_t rows = out->dim[AXIS_H], width = out->dim[AXIS_W];
  int64_t sums = target->single.pixels * target->single.vectors, high = width * 2 <= sums ? sums / width : 1;
  k->of_target = true;
  set_tiles (k, "TILE", width, sums);
  set_tiles (k, "HIGH", rows, high);
  k->of_target = false;
}

struct kernel *
select_grouped (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  struct kernel *k = kernel_new (g, n, "conv_grouped");
  int64_t taps = n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2], lanes = in->shape.c / n->groups;
  struct strides x = tensor_strides (in);
  int rank = in->shape.rank;
  k->packing = PACK_CONV_GROUPED;
  k->weight_floats = blocks (out->shape.c) * taps * lanes * BLOCK;
  set_window (k, &n->win);
  set_int (k, "LANES", NULL, lanes);
  set_int (k, "OUT_BLOCK_WEIGHTS", NULL, taps * lanes * BLOCK);
  set_int (k, "IN_START", NULL, x.origin - n->win.pad_lo[AXIS_D] * x.plane - n->win.pad_lo[AXIS_H] * x.row
           - n->win.pad_lo[AXIS_W] * x.pixel);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  set_grouped_tiles (k, &out->shape, target);
  const char *dilation = stride_name (rank, n->win.dilation);
  name_kernel (k, g, n, mem_printf ("conv%s%s%s%sg%" PRId64, window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), *dilation ? "d" : "",
                                    *dilation ? dilation + 1 : "", n->groups),
               mem_printf ("%s, %s", n->type, lanes == 1 ? "depthwise"
                                                         : mem_printf ("groups of %" PRId64 " channels", lanes)));
  k->reason = "small groups: inputs spread over the lanes of their group";
  return k;
}
