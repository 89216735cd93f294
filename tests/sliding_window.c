/* Volumes by windows, as straightforward double code: a reference beside the program's output and the library's calls.
 * Compiled with NAME, the network's name, and its header included.
 *
 *   sliding_window volume FILE D H W                   writes a volume, headerless floats
 *   sliding_window compare WEIGHTS FILE D H W OVERLAP constant|gaussian MIRROR RESULT.npy
 *
 * compare: RESULT.npy, which the program made of FILE, has the reference's values to relative L2 1e-5, and the
 * library's calls on 1, 2 and 3 threads give its bits. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2 (a, b)
#define N(x) JOIN (NAME, x)
#define MOST_THREADS 3
#define CHECK(condition) check (!!(condition), #condition, __LINE__)

static const int in[] = N (_INPUT_SHAPE), out[] = N (_OUTPUT_SHAPE); /* N, C, D, H, W */
static int extent[3];

static void
check (int condition, const char *text, int line)
{
  if (condition)
    return;
  fprintf (stderr, "sliding_window.c:%d: %s\n", line, text);
  exit (1);
}

static void *
get (size_t bytes)
{
  void *p = calloc (1, bytes ? bytes : 1);
  CHECK (p);
  return p;
}

static void *
read_end (const char *path, size_t bytes)
{
  FILE *f = fopen (path, "rb");
  void *p = get (bytes);
  CHECK (f && fseek (f, -(long) bytes, SEEK_END) == 0 && fread (p, 1, bytes, f) == bytes);
  fclose (f);
  return p;
}

static void
write_volume (const char *path)
{
  uint32_t x = 2463534242u;
  FILE *f = fopen (path, "wb");
  CHECK (f);
  for (int i = 0; i < in[1] * extent[0] * extent[1] * extent[2]; i++)
    {
      x ^= x << 13;
      x ^= x >> 17;
      x ^= x << 5;
      float v = (float) ((double) x / 4294967296. * 100 - 50);
      CHECK (fwrite (&v, sizeof v, 1, f) == 1);
    }
  CHECK (fclose (f) == 0);
}

/* ---- the reference ---- */

struct axis
{
  int before, padded, step, count;
  int first, kept, whole; /* of the output: kept elements of all WHOLE ones */
};

/* Halves to the even number. */
static int
nearest (double x)
{
  double whole = floor (x);
  return (int) (x - whole > 0.5 || (x - whole == 0.5 && fmod (whole, 2) != 0) ? whole + 1 : whole);
}

static struct axis
axis_of (int a, double overlap, int is_map)
{
  const int size = in[a + 2], n = extent[a];
  struct axis x = { .padded = n > size ? n : size, .step = size, .count = 1 };
  x.before = n < size ? (size - n) / 2 : 0;
  if (x.padded > size)
    {
      x.step = (int) (size * (1 - overlap)) > 1 ? (int) (size * (1 - overlap)) : 1;
      while ((x.count - 1) * x.step + size < x.padded)
        x.count++;
    }
  if (!is_map)
    return x;
  const double zoom = (double) out[a + 2] / size;
  x.whole = (int) ((int64_t) x.padded * out[a + 2] / size);
  x.first = nearest (x.before * zoom);
  x.kept = (n < size ? nearest ((x.before + n) * zoom) : x.whole) - x.first;
  return x;
}

static double
weight (int a, int i, int gaussian)
{
  const int size = in[a + 2];
  const double x = floor ((i + 0.5) * size / out[a + 2]) - (size - 1) / 2., sigma = size / 8.;
  return gaussian ? exp (-x * x / (2 * sigma * sigma)) : 1;
}

static double
voxel_weight (const int at[3], int gaussian)
{
  const double w = weight (0, at[0], gaussian) * weight (1, at[1], gaussian) * weight (2, at[2], gaussian);
  return w > 1e-3 ? w : 1e-3;
}

