/* Tiles that the copy engine of compute capability 9 moves. */
#ifndef RESCAST_CUDA_TILE_TMA_H
#define RESCAST_CUDA_TILE_TMA_H

#include "cuda_tile.h"

/* Does T fit into shared memory and registers, where a RESIDUAL is added? */
bool tma_tile_is_possible (const struct mma_tile *t, bool residual);

/* As many stages as there is room for. */
int tma_tile_most_stages (const struct mma_tile *t, bool residual);

/* A model's microseconds. */
double tma_tile_time (const struct mma_tile *t, const struct product *p);

/* The best tile for P by a model of its time, in microseconds; false: there is none. */
bool tma_model_tile (const struct product *p, struct mma_tile *best, double *us);

/* What K is on compute capability 9; its parameters for other GPUs are set. */
void set_tma_tile (struct kernel *k, const struct mma_tile *t);

#endif
