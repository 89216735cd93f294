/* --sliding-window: volumes of any extents. Windows are gathered from where a file's numbers lie, mapped, as far as
 * networks read their type, and run by contexts of one thread each; beside these a volume takes its output and the sums
 * of weights. What is read otherwise is in memory as floats. */
#include "cli.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What the contexts share. */
struct job
{
  struct cli_windows *all;
  struct rescast_windows *windows;
  const char *path;
  struct cli_progress progress;
  size_t done;
  pthread_mutex_t mutex; /* of the progress and of the outliers */
};

struct cli_windows_context
{
  struct job *job;
  int number;
  void *memory, *arena; /* of number 0 the model's */
  float *result;
  bool created, started; /* the thread was; network->init succeeded */
  pthread_t thread;
  int error;
};

/* How the windows of a source's samples lie, and the shape of their outputs. */
static bool
plan (struct cli_windows *w, const struct cli_source *s, struct rescast_windows *windows, struct cli_shape *out)
{
  size_t extent[3];
  char text[128];
  cli_source_extents (s, extent);
  const int extents[] = { (int) extent[0], (int) extent[1], (int) extent[2] };
  if (w->network->windows->init (windows, extents, &w->options->windowing))
    return cli_fail (s->path, "a volume of shape %s has no windows: too small for a voxel of the output, or too large",
                     cli_shape_text (text, sizeof text, s->shape.extent, s->shape.rank));
  const int rank = w->info->output_rank;
  *out = (struct cli_shape){ .extent = { (uint64_t) windows->output_shape[0] }, .rank = rank + 1,
                             .count = (size_t) windows->output_shape[0] };
  for (int i = 0; i < rank; i++)
    {
      out->extent[i + 1] = (uint64_t) windows->output_shape[4 - rank + i];
      out->count *= (size_t) out->extent[i + 1];
    }
  return true;
}

bool
cli_windows_count (struct cli_windows *w)
{
  for (int i = 0; i < w->options->input_count; i++)
    {
      struct cli_source source;
      struct rescast_windows windows;
      struct cli_shape out;
      char have[128], other[128];
      bool ok = cli_source_open (&source, w->options->inputs[i], w->info, w->options)
                && plan (w, &source, &windows, &out);
      if (ok && i && w->options->output && memcmp (out.extent, w->out.extent, sizeof out.extent) != 0)
        ok = cli_fail (source.path, "its output has the shape %s, that of %s %s; --output takes those of one shape",
                       cli_shape_text (have, sizeof have, out.extent, out.rank), w->options->inputs[0],
                       cli_shape_text (other, sizeof other, w->out.extent, w->out.rank));
      if (ok && source.samples > SIZE_MAX - w->total)
        ok = cli_fail (source.path, "too many inputs");
      if (ok)
        {
          w->out = i ? w->out : out;
          w->total += source.samples;
          w->result_bytes = windows.result_bytes;
          w->most_runs = windows.runs > w->most_runs ? windows.runs : w->most_runs;
        }
      cli_source_close (&source);
      if (!ok)
        return false;
    }
  return true;
}

/* ---- contexts ---- */

static bool
prepare (struct cli_windows *w, struct cli_windows_context *c, int number)
{
  const struct cli_model *m = w->model;
  c->number = number;
  c->memory = number ? calloc (1, m->network->context_bytes) : m->network->context;
  c->arena = number ? rescast_arena_alloc (m->arena_bytes) : m->arena;
  c->result = malloc (w->result_bytes);
  if (!c->memory || (number && !c->arena) || !c->result)
    return cli_fail (NULL, "out of memory for %d windows at a time; --threads N takes fewer", w->count);
  const int error = number ? cli_context_init (m, w->options, c->memory, c->arena, number) : RESCAST_OK;
  c->started = number && !error;
  return !error || cli_fail (NULL, "context %d: %s", number, rescast_strerror (error));
}

bool
cli_windows_open (struct cli_windows *w)
{
  const int batches = w->most_runs / w->info->batch + (w->most_runs % w->info->batch > 0);
  w->on_host = strcmp (w->model->network->info->target, "cuda") != 0;
  w->count = !w->on_host ? 1 : w->options->contexts < batches ? w->options->contexts : batches;
  if (!cli_input_shape (w->info, &w->window_in) || !cli_output_shape (w->info, &w->window_out))
    return cli_fail (NULL, "the network's shapes are not valid");
  w->contexts = calloc ((size_t) w->count, sizeof *w->contexts);
  if (!w->contexts)
    return cli_fail (NULL, "out of memory");
  bool ok = true;
  for (int i = 0; ok && i < w->count; i++)
    ok = prepare (w, &w->contexts[i], i);
  cli_outliers_open (&w->outliers, w->model->network->info, &w->model->weights, &w->window_in);
  return ok;
}

void
cli_windows_free (struct cli_windows *w)
{
  for (int i = 0; w->contexts && i < w->count; i++)
    {
      struct cli_windows_context *c = &w->contexts[i];
      if (c->started)
        w->model->network->free (c->memory);
      if (c->number)
        {
          free (c->memory);
          rescast_arena_free (c->arena, w->model->arena_bytes);
        }
      free (c->result);
    }
  free (w->contexts);
  free (w->sums);
  free (w->output);
  free (w->volume);
}

