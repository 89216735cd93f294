/* The groups of parameters that most plans of kernels have: gen/plan/group. */
#ifndef RESCAST_BACKEND_CPU_PLAN_GROUPS_H
#define RESCAST_BACKEND_CPU_PLAN_GROUPS_H

#include "backend/kernel.h"

struct plan_axes plan_axes_of (const int64_t v[AXES]);
struct plan_tensor plan_tensor_of (const struct tensor *t);
struct plan_halo plan_halo_of (const struct tensor *t);
struct plan_window plan_window_of (const struct window *w);
/* Of the tensor RESIDUAL of G; below 0: none. */
struct plan_residual plan_residual_of (const struct graph *g, int residual);
struct plan_pool plan_pool_of (const struct fused_pool *p);
/* LENGTH in as few pieces of at most MOST as will do, of two extents that differ by one. */
struct plan_cut plan_cut_of (int64_t length, int64_t most);
struct plan_register_tile plan_register_tile_of (const struct register_tile *tile);

/* While TILES register tiles use an output block's weights, so many floats of the next ones does each of their steps prefetch. */
int64_t prefetched_floats (int64_t tiles);
/* Batch, input and output of node N. */
struct plan_io plan_io_of (const struct graph *g, const struct node *n);
/* From the first of T's elements to the first tap of the first output of window W. */
int64_t first_tap_at (const struct tensor *t, const struct window *w);
/* The inputs of upsampling node N's OUT outputs along axis A of a tensor of shape FROM; offsets are of STEP elements from one
 * input to the next. Both weights are rounded on their own: a small one keeps its digits. */
struct plan_sources plan_sources_of (const struct node *n, int a, const struct shape *from, int64_t out, int64_t step);

/* Where a kernel's weights stand: FLOATS of them in the order PACKING, then the epilogue's vectors, TOTAL floats in all. */
struct weights_place
{
  enum packing packing;
  int64_t floats, total;
  struct plan_epilogue ep;
};

/* No vectors. */
#define NO_EPILOGUE { -1, -1, -1, -1, -1, -1, "none", "$1" }

/* The weights of node N, as its choice and weights.h have them; FLOATS in the order PACKING; the epilogue's vectors behind. */
struct weights_place weights_of (const struct graph *g, const struct node *n);
struct weights_place weights_with_epilogue (const struct graph *g, const struct node *n, enum packing packing, int64_t floats);
/* W as an output block's part of sums from IN_START on, and the node's residual. */
struct plan_sums plan_sums_of (const struct graph *g, const struct node *n, const struct weights_place *w, int64_t in_start);

/* The kernel of node N with a plan of FAMILY, which is filled in already; as yet without a name. WEIGHTS: NULL for none. */
struct kernel *kernel_of_plan (const struct node *n, const struct plan_family *family, void *plan,
                               const struct weights_place *weights);

#endif
