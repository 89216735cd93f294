/* Tensor maps of a convolution, for TMA of compute capability 9. */
#ifndef RESCAST_CUDA_TENSOR_MAPS_H
#define RESCAST_CUDA_TENSOR_MAPS_H

#include "graph/graph.h"
#include "cuda_kernel.h"

/* MAPS maps, as yet without the sizes of tiles, for N, a convolution or a linear layer with window W and weights M;
 * NULL where TMA cannot fetch its tiles: steps must be 64 channels of one tap, and windows within TMA's limits. */
const struct tensor_map *tensor_maps_of (const struct graph *g, const struct node *n, const struct window *w,
                                         const struct matrices *m);

/* A convolution of stride 1 along H and W as its halo kernel sees it. A place is a pixel of one of the input's planes,
 * padding included. */
struct halo
{
  struct tensor_map maps[MAPS];
  int64_t h, w;         /* of a plane */
  int64_t places;       /* of all planes of a batch's outputs */
  int64_t far;          /* places from a window's first tap in a plane to its last one */
  int64_t taps, planes; /* in a plane; kd and parts of 64 channels */
};

/* Such a halo for N; NULL where its kernel cannot compute N. */
const struct halo *halo_of (const struct graph *g, const struct node *n, const struct matrices *m);

#endif
