/* The GPU's kernels of squeeze-and-excitation. The first one has the mean and the first product of a part of the map,
 * so that all weights are read once, by many blocks; the second one adds up the parts, which are small. */
#include <inttypes.h>

#include "backend/kernel_names.h"
#include "select_cuda_families.h"

enum
{
  WARP = 32,         /* channels of a part, and of a block that multiplies */
  MOST_PARTS = 64,   /* of a sample's map, unless its channels alone are more */
  LEAST_PIXELS = 64, /* of a part, and of a block that multiplies */
  BLOCKS = 264       /* that keep a large GPU busy */
};

/* Into how many pieces are PIXELS cut, of which there are TIMES at least? */
static int64_t
pieces_of (int64_t pixels, int64_t times, int64_t most)
{
  int64_t pieces = ceil_div (BLOCKS, times);
  pieces = pieces < most ? pieces : most;
  return pieces * LEAST_PIXELS < pixels ? pieces : ceil_div (pixels, LEAST_PIXELS);
}

void
parts_of_gate_cuda (const struct graph *g, const struct shape *s, int64_t *channels, int64_t *pixels)
{
  const int64_t rows = ceil_div (s->c, WARP), all = shape_pixels (s);
  *channels = WARP;
  *pixels = ceil_div (all, pieces_of (all, g->batch * rows, rows < MOST_PARTS ? MOST_PARTS / rows : 1));
}

struct cuda_kernel *
select_squeeze_cuda (const struct graph *g, const struct node *n)
{
  const struct gate *gate = n->gate;
  const int64_t reduced = gate->reduce.shape_hint.c;
  struct weights_place place = weights_alone (g, &cuda_squeeze_order, gate->features * reduced);
  struct launch_shapes launch = cuda_launch_blocks (g->batch * gate->parts, 1, 1, CUDA_THREADS);
  struct cuda_squeeze *p = plan_new (&cuda_squeeze_family);
  *p = (struct cuda_squeeze){ plan_gpu_of (g, n, CUDA_THREADS), reduced, gate->part_channels, gate->part_pixels };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_squeeze_family, p, &place, &launch);
  name_kernel (&k->base, g, n, mem_printf ("squeeze%" PRId64, reduced),
               "the mean over all pixels and the first product, in parts");
  return k;
}

struct cuda_kernel *
select_gate_cuda (const struct graph *g, const struct node *n)
{
  const struct gate *gate = n->gate;
  const struct shape *out = &g->tensors[n->out].shape;
  const int64_t reduced = gate->reduce.shape_hint.c, expand_at = round_up (reduced, BLOCK);
  const int64_t bias_at = expand_at + reduced * out->c, tiles = g->batch * ceil_div (out->c, WARP);
  const int64_t pixels = shape_pixels (out), chunk = ceil_div (pixels, pieces_of (pixels, tiles, pixels));
  struct weights_place place = weights_with_epilogue (g, n, &cuda_gate_order, bias_at + out->c);
  struct launch_shapes launch = cuda_launch_blocks (tiles * ceil_div (pixels, chunk), 1, 1, CUDA_THREADS);
  struct cuda_gate *p = plan_new (&cuda_gate_family);
  *p = (struct cuda_gate){ .gpu = plan_gpu_of (g, n, CUDA_THREADS),
                           .ep = place.ep,
                           .reduced = reduced,
                           .parts = gate->parts,
                           .expand_at = expand_at,
                           .expand_bias_at = bias_at,
                           .reduce_activation = activation_device (&gate->reduce.ep.act, "$1", "$2"),
                           .expand_activation = activation_device (&gate->expand.ep.act, "$1", "$2"),
                           .tile = WARP,
                           .chunk = chunk,
                           .channels_each = out->c % 8 ? 1 : 8 };
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_gate_family, p, &place, &launch);
  name_kernel (&k->base, g, n, mem_printf ("gate%" PRId64, reduced), n->type);
  return k;
}
