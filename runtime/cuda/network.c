/* A network on a device: its code and weights, its arena, its launches. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 256
/* Bytes of shared memory that a block may have without further words. */
#define SHARED_EVERYWHERE (48 * 1024)

/* The device's primary context, which CUDA's runtime uses too. */
static int
open_device (struct rescast_cuda_model *m, const struct cuda_driver *d, int device)
{
  int count = 0, handle;
  int error = cuda_error (d, d->device_count (&count), "cuDeviceGetCount");
  if (error)
    return error;
  if (device < 0 || device >= count)
    return cuda_fail (RESCAST_EDEVICE, "there is no CUDA device %d: the driver finds %d", device, count);
  error = cuda_error (d, d->device_get (&handle, device), "cuDeviceGet");
  if (!error)
    error = cuda_error (d, d->context_retain (&m->context, handle), "a context on the GPU");
  if (!error)
    m->device = handle;
  return error;
}

static int
load_code (struct rescast_cuda_model *m, const struct cuda_driver *d)
{
  const struct rescast_cuda_network *n = m->network;
  int major = 0, minor = 0;
  void *code;
  d->device_attribute (&major, CUDA_COMPUTE_MAJOR, m->device);
  d->device_attribute (&minor, CUDA_COMPUTE_MINOR, m->device);
  m->major = major;
  if (n->binary != n->binary_end && !getenv ("RESCAST_NO_BINARY"))
    {
      cuda_result result = d->module_load (&m->module, n->binary);
      if (result != CUDA_NO_BINARY) /* else: not among the SMs that it was made for */
        return cuda_error (d, result, "the network's code");
    }
  int error = cuda_compile (n, major, minor, &code);
  if (error)
    return error;
  cuda_result result = d->module_load (&m->module, code);
  free (code);
  if (result)
    cuda_forget (n, major, minor);
  return cuda_error (d, result, "the network's compiled code");
}

static int
find_functions (struct rescast_cuda_model *m, const struct cuda_driver *d)
{
  int error = RESCAST_OK;
  void *marker;
  m->hopper = d->module_function (&marker, m->module, m->network->marker) == 0;
  m->functions = calloc ((size_t) m->network->kernel_count, sizeof *m->functions);
  if (!m->functions)
    return cuda_fail (RESCAST_EMEMORY, "out of memory");
  for (int i = 0; i < m->network->kernel_count && !error; i++)
    error = cuda_error (d, d->module_function (&m->functions[i], m->module, m->network->kernels[i]),
                        m->network->kernels[i]);
  return error;
}

static const struct rescast_cuda_shape *
shape_of (const struct rescast_cuda_model *m, const struct rescast_cuda_launch *l)
{
  return &l->shape[!m->hopper];
}

/* A kernel may use more shared memory than every GPU has only where that is said beforehand. */
static int
allow_shared (struct rescast_cuda_model *m, const struct cuda_driver *d)
{
  int error = RESCAST_OK;
  for (int i = 0; i < m->network->launch_count && !error; i++)
    {
      const struct rescast_cuda_launch *l = &m->network->launches[i];
      unsigned bytes = shape_of (m, l)->shared;
      if (bytes > SHARED_EVERYWHERE)
        error = cuda_error (d, d->function_attribute (m->functions[l->kernel], CUDA_FUNCTION_SHARED, (int) bytes),
                            m->network->kernels[l->kernel]);
    }
  return error;
}

static int
upload (struct rescast_cuda_model *m, const struct cuda_driver *d, const struct rescast_weights *w)
{
  int error = cuda_error (d, d->alloc (&m->weights, w->data_bytes ? w->data_bytes : 1), "the GPU's memory for weights");
  if (error || !w->data_bytes)
    return error;
  return cuda_error (d, d->to_device (m->weights, w->data, w->data_bytes), "copying the weights");
}

/* With the device's context current. */
static int
load_all (struct rescast_cuda_model *m, const struct cuda_driver *d, const struct rescast_weights *weights)
{
  int error = load_code (m, d);
  if (!error)
    error = find_functions (m, d);
  if (!error)
    error = allow_shared (m, d);
  if (!error)
    error = upload (m, d, weights);
  return error;
}

int
rescast_cuda_load (struct rescast_cuda_model *m, const struct rescast_cuda_network *network,
                   const struct rescast_weights *weights, int device)
{
  const struct cuda_driver *d;
  if (m)
    memset (m, 0, sizeof *m);
  if (!m || !network || !weights || !weights->data)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  if (weights->section.layout != network->info->network)
    return cuda_fail (RESCAST_EMATCH, "%s", rescast_strerror (RESCAST_EMATCH));
  if (weights->data_bytes != network->info->weights_data_bytes)
    return cuda_fail (RESCAST_EFORMAT, "%s", rescast_strerror (RESCAST_EFORMAT));
  int error = cuda_driver_open (&d);
  if (!error)
    error = open_device (m, d, device);
  if (error)
    return error;
  m->network = network;
  error = cuda_enter (d, m->context);
  if (!error)
    {
      error = load_all (m, d, weights);
      cuda_leave (d);
    }
  if (error)
    rescast_cuda_unload (m);
  return error;
}

void
rescast_cuda_unload (struct rescast_cuda_model *m)
{
  const struct cuda_driver *d;
  if (!m || !m->context || cuda_driver_open (&d))
    return;
  if (cuda_enter (d, m->context) == RESCAST_OK)
    {
      if (m->weights)
        d->free (m->weights);
      if (m->module)
        d->module_unload (m->module);
      cuda_leave (d);
    }
  d->context_release (m->device);
  free (m->functions);
  memset (m, 0, sizeof *m);
}

