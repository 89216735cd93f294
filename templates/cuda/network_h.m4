m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
COMMENT(<|The network on NVIDIA GPUs; N.h has it on the CPU.|>)
#ifndef N<||>_CUDA_H
#define N<||>_CUDA_H

#include "runtime/cuda/rescast_cuda.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of an arena on the GPU, and of the file of weights. */
#define N<||>_CUDA_ARENA_BYTES ((size_t) ARENA_BYTES)
#define N<||>_CUDA_WEIGHTS_BYTES ((size_t) WEIGHTS_BYTES)

/* A context: one for each run at a time. Its members are private. Of zeros it is not ready, which every function
   here understands, as it does a null pointer; init alone takes memory with any contents. */
struct N<||>_cuda
{
  struct rescast_cuda_context context;
};

#pragma GCC visibility push(default)

/* The GPU's weights, from the file or from memory that holds its bytes; they may be unmapped after load. */
int N<||>_cuda_weights_map (struct rescast_weights *weights, const char *path);
int N<||>_cuda_weights_init (struct rescast_weights *weights, const void *image, size_t bytes);

/* Code and weights onto GPU number DEVICE, for any number of contexts; rescast_cuda_unload takes them off, when
   all contexts are freed. Slow: it may compile. RESCAST_OK or an error, on which rescast_cuda_message has more
   words and MODEL is zeros. */
int N<||>_cuda_load (struct rescast_cuda_model *model, const struct rescast_weights *weights, int device);
/* ARENA: memory of the GPU, CUDA_ARENA_BYTES at a multiple of 256; NULL: allocated here. On an error NET is
   zeros, as it is after free. RESCAST_EINVAL: a null pointer, or MODEL is not loaded or another network's. */
int N<||>_cuda_init (struct N<||>_cuda *net, const struct rescast_cuda_model *model, void *arena);
void N<||>_cuda_free (struct N<||>_cuda *net);

COMMENT(<|Queue one run on STREAM, a cudaStream_t or CUstream. INPUT: BATCH x (INPUT_SHAPE_TEXT) floats,
   OUTPUT: BATCH x (OUTPUT_SHAPE_TEXT) floats, both channels first, in the GPU's memory.
   Allocates nothing, waits for nothing; it may be captured into a graph. RESCAST_EINVAL: a null pointer, or NET is
   not ready.|>)
int N<||>_run_cuda (struct N<||>_cuda *net, const void *input, void *output, struct CUstream_st *stream);

/* The same with arrays in the host's memory, as on the CPU; CONFIG's device says which GPU. rescast_cuda_host_run,
   rescast_cuda_host_set_hook and rescast_cuda_host_free go on from there. */
const struct rescast_info *N<||>_cuda_info (void);
size_t N<||>_cuda_host_bytes (void);
int N<||>_cuda_host_init (struct rescast_cuda_host *host, const struct rescast_weights *weights, void *arena,
                        size_t arena_bytes, const struct rescast_config *config);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
