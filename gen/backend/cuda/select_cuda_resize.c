/* Kernels that move elements: upsampling, padding and reshape. */
#include <inttypes.h>

#include "backend/kernel_names.h"
#include "select_cuda_families.h"

static int64_t
results_of (const struct graph *g, const struct node *n)
{
  return g->batch * shape_count (&g->tensors[n->out].shape);
}

struct cuda_kernel *
select_reshape_cuda (const struct graph *g, const struct node *n)
{
  struct launch_shapes launch = cuda_launch_each (results_of (g, n));
  struct cuda_reshape *p = plan_new (&cuda_reshape_family);
  *p = (struct cuda_reshape){ plan_gpu_of (g, n, CUDA_THREADS), plan_gather_of (n, &g->tensors[n->in[0]].shape),
                              results_of (g, n) };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_reshape_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, element_order_name (&n->read), n->type);
  return k;
}

struct cuda_kernel *
select_upsample_cuda (const struct graph *g, const struct node *n)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t *to = g->tensors[n->out].shape.dim;
  const struct strides x = tensor_strides (in);
  struct launch_shapes launch = cuda_launch_each (results_of (g, n));
  struct cuda_upsample *p = plan_new (&cuda_upsample_family);
  *p = (struct cuda_upsample){ plan_gpu_of (g, n, CUDA_THREADS),
                               plan_sources_of (n, AXIS_D, &in->shape, to[AXIS_D], x.plane),
                               plan_sources_of (n, AXIS_H, &in->shape, to[AXIS_H], x.row),
                               plan_sources_of (n, AXIS_W, &in->shape, to[AXIS_W], x.pixel), results_of (g, n) };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_upsample_family, p, NULL, &launch);
  name_kernel (&k->base, g, n,
               mem_printf ("upsample_%s_%s", n->nearest ? "nearest" : "linear", window_name (in->shape.rank, to)),
               n->type);
  return k;
}

/* Mirrored and repeated elements are nearest neighbours. */
static struct cuda_kernel *
select_repeated (const struct graph *g, const struct node *n, const char *name)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t *from = in->shape.dim, *to = g->tensors[n->out].shape.dim;
  const struct strides x = tensor_strides (in);
  struct launch_shapes launch = cuda_launch_each (results_of (g, n));
  struct cuda_upsample *p = plan_new (&cuda_upsample_family);
  *p = (struct cuda_upsample){ plan_gpu_of (g, n, CUDA_THREADS),
                               plan_padded_of (n, AXIS_D, from[AXIS_D], to[AXIS_D], x.plane),
                               plan_padded_of (n, AXIS_H, from[AXIS_H], to[AXIS_H], x.row),
                               plan_padded_of (n, AXIS_W, from[AXIS_W], to[AXIS_W], x.pixel), results_of (g, n) };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_upsample_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, name, n->type);
  return k;
}

struct cuda_kernel *
select_pad_cuda (const struct graph *g, const struct node *n)
{
  const char *name = pad_name (n, g->tensors[n->out].shape.rank, g->tensors[n->out].shape.dim);
  if (n->pad_mode != PAD_CONSTANT)
    return select_repeated (g, n, name);
  struct launch_shapes launch = cuda_launch_each (results_of (g, n));
  struct cuda_pad *p = plan_new (&cuda_pad_family);
  *p = (struct cuda_pad){ plan_gpu_of (g, n, CUDA_THREADS), plan_axes_of (n->win.pad_lo), n->pad_value,
                          results_of (g, n) };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_pad_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, name, n->type);
  return k;
}
