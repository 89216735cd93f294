/* How the copy engine of compute capability 9 sees a convolution's tensors. */
#ifndef RESCAST_TENSOR_MAPS_H
#define RESCAST_TENSOR_MAPS_H

#include "graph.h"
#include "select.h"

/* MAPS maps, as yet without the sizes of tiles, for N, a convolution or a linear layer with window W, and kernel K, whose packing is known; NULL where the
 * engine cannot fetch its tiles: steps must be 64 channels of one tap, and windows within the engine's limits. */
const struct tensor_map *tensor_maps_of (const struct graph *g, const struct node *n, const struct window *w,
                                         const struct kernel *k);

#endif
