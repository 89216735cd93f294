/* The groups of parameters that plans of several backends have: gen/plan/group. */
#ifndef RESCAST_BACKEND_PLAN_GROUPS_H
#define RESCAST_BACKEND_PLAN_GROUPS_H

#include "backend/kernel.h"

struct plan_axes plan_axes_of (const int64_t v[AXES]);
struct plan_tensor plan_tensor_of (const struct tensor *t);
struct plan_halo plan_halo_of (const struct tensor *t);
struct plan_window plan_window_of (const struct window *w);
/* Of the tensor RESIDUAL of G; below 0: none. */
struct plan_residual plan_residual_of (const struct graph *g, int residual);
/* The operands of node N, which works on each element: its input, and the other one, a tensor or its weights. */
struct plan_operand plan_first_of (const struct graph *g, const struct node *n);
struct plan_operand plan_second_of (const struct graph *g, const struct node *n);
/* What a template calls OP; of what has one operand it calls it an addition without the other. */
const char *operator_name (enum op op);
/* What a template calls the pool N; what an average divides sums by where all windows have one divisor; where what is
 * beyond the padding begins along each axis of the input IN, which some windows of kind average_clipped reach. */
const char *pool_kind (const struct node *n);
double pool_divisor (const struct node *n);
struct plan_axes pool_end (const struct node *n, const struct shape *in);
/* What templates of normalisations call M. */
const char *norm_mean_name (enum norm_mean m);
struct plan_pool plan_pool_of (const struct fused_pool *p);
/* LENGTH in as few pieces of at most MOST as will do, of two extents that differ by one. */
struct plan_cut plan_cut_of (int64_t length, int64_t most);
/* Batch, input and output of node N. */
struct plan_io plan_io_of (const struct graph *g, const struct node *n);
/* From the first of T's elements to the first tap of the first output of window W. */
int64_t first_tap_at (const struct tensor *t, const struct window *w);
/* The inputs of upsampling node N's OUT outputs along axis A of a tensor of shape FROM; offsets are of STEP elements
 * from one input to the next. Both weights are rounded on their own: a small one keeps its digits. */
struct plan_sources plan_sources_of (const struct node *n, int a, const struct shape *from, int64_t out, int64_t step);
/* The inputs of the OUT outputs of N, which pads with its own elements, along axis A of IN. */
struct plan_sources plan_padded_of (const struct node *n, int a, int64_t in, int64_t out, int64_t step);
/* Where reshape N, of an input of shape FROM, reads element f of its output. */
struct plan_gather plan_gather_of (const struct node *n, const struct shape *from);

/* Where a kernel's weights stand: COUNT numbers in the order ORDER, which are BYTES, then the epilogue's vectors, TOTAL
 * bytes in all. */
struct weights_place
{
  const struct weight_order *order;
  int64_t count, bytes, total;
  struct plan_epilogue ep; /* its places count floats from the node's first byte */
};

/* No vectors. */
#define NO_EPILOGUE { -1, -1, -1, -1, -1, -1, "none", "$1" }

/* COUNT numbers in the order ORDER of graph G, and nothing behind them. */
struct weights_place weights_alone (const struct graph *g, const struct weight_order *order, int64_t count);
/* The same for node N; the epilogue's vectors behind. */
struct weights_place weights_with_epilogue (const struct graph *g, const struct node *n,
                                            const struct weight_order *order, int64_t count);
/* The kernel of node N with a plan of FAMILY, which is filled in already; as yet without a name. WEIGHTS: NULL for
 * none. */
struct kernel *kernel_of_plan (const struct node *n, const struct plan_family *family, void *plan,
                               const struct weights_place *weights);

#endif
