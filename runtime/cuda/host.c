/* A network fed from the host: one graph of the copy in, all kernels and the copy out. */
#include "driver.h"

#include <pthread.h>
#include <string.h>

static int
allocate (struct rescast_cuda_host *h, const struct cuda_driver *d)
{
  const struct rescast_cuda_network *n = h->model.network;
  static const char what[] = "memory for input and output";
  int error = cuda_error (d, d->stream_create (&h->stream, CUDA_STREAM_NON_BLOCKING), "a stream");
  if (!error)
    error = cuda_error (d, d->alloc (&h->device_input, n->input_bytes), what);
  if (!error)
    error = cuda_error (d, d->alloc (&h->device_output, n->output_bytes), what);
  if (!error)
    error = cuda_error (d, d->host_alloc ((void **) &h->input, n->input_bytes, 0), what);
  if (!error)
    error = cuda_error (d, d->host_alloc ((void **) &h->output, n->output_bytes, 0), what);
  return error;
}

static struct CUstream_st *
stream_of (const struct rescast_cuda_host *h)
{
  return (struct CUstream_st *) h->stream;
}

static void *
pointer (uint64_t address)
{
  return (void *) (uintptr_t) address;
}

int
cuda_capture (const struct cuda_driver *d, void *stream, int (*queue) (const void *, void *), const void *arg,
              void **executable)
{
  void *graph = NULL;
  int error = cuda_error (d, d->capture_begin (stream, CUDA_CAPTURE_RELAXED), "capturing a graph");
  if (error)
    return error;
  error = queue (arg, stream);
  int ended = cuda_error (d, d->capture_end (stream, &graph), "capturing a graph");
  if (!error)
    error = ended;
  if (!error)
    error = cuda_error (d, d->graph_instantiate (executable, graph, 0), "making a graph");
  if (graph)
    d->graph_destroy (graph);
  return error;
}

/* Copies and kernels. */
static int
queue_run (const void *host, void *stream)
{
  const struct rescast_cuda_host *h = host;
  const struct rescast_cuda_network *n = h->model.network;
  const struct cuda_driver *d;
  int error = cuda_driver_open (&d);
  if (!error)
    error = cuda_error (d, d->to_device_async (h->device_input, h->input, n->input_bytes, stream), "copying the input");
  if (!error)
    error = rescast_cuda_run (&h->context, pointer (h->device_input), pointer (h->device_output), stream);
  if (!error)
    error
        = cuda_error (d, d->to_host_async (h->output, h->device_output, n->output_bytes, stream), "copying the output");
  return error;
}

static int
prepare (struct rescast_cuda_host *h, const struct cuda_driver *d)
{
  int error = cuda_enter (d, h->model.context);
  if (error)
    return error;
  error = allocate (h, d);
  if (!error)
    error = cuda_capture (d, h->stream, queue_run, h, &h->graph);
  cuda_leave (d);
  return error;
}

/* The weights' check, beside the driver's making of a context, which takes longer. */
struct check
{
  const struct rescast_weights *weights; /* NULL: nothing to check */
  pthread_t thread;
  int started, error;
};

static void *
check_weights (void *check)
{
  struct check *c = check;
  c->error = rescast_weights_check (c->weights);
  return NULL;
}

static int
finish_check (struct check *c)
{
  if (c->started)
    pthread_join (c->thread, NULL);
  else if (c->weights)
    check_weights (c);
  return c->error ? cuda_fail (c->error, "%s", rescast_strerror (c->error)) : RESCAST_OK;
}

int
rescast_cuda_host_init (struct rescast_cuda_host *h, const struct rescast_cuda_network *network,
                        const struct rescast_weights *weights, void *arena, size_t arena_bytes,
                        const struct rescast_config *config)
{
  const struct cuda_driver *d;
  if (h)
    memset (h, 0, sizeof *h);
  if (!h || !network || !weights || !weights->data)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  if (arena && arena_bytes < network->info->arena_bytes)
    return cuda_fail (RESCAST_EARENA, "%s", rescast_strerror (RESCAST_EARENA));
  int error = cuda_driver_open (&d);
  if (error)
    return error;
  h->mirror = arena;
  struct check check = { .weights = config && config->check ? weights : NULL };
  check.started = check.weights && pthread_create (&check.thread, NULL, check_weights, &check) == 0;
  error = rescast_cuda_load (&h->model, network, weights, config ? config->device : 0);
  int damaged = finish_check (&check);
  if (damaged)
    error = damaged;
  if (!error)
    error = rescast_cuda_context_init (&h->context, &h->model, NULL);
  if (!error)
    error = prepare (h, d);
  if (error)
    rescast_cuda_host_free (h);
  return error;
}

