/* Tiles that TMA of compute capability 9 moves. */
#ifndef RESCAST_CUDA_TILE_TMA_H
#define RESCAST_CUDA_TILE_TMA_H

#include "tile.h"

/* Of a group of four warps: rows of wgmma, channels. */
#define TMA_GROUP_CHANNELS 64
/* Bytes of a row in shared memory. */
#define TMA_STEP_BYTES 128
#define TMA_STAGES_MOST 16

/* Bytes of shared memory for each of so many blocks of a multiprocessor. */
int tma_shared_of_block (int blocks);

/* Are there such tiles, and enough registers for them? */
bool tma_tile_is_possible (const struct mma_tile *t);
/* … and enough shared memory for T's part of P? */
bool tma_tile_fits (const struct mma_tile *t, const struct product *p);

/* As many stages as there is room for. */
int tma_tile_most_stages (const struct mma_tile *t, bool residual);

/* A model's microseconds. */
double tma_tile_time (const struct mma_tile *t, const struct product *p);

/* What P's kernel is told of its tile T on compute capability 9, its maps, and how it is launched there. */
struct plan_tma_tile tma_tile_plan (const struct mma_tile *t, const struct product *p, const struct tensor_map **maps,
                                    struct launch_shape *hopper);

#endif
