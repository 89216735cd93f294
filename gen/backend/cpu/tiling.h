/* How tiles of AMX lie in the output of a convolution in bf16. */
#ifndef RESCAST_BACKEND_CPU_TILING_H
#define RESCAST_BACKEND_CPU_TILING_H

#include "backend/kernel.h"
#include "shares.h"

/* Of convolution N, whose kernel takes STEPS; the multiply-adds that it makes in *MACS. ALONE: a block of output
 * channels has inputs of its own. */
struct plan_tiling tiling_of (const struct graph *g, const struct node *n, const struct plan_steps *steps, bool alone,
                              double *macs);
/* How threads share the blocks of sums of N, in tiles as T has them: rows are blocks of channels, columns pixels. */
struct work *work_of_tiles (const struct graph *g, const struct node *n, const struct plan_steps *steps,
                            const struct plan_tiling *t);
/* Of a phase of transposed convolution N with as many ROWS and COLUMNS as any, in LEAST k-steps or more. */
struct plan_tiling tiling_of_phases (const struct graph *g, const struct node *n, int64_t rows, int64_t columns,
                                     int64_t least);

#endif
