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

/* What K is on compute capability 9; its parameters for other GPUs are set. */
void set_halo_tile (struct kernel *k, const struct mma_tile *t);

#endif
