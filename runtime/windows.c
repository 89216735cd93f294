/* Volumes larger than a network's input, by windows. Threads claim batches of windows in their order, run them at the
 * same time and add the results in their order: a thread that is early keeps its result for its turn. So the sum of
 * each voxel has one order, and the memory is two results for each thread beside the output. */
#include "elements.h"

#include <string.h>

#define LEAST_WEIGHT 1e-3f
#define RESULTS 2 /* of a thread */

#if __STDC_HOSTED__
#include <sched.h>
#include <time.h>
#define CLAIM(p) __atomic_fetch_add (p, 1, __ATOMIC_RELAXED)
#define READ(p) __atomic_load_n (p, __ATOMIC_ACQUIRE)
#define WRITE(p, value) __atomic_store_n (p, value, __ATOMIC_RELEASE)

/* A turn that comes within some 100 us is met awake; processors without atomic instructions have no threads. */
static void
wait_a_little (int times)
{
  const struct timespec pause = { .tv_nsec = 50000 };
  if (times < 500)
    sched_yield ();
  else
    nanosleep (&pause, NULL);
}
#else
#define CLAIM(p) ((*(p))++)
#define READ(p) (*(p))
#define WRITE(p, value) (*(p) = (value))
#define wait_a_little(times) ((void) (times))
#endif

/* One window of a batch: where it begins in the padded volume, along D, H and W, and the axes that it is mirrored
 * along. */
struct place
{
  int start[3], mirrored[3];
};

static struct place
place_of (const struct rescast_windows *w, int run)
{
  struct place p;
  const int rank = w->info->input_rank;
  int rest = run / w->mirrors;
  for (int axis = 2; axis >= 0; axis--)
    {
      const int64_t at = (int64_t) (rest % w->windows[axis]) * w->interval[axis];
      const int last = w->padded[axis] - w->info->input_shape[axis + 1];
      p.start[axis] = at < last ? (int) at : last;
      p.mirrored[axis] = axis >= 3 - rank && (run % w->mirrors >> (axis + rank - 3) & 1);
      rest /= w->windows[axis];
    }
  return p;
}

static int
product (size_t *to, size_t by)
{
  const int fits = by == 0 || *to <= SIZE_MAX / 2 / by;
  *to *= by;
  return fits;
}

/* A / B to the nearest, halves to the even one. */
static int
rounded (int64_t a, int64_t b)
{
  const int64_t whole = a / b, rest = a % b * 2;
  return (int) (whole + (rest > b || (rest == b && whole % 2)));
}

/* Along one axis: how windows lie, and of a map which part of the padded output is kept. */
static int
set_axis (struct rescast_windows *w, int axis, int extent, double overlap)
{
  const int size = w->info->input_shape[axis + 1], out = w->info->output_shape[axis + 1];
  const int is_map = w->info->output_rank > 0;
  if (extent < 1 || size < 1 || (is_map && (out < 1 || (out % size && size % out))))
    return 0;
  const int missing = extent < size ? size - extent : 0, before = missing / 2;
  const int padded = extent + missing, interval = padded == size ? size : (int) (size * (1 - overlap));
  w->extent[axis] = extent;
  w->padded[axis] = padded;
  w->before[axis] = before;
  w->interval[axis] = interval > 0 ? interval : 1;
  w->windows[axis] = 1 + (padded - size + w->interval[axis] - 1) / w->interval[axis];
  w->cropped[axis] = rounded ((int64_t) before * out, size);
  const int64_t end = missing ? rounded ((int64_t) (before + extent) * out, size) : (int64_t) extent * out / size;
  w->output_shape[axis + 1] = is_map ? (int) (end - w->cropped[axis]) : 1;
  return end <= INT32_MAX && w->output_shape[axis + 1] > 0;
}