/* The element of VOLUME, prepared, that lies at AT of the padded volume. */
static float
element (const float *volume, const struct axis x[3], int c, const int at[3])
{
  const struct rescast_info *info = N (_info) ();
  size_t place = (size_t) c;
  for (int a = 0; a < 3; a++)
    {
      const int i = at[a] - x[a].before;
      if (i < 0 || i >= extent[a])
        return 0;
      place = place * (size_t) extent[a] + (size_t) i;
    }
  const double v = (double) volume[place] / (info->scale != 0 ? (double) info->scale : 1)
                   - (info->mean ? (double) info->mean[c] : 0);
  return (float) (v / (info->std ? (double) info->std[c] : 1));
}

/* One run at START, mirrored along FLIP's axes, into TOTAL and COUNT, or, of scores, into TOTAL. */
static void
add_run (struct N () * net, const float *volume, const struct axis x[3], const int start[3], const int flip[3],
         int gaussian, double *total, double *count)
{
  float *input = get (sizeof (float) * N (_INPUT_FLOATS)), *output = get (sizeof (float) * N (_OUTPUT_FLOATS)),
        *to = input;
  for (int c = 0; c < in[1]; c++)
    for (int z = 0; z < in[2]; z++)
      for (int y = 0; y < in[3]; y++)
        for (int w = 0; w < in[4]; w++)
          {
            const int i[] = { z, y, w };
            int at[3];
            for (int a = 0; a < 3; a++)
              at[a] = start[a] + (flip[a] ? in[a + 2] - 1 - i[a] : i[a]);
            *to++ = element (volume, x, c, at);
          }
  CHECK (N (_run) (net, input, output) == RESCAST_OK);
  const float *from = output;
  for (int c = 0; c < out[1]; c++)
    for (int z = 0; z < out[2]; z++)
      for (int y = 0; y < out[3]; y++)
        for (int w = 0; w < out[4]; w++, from++)
          {
            const int i[] = { z, y, w };
            int at[3];
            if (!count)
              {
                total[c] += (double) *from;
                continue;
              }
            size_t place = 0;
            for (int a = 0; a < 3; a++)
              {
                at[a] = flip[a] ? out[a + 2] - 1 - i[a] : i[a];
                place = place * (size_t) x[a].whole + (size_t) ((int64_t) start[a] * out[a + 2] / in[a + 2] + at[a]);
              }
            const size_t all = (size_t) x[0].whole * (size_t) x[1].whole * (size_t) x[2].whole;
            total[(size_t) c * all + place] += voxel_weight (at, gaussian) * (double) *from;
            if (c == 0)
              count[place] += voxel_weight (at, gaussian);
          }
  free (input);
  free (output);
}

static double *
reference (struct N () * net, const float *volume, const struct axis x[3], int gaussian, int mirror, int is_map)
{
  const size_t all = is_map ? (size_t) x[0].whole * (size_t) x[1].whole * (size_t) x[2].whole : 1;
  double *total = get (sizeof (double) * (size_t) out[1] * all), *count = is_map ? get (sizeof (double) * all) : NULL;
  const int flat = N (_info) ()->input_rank == 2;
  int runs = 0;
  for (int d = 0; d < x[0].count; d++)
    for (int h = 0; h < x[1].count; h++)
      for (int w = 0; w < x[2].count; w++)
        for (int f = 0; f < (mirror ? 8 : 1); f++)
          {
            const int i[] = { d, h, w }, flip[] = { f & 1, f >> 1 & 1, f >> 2 };
            int start[3];
            for (int a = 0; a < 3; a++)
              start[a] = i[a] * x[a].step + in[a + 2] < x[a].padded ? i[a] * x[a].step : x[a].padded - in[a + 2];
            if (flat && flip[0])
              continue;
            add_run (net, volume, x, start, flip, gaussian, total, count);
            runs++;
          }
  for (size_t i = 0; i < (size_t) out[1] * all; i++)
    total[i] /= is_map ? count[i % all] : runs;
  free (count);
  if (!is_map)
    return total;
  double *kept = get (sizeof (double) * (size_t) (out[1] * x[0].kept * x[1].kept * x[2].kept)), *to = kept;
  for (int c = 0; c < out[1]; c++)
    for (int z = 0; z < x[0].kept; z++)
      for (int y = 0; y < x[1].kept; y++)
        for (int w = 0; w < x[2].kept; w++)
          *to++ = total[((size_t) (c * x[0].whole + z + x[0].first) * (size_t) x[1].whole + (size_t) (y + x[1].first))
                            * (size_t) x[2].whole
                        + (size_t) (w + x[2].first)];
  free (total);
  return kept;
}