/* ---- running ---- */

static int
run (void *context, const float *input, float *output)
{
  struct cli_windows_context *c = context;
  struct job *job = c->job;
  struct cli_windows *w = job->all;
  pthread_mutex_lock (&job->mutex);
  for (int i = 0; i < w->info->batch; i++)
    cli_outliers_check (&w->outliers, job->path, "in a window, ", input + (size_t) i * w->window_in.count);
  cli_progress_show (&job->progress, job->done);
  job->done += (size_t) w->info->batch;
  pthread_mutex_unlock (&job->mutex);
  return w->model->network->run (c->memory, input, output);
}

static void *
drive (void *context)
{
  struct cli_windows_context *c = context;
  const struct cli_windows *w = c->job->all;
  const struct rescast_network *network = w->model->network;
  c->error = w->on_host && w->options->pin ? rescast_pin_thread (w->options->pin, c->number) : RESCAST_OK;
  if (!c->error)
    c->error = network->windows->run (c->job->windows, run, c, network->input (c->memory), c->result);
  return NULL;
}

/* Run all windows. What a thread that cannot be started would have run, the others run. */
static bool
run_contexts (struct job *job)
{
  struct cli_windows *w = job->all;
  for (int i = 0; i < w->count; i++)
    {
      struct cli_windows_context *c = &w->contexts[i];
      c->job = job;
      c->created = w->count > 1 && pthread_create (&c->thread, NULL, drive, c) == 0;
    }
  if (!w->contexts[0].created)
    drive (&w->contexts[0]);
  for (int i = 0; i < w->count; i++)
    if (w->contexts[i].created)
      pthread_join (w->contexts[i].thread, NULL);
  for (int i = 0; i < w->count; i++)
    if ((i == 0 || w->contexts[i].created) && w->contexts[i].error)
      return cli_fail (NULL, "%s", w->model->network->message ? w->model->network->message ()
                                                              : rescast_strerror (w->contexts[i].error));
  return true;
}

/* Room for what a volume takes; the last one's is too small or too large. */
static bool
make_room (struct cli_windows *w, const struct rescast_windows *windows, const struct cli_shape *out)
{
  free (w->output);
  free (w->sums);
  w->output = malloc (out->count * sizeof *w->output);
  w->sums = malloc (windows->sums_bytes);
  return (w->output && w->sums) || cli_fail (NULL, "out of memory for an output of %zu values", out->count);
}

/* Sample I of SOURCE where it lies in the file, or else as floats. */
static bool
get_volume (struct cli_windows *w, struct cli_source *s, size_t i, struct rescast_elements *e)
{
  free (w->volume);
  w->volume = NULL;
  *e = (struct rescast_elements){ .prepare = !s->plain };
  if (s->reader->map && s->reader->map (s, i, e))
    return true;
  w->volume = malloc (s->shape.count * sizeof *w->volume);
  if (!w->volume)
    return cli_fail (s->path, "out of memory for a volume of %zu values", s->shape.count);
  *e = (struct rescast_elements){ .data = w->volume, .element = RESCAST_FLOAT32 };
  return s->reader->read (s, i, w->volume);
}

static bool
run_sample (struct cli_windows *w, struct cli_source *s, size_t i)
{
  struct rescast_windows windows;
  struct rescast_elements volume;
  struct cli_shape out;
  struct job job = { .all = w, .windows = &windows, .path = s->path };
  if (!plan (w, s, &windows, &out) || !make_room (w, &windows, &out) || !get_volume (w, s, i, &volume))
    return false;
  if (w->network->windows->begin (&windows, &volume, w->output, w->sums, windows.sums_bytes)
      || pthread_mutex_init (&job.mutex, NULL) != 0)
    return cli_fail (s->path, "%s", rescast_strerror (RESCAST_EINVAL));
  cli_progress_start (&job.progress, "windows", (size_t) windows.runs);
  const bool ok = run_contexts (&job);
  cli_progress_clear (&job.progress);
  pthread_mutex_destroy (&job.mutex);
  if (!ok)
    return false;
  w->report->shape = out;
  cli_report_result (w->report, s->path, i, s->samples > 1, w->output);
  w->done++;
  if (w->report->out.failed)
    return cli_out_end (&w->report->out);
  return !w->array->file || cli_array_write (w->array, w->output, out.count);
}

bool
cli_windows_run (struct cli_windows *w)
{
  bool ok = true;
  for (int i = 0; ok && i < w->options->input_count; i++)
    {
      struct cli_source source;
      ok = cli_source_open (&source, w->options->inputs[i], w->info, w->options);
      for (size_t sample = 0; ok && sample < source.samples; sample++)
        ok = run_sample (w, &source, sample);
      cli_source_close (&source);
    }
  return ok && (w->done == w->total || cli_fail (NULL, "the inputs changed while they were read"));
}
