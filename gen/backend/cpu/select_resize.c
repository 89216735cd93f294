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
