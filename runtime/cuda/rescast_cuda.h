/* Networks on NVIDIA GPUs: what generated code and programs share. Only libcuda and, where the program holds no code
 * for the GPU, NVRTC are used, both through dlopen: a program runs without them too, and is told so by load.
 *
 * Nothing prints or exits. Functions return RESCAST_OK or an error; rescast_cuda_message has more words for it.
 *
 * Structures of zeros are models, contexts and hosts that are not ready: what a failed load and init, unload and free
 * leave. They and null pointers can be given to every function: running is RESCAST_EINVAL, unloading and freeing do
 * nothing. load and init alone take memory with any contents. Contexts are to be freed before their model is
 * unloaded. */
#ifndef RESCAST_CUDA_H
#define RESCAST_CUDA_H

#include "../rescast.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* Places of a kernel's arguments beside bytes from the arena's start. */
#define RESCAST_CUDA_NONE (-1)   /* a null pointer */
#define RESCAST_CUDA_CALLER (-2) /* the caller's input or output */

/* Blocks of a grid, threads of a block, bytes of its shared memory. */
struct rescast_cuda_shape
{
  unsigned grid[3], threads, shared;
};

/* A tensor map: how TMA of compute capability 9 sees a tensor of 2-byte elements without gaps, and the tile of one
 * copy. */
struct rescast_cuda_map
{
  int rank; /* 2: a matrix; 4, 5: pixels of images, of volumes, at the places of a window; 0: no map */
  uint64_t extent[5];                /* channels first, then W, H, D, N */
  unsigned box[2];                   /* channels and pixels of a tile */
  int lower[3], upper[3], stride[3]; /* W, H, D: the window's first place, its last one from the end; its strides */
};

/* One call of a kernel: KERNEL (x, residual, w, y) or, with maps, KERNEL (x, residual, w, y, their four maps in this
 * order). Launch i computes layer i. */
struct rescast_cuda_launch
{
  int kernel; /* of the network's kernels */
  int map;    /* the first of its four maps, -1: it has none */
  struct rescast_cuda_shape shape[2]; /* of code for sm_90a, of any other */
  int dependent;      /* the kernel waits by itself for the one before it, so that it may start earlier */
  int64_t x, residual, w, y; /* bytes from the arena's start; w: from the weights' */
};

/* A generated network: constants of NAME_cuda.c. */
struct rescast_cuda_network
{
  const struct rescast_info *info;
  const char *const *kernels;
  int kernel_count;
  const struct rescast_cuda_launch *launches;
  int launch_count;
  const struct rescast_cuda_map *maps;
  int last_copies; /* the last launch only copies the floats that the one before it computes */
  const char *marker; /* a function that code for sm_90a has, and no other */
  const char *source; /* NAME.cu, ended by a 0 */
  const unsigned char *binary, *binary_end; /* the fat binary that nvcc made of it; equal: none */
  size_t input_bytes, output_bytes;
};

/* Code and weights on one device: loaded once, then immutable, so that any number of contexts and threads share it. */
struct rescast_cuda_model
{
  const struct rescast_cuda_network *network;
  int device, major; /* its handle, the first number of its compute capability */
  int hopper;        /* the code is for sm_90a */
  void *context; /* CUcontext, the device's primary one */
  void *module;
  void **functions;
  uint64_t weights; /* in the device's memory */
};

/* Load NETWORK onto device number DEVICE: code from the binary, or compiled by NVRTC unless it is in the cache, and
 * WEIGHTS, which need not outlive the call. */
int rescast_cuda_load (struct rescast_cuda_model *model, const struct rescast_cuda_network *network,
                       const struct rescast_weights *weights, int device);
void rescast_cuda_unload (struct rescast_cuda_model *model);

/* What one run at a time needs: an arena in the device's memory. */
struct rescast_cuda_context
{
  const struct rescast_cuda_model *model;
  uint64_t arena;
  int owned;
  void *maps; /* as the driver made them, four for each launch; NULL: none are needed */
};

/* ARENA: info->arena_bytes of device memory at a multiple of 256 bytes, the caller's; NULL: allocated here. */
int rescast_cuda_context_init (struct rescast_cuda_context *context, const struct rescast_cuda_model *model,
                               void *arena);
void rescast_cuda_context_free (struct rescast_cuda_context *context);

/* Queue a run, or layer LAYER alone, on the stream (a CUstream or cudaStream_t; NULL: the default one). INPUT and
 * OUTPUT: device memory, dense (N, C, [D,] H, W) floats. Allocates nothing and waits for nothing, so it may be captured
 * into a graph. */
struct CUstream_st;
int rescast_cuda_run (const struct rescast_cuda_context *context, const void *input, void *output,
                      struct CUstream_st *stream);
int rescast_cuda_run_layer (const struct rescast_cuda_context *context, int layer, const void *input, void *output,
                            struct CUstream_st *stream);

/* The calling thread's last error in words, or "". */
const char *rescast_cuda_message (void);

/* ---- arrays in the host's memory: host.c ---- */

/* A network that is fed from the host: model, context, pinned arrays and one graph of the copies and all kernels. */
struct rescast_cuda_host
{
  struct rescast_cuda_model model;
  struct rescast_cuda_context context;
  void *stream, *graph;
  uint64_t device_input, device_output;
  float *input, *output; /* pinned */
  void *mirror;          /* the caller's arena */
  rescast_hook *hook;
  void *hook_user;
};

/* As NAME_init: CONFIG's device and check count. ARENA: of the host, info->arena_bytes; while a hook is set, each
 * layer's tensors are copied there and back. NULL: hooks get none. */
int rescast_cuda_host_init (struct rescast_cuda_host *host, const struct rescast_cuda_network *network,
                            const struct rescast_weights *weights, void *arena, size_t arena_bytes,
                            const struct rescast_config *config);
int rescast_cuda_host_run (struct rescast_cuda_host *host, const float *input, float *output);
/* The layers from FIRST on alone; a hook is set, which gives each its inputs. */
int rescast_cuda_host_run_from (struct rescast_cuda_host *host, int first, const float *input, float *output);
void rescast_cuda_host_set_hook (struct rescast_cuda_host *host, rescast_hook *hook, void *user);
void rescast_cuda_host_free (struct rescast_cuda_host *host);

/* ---- times by the GPU's clock: profile.c ---- */

/* How long each of RUNS runs took by events on the GPU, into MS, after one run that is not counted. PART: a layer
 * alone, RESCAST_ALL_LAYERS (one graph, without copies) or RESCAST_WHOLE_RUN. A layer's time is the mean of many
 * launches one behind the other, so that it finds in the cache what fits there. Spoils the arena between runs;
 * allocates. */
int rescast_cuda_time (struct rescast_cuda_host *host, int part, int runs, float *ms);
/* The GPU's limits: bandwidth by a copy, arithmetic by its clock. WEIGHTS_BYTES: for each layer. */
int rescast_cuda_limits (struct rescast_cuda_host *host, struct rescast_limits *limits, double *weights_bytes);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
