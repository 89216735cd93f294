/* Tiles that threads fill, on every GPU. */
#ifndef RESCAST_CUDA_TILE_GATHERED_H
#define RESCAST_CUDA_TILE_GATHERED_H

#include "tile.h"

/* Sums of a thread; has each one registers for them and so many OTHERS? */
int gathered_tile_sums (const struct mma_tile *t);
bool gathered_tile_has_registers (const struct mma_tile *t, int others);

/* Are there such tiles, with enough registers and shared memory? … for P? */
bool gathered_tile_is_possible (const struct mma_tile *t);
bool gathered_tile_fits (const struct mma_tile *t, const struct product *p);

/* As many stages as there is room for. */
int gathered_tile_most_stages (const struct mma_tile *t, const struct product *p);

/* A model's microseconds; HALVES: of elements of 16 bits. */
double gathered_tile_time (const struct mma_tile *t, const struct product *p, bool halves);

/* What P's kernel is told of its tile T, and how it is launched on all GPUs. */
struct plan_mma_tile gathered_tile_plan (const struct mma_tile *t, const struct product *p,
                                         struct launch_shapes *launch);

#endif