/* The arena, where the caller gave none, and the maps. */
static int
fill_context (struct rescast_cuda_context *c, const struct cuda_driver *d)
{
  int error = RESCAST_OK;
  if (!c->arena)
    {
      error = cuda_error (d, d->alloc (&c->arena, c->model->network->info->arena_bytes),
                          "the GPU's memory for the arena");
      c->owned = !error;
    }
  return error ? error : cuda_maps_make (c, d);
}

int
rescast_cuda_context_init (struct rescast_cuda_context *c, const struct rescast_cuda_model *m, void *arena)
{
  const struct cuda_driver *d;
  if (c)
    memset (c, 0, sizeof *c);
  if (!c || !m || !m->context)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  if ((uintptr_t) arena % ALIGNMENT)
    return cuda_fail (RESCAST_EARENA, "the arena on the GPU is not aligned to %d bytes", ALIGNMENT);
  int error = cuda_driver_open (&d);
  if (error)
    return error;
  *c = (struct rescast_cuda_context){ .model = m, .arena = (uintptr_t) arena };
  error = cuda_enter (d, m->context);
  if (!error)
    {
      error = fill_context (c, d);
      cuda_leave (d);
    }
  if (error)
    rescast_cuda_context_free (c);
  return error;
}

void
rescast_cuda_context_free (struct rescast_cuda_context *c)
{
  const struct cuda_driver *d;
  if (!c)
    return;
  if (c->owned && cuda_driver_open (&d) == RESCAST_OK && cuda_enter (d, c->model->context) == RESCAST_OK)
    {
      d->free (c->arena);
      cuda_leave (d);
    }
  free (c->maps);
  memset (c, 0, sizeof *c);
}

static uint64_t
address (uint64_t arena, int64_t bytes, const void *caller)
{
  return bytes == RESCAST_CUDA_NONE ? 0 : bytes == RESCAST_CUDA_CALLER ? (uintptr_t) caller : arena + (uint64_t) bytes;
}

/* The launch number I, whose output is at Y. */
static int
launch_to (const struct cuda_driver *d, const struct rescast_cuda_context *c, int i, const void *input, uint64_t y,
           void *stream)
{
  const struct rescast_cuda_launch *l = &c->model->network->launches[i];
  uint64_t x = address (c->arena, l->x, input), residual = address (c->arena, l->residual, NULL);
  uint64_t w = c->model->weights + (uint64_t) l->w;
  static const struct cuda_map none;
  const struct cuda_map *maps = l->map < 0 ? NULL : c->maps ? (const struct cuda_map *) c->maps + i * CUDA_MAPS : &none;
  const int apart = maps != &none; /* other GPUs' kernels have these arguments, too, and do not read them */
  void *arguments[4 + CUDA_MAPS] = { &x, &residual, &w, &y };
  for (int j = 0; maps && j < CUDA_MAPS; j++)
    arguments[4 + j] = (void *) (uintptr_t) (maps + j * apart);
  struct cuda_attribute early = { .id = CUDA_MAY_START_EARLY, .value.flag = 1 };
  const struct rescast_cuda_shape *s = shape_of (c->model, l);
  const struct cuda_launch launch = {
    .grid = { s->grid[0], s->grid[1], s->grid[2] }, .block = { s->threads, 1, 1 }, .shared = s->shared,
    .stream = stream, .attributes = &early, .attribute_count = l->dependent && c->model->major >= 9,
  };
  return cuda_error (d, d->launch (&launch, c->model->functions[l->kernel], arguments, NULL),
                     c->model->network->kernels[l->kernel]);
}

static int
launch (const struct cuda_driver *d, const struct rescast_cuda_context *c, int i, const void *input, void *output,
        void *stream)
{
  return launch_to (d, c, i, input, address (c->arena, c->model->network->launches[i].y, output), stream);
}

/* Launches FIRST … END - 1. */
static int
launch_some (const struct rescast_cuda_context *c, int first, int end, const void *input, void *output, void *stream)
{
  const struct cuda_driver *d;
  if (!input || !output)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  int error = cuda_driver_open (&d);
  if (!error)
    error = cuda_enter (d, c->model->context);
  if (error)
    return error;
  const int count = c->model->network->launch_count;
  /* in a whole run the layer in front of a copy writes to where that would copy */
  const int early = first == 0 && end == count && c->model->network->last_copies ? 2 : 0;
  for (int i = first; i < end - early && !error; i++)
    error = launch (d, c, i, input, output, stream);
  if (early && !error)
    error = launch_to (d, c, count - early, input, (uintptr_t) output, stream);
  cuda_leave (d);
  return error;
}

/* Is there a context, and is it ready? Else the error. */
static int
check_context (const struct rescast_cuda_context *c)
{
  return c && c->model && c->arena ? RESCAST_OK : cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
}

int
rescast_cuda_run (const struct rescast_cuda_context *c, const void *input, void *output, struct CUstream_st *stream)
{
  int error = check_context (c);
  return error ? error : launch_some (c, 0, c->model->network->launch_count, input, output, stream);
}

int
rescast_cuda_run_layer (const struct rescast_cuda_context *c, int layer, const void *input, void *output,
                        struct CUstream_st *stream)
{
  int error = check_context (c);
  if (!error && (layer < 0 || layer >= c->model->network->launch_count))
    error = cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  return error ? error : launch_some (c, layer, layer + 1, input, output, stream);
}