int
rescast_windows_init (struct rescast_windows *w, const struct rescast_info *info, const float *const *gaussian,
                      const int extents[3], const struct rescast_windowing *how)
{
  static const struct rescast_windowing usual = { 0.25, RESCAST_CONSTANT, 0 };
  if (!w)
    return RESCAST_EINVAL;
  memset (w, 0, sizeof *w);
  how = how ? how : &usual;
  if (!extents || !(how->overlap >= 0 && how->overlap < 1) || how->blend < 0 || how->blend > RESCAST_GAUSSIAN
      || (info->input_rank == 2 && extents[0] != 1))
    return RESCAST_EINVAL;
  const int is_map = info->output_rank > 0;
  size_t runs = 1, bytes = sizeof (float), voxels = 1, result = RESULTS * sizeof (float) * (size_t) info->batch;
  int fits = 1;
  w->info = info;
  w->gaussian = is_map && how->blend == RESCAST_GAUSSIAN ? gaussian : NULL;
  w->mirrors = how->mirror ? 1 << info->input_rank : 1;
  w->output_shape[0] = info->output_shape[0];
  for (int axis = 0; fits && axis < 3; axis++)
    fits = set_axis (w, axis, extents[axis], how->overlap) && product (&runs, (size_t) w->windows[axis])
           && runs <= INT32_MAX / 8;
  for (int i = 0; fits && i < 4; i++)
    {
      fits = product (&bytes, (size_t) w->output_shape[i]) && (!i || product (&voxels, (size_t) w->output_shape[i]));
      result *= (size_t) info->output_shape[i];
    }
  w->runs = (int) runs * w->mirrors;
  w->sums_bytes = is_map ? voxels * sizeof (float) : (size_t) info->output_shape[0] * sizeof (double);
  w->result_bytes = result;
  if (!fits)
    memset (w, 0, sizeof *w);
  return fits ? RESCAST_OK : RESCAST_EINVAL;
}

int
rescast_windows_begin (struct rescast_windows *w, const struct rescast_elements *volume, float *output, void *sums,
                       size_t sums_bytes)
{
  if (!w || !w->info || !output || !sums)
    return RESCAST_EINVAL;
  if (sums_bytes < w->sums_bytes)
    return RESCAST_EARENA;
  const int shape[] = { w->info->input_shape[0], w->extent[0], w->extent[1], w->extent[2] };
  if (rescast_elements_strides (volume, shape, w->strides))
    return RESCAST_EINVAL;
  w->volume = *volume;
  w->output = output;
  w->sums = sums;
  w->claimed = w->added = 0;
  w->cleared = w->finished = 0;
  w->error = RESCAST_OK;
  if (w->info->output_rank == 0)
    memset (sums, 0, w->sums_bytes);
  return RESCAST_OK;
}

/* A row of a window: what of it lies in the volume, between zeros. FROM: the volume's row. */
static void
read_row (const struct rescast_windows *w, const struct place *p, const char *from, int c, float *to)
{
  const int size = w->info->input_shape[3], inside = w->extent[2] < size ? w->extent[2] : size;
  const int zeros = p->mirrored[2] ? size - inside - w->before[2] : w->before[2];
  const ptrdiff_t step = w->strides[4];
  from += step * (p->start[2] + (p->mirrored[2] ? inside - 1 : 0));
  memset (to, 0, (size_t) zeros * sizeof *to);
  rescast_elements_row (to + zeros, &w->volume, from, inside, p->mirrored[2] ? -step : step, w->info, c);
  memset (to + zeros + inside, 0, (size_t) (size - zeros - inside) * sizeof *to);
}

/* Window number RUN, mirrored, to TO. */
static void
read_window (const struct rescast_windows *w, int run, float *to)
{
  const struct place p = place_of (w, run);
  const int *shape = w->info->input_shape;
  for (int c = 0; c < shape[0]; c++)
    for (int z = 0; z < shape[1]; z++)
      for (int y = 0; y < shape[2]; y++, to += shape[3])
        {
          const int d = p.start[0] - w->before[0] + (p.mirrored[0] ? shape[1] - 1 - z : z);
          const int h = p.start[1] - w->before[1] + (p.mirrored[1] ? shape[2] - 1 - y : y);
          if (d < 0 || d >= w->extent[0] || h < 0 || h >= w->extent[1])
            memset (to, 0, (size_t) shape[3] * sizeof *to);
          else
            read_row (w, &p,
                      (const char *) w->volume.data + c * w->strides[1] + d * w->strides[2] + h * w->strides[3], c, to);
        }
}

/* A channel of a map, D x H x W, mirrored back in its place. */
static void
mirror (float *map, const struct place *p, int d, int h, int w)
{
  for (int row = 0; row < d * h; row++)
    {
      const int z = row / h, y = row % h;
      const int other = (p->mirrored[0] ? d - 1 - z : z) * h + (p->mirrored[1] ? h - 1 - y : y);
      float *const a = map + (size_t) row * (size_t) w, *const b = map + (size_t) other * (size_t) w;
      for (int x = 0; other >= row && x < w; x++)
        {
          const int opposite = p->mirrored[2] ? w - 1 - x : x;
          if (other > row || opposite > x)
            {
              const float t = a[x];
              a[x] = b[opposite];
              b[opposite] = t;
            }
        }
    }
}

