/* The part of CUDA's driver API that is used, found by dlopen. The types are those of cuda.h by other names. */
#ifndef RESCAST_CUDA_DRIVER_H
#define RESCAST_CUDA_DRIVER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "rescast_cuda.h"

typedef int cuda_result; /* CUresult */
typedef uint64_t cuda_address; /* CUdeviceptr */

enum
{
  CUDA_OUT_OF_MEMORY = 2,
  CUDA_NO_BINARY = 209,
  CUDA_CLOCK_RATE = 13, /* CU_DEVICE_ATTRIBUTE_CLOCK_RATE, in kHz */
  CUDA_MULTIPROCESSORS = 16,
  CUDA_COMPUTE_MAJOR = 75, /* CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR */
  CUDA_COMPUTE_MINOR = 76,
  CUDA_FUNCTION_SHARED = 8,     /* CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES */
  CUDA_MAY_START_EARLY = 6,     /* CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION */
  CUDA_CAPTURE_RELAXED = 2,
  CUDA_STREAM_NON_BLOCKING = 1
};

/* CUlaunchAttribute and CUlaunchConfig */
struct cuda_attribute
{
  int id;
  char unused[4];
  union
  {
    int flag;
    char all[64];
  } value;
};

struct cuda_launch
{
  unsigned grid[3], block[3], shared;
  void *stream;
  struct cuda_attribute *attributes;
  unsigned attribute_count;
};

/* CUtensorMap */
struct cuda_map
{
  _Alignas (64) uint64_t words[16];
};

/* Of a launch: x, residual, w, y. */
enum
{
  CUDA_MAP_W = 2,
  CUDA_MAPS = 4
};

/* FUNCTION (member, symbol, parameters) */
#define CUDA_FUNCTIONS \
  FUNCTION (init, "cuInit", (unsigned)) \
  FUNCTION (version, "cuDriverGetVersion", (int *)) \
  FUNCTION (device_count, "cuDeviceGetCount", (int *)) \
  FUNCTION (device_get, "cuDeviceGet", (int *, int)) \
  FUNCTION (device_attribute, "cuDeviceGetAttribute", (int *, int, int)) \
  FUNCTION (context_retain, "cuDevicePrimaryCtxRetain", (void **, int)) \
  FUNCTION (context_release, "cuDevicePrimaryCtxRelease_v2", (int)) \
  FUNCTION (context_push, "cuCtxPushCurrent_v2", (void *)) \
  FUNCTION (context_pop, "cuCtxPopCurrent_v2", (void **)) \
  FUNCTION (module_load, "cuModuleLoadData", (void **, const void *)) \
  FUNCTION (module_function, "cuModuleGetFunction", (void **, void *, const char *)) \
  FUNCTION (module_unload, "cuModuleUnload", (void *)) \
  FUNCTION (alloc, "cuMemAlloc_v2", (cuda_address *, size_t)) \
  FUNCTION (free, "cuMemFree_v2", (cuda_address)) \
  FUNCTION (host_alloc, "cuMemHostAlloc", (void **, size_t, unsigned)) \
  FUNCTION (host_free, "cuMemFreeHost", (void *)) \
  FUNCTION (to_device, "cuMemcpyHtoD_v2", (cuda_address, const void *, size_t)) \
  FUNCTION (to_device_async, "cuMemcpyHtoDAsync_v2", (cuda_address, const void *, size_t, void *)) \
  FUNCTION (to_host_async, "cuMemcpyDtoHAsync_v2", (void *, cuda_address, size_t, void *)) \
  FUNCTION (on_device_async, "cuMemcpyDtoDAsync_v2", (cuda_address, cuda_address, size_t, void *)) \
  FUNCTION (function_attribute, "cuFuncSetAttribute", (void *, int, int)) \
  FUNCTION (launch, "cuLaunchKernelEx", (const struct cuda_launch *, void *, void **, void **)) \
  FUNCTION (stream_create, "cuStreamCreate", (void **, unsigned)) \
  FUNCTION (stream_destroy, "cuStreamDestroy_v2", (void *)) \
  FUNCTION (stream_wait, "cuStreamSynchronize", (void *)) \
  FUNCTION (capture_begin, "cuStreamBeginCapture_v2", (void *, int)) \
  FUNCTION (capture_end, "cuStreamEndCapture", (void *, void **)) \
  FUNCTION (graph_instantiate, "cuGraphInstantiateWithFlags", (void **, void *, unsigned long long)) \
  FUNCTION (graph_destroy, "cuGraphDestroy", (void *)) \
  FUNCTION (graph_exec_destroy, "cuGraphExecDestroy", (void *)) \
  FUNCTION (graph_launch, "cuGraphLaunch", (void *, void *)) \
  FUNCTION (event_create, "cuEventCreate", (void **, unsigned)) \
  FUNCTION (event_record, "cuEventRecord", (void *, void *)) \
  FUNCTION (event_elapsed, "cuEventElapsedTime", (float *, void *, void *)) \
  FUNCTION (event_destroy, "cuEventDestroy_v2", (void *)) \
  FUNCTION (map_tiled, "cuTensorMapEncodeTiled", \
            (struct cuda_map *, int, unsigned, cuda_address, const uint64_t *, const uint64_t *, \
            const uint32_t *, const uint32_t *, int, int, int, int)) \
  FUNCTION (map_im2col, "cuTensorMapEncodeIm2col", (struct cuda_map *, int, unsigned, cuda_address, const uint64_t *, \
            const uint64_t *, const int *, const int *, unsigned, unsigned, const uint32_t *, int, int, int, int)) \
  FUNCTION (error_string, "cuGetErrorString", (cuda_result, const char **))

struct cuda_driver
{
#define FUNCTION(member, symbol, parameters) cuda_result (*member) parameters;
  CUDA_FUNCTIONS
#undef FUNCTION
};

/* The driver, loaded and initialised at the first call. */
int cuda_driver_open (const struct cuda_driver **driver);
/* RESULT as an error of rescast's; sets the message to "WHAT: the driver's words". */
int cuda_error (const struct cuda_driver *driver, cuda_result result, const char *what);
/* Make CONTEXT the calling thread's, and what was so before again. An error: nothing is to be left. */
int cuda_enter (const struct cuda_driver *driver, void *context);
void cuda_leave (const struct cuda_driver *driver);
/* Set the message; returns ERROR. */
int cuda_fail (int error, const char *fmt, ...) __attribute__ ((format (printf, 2, 3)));

/* ---- maps.c ---- */

/* Set c->maps, which is malloc'ed: what the launches of C's network need on this device. */
int cuda_maps_make (struct rescast_cuda_context *c, const struct cuda_driver *driver);

/* ---- compile.c ---- */

/* What QUEUE (ARG, stream) puts on STREAM, as a graph that can be launched; graph_exec_destroy frees it. */
int cuda_capture (const struct cuda_driver *driver, void *stream, int (*queue) (const void *arg, void *stream),
                  const void *arg, void **graph);

/* The network's source as machine code for compute capability MAJOR.MINOR, from the cache or by NVRTC. *CODE is
 * malloc'ed. */
int cuda_compile (const struct rescast_cuda_network *network, int major, int minor, void **code);
/* What cuda_compile returned did not load: take it out of the cache. */
void cuda_forget (const struct rescast_cuda_network *network, int major, int minor);

#endif
