#include "cuda_kernel.h"

#include <assert.h>

struct launch_shapes
cuda_launch_blocks (int64_t x, int64_t y, int64_t z, int threads)
{
  struct launch_shapes l;
  assert (x > 0 && y > 0 && z > 0 && x <= INT32_MAX && y < 65536 && z < 65536);
  for (int i = 0; i < GENERATIONS; i++)
    l.shape[i] = (struct launch_shape){ { x, y, z }, threads, 0 };
  return l;
}

struct launch_shapes
cuda_launch_each (int64_t count)
{
  return cuda_launch_blocks (ceil_div (count, CUDA_THREADS), 1, 1, CUDA_THREADS);
}

struct plan_gpu
plan_gpu_of (const struct graph *g, const struct node *n, int threads)
{
  const struct tensor *in = n->nin ? &g->tensors[n->in[0]] : NULL, *out = &g->tensors[n->out];
  return (struct plan_gpu){ .batch = g->batch,
                            .in = in ? plan_tensor_of (in)
                                     : (struct plan_tensor){ .element = element_type (ELEMENT_F32)->name },
                            .out = plan_tensor_of (out),
                            .threads = threads,
                            .x_wide = in && in->format.element != graph_element (g),
                            .y_wide = out->format.element != graph_element (g),
                            .precision = precision_name (g->precision) };
}

struct cuda_kernel *
cuda_kernel_new (const struct node *n, const struct plan_family *family, void *plan, const struct weights_place *place,
                 const struct launch_shapes *l)
{
  struct cuda_kernel *k = NEW (struct cuda_kernel);
  k->base = *kernel_of_plan (n, family, plan, place);
  for (int i = 0; i < GENERATIONS; i++)
    k->shape[i] = l->shape[i];
  return k;
}
