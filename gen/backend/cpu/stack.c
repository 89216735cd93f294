/* How much stack a run takes on the thread that calls it: arrays as the templates declare them, and what gcc 12
 * -O2 adds at most in forty networks. docs/budgets.md. */
#include "stack.h"

#include "target.h"

#define CALLS_BYTES 256   /* NAME_run, the pool and the network's function for shares */
#define FRAME_BYTES 640   /* of a kernel without arrays: registers that are saved and spilt */
#define ARRAY_FRAME_BYTES 1088 /* … and of one that keeps tiles, whose vectors are spilt beside them */

/* A transformed tile of SIDE x SIDE positions, one vector each; a block has one at a time. */
static int64_t
face_bytes (const struct target *t, int64_t side)
{
  return side * side * (int64_t) (t->lanes * sizeof (float));
}

/* Rows of a convolution, ROWS of WIDTH pixels, that a pool takes from. */
static int64_t
rows_bytes (int64_t rows, int64_t width)
{
  return rows * width * (int64_t) (BLOCK * sizeof (float));
}

static int64_t
kernel_stack (const struct kernel *k, const struct target *t)
{
  const struct plan_family *f = k->family;
  if (f == &cpu_conv_winograd_family)
    return ARRAY_FRAME_BYTES + face_bytes (t, ((const struct cpu_conv_winograd *) k->plan)->outputs + 2);
  if (f == &cpu_conv_winograd_3d_family)
    return ARRAY_FRAME_BYTES + 2 * face_bytes (t, ((const struct cpu_conv_winograd_3d *) k->plan)->outputs + 2);
  if (f == &cpu_conv_transposed_winograd_family)
    return ARRAY_FRAME_BYTES + face_bytes (t, ((const struct cpu_conv_transposed_winograd *) k->plan)->outputs + 2);
  if (f == &cpu_conv_stem_winograd_family)
    {
      const struct plan_stem *s = &((const struct cpu_conv_stem_winograd *) k->plan)->stem;
      /* Where a block is one vector, the compiler keeps the faces of all planes of a tile. */
      return ARRAY_FRAME_BYTES + (t->lanes == BLOCK && s->outputs_d > 1 ? s->outputs_d + 2 : 1)
                                     * face_bytes (t, s->outputs + 3);
    }
  if (f == &cpu_conv_stem_winograd_pool_family)
    return ARRAY_FRAME_BYTES + face_bytes (t, ((const struct cpu_conv_stem_winograd_pool *) k->plan)->stem.outputs + 3);
  if (f == &cpu_conv_planar_pool_family)
    {
      const struct cpu_conv_planar_pool *p = k->plan;
      return FRAME_BYTES + rows_bytes (p->pool.k.h, p->pool.before.w)
             + (p->pool.before.d > 1 ? rows_bytes (1, p->io.out.w) : 0);
    }
  if (f == &cpu_norm_family)
    {
      const int64_t channels = ((const struct cpu_norm *) k->plan)->unit_blocks * BLOCK;
      return ARRAY_FRAME_BYTES + channels * (int64_t) (3 * sizeof (float) + 2 * sizeof (double));
    }
  if (f == &cpu_gate_family)
    return ARRAY_FRAME_BYTES + rows_bytes (1, blocks (((const struct cpu_gate *) k->plan)->reduced));
  return FRAME_BYTES;
}

int64_t
stack_bytes (const struct graph *g, const struct kernels *ks)
{
  int64_t most = 0;
  if (g->precision != PRECISION_FP32)
    return -1;
  for (int i = 0; i < ks->count; i++)
    {
      const int64_t bytes = kernel_stack (ks->list[i], ks->target);
      if (ks->list[i]->node >= 0)
        return -1;
      most = bytes > most ? bytes : most;
    }
  return CALLS_BYTES + most;
}