/* ---- the library's calls ---- */

struct worker
{
  struct rescast_windows *windows;
  struct N () net;
  void *arena;
  float *result;
  pthread_t thread;
  int error;
};

static void *
work (void *worker)
{
  struct worker *w = worker;
  w->error = N (_windows_run) (&w->net, w->windows, w->result);
  return NULL;
}

static int
refuse (void *context, const float *input, float *output)
{
  (void) context, (void) input, (void) output;
  return RESCAST_ECUDA;
}

static void
library (const struct rescast_weights *weights, const float *volume, const struct rescast_windowing *how,
         const float *result, size_t count)
{
  struct rescast_windows windows;
  CHECK (N (_windows_init) (&windows, extent, how) == RESCAST_OK);
  CHECK ((size_t) windows.output_shape[0] * (size_t) windows.output_shape[1] * (size_t) windows.output_shape[2]
             * (size_t) windows.output_shape[3]
         == count);
  CHECK (windows.result_bytes == sizeof (float) * N (_RESULT_FLOATS));
  const struct rescast_elements e = { .data = volume, .element = RESCAST_FLOAT32, .prepare = 1 };
  float *output = get (count * sizeof *output);
  void *sums = get (windows.sums_bytes);
  struct worker w[MOST_THREADS];
  for (int i = 0; i < MOST_THREADS; i++)
    {
      w[i] = (struct worker){ .windows = &windows,
                              .arena = rescast_arena_alloc (N (_ARENA_BYTES)),
                              .result = get (windows.result_bytes) };
      CHECK (w[i].arena && N (_init) (&w[i].net, weights, w[i].arena, N (_ARENA_BYTES), NULL) == RESCAST_OK);
    }
  CHECK (N (_windows_run) (&w[0].net, &windows, w[0].result) == RESCAST_EINVAL); /* not begun */
  for (int n = 1; n <= MOST_THREADS; n++)
    {
      CHECK (rescast_windows_begin (&windows, &e, output, sums, windows.sums_bytes) == RESCAST_OK);
      for (int i = 0; i < n; i++)
        CHECK (pthread_create (&w[i].thread, NULL, work, &w[i]) == 0);
      for (int i = 0; i < n; i++)
        CHECK (pthread_join (w[i].thread, NULL) == 0 && w[i].error == RESCAST_OK);
      CHECK (memcmp (output, result, count * sizeof *output) == 0);
      CHECK (N (_windows_run) (&w[0].net, &windows, w[0].result) == RESCAST_OK); /* nothing is left */
    }
  CHECK (rescast_windows_begin (NULL, &e, output, sums, windows.sums_bytes) == RESCAST_EINVAL);
  CHECK (rescast_windows_begin (&windows, NULL, output, sums, windows.sums_bytes) == RESCAST_EINVAL);
  CHECK (rescast_windows_begin (&windows, &e, NULL, sums, windows.sums_bytes) == RESCAST_EINVAL);
  CHECK (rescast_windows_begin (&windows, &e, output, NULL, windows.sums_bytes) == RESCAST_EINVAL);
  CHECK (rescast_windows_begin (&windows, &e, output, sums, windows.sums_bytes - 1) == RESCAST_EARENA);
  CHECK (rescast_windows_begin (&windows, &e, output, sums, windows.sums_bytes) == RESCAST_OK);
  CHECK (N (_windows_run) (NULL, &windows, w[0].result) == RESCAST_EINVAL);
  CHECK (N (_windows_run) (&w[0].net, NULL, w[0].result) == RESCAST_EINVAL);
  CHECK (N (_windows_run) (&w[0].net, &windows, NULL) == RESCAST_EINVAL);
  CHECK (rescast_windows_run (&windows, NULL, NULL, w[0].result, w[0].result) == RESCAST_EINVAL);
  /* An error of a run is that of all threads from then on. */
  CHECK (rescast_windows_run (&windows, refuse, NULL, N (_input) (&w[0].net), w[0].result) == RESCAST_ECUDA);
  if (windows.runs > 1)
    CHECK (N (_windows_run) (&w[1].net, &windows, w[1].result) == RESCAST_ECUDA);
  for (int i = 0; i < MOST_THREADS; i++)
    {
      N (_free) (&w[i].net);
      rescast_arena_free (w[i].arena, N (_ARENA_BYTES));
      free (w[i].result);
    }
  free (output);
  free (sums);
}

