/* The flow of the classifier program. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* Runs kept per layer: enough for a median. */
#define PROFILE_RUNS 1000
#define WARM_UP 3

/* Where an input of the batch came from. */
struct item
{
  const char *path;
  size_t index;
  bool several; /* the file holds more than this one */
};

struct session
{
  const struct rescast_network *network;
  struct rescast_network named; /* with what it says of --target */
  const struct rescast_info *info;
  struct cli_options options;
  struct cli_labels labels;
  struct cli_model model;
  struct cli_shape in, out; /* of one sample */
  struct cli_report report;
  struct cli_array_out array;
  struct cli_profile profile;
  struct cli_tensors tensors;
  bool profiling, capturing; /* what the hook is for */
  struct cli_progress progress;
  struct cli_outliers outliers;
  struct item *items; /* [batch] */
  float *output;      /* [batch][out] */
  float *saved;       /* the first batch's input, for the bench: a run may overwrite the arena's */
  int pending;        /* inputs of the batch read so far */
  size_t total, done; /* inputs */
};

static void
hook (void *session, const struct rescast_info *info, int layer, int after, void *arena)
{
  struct session *s = session;
  if (s->profiling)
    cli_profile_hook (&s->profile, info, layer, after, arena);
  if (s->capturing)
    cli_tensors_hook (&s->tensors, layer, after, arena);
}

static void
watch (struct session *s, bool profiling, bool capturing)
{
  s->profiling = profiling;
  s->capturing = capturing;
  s->network->set_hook (s->network->context, profiling || capturing ? hook : NULL, s);
}

static bool
run (struct session *s)
{
  float *input = s->network->input (s->network->context);
  int error = s->network->run (s->network->context, input, s->output);
  return !error || cli_fail (NULL, "%s", s->network->message ? s->network->message () : rescast_strerror (error));
}

/* Run what is pending, the rest of the batch being zeros, and report it. */
static bool
flush_batch (struct session *s)
{
  float *input = s->network->input (s->network->context);
  size_t batch = (size_t) s->info->batch, count = (size_t) s->pending;
  memset (input + count * s->in.count, 0, (batch - count) * s->in.count * sizeof *input);
  if (s->options.bench && !s->saved)
    {
      s->saved = malloc (batch * s->in.count * sizeof *s->saved);
      if (!s->saved)
        return cli_fail (NULL, "out of memory");
      memcpy (s->saved, input, batch * s->in.count * sizeof *s->saved);
    }
  if (!run (s))
    return false;
  cli_progress_clear (&s->progress);
  for (size_t i = 0; i < count; i++)
    cli_report_result (&s->report, s->items[i].path, s->items[i].index, s->items[i].several,
                       s->output + i * s->out.count);
  if (s->report.out.failed)
    return cli_out_end (&s->report.out);
  if (s->array.file && !cli_array_write (&s->array, s->output, count * s->out.count))
    return false;
  if (!cli_tensors_write (&s->tensors, count))
    return false;
  s->pending = 0;
  s->done += count;
  cli_progress_show (&s->progress, s->done);
  return true;
}

/* A look at sample I of SOURCE, just read. */
static void
check_range (struct session *s, const struct cli_source *source, size_t i, const float *input)
{
  char sample[64] = "";
  if (source->samples > 1)
    snprintf (sample, sizeof sample, "sample %zu: ", i);
  cli_outliers_check (&s->outliers, source->path, sample, input);
}

/* Read and run all samples of one open file. */
static bool
run_source (struct session *s, struct cli_source *source)
{
  for (size_t i = 0; i < source->samples; i++)
    {
      float *input = s->network->input (s->network->context) + (size_t) s->pending * s->in.count;
      if (!source->reader->read (source, i, input))
        return false;
      check_range (s, source, i, input);
      s->items[s->pending++] = (struct item){ source->path, i, source->samples > 1 };
      if (s->pending == s->info->batch && !flush_batch (s))
        return false;
    }
  return true;
}

static bool
run_inputs (struct session *s)
{
  bool ok = true;
  cli_progress_start (&s->progress, "inputs", s->total);
  for (int i = 0; ok && i < s->options.input_count; i++)
    {
      struct cli_source source;
      ok = cli_source_open (&source, s->options.inputs[i], s->info, &s->options) && run_source (s, &source);
      cli_source_close (&source);
    }
  ok = ok && (!s->pending || flush_batch (s));
  cli_progress_clear (&s->progress);
  if (ok && s->done != s->total)
    ok = cli_fail (NULL, "the inputs changed while they were read");
  return ok;
}

/* Every file's kind and shape, before anything is computed. */
static bool
count_inputs (struct session *s)
{
  for (int i = 0; i < s->options.input_count; i++)
    {
      struct cli_source source;
      bool ok = cli_source_open (&source, s->options.inputs[i], s->info, &s->options);
      if (ok && source.samples > SIZE_MAX - s->total)
        ok = cli_fail (source.path, "too many inputs");
      s->total += source.samples;
      cli_source_close (&source);
      if (!ok)
        return false;
    }
  return true;
}