static float
weight (const struct rescast_windows *w, int z, int y, int x)
{
  if (!w->gaussian)
    return 1;
  const float value = w->gaussian[0][z] * w->gaussian[1][y] * w->gaussian[2][x];
  return value < LEAST_WEIGHT ? LEAST_WEIGHT : value;
}

/* What of a result needs no turn: a map is mirrored back and weighted. */
static void
prepare_result (const struct rescast_windows *w, int run, float *result)
{
  const struct place p = place_of (w, run);
  const int *shape = w->info->output_shape;
  if (w->info->output_rank == 0)
    return;
  for (int c = 0; c < shape[0]; c++)
    {
      if (run % w->mirrors)
        mirror (result, &p, shape[1], shape[2], shape[3]);
      for (int z = 0; z < shape[1]; z++)
        for (int y = 0; y < shape[2]; y++, result += shape[3])
          for (int x = 0; w->gaussian && x < shape[3]; x++)
            result[x] *= weight (w, z, y, x);
    }
}

/* The part of a result along an axis that is in the output: FROM … TO - 1, the first of which has the place AT. */
struct span
{
  int from, to, at;
};

static struct span
span_of (const struct rescast_windows *w, const struct place *p, int axis)
{
  const int size = w->info->input_shape[axis + 1], out = w->info->output_shape[axis + 1];
  const int first = (int) ((int64_t) p->start[axis] * out / size) - w->cropped[axis];
  const int end = w->output_shape[axis + 1] - first;
  struct span s = { first < 0 ? -first : 0, end < out ? end : out, first < 0 ? 0 : first };
  return s;
}

/* The weights of a window, once for all of its mirrored runs. */
static void
add_weights (const struct rescast_windows *w, const struct span s[3])
{
  const int *all = w->output_shape;
  float *const sums = w->sums;
  for (int z = s[0].from; z < s[0].to; z++)
    for (int y = s[1].from; y < s[1].to; y++)
      {
        const size_t row = (size_t) (s[0].at + z - s[0].from) * (size_t) all[2] + (size_t) (s[1].at + y - s[1].from);
        float *const to = sums + row * (size_t) all[3] + s[2].at - s[2].from;
        for (int x = s[2].from; x < s[2].to; x++)
          to[x] += weight (w, z, y, x);
      }
}

/* Planes, or rows in 2-D, are cleared when the first window needs them and finished when no other one will: while
 * windows of other threads are being run, and the memory is in the caches. */
static int
plane_axis (const struct rescast_windows *w)
{
  return 3 - w->info->output_rank;
}

static size_t
plane_floats (const struct rescast_windows *w)
{
  const int *all = w->output_shape;
  return (size_t) all[3] * (w->info->output_rank == 3 ? (size_t) all[2] : 1);
}

static void
clear (struct rescast_windows *w, int end)
{
  const size_t plane = plane_floats (w), channel = plane * (size_t) w->output_shape[plane_axis (w) + 1];
  const size_t from = plane * (size_t) w->cleared, bytes = plane * (size_t) (end - w->cleared) * sizeof (float);
  if (end <= w->cleared)
    return;
  for (int c = 0; c < w->output_shape[0]; c++)
    memset (w->output + (size_t) c * channel + from, 0, bytes);
  memset ((float *) w->sums + from, 0, bytes);
  w->cleared = end;
}

/* Sums become means. */
static void
finish (struct rescast_windows *w, int end)
{
  const size_t plane = plane_floats (w), channel = plane * (size_t) w->output_shape[plane_axis (w) + 1];
  const size_t first = plane * (size_t) w->finished, last = plane * (size_t) end;
  const float *const weights = w->sums;
  for (int c = 0; c < w->output_shape[0]; c++)
    {
      float *const to = w->output + (size_t) c * channel;
      for (size_t i = first; i < last; i++)
        to[i] /= weights[i] * (float) w->mirrors;
    }
  w->finished = end > w->finished ? end : w->finished;
}

static void
finish_scores (const struct rescast_windows *w)
{
  const double *const scores = w->sums;
  for (int c = 0; c < w->output_shape[0]; c++)
    w->output[c] = (float) (scores[c] / w->runs);
}

