/* Kernels that move elements: upsampling and reshape. */
#include <inttypes.h>

#include "plan_cpu.h"
#include "select_families.h"
#include "shares.h"

struct kernel *
select_upsample (const struct graph *g, const struct node *n)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t *to = g->tensors[n->out].shape.dim;
  struct strides x = tensor_strides (in);
  struct cpu_upsample *p = plan_new (&cpu_upsample_family);
  *p = (struct cpu_upsample){ plan_io_of (g, n), plan_sources_of (n, AXIS_D, &in->shape, to[AXIS_D], x.plane),
                              plan_sources_of (n, AXIS_H, &in->shape, to[AXIS_H], x.row),
                              plan_sources_of (n, AXIS_W, &in->shape, to[AXIS_W], x.pixel),
                              shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_upsample_family, p, NULL);
  name_kernel (k, g, n, mem_printf ("upsample_%s_%s", n->nearest ? "nearest" : "linear",
                                    window_name (in->shape.rank, to)), n->type);
  return k;
}

/* Mirrored and repeated elements are nearest neighbours. */
static struct kernel *
select_repeated (const struct graph *g, const struct node *n, const char *name)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t *from = in->shape.dim, *to = g->tensors[n->out].shape.dim;
  const struct strides x = tensor_strides (in);
  struct cpu_upsample *p = plan_new (&cpu_upsample_family);
  *p = (struct cpu_upsample){ plan_io_of (g, n), plan_padded_of (n, AXIS_D, from[AXIS_D], to[AXIS_D], x.plane),
                              plan_padded_of (n, AXIS_H, from[AXIS_H], to[AXIS_H], x.row),
                              plan_padded_of (n, AXIS_W, from[AXIS_W], to[AXIS_W], x.pixel),
                              shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_upsample_family, p, NULL);
  name_kernel (k, g, n, name, n->type);
  return k;
}

struct kernel *
select_pad (const struct graph *g, const struct node *n)
{
  const char *name = pad_name (n, g->tensors[n->out].shape.rank, g->tensors[n->out].shape.dim);
  if (n->pad_mode != PAD_CONSTANT)
    return select_repeated (g, n, name);
  struct cpu_pad *p = plan_new (&cpu_pad_family);
  *p = (struct cpu_pad){ plan_io_of (g, n), plan_axes_of (n->win.pad_lo), n->pad_value,
                         shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_pad_family, p, NULL);
  name_kernel (k, g, n, name, n->type);
  return k;
}

struct kernel *
select_reshape (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape;
  struct cpu_reshape *p = plan_new (&cpu_reshape_family);
  *p = (struct cpu_reshape){ plan_io_of (g, n), plan_gather_of (n, in), shape_count (in) < INT32_MAX ? "int" : "size_t",
                             shares_of_elements (g, n->out) };
  struct kernel *k = kernel_of_plan (n, &cpu_reshape_family, p, NULL);
  name_kernel (k, g, n, element_order_name (&n->read), n->type);
  return k;
}
