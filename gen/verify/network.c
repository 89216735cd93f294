/* The whole network, run as its users run it: against the graph before the passes, and against a file's arrays. */
#include "verify_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/reference.h"

/* Elements of one sample: C, D, H, W as in rescast_info. */
static size_t
sample_count (const int shape[4])
{
  return (size_t) shape[0] * (size_t) shape[1] * (size_t) shape[2] * (size_t) shape[3];
}

/* Memory for a run of the whole network, and what went wrong in it. */
struct network_run
{
  const struct library *lib;
  const struct verify_options *o;
  struct guarded arena, context, input, output, result;
  struct work work;
  const char *failure;
  bool error;
};

/* Run it in a child. False: failure says why not. */
static bool
run_child (struct network_run *r)
{
  struct process p = process_start (worker_run_network, &r->work);
  double limit = limit_of_start (r->o, library_backend (r->lib));
  bool ended = false, sense = true;
  struct message m;
  r->failure = NULL;
  while (!ended && sense && process_next (&p, limit, &m))
    {
      m.text[sizeof m.text - 1] = 0;
      sense = m.kind == MESSAGE_READY || m.kind == MESSAGE_BATCH || m.kind == MESSAGE_ENDED;
      limit = limit_of_run (r->o, r->lib->info);
      ended = m.kind == MESSAGE_ENDED || m.error;
      if (ended && m.error)
        r->failure = mem_strdup (m.text);
    }
  p.senseless = p.senseless || !sense;
  process_stop (&p);
  if (ended || r->o->verbose)
    process_pass_on (&p);
  if (!ended)
    r->failure = process_end_text (&p, NULL, 0);
  r->error = r->failure != NULL;
  return !r->failure;
}

/* It failed: once more with a hook, which tells the layer. */
static void
name_layer (struct network_run *r)
{
  const struct rescast_info *info = r->lib->info;
  struct guarded layer = guarded_new (sizeof (int), sizeof (int));
  const char *first = r->failure;
  r->work.layer = (int *) (void *) layer.data;
  *r->work.layer = -1;
  if (!run_child (r) && *r->work.layer >= 0 && *r->work.layer < info->layer_count)
    r->failure = mem_printf ("in %s (%s): %s", info->layers[*r->work.layer].name, info->layers[*r->work.layer].kernel,
                             r->failure);
  else
    r->failure = first;
  r->error = true;
  guarded_free (&layer);
}

/* Run the network on SAMPLES samples, a batch at a time; OUTCOME gets what went wrong. */
static float *
run_samples (const struct library *lib, const struct verify_options *o, const float *input, size_t samples,
             struct outcome *outcome)
{
  const struct rescast_info *info = lib->info;
  size_t batch = (size_t) info->batch, in = sample_count (info->input_shape), out = sample_count (info->output_shape);
  struct network_run r = { .lib = lib, .o = o, .arena = guarded_new (info->arena_bytes, 64),
                           .context = guarded_new (lib->context_bytes, 64),
                           .input = guarded_new (batch * in * sizeof (float), sizeof (float)),
                           .output = guarded_new (batch * out * sizeof (float), sizeof (float)),
                           .result = guarded_new (samples * out * sizeof (float), sizeof (float)) };
  float *result = heap_array (samples * out + 1, sizeof *result);
  r.work = (struct work){ .lib = lib,
                          .threads = o->threads,
                          .arena = &r.arena,
                          .context = &r.context,
                          .input = &r.input,
                          .output = &r.output,
                          .samples = samples,
                          .x = input,
                          .result = (float *) (void *) r.result.data };
  if (!run_child (&r))
    name_layer (&r);
  memcpy (result, r.result.data, samples * out * sizeof *result);
  outcome->failure = r.failure;
  outcome->error = r.error;
  guarded_free (&r.arena);
  guarded_free (&r.context);
  guarded_free (&r.input);
  guarded_free (&r.output);
  guarded_free (&r.result);
  return result;
}

/* |got - want| / |want| in the Euclidean norm of what is finite; infinity where one of them is not and the other is not
 * the same. */
static double
relative_error (const float *got, const double *want, size_t count)
{
  double difference = 0, norm = 0;
  for (size_t i = 0; i < count; i++)
    {
      if (isnan (want[i]) ? isnan (got[i]) : isinf (want[i]) && (double) got[i] == want[i])
        continue;
      difference += ((double) got[i] - want[i]) * ((double) got[i] - want[i]);
      norm += want[i] * want[i];
    }
  double error = sqrt (difference) / (sqrt (norm) + 1e-30);
  return isfinite (error) ? error : INFINITY;
}

static void
judge (struct outcome *o, double error, double tolerance)
{
  o->ran = true;
  if (o->failure)
    return;
  o->worst = error / tolerance;
  if (!(error <= tolerance))
    o->failure = mem_printf ("relative L2 error %.3g; at most %.3g is allowed", error, tolerance);
}