/* Between a layer and its hook: the arena, where there is a mirror of it, and input and output. */
static int
exchange (struct rescast_cuda_host *h, const struct cuda_driver *d, float *output, int after)
{
  const struct rescast_cuda_network *n = h->model.network;
  size_t bytes = n->info->arena_bytes;
  cuda_result result = 0;
  if (h->mirror && after)
    result = d->to_host_async (h->mirror, h->context.arena, bytes, h->stream);
  else if (h->mirror)
    result = d->to_device_async (h->context.arena, h->mirror, bytes, h->stream);
  if (!result && h->mirror && after)
    result = d->to_host_async (output, h->device_output, n->output_bytes, h->stream);
  else if (!result && h->mirror)
    result = d->to_device_async (h->device_output, output, n->output_bytes, h->stream);
  if (!result)
    result = d->stream_wait (h->stream);
  return cuda_error (d, result, "copying the arena");
}

/* Layer by layer from FIRST on, the hook before and after each. */
static int
run_hooked (struct rescast_cuda_host *h, const struct cuda_driver *d, int first, const float *input, float *output)
{
  const struct rescast_cuda_network *n = h->model.network;
  int error = RESCAST_OK;
  for (int i = first; i < n->launch_count && !error; i++)
    {
      h->hook (h->hook_user, n->info, i, 0, h->mirror);
      if (i == 0)
        error = cuda_error (d, d->to_device_async (h->device_input, input, n->input_bytes, h->stream),
                            "copying the input");
      if (!error)
        error = exchange (h, d, output, 0);
      if (!error)
        error = rescast_cuda_run_layer (&h->context, i, pointer (h->device_input), pointer (h->device_output),
                                        stream_of (h));
      if (!error) /* so that an error of the kernel's is told as one */
        error = cuda_error (d, d->stream_wait (h->stream), n->kernels[n->launches[i].kernel]);
      if (!error)
        error = exchange (h, d, output, 1);
      if (!error)
        h->hook (h->hook_user, n->info, i, 1, h->mirror);
    }
  if (!error)
    error
        = cuda_error (d, d->to_host_async (output, h->device_output, n->output_bytes, h->stream), "copying the output");
  return error ? error : cuda_error (d, d->stream_wait (h->stream), "running the network");
}

static int
run_graph (struct rescast_cuda_host *h, const struct cuda_driver *d, const float *input, float *output)
{
  const struct rescast_cuda_network *n = h->model.network;
  if (input != h->input)
    memcpy (h->input, input, n->input_bytes);
  int error = cuda_error (d, d->graph_launch (h->graph, h->stream), "launching the graph");
  if (!error)
    error = cuda_error (d, d->stream_wait (h->stream), "running the network");
  if (!error)
    memcpy (output, h->output, n->output_bytes);
  return error;
}

/* Layers from FIRST on with the hook; without one the graph, which is all of them. */
static int
run_host (struct rescast_cuda_host *h, int first, const float *input, float *output)
{
  const struct cuda_driver *d;
  if (!h || !h->graph || !input || !output || first < 0 || first > h->model.network->launch_count)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  int error = cuda_driver_open (&d);
  if (!error)
    error = cuda_enter (d, h->model.context);
  if (error)
    return error;
  error = h->hook ? run_hooked (h, d, first, input, output) : run_graph (h, d, input, output);
  cuda_leave (d);
  return error;
}

int
rescast_cuda_host_run (struct rescast_cuda_host *h, const float *input, float *output)
{
  return run_host (h, 0, input, output);
}

int
rescast_cuda_host_run_from (struct rescast_cuda_host *h, int first, const float *input, float *output)
{
  if (!h || !h->hook)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  return run_host (h, first, input, output);
}

void
rescast_cuda_host_set_hook (struct rescast_cuda_host *h, rescast_hook *hook, void *user)
{
  if (!h)
    return;
  h->hook = hook;
  h->hook_user = user;
}

/* What allocate and prepare made. */
static void
release (struct rescast_cuda_host *h, const struct cuda_driver *d)
{
  if (cuda_enter (d, h->model.context))
    return;
  if (h->graph)
    d->graph_exec_destroy (h->graph);
  if (h->input)
    d->host_free (h->input);
  if (h->output)
    d->host_free (h->output);
  if (h->device_input)
    d->free (h->device_input);
  if (h->device_output)
    d->free (h->device_output);
  if (h->stream)
    d->stream_destroy (h->stream);
  cuda_leave (d);
}

void
rescast_cuda_host_free (struct rescast_cuda_host *h)
{
  const struct cuda_driver *d;
  if (!h)
    return;
  if (h->model.context && cuda_driver_open (&d) == RESCAST_OK)
    {
      release (h, d);
      rescast_cuda_context_free (&h->context);
      rescast_cuda_unload (&h->model);
    }
  memset (h, 0, sizeof *h);
}