/* What the network says of itself is what it says of --target, which may have other tensors than its best one. */
static bool
name_target (struct session *s)
{
  const char *target = s->options.target;
  if (!target)
    return true;
  s->named = *s->network;
  s->named.info = s->network->info_of ? s->network->info_of (target) : NULL;
  if (!s->named.info)
    return cli_fail (NULL, "this program was not generated for the target %s; --version names its best", target);
  s->network = &s->named;
  s->info = s->named.info;
  return true;
}

/* On the GPU or the CPU, as the options say; where they leave it open, on the CPU when the GPU cannot. */
static bool
open_model (struct session *s)
{
  const struct cli_options *o = &s->options;
  const struct rescast_network *gpu = s->network->cuda;
  if (o->device == CLI_CUDA && !gpu)
    return cli_fail (NULL, "this program was generated without CUDA (the target cuda); --device cpu is the one it has");
  if (o->device == CLI_CUDA && o->target)
    return cli_fail (NULL, "--target names one of the CPU's; it does not go with --device cuda");
  if (gpu && o->device != CLI_CPU && !o->target)
    {
      if (cli_model_open (&s->model, gpu, o, o->device == CLI_AUTO))
        {
          s->network = gpu;
          s->info = gpu->info;
          return true;
        }
      if (o->device == CLI_CUDA)
        return false;
      cli_model_close (&s->model);
    }
  return cli_model_open (&s->model, s->network, o, false);
}

static bool
get_labels (struct session *s)
{
  const struct rescast_info *info = s->info;
  if (s->options.labels)
    {
      if (info->output_rank != 0)
        return cli_fail (s->options.labels, "labels for a network whose output is no vector of scores");
      if (!cli_labels_read (&s->labels, s->options.labels, info->output_shape[0]))
        return false;
    }
  else if (info->labels)
    s->labels = (struct cli_labels){ .label = info->labels, .count = info->label_count };
  return true;
}

static bool
open_report (struct session *s)
{
  s->report = (struct cli_report){ .info = s->info, .options = &s->options, .labels = &s->labels };
  return cli_report_open (&s->report);
}

static bool
setup (struct session *s)
{
  const struct rescast_info *info = s->info;
  size_t floats, bytes;
  bool valid = info->batch > 0 && cli_input_shape (info, &s->in) && cli_output_shape (info, &s->out);
  valid = valid && cli_mul (s->in.count, (size_t) info->batch, &floats) && cli_mul (floats, sizeof (float), &bytes);
  valid = valid && cli_mul (s->out.count, (size_t) info->batch, &floats) && cli_mul (floats, sizeof (float), &bytes);
  if (!valid)
    return cli_fail (NULL, "the network's shapes are not valid");
  if (!get_labels (s) || !count_inputs (s) || !open_model (s))
    return false;
  cli_outliers_open (&s->outliers, s->info, &s->model.weights, &s->in);
  s->items = calloc ((size_t) info->batch, sizeof *s->items);
  s->output = malloc (bytes);
  if (!s->items || !s->output)
    return cli_fail (NULL, "out of memory");
  return open_report (s) && cli_tensors_open (&s->tensors, s->info, &s->options, s->total)
         && (!s->options.output || cli_array_create (&s->array, s->options.output, s->total, &s->out));
}

/* What the bench feeds when there is no INPUT: the same numbers on every machine, in [0, 1). Made anew for each run,
 * since a copy might be most of what the program needs beside weights and arena. */
static void
random_input (const struct session *s, float *input)
{
  size_t count = (size_t) s->info->batch * s->in.count;
  uint32_t x = 2463534242u;
  for (size_t i = 0; i < count; i++)
    {
      x ^= x << 13;
      x ^= x >> 17;
      x ^= x << 5;
      input[i] = (float) (x >> 8) * 0x1p-24f;
    }
}

/* WARM_UP and then RUNS runs of one input; MS, where not NULL, gets how long each took. */
static bool
repeat (struct session *s, const char *what, int warm_up, int runs, float *ms)
{
  size_t bytes = (size_t) s->info->batch * s->in.count * sizeof (float);
  cli_progress_start (&s->progress, what, (size_t) runs);
  bool ok = true;
  for (int i = -warm_up; ok && i < runs; i++)
    {
      float *input = s->network->input (s->network->context);
      if (s->saved)
        memcpy (input, s->saved, bytes);
      else
        random_input (s, input);
      double start = cli_now ();
      ok = run (s);
      if (ms && i >= 0)
        ms[i] = (float) (1e3 * (cli_now () - start));
      if (i >= 0)
        cli_progress_show (&s->progress, (size_t) i + 1);
    }
  cli_progress_clear (&s->progress);
  return ok;
}

static bool
is_on_gpu (const struct session *s)
{
  return strcmp (s->info->target, "cuda") == 0;
}

