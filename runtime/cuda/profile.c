/* Times by the GPU's clock: events around graphs. */
#include "driver.h"

#include <string.h>

/* Runs that are queued before the host waits: it stays ahead of the device, so that only the device's time counts. */
#define QUEUED 32

/* Of a layer in its graph: what lies between two graphs is then a small part of the time. */
#define LAUNCHES 20

/* Of the copy that shows the bandwidth: several times the largest cache. */
#define COPY_BYTES ((size_t) 256 << 20)
#define COPIES 9

struct layer
{
  const struct rescast_cuda_host *host;
  int number;
};

struct copy
{
  const struct cuda_driver *d;
  cuda_address from, to;
};

static int
queue_layer (const void *arg, void *stream)
{
  const struct layer *l = arg;
  const struct rescast_cuda_host *h = l->host;
  int error = RESCAST_OK;
  for (int i = 0; i < LAUNCHES && !error; i++)
    error = rescast_cuda_run_layer (&h->context, l->number, (void *) (uintptr_t) h->device_input,
                                    (void *) (uintptr_t) h->device_output, stream);
  return error;
}

static int
queue_all (const void *arg, void *stream)
{
  const struct rescast_cuda_host *h = arg;
  return rescast_cuda_run (&h->context, (void *) (uintptr_t) h->device_input, (void *) (uintptr_t) h->device_output,
                           stream);
}

static int
queue_copy (const void *arg, void *stream)
{
  const struct copy *c = arg;
  return cuda_error (c->d, c->d->on_device_async (c->to, c->from, COPY_BYTES, stream), "copying on the GPU");
}

/* RUNS launches of GRAPH, at most QUEUED, one behind the other; EVENTS lie between them. */
static int
time_some (const struct cuda_driver *d, void *stream, void *graph, void *const *events, int runs, float *ms)
{
  cuda_result result = d->graph_launch (graph, stream);
  if (!result)
    result = d->event_record (events[0], stream);
  for (int i = 0; i < runs && !result; i++)
    {
      result = d->graph_launch (graph, stream);
      if (!result)
        result = d->event_record (events[i + 1], stream);
    }
  if (!result)
    result = d->stream_wait (stream);
  for (int i = 0; i < runs && !result; i++)
    result = d->event_elapsed (&ms[i], events[i], events[i + 1]);
  return cuda_error (d, result, "timing on the GPU");
}

static int
time_graph (const struct cuda_driver *d, void *stream, void *graph, int runs, float *ms)
{
  void *events[QUEUED + 1] = { NULL };
  int error = RESCAST_OK;
  for (int i = 0; i <= QUEUED && !error; i++)
    error = cuda_error (d, d->event_create (&events[i], 0), "an event");
  for (int at = 0; at < runs && !error; at += QUEUED)
    error = time_some (d, stream, graph, events, runs - at < QUEUED ? runs - at : QUEUED, ms + at);
  for (int i = 0; i <= QUEUED; i++)
    if (events[i])
      d->event_destroy (events[i]);
  return error;
}

/* What QUEUE puts on a stream. */
static int
time_queue (const struct cuda_driver *d, void *stream, int (*queue) (const void *, void *), const void *arg, int runs,
            float *ms)
{
  void *graph = NULL;
  int error = cuda_capture (d, stream, queue, arg, &graph);
  if (!error)
    error = time_graph (d, stream, graph, runs, ms);
  if (graph)
    d->graph_exec_destroy (graph);
  return error;
}

static int
time_layer (struct rescast_cuda_host *h, const struct cuda_driver *d, int number, int runs, float *ms)
{
  const struct layer layer = { h, number };
  int error = time_queue (d, h->stream, queue_layer, &layer, runs, ms);
  for (int i = 0; i < runs; i++)
    ms[i] /= LAUNCHES;
  return error;
}

