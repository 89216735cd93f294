/* Tiles of places of planes: cuda/halo.m4. */
#ifndef RESCAST_CUDA_TILE_HALO_H
#define RESCAST_CUDA_TILE_HALO_H

#include "tile.h"

/* Does T fit into shared memory, registers and one copy? */
bool halo_tile_fits (const struct mma_tile *t, const struct product *p);

/* As many stages as there is room for. */
int halo_tile_most_stages (const struct mma_tile *t, const struct product *p);

/* A model's microseconds. */
double halo_tile_time (const struct mma_tile *t, const struct product *p);

/* What P's kernel is told of its tile T on compute capability 9, into PLAN, its maps, and how it is launched there. */
void halo_tile_plan (struct cuda_conv_halo *plan, const struct mma_tile *t, const struct product *p,
                     const struct tensor_map **maps, struct launch_shape *hopper);

#endif