/* What of a run the device's own clock counts without the copies. */
static bool
time_kernels (struct session *s, struct cli_times *t, float *ms)
{
  int error = s->network->time (s->network->context, RESCAST_ALL_LAYERS, t->runs, ms);
  if (error)
    return cli_fail (NULL, "%s", s->network->message ? s->network->message () : rescast_strerror (error));
  t->kernels_median = cli_median (ms, t->runs);
  t->kernels_p99 = cli_percentile (ms, t->runs, 99);
  return true;
}

/* The runs of one context. */
static bool
time_runs (struct session *s, struct cli_times *t)
{
  const int runs = s->options.bench;
  float *ms = malloc ((size_t) runs * sizeof *ms);
  if (!ms)
    return cli_fail (NULL, "out of memory");
  bool ok = repeat (s, "bench", WARM_UP, runs, ms);
  if (ok)
    {
      *t = cli_times_of (ms, runs);
      t->per_second = t->median > 0 ? 1e3 * s->info->batch / t->median : 0;
      ok = !s->network->time || time_kernels (s, t, ms);
    }
  free (ms);
  return ok;
}

static bool
time_contexts (struct session *s, struct cli_times *t)
{
  size_t batch = (size_t) s->info->batch, count = batch * s->in.count;
  if (is_on_gpu (s))
    return cli_fail (NULL, "--contexts is of networks on the CPU: --device cpu");
  float *input = s->saved ? s->saved : malloc (count * sizeof *input);
  if (!input)
    return cli_fail (NULL, "out of memory");
  if (!s->saved)
    random_input (s, input);
  bool ok = cli_contexts_bench (&s->model, &s->options, input, count, batch * s->out.count, t);
  if (!s->saved)
    free (input);
  return ok;
}

/* Runs without the hook first, then, for the profile, as many with it: the hook's clock costs time. */
static bool
bench (struct session *s)
{
  const int runs = s->options.bench;
  struct cli_times t;
  if (!(s->options.contexts > 1 ? time_contexts (s, &t) : time_runs (s, &t)))
    return false;
  t.threads = is_on_gpu (s) ? 0 : s->options.threads;
  t.batch = s->info->batch;
  cli_times_print (&t, &s->report.out, s->options.json);
  if (!s->options.profile || s->network->time)
    return true;
  watch (s, true, false);
  return repeat (s, "profile", 0, runs < PROFILE_RUNS ? runs : PROFILE_RUNS, NULL);
}

/* All inputs by windows. */
static bool
run_windows (struct session *s)
{
  struct cli_windows w = { .network = s->network, .info = s->info, .options = &s->options, .model = &s->model,
                           .report = &s->report, .array = &s->array };
  if (!s->network->windows)
    return cli_fail (NULL, "--sliding-window is of networks whose input has spatial axes, and whose output is a vector "
                           "or a map with the input's extents times or over whole numbers");
  const bool ok = get_labels (s) && cli_windows_count (&w) && open_model (s) && open_report (s)
                  && (!s->options.output || cli_array_create (&s->array, s->options.output, w.total, &w.out))
                  && cli_windows_open (&w) && cli_windows_run (&w);
  cli_windows_free (&w);
  return ok;
}

/* What can still go wrong before anything is put in its place. */
static bool
end (struct session *s)
{
  const bool array = s->array.file;
  return (!array || cli_array_end (&s->array)) && cli_tensors_end (&s->tensors) && cli_report_end (&s->report)
         && (!array || cli_array_commit (&s->array)) && cli_tensors_commit (&s->tensors);
}

static bool
work (struct session *s)
{
  const struct cli_options *o = &s->options;
  if (!name_target (s))
    return false;
  if (o->windows)
    {
      if (!run_windows (s))
        return false;
      cli_report_results_end (&s->report);
      return end (s);
    }
  if (!setup (s))
    return false;
  bool hooked = o->profile && !s->network->time; /* which a device with a clock needs not */
  if (hooked && !cli_profile_open (&s->profile, s->info, PROFILE_RUNS))
    return false;
  watch (s, hooked && !o->bench, s->tensors.count > 0);
  if (!run_inputs (s))
    return false;
  watch (s, false, false);
  cli_report_results_end (&s->report);
  if (o->bench && !bench (s))
    return false;
  if (hooked)
    cli_profile_print (&s->profile, &s->report.out, o->json);
  else if (o->profile && !cli_profile_device (s->network, &s->report.out, o->json))
    return false;
  return end (s);
}

int
rescast_main (const struct rescast_network *network, int argc, char **argv)
{
  struct session s = { .network = network, .info = network->info };
  if (!cli_streams_open ())
    return 1;
  int status = cli_parse (&s.options, network->info, argc, argv);
  if (status >= 0)
    return status;
  bool ok = work (&s);
  cli_report_free (&s.report);
  cli_array_abandon (&s.array);
  cli_tensors_free (&s.tensors);
  cli_model_close (&s.model);
  cli_profile_free (&s.profile);
  cli_labels_free (&s.labels);
  free (s.items);
  free (s.output);
  free (s.saved);
  return ok ? 0 : 1;
}
