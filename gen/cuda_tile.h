/* Tiles of products of matrices on a GPU's tensor cores. */
#ifndef RESCAST_CUDA_TILE_H
#define RESCAST_CUDA_TILE_H

#include "select.h"

/* How a block computes its tile, pixels x channels. */
struct mma_tile
{
  int pixels, channels;
  int warps_m, warps_n, warps_k; /* that share rows, columns, and the terms of a sum */
  int stages;
  int cluster; /* blocks that share a sum's terms */
  bool wgmma;  /* where there is such a thing */
  int blocks;  /* at least, on one multiprocessor at a time */
  bool swapped; /* wgmma with channels as its rows */
  bool copied;  /* the same, the copy engine moving tiles: cuda_tile_tma.h */
  bool halo;    /* the same, planes with their padding being copied, CLUSTER of them at a time: no blocks share sums then */
};

struct halo;

/* A product: rows x columns, terms in steps of 128 bytes, so many times beside each other. */
struct product
{
  int64_t rows, columns, steps, times;
  bool residual; /* one is added that may be read 8 channels at a time */
  const struct mma_tile *tile; /* the only one that will do, or NULL */
  const struct halo *halo;     /* tensor_maps.h; NULL: planes cannot be copied for all their taps */
  const struct tensor_map *maps; /* tensor_maps.h; NULL: the copy engine cannot move its tiles */
};

/* Measured tiles, of a file that docs/formats.md describes. */
struct cuda_tiles;
const struct cuda_tiles *cuda_tiles_read (const char *path);

/* Tile and launch of K, which has its name and its product: the graph's file decides, or a model of the time. */
void choose_mma_tile (struct kernel *k, const struct graph *g);

#endif
