/* Kernels of the GPU. */
#ifndef RESCAST_CUDA_SELECT_CUDA_H
#define RESCAST_CUDA_SELECT_CUDA_H

#include "backend/kernel.h"

struct targets;

/* Decide layouts and kernels of a graph for the GPU: channels last, no halos. One kernel a node. TARGETS are not asked.
 */
struct kernels *select_cuda (struct graph *g, const struct targets *targets);

#endif