void
verify_unfolded (const struct library *lib, const struct graph *g, const struct verify_options *o,
                 struct outcome *outcome)
{
  const struct rescast_info *info = lib->info;
  size_t in = (size_t) info->batch * sample_count (info->input_shape);
  size_t out = (size_t) info->batch * sample_count (info->output_shape);
  *outcome = (struct outcome){ .layer = mem_printf ("whole network, weights of %s", o->weights), .op = "network",
                               .kernel = mem_printf ("%s_%s", info->name, lib->target) };
  float *x = heap_array (in + 1, sizeof *x);
  double *exact = heap_array (in + 1, sizeof *exact);
  struct random random = random_seed (o->seed, "verify network");
  for (size_t i = 0; i < in; i++)
    exact[i] = x[i] = (float) (2 * random_uniform (&random) - 1);
  float *got = run_samples (lib, o, x, (size_t) info->batch, outcome);
  double *want = reference_run (g, exact);
  judge (outcome, relative_error (got, want, out), o->tolerance);
  free (x);
  free (exact);
  free (got);
  free (want);
}

static const struct weight *
find_array (const struct weights *w, const char *const *names, size_t count, const char *allowed)
{
  for (size_t i = 0; i < count; i++)
    if (weights_find (w, names[i]))
      return weights_find (w, names[i]);
  fatal ("%s: no array %s", w->path, allowed);
}

/* The extents of one sample as they stand in an array: C, [D,] H, W. Returns their number. */
static int
axes_of (int rank, const int shape[4], int64_t axes[4])
{
  axes[0] = shape[0];
  for (int i = 0; i < rank; i++)
    axes[1 + i] = shape[4 - rank + i];
  return 1 + rank;
}

/* The samples in ARRAY, whose shape must be that of one or N samples. CHANNELS_LAST: of pictures, (N, H, W, C). */
static size_t
count_samples (const char *path, const struct weight *array, int rank, const int shape[4], bool channels_last)
{
  int64_t axes[4];
  int n = axes_of (rank, shape, axes);
  if (channels_last)
    {
      memmove (axes, axes + 1, (size_t) (n - 1) * sizeof *axes);
      axes[n - 1] = shape[0];
    }
  int extra = array->rank - n;
  if (extra < 0 || extra > 1 || memcmp (array->shape + extra, axes, (size_t) n * sizeof *axes))
    fatal ("%s: the shape of %s is not the network's", path, array->name);
  return extra ? (size_t) array->shape[0] : 1;
}

/* The first COUNT elements of ARRAY's samples as the classifier program would feed them into X: channels first,
 * (x / scale - mean) / std. RAW, or NULL: as they are, channels first. */
static void
prepare (const struct rescast_info *info, const struct weight *array, bool channels_last, size_t count, float *x,
         double *raw)
{
  size_t channels = (size_t) info->input_shape[0], pixels = sample_count (info->input_shape) / channels;
  for (size_t i = 0; i < count; i++)
    {
      size_t c = channels_last ? i % channels : i / pixels % channels;
      size_t pixel = channels_last ? i / channels % pixels : i % pixels;
      size_t to = (i / (channels * pixels) * channels + c) * pixels + pixel;
      double v = weight_at (array, i) / (info->scale != 0 ? (double) info->scale : 1);
      v = (v - (info->mean ? (double) info->mean[c] : 0)) / (info->std ? (double) info->std[c] : 1);
      x[to] = (float) v;
      if (raw)
        raw[to] = weight_at (array, i);
    }
}

/* A file's inputs, and how many samples they are. PICTURE: as image files are read, of bytes, channels last. */
static const struct weight *
find_input (const struct rescast_info *info, const struct weights *w, size_t *samples, bool *picture)
{
  static const char *const inputs[] = { "input", "x", "images" };
  const struct weight *input = find_array (w, inputs, 3, "input, x or images");
  *picture = input->dtype == DTYPE_U8;
  *samples = count_samples (w->path, input, info->input_rank, info->input_shape, *picture);
  return input;
}

void
verify_first_batch (const struct rescast_info *info, const char *file, const struct weights *w, float *x, double *raw)
{
  size_t samples, batch = (size_t) info->batch;
  bool picture;
  const struct weight *input = find_input (info, w, &samples, &picture);
  if (samples < batch)
    fatal ("%s: %s has %zu samples; the network takes %zu at once", file, input->name, samples, batch);
  prepare (info, input, picture, batch * sample_count (info->input_shape), x, raw);
}

void
verify_reference (const struct library *lib, const struct verify_options *o, struct outcome *outcome)
{
  static const char *const outputs[] = { "output", "logits", "y" };
  const struct rescast_info *info = lib->info;
  struct weights *w = weights_open (o->reference);
  size_t samples;
  bool picture;
  const struct weight *input = find_input (info, w, &samples, &picture);
  const struct weight *output = find_array (w, outputs, 3, "output, logits or y");
  if (count_samples (o->reference, output, info->output_rank, info->output_shape, false) != samples)
    fatal ("%s: %s and %s have different numbers of samples", o->reference, input->name, output->name);
  *outcome = (struct outcome){ .layer = mem_printf ("whole network, reference %s", o->reference), .op = "network",
                               .kernel = mem_printf ("%s_%s", info->name, lib->target) };
  float *x = heap_array (input->count + 1, sizeof *x);
  prepare (info, input, picture, input->count, x, NULL);
  float *got = run_samples (lib, o, x, samples, outcome);
  double *want = heap_array (output->count + 1, sizeof *want);
  for (size_t i = 0; i < output->count; i++)
    want[i] = weight_at (output, i);
  judge (outcome, relative_error (got, want, output->count), o->tolerance);
  free (x);
  free (got);
  free (want);
  weights_close (w);
}