static void
add_map (struct rescast_windows *w, int run, const float *result)
{
  const struct place p = place_of (w, run);
  const int *shape = w->info->output_shape, *all = w->output_shape;
  const struct span s[] = { span_of (w, &p, 0), span_of (w, &p, 1), span_of (w, &p, 2) };
  const struct span *planes = &s[plane_axis (w)];
  finish (w, planes->at);
  clear (w, planes->at + planes->to - planes->from);
  for (int c = 0; c < shape[0]; c++)
    for (int z = s[0].from; z < s[0].to; z++)
      for (int y = s[1].from; y < s[1].to; y++)
        {
          const size_t plane = (size_t) c * (size_t) all[1] + (size_t) (s[0].at + z - s[0].from);
          const size_t row = plane * (size_t) all[2] + (size_t) (s[1].at + y - s[1].from);
          float *const to = w->output + row * (size_t) all[3] + s[2].at;
          const float *const from = result + (((size_t) c * (size_t) shape[1] + (size_t) z) * (size_t) shape[2]
                                              + (size_t) y) * (size_t) shape[3] + s[2].from;
          for (int x = 0; x < s[2].to - s[2].from; x++)
            to[x] += from[x];
        }
  if (run % w->mirrors == 0)
    add_weights (w, s);
}

static void
add_scores (const struct rescast_windows *w, const float *result)
{
  double *const sums = w->sums;
  for (int c = 0; c < w->output_shape[0]; c++)
    sums[c] += result[c];
}

/* RESCAST_OK when all batches before this one have been added, or the error that another thread met. */
static int
wait_for_turn (const struct rescast_windows *w, unsigned batch)
{
  for (int times = 0; READ (&w->added) != batch; times += times < 500)
    {
      const int error = READ (&w->error);
      if (error)
        return error;
      wait_a_little (times);
    }
  return READ (&w->error);
}

static int
runs_of (const struct rescast_windows *w, unsigned batch)
{
  const int left = w->runs - (int) batch * w->info->batch;
  return left < w->info->batch ? left : w->info->batch;
}

static size_t
floats_of (const int shape[4])
{
  return (size_t) shape[0] * (size_t) shape[1] * (size_t) shape[2] * (size_t) shape[3];
}

/* A batch of windows, the rest of which are zeros, to RESULT. */
static int
run_batch (const struct rescast_windows *w, unsigned batch, rescast_windows_call *call, void *context, float *input,
           float *result)
{
  const int first = (int) batch * w->info->batch, count = runs_of (w, batch);
  const size_t each = floats_of (w->info->input_shape), outputs = floats_of (w->info->output_shape);
  for (int i = 0; i < count; i++)
    read_window (w, first + i, input + (size_t) i * each);
  memset (input + (size_t) count * each, 0, (size_t) (w->info->batch - count) * each * sizeof *input);
  const int error = call (context, input, result);
  for (int i = 0; !error && i < count; i++)
    prepare_result (w, first + i, result + (size_t) i * outputs);
  return error;
}

/* What run_batch gave, in its turn. */
static int
add_batch (struct rescast_windows *w, unsigned batch, const float *result)
{
  const int first = (int) batch * w->info->batch, count = runs_of (w, batch);
  const size_t outputs = floats_of (w->info->output_shape);
  const int error = wait_for_turn (w, batch);
  if (error)
    return error;
  for (int i = 0; i < count; i++)
    if (w->info->output_rank == 0)
      add_scores (w, result + (size_t) i * outputs);
    else
      add_map (w, first + i, result + (size_t) i * outputs);
  if (first + count == w->runs && w->info->output_rank == 0)
    finish_scores (w);
  else if (first + count == w->runs)
    finish (w, w->output_shape[plane_axis (w) + 1]);
  WRITE (&w->added, batch + 1);
  return RESCAST_OK;
}

/* Of two results one may wait for its turn while the other is computed: so a thread on a CPU that is half as fast as
 * others, or that another program has half of, does not hold these up. */
int
rescast_windows_run (struct rescast_windows *w, rescast_windows_call *call, void *context, float *input, float *result)
{
  if (!w || !w->info || !w->output || !call || !input || !result)
    return RESCAST_EINVAL;
  const int batch = w->info->batch;
  const unsigned batches = (unsigned) (w->runs / batch + (w->runs % batch > 0));
  float *now = result, *early = result + w->result_bytes / RESULTS / sizeof *result;
  unsigned waiting = batches; /* the batch whose result is EARLY; BATCHES: none */
  int error = READ (&w->error);
  while (!error)
    {
      /* Looked at first, so that calls which find nothing left do not let it overflow. */
      const unsigned next = READ (&w->claimed) < batches ? CLAIM (&w->claimed) : batches;
      if (next < batches)
        error = run_batch (w, next, call, context, input, now);
      if (!error && waiting < batches)
        error = add_batch (w, waiting, early);
      waiting = batches;
      if (next >= batches)
        break;
      if (!error && READ (&w->added) == next)
        error = add_batch (w, next, now);
      else if (!error)
        {
          float *const other = early;
          early = now;
          now = other;
          waiting = next;
        }
    }
  if (error)
    WRITE (&w->error, error);
  return error;
}