static void
refused (void)
{
  const struct rescast_windowing bad[]
      = { { .overlap = 1 }, { .overlap = -0.1 }, { .overlap = NAN }, { .blend = 2 }, { .blend = -1 } };
  const int none[] = { 1, 0, 5 }, deep[] = { 2, 9, 9 }, most[] = { 1, 0x7fffffff, 0x7fffffff },
            own[] = { in[2], in[3], in[4] };
  const struct rescast_windowing closest = { .overlap = 0.999999 };
  struct rescast_windows windows, zeros;
  memset (&zeros, 0, sizeof zeros);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
      CHECK (N (_windows_init) (&windows, own, &bad[i]) == RESCAST_EINVAL);
      CHECK (memcmp (&windows, &zeros, sizeof zeros) == 0);
    }
  CHECK (N (_windows_init) (NULL, own, NULL) == RESCAST_EINVAL
         && N (_windows_init) (&windows, NULL, NULL) == RESCAST_EINVAL);
  CHECK (N (_windows_init) (&windows, none, NULL) == RESCAST_EINVAL);
  CHECK (N (_windows_init) (&windows, most, &closest) == RESCAST_EINVAL);
  CHECK (N (_info) ()->input_rank == 3 || N (_windows_init) (&windows, deep, NULL) == RESCAST_EINVAL);
  CHECK (N (_windows_init) (&windows, own, NULL) == RESCAST_OK && windows.runs == 1);
}

int
main (int argc, char **argv)
{
  const int writes = argc == 6 && strcmp (argv[1], "volume") == 0, first = writes ? 3 : 4;
  CHECK (writes || (argc == 11 && strcmp (argv[1], "compare") == 0));
  for (int a = 0; a < 3; a++)
    extent[a] = atoi (argv[first + a]);
  if (writes)
    {
      write_volume (argv[2]);
      return 0;
    }
  const struct rescast_windowing how = { strtod (argv[7], NULL), strcmp (argv[8], "gaussian") == 0, atoi (argv[9]) };
  const int is_map = N (_info) ()->output_rank > 0;
  const struct axis x[]
      = { axis_of (0, how.overlap, is_map), axis_of (1, how.overlap, is_map), axis_of (2, how.overlap, is_map) };
  const size_t count = (size_t) out[1] * (is_map ? (size_t) x[0].kept * (size_t) x[1].kept * (size_t) x[2].kept : 1);
  float *volume = read_end (argv[3], sizeof (float) * (size_t) in[1] * (size_t) extent[0] * (size_t) extent[1]
                                         * (size_t) extent[2]);
  float *result = read_end (argv[10], count * sizeof (float));
  struct rescast_weights weights;
  struct N () net;
  void *arena = rescast_arena_alloc (N (_ARENA_BYTES));
  CHECK (arena && N (_weights_map) (&weights, argv[2]) == RESCAST_OK);
  CHECK (N (_init) (&net, &weights, arena, N (_ARENA_BYTES), NULL) == RESCAST_OK);
  double *wanted = reference (&net, volume, x, how.blend, how.mirror, is_map), error = 0, size = 0;
  for (size_t i = 0; i < count; i++)
    {
      error += ((double) result[i] - wanted[i]) * ((double) result[i] - wanted[i]);
      size += wanted[i] * wanted[i];
    }
  printf ("relative L2 %.2g\n", sqrt (error / size));
  CHECK (size > 0 && error <= 1e-10 * size);
  library (&weights, volume, &how, result, count);
  refused ();
  N (_free) (&net);
  rescast_weights_unmap (&weights);
  rescast_arena_free (arena, N (_ARENA_BYTES));
  free (volume);
  free (result);
  free (wanted);
  return 0;
}
