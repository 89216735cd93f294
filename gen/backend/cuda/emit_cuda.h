/* What emission for GPUs writes into files, for those who run it without: E is that of the GPU's graph. */
#ifndef RESCAST_BACKEND_CUDA_EMIT_CUDA_H
#define RESCAST_BACKEND_CUDA_EMIT_CUDA_H

#include "../../../runtime/cuda/rescast_cuda.h"
#include "emit/emit.h"

/* The files for GPUs of the network whose graph for them E has. */
void emit_cuda (const struct emission *e);

/* The text of NAME.cu, and what E's kernel K is called in it. */
struct text cuda_source (const struct emission *e);
const char *cuda_function (const struct emission *e, const struct kernel *k);
/* E's tensor maps into LIST, which has room for MAPS a kernel; their number. */
int cuda_maps_of (const struct emission *e, struct rescast_cuda_map *list);
/* Does the output's kernel copy floats, in their order, that one other kernel has computed for it alone? */
bool cuda_last_copies (const struct graph *g);
/* The launch that computes node NODE; its kernel and its first map are indices into E's. */
struct rescast_cuda_launch cuda_launch_of (const struct emission *e, int node);

#endif
