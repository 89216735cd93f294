/* Tiles that the threads themselves gather by cp.async, on every GPU. */
#ifndef RESCAST_CUDA_TILE_GATHERED_H
#define RESCAST_CUDA_TILE_GATHERED_H

#include "tile.h"

/* How many sums a thread has, and whether it has registers for these and OTHERS more. */
int gathered_tile_sums (const struct mma_tile *t);
bool gathered_tile_has_registers (const struct mma_tile *t, int others);

/* Has any kernel enough registers and shared memory for T, and has P's? */
bool gathered_tile_is_possible (const struct mma_tile *t);
bool gathered_tile_fits (const struct mma_tile *t, const struct product *p);

/* The number of stages for which shared memory has room. */
int gathered_tile_most_stages (const struct mma_tile *t, const struct product *p);

/* The time in microseconds by the model. HALVES: elements have 16 bits. */
double gathered_tile_time (const struct mma_tile *t, const struct product *p, bool halves);

/* What P's kernel is told of its tile T, and how it is launched on all GPUs. */
struct plan_mma_tile gathered_tile_plan (const struct mma_tile *t, const struct product *p,
                                         struct launch_shapes *launch);

#endif
