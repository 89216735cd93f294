/* Groups of parameters that only plans of the CPU's kernels have. */
#ifndef RESCAST_BACKEND_CPU_PLAN_CPU_H
#define RESCAST_BACKEND_CPU_PLAN_CPU_H

#include "backend/kernel_names.h"
#include "backend/plan_groups.h"
#include "target.h"

/* The register tile of node N's kernel on TARGET. */
const struct register_tile *target_tile_of (const struct graph *g, const struct node *n, const struct target *target);
struct plan_register_tile plan_register_tile_of (const struct register_tile *tile);

/* While TILES register tiles use an output block's weights, so many floats of the next ones does each of their steps
 * prefetch. */
int64_t prefetched_floats (int64_t tiles);

/* The weights of node N, as its choice and weights.h have them; the epilogue's vectors behind. */
struct weights_place weights_of (const struct graph *g, const struct node *n);
/* W as an output block's part of sums from IN_START on, and the node's residual. */
struct plan_sums plan_sums_of (const struct graph *g, const struct node *n, const struct weights_place *w,
                               int64_t in_start);

#endif