int
rescast_cuda_time (struct rescast_cuda_host *h, int part, int runs, float *ms)
{
  const struct cuda_driver *d;
  if (!h || !h->graph || !ms || runs < 0 || part < RESCAST_WHOLE_RUN || part >= h->model.network->launch_count)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  int error = cuda_driver_open (&d);
  if (!error)
    error = cuda_enter (d, h->model.context);
  if (error)
    return error;
  memset (ms, 0, (size_t) runs * sizeof *ms);
  if (part == RESCAST_WHOLE_RUN)
    error = time_graph (d, h->stream, h->graph, runs, ms);
  else if (part == RESCAST_ALL_LAYERS)
    error = time_queue (d, h->stream, queue_all, h, runs, ms);
  else
    error = time_layer (h, d, part, runs, ms);
  cuda_leave (d);
  return error;
}

/* Bytes a second, read and written; the least of the times counts. */
static int
copy_rate (const struct rescast_cuda_host *h, const struct cuda_driver *d, double *rate)
{
  struct copy copy = { .d = d };
  float ms[COPIES] = { 0 };
  static const char what[] = "the GPU's memory for a copy";
  int error = cuda_error (d, d->alloc (&copy.from, COPY_BYTES), what);
  if (!error)
    error = cuda_error (d, d->alloc (&copy.to, COPY_BYTES), what);
  if (!error)
    error = time_queue (d, h->stream, queue_copy, &copy, COPIES, ms);
  if (copy.from)
    d->free (copy.from);
  if (copy.to)
    d->free (copy.to);
  float least = ms[0];
  for (int i = 1; i < COPIES && !error; i++)
    least = ms[i] < least ? ms[i] : least;
  *rate = error ? 0 : 2e3 * (double) COPY_BYTES / (double) least;
  return error;
}

/* Multiply-adds that a multiprocessor does in a cycle: without tensor cores, and with them on 16-bit numbers summed in
 * fp32; half as many in tf32. From the CUDA C++ Programming Guide's table of arithmetic instructions and, for tensor
 * cores, the architectures' white papers: their dense rate over multiprocessors and boost clock (A100 312 TFLOP/s, H100
 * SXM 989, RTX A6000 155, L40 181, B200 2250, RTX PRO 6000 504). GeForce cards have half of that of 8.6, 8.9 and 12.0.
 */
static const struct { int major, minor, fp32, half; } units[] = {
  { 8, 0, 64, 1024 }, { 8, 6, 128, 512 }, { 8, 7, 128, 1024 }, { 8, 9, 128, 512 },
  { 9, 0, 128, 2048 }, { 10, 0, 128, 4096 }, { 10, 3, 128, 4096 }, { 12, 0, 128, 512 },
};

static double
mac_rate (const struct rescast_cuda_model *m, const struct cuda_driver *d)
{
  const char *precision = m->network->info->precision;
  int major = 0, minor = 0, processors = 0, khz = 0, macs = 0;
  d->device_attribute (&major, CUDA_COMPUTE_MAJOR, m->device);
  d->device_attribute (&minor, CUDA_COMPUTE_MINOR, m->device);
  d->device_attribute (&processors, CUDA_MULTIPROCESSORS, m->device);
  d->device_attribute (&khz, CUDA_CLOCK_RATE, m->device);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (units[i].major == major && units[i].minor == minor)
      macs = !strcmp (precision, "fp32")   ? units[i].fp32
             : !strcmp (precision, "tf32") ? units[i].half / 2
                                           : units[i].half;
  return 1e3 * macs * (double) processors * (double) khz;
}

int
rescast_cuda_limits (struct rescast_cuda_host *h, struct rescast_limits *limits, double *weights_bytes)
{
  const struct cuda_driver *d;
  if (!h || !h->graph || !limits || !weights_bytes)
    return cuda_fail (RESCAST_EINVAL, "%s", rescast_strerror (RESCAST_EINVAL));
  int error = cuda_driver_open (&d);
  if (!error)
    error = cuda_enter (d, h->model.context);
  if (error)
    return error;
  limits->macs = mac_rate (&h->model, d);
  error = copy_rate (h, d, &limits->bytes);
  cuda_leave (d);
  /* The layers' weights lie one behind the other. */
  const struct rescast_cuda_network *n = h->model.network;
  int64_t end = (int64_t) n->info->weights_data_bytes;
  for (int i = n->launch_count - 1; i >= 0; end = n->launches[i--].w)
    weights_bytes[i] = (double) (end - n->launches[i].w);
  return error;
}
