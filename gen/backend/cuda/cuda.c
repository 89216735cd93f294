/* NVIDIA GPUs as a backend. */
#include "cuda.h"

#include "applies.h"
#include "backend/targets.h"
#include "cuda_kernel.h"
#include "emit_cuda.h"
#include "select_cuda.h"
#include "select_cuda_families.h"
#include "tile.h"
#include "tune_cuda.h"

/* What TMA wants, and a wide margin to the cache lines. */
#define ALIGNMENT 256

/* On the tensor cores a block has a patch of pooled pixels, if it is not in 3-D, where a patch needs many more of the
 * convolution's. The activation may come behind the maximum, so it must not change the order. */
static bool
takes_pool (const struct graph *g, const struct node *conv, const struct window *pool)
{
  return g->rank == 2 && stem_mma_applies (g, conv) && activation_is_monotone (&conv->ep.act)
         && pool->kernel[AXIS_H] <= 3 && pool->kernel[AXIS_W] <= 3 && pool->stride[AXIS_H] <= 2
         && pool->stride[AXIS_W] <= 2;
}

static bool
spreads (const struct graph *g, const struct node *n)
{
  const struct kernel *k = n->kernel;
  if (k->order == &cuda_mma_order) /* groups in one matrix */
    return cuda_kernel_of (k)->matrices.count != n->groups;
  return k->order == &cuda_mma_stem_order && n->win.kernel[AXIS_W] % 4
         && g->precision != PRECISION_TF32; /* whole 16 elements */
}

static void
list_targets (struct targets *t)
{
  targets_add (t, "cuda", "NVIDIA GPUs from compute capability 8.0 on", &cuda_backend);
}

/* Vectors of weights are read by vectors of up to 16 of them, whatever the precision. */
static int64_t
block_of (const struct graph *g)
{
  (void) g;
  return BLOCK;
}

static const char *
section_order (const struct graph *g)
{
  return mem_printf ("cuda-%s", precision_name (g->precision));
}

const struct backend cuda_backend = {
  .name = "cuda",
  .list_targets = list_targets,
  .precisions = 1U << PRECISION_FP32 | 1U << PRECISION_TF32 | 1U << PRECISION_FP16 | 1U << PRECISION_BF16,
  .alignment = ALIGNMENT,
  .absent = "machine has no such GPU",
  .block = block_of,
  .takes_pool = takes_pool,
  .takes_second = conv_mma_applies,
  .takes_gate = true,
  .parts_of_gate = parts_of_gate_cuda,
  .select = select_cuda,
  .activation = activation_device,
  .spreads = spreads,
  .section_order = section_order,
  .emit = emit_cuda,
  .tiles = "wisdom/h100.tiles",
  .tiles_read = cuda_tiles_read,
  .tiles_of_lines = cuda_tiles_of_lines,
  .tiles_measured = cuda_tiles_measured,
  .considered = cuda_considered,
  .start = 60, /* code may be compiled */
  .library = "library for GPUs",
  .code_unknown = "its compiler makes other code for each kind of GPU",
  .tune_missing = tune_cuda_missing,
  .tune = tune_cuda,
};
