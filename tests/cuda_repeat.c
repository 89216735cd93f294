/* cuda_repeat FOLDER/libNAME.so RUNS [INPUT.npy]: a network's runs compared with each other, bit by bit.
 *
 * Before each run arena and output are filled with NaNs, so that nothing a former run left can stand in for what a kernel reads
 * too early or does not write. Two inputs take turns, the floats of INPUT.npy and the same ones backwards; without it, or
 * where it has others, numbers from -1 to 1. Two runs of a captured graph, then two of single launches. Prints one line; exit
 * status 0: each input has one result, without NaNs unless the input has some.
 *
 * cc -std=gnu11 -Iruntime/cuda tests/cuda_repeat.c runtime/cuda/driver.c runtime/error.c -pthread -ldl -lm */
#include "driver.h"

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The network's library. NAME_cuda is a struct of one member. */
struct library
{
  int (*map) (struct rescast_weights *, const char *);
  int (*load) (struct rescast_cuda_model *, const struct rescast_weights *, int);
  int (*init) (struct rescast_cuda_context *, const struct rescast_cuda_model *, void *);
  int (*run) (struct rescast_cuda_context *, const void *, void *, struct CUstream_st *);
  void (*unmap) (struct rescast_weights *);
  const char *(*message) (void);
};

struct test
{
  struct library lib;
  const struct cuda_driver *d;
  struct rescast_cuda_model model;
  struct rescast_cuda_context context;
  void *stream, *graph;
  size_t in, out, arena_bytes; /* bytes */
  bool nans_given; /* INPUT.npy has NaNs: what becomes of them is not to be told from what was not written */
  uint64_t arena, poison, inputs[2], x, y;
  float *first[2], *result; /* pinned, as copies that wait for nothing want it */
};

static _Noreturn void
fail (const char *what, const char *words)
{
  printf ("%s: %s\n", what, words);
  exit (1);
}

/* ERROR is a function's of the library. */
static void
must (const struct test *t, int error, const char *what)
{
  if (error)
    fail (what, *t->lib.message () ? t->lib.message () : rescast_strerror (error));
}

static void
driver_must (const struct test *t, cuda_result result, const char *what)
{
  const char *words = NULL;
  if (result)
    t->d->error_string (result, &words);
  if (result)
    fail (what, words ? words : "an error without a name");
}

static uint64_t
device_memory (const struct test *t, size_t bytes)
{
  uint64_t p = 0;
  driver_must (t, t->d->alloc (&p, bytes), "memory");
  return p;
}

static float *
host_memory (const struct test *t, size_t bytes)
{
  void *p = NULL;
  driver_must (t, t->d->host_alloc (&p, bytes, 0), "pinned memory");
  return p;
}

/* The last BYTES of a file of floats that are behind a header. */
static int
read_floats (const char *path, float *to, size_t bytes)
{
  char head[128] = "";
  FILE *f = path ? fopen (path, "rb") : NULL;
  int taken = f && fread (head, 1, sizeof head - 1, f) > 10 && memmem (head, sizeof head, "<f4", 3)
              && !fseek (f, 0, SEEK_END) && ftell (f) - (long) bytes == 10 + (unsigned char) head[8] + 256 * (unsigned char) head[9]
              && !fseek (f, -(long) bytes, SEEK_END) && fread (to, 1, bytes, f) == bytes;
  if (f)
    fclose (f);
  return taken;
}

static size_t
nans_in (const float *y, size_t n)
{
  size_t nans = 0;
  for (size_t i = 0; i < n; i++)
    nans += isnan (y[i]) != 0;
  return nans;
}

static void
make_inputs (struct test *t, const char *path)
{
  size_t n = t->in / sizeof (float);
  float *x = host_memory (t, t->in), *back = host_memory (t, t->in);
  uint32_t random = 1;
  if (!read_floats (path, x, t->in))
    for (size_t i = 0; i < n; i++)
      {
        random = random * 1664525 + 1013904223;
        x[i] = (float) (random >> 8) / (1 << 23) - 1;
      }
  for (size_t i = 0; i < n; i++)
    back[i] = x[n - 1 - i];
  t->nans_given = nans_in (x, t->in / sizeof *x) > 0;
  for (int i = 0; i < 2; i++)
    {
      t->inputs[i] = device_memory (t, t->in);
      driver_must (t, t->d->to_device (t->inputs[i], i ? back : x, t->in), "an input");
    }
}

/* FUNCTION where it is general, NAME_FUNCTION of the library libNAME.so. */
static void *
symbol (void *library, const char *path, const char *format)
{
  const char *base = strrchr (path, '/') ? strrchr (path, '/') + 1 : path;
  char name[256];
  snprintf (name, sizeof name, format, (int) strcspn (base + 3, "."), base + 3);
  void *p = dlsym (library, name);
  if (!p)
    fail (path, dlerror ());
  return p;
}

#define FIND(member, format) (*(void **) &t->lib.member = symbol (library, path, format))

/* The library, and its weights beside it onto the GPU. */
static void
load (struct test *t, const char *path)
{
  struct rescast_weights weights;
  char weights_path[4096];
  const char *slash = strrchr (path, '/');
  void *library = strlen (path) < 4000 ? dlopen (path, RTLD_NOW) : NULL;
  if (!library || !slash || strncmp (slash, "/lib", 4))
    fail (path, library ? "no FOLDER/libNAME.so" : dlerror ());
  FIND (map, "%.*s_cuda_weights_map");
  FIND (load, "%.*s_cuda_load");
  FIND (init, "%.*s_cuda_init");
  FIND (run, "%.*s_run_cuda");
  FIND (unmap, "rescast_weights_unmap");
  FIND (message, "rescast_cuda_message");
  snprintf (weights_path, sizeof weights_path, "%.*s/%.*s.weights", (int) (slash - path), path, (int) strcspn (slash + 4, "."),
            slash + 4);
  must (t, t->lib.map (&weights, weights_path), weights_path);
  must (t, t->lib.load (&t->model, &weights, 0), "load");
  t->lib.unmap (&weights);
  if (cuda_driver_open (&t->d))
    fail ("the driver", rescast_cuda_message ());
}

static void
make_arrays (struct test *t)
{
  t->in = t->model.network->input_bytes;
  t->out = t->model.network->output_bytes;
  t->arena_bytes = t->model.network->info->arena_bytes;
  driver_must (t, t->d->context_push (t->model.context), "the context");
  driver_must (t, t->d->stream_create (&t->stream, CUDA_STREAM_NON_BLOCKING), "a stream");
  size_t most = t->arena_bytes > t->out ? t->arena_bytes : t->out;
  char *nans = malloc (most);
  if (!nans)
    fail ("NaNs", "out of memory");
  memset (nans, 0xff, most);
  t->poison = device_memory (t, most);
  driver_must (t, t->d->to_device (t->poison, nans, most), "NaNs");
  free (nans);
  t->arena = device_memory (t, t->arena_bytes);
  t->x = device_memory (t, t->in);
  t->y = device_memory (t, t->out);
  for (int i = 0; i < 2; i++)
    t->first[i] = host_memory (t, t->out);
  t->result = host_memory (t, t->out);
  must (t, t->lib.init (&t->context, &t->model, (void *) (uintptr_t) t->arena), "init");
}

static void
queue (struct test *t)
{
  must (t, t->lib.run (&t->context, (void *) (uintptr_t) t->x, (void *) (uintptr_t) t->y, t->stream), "run");
}

static void
capture (struct test *t)
{
  void *graph = NULL;
  driver_must (t, t->d->capture_begin (t->stream, CUDA_CAPTURE_RELAXED), "capturing");
  queue (t);
  driver_must (t, t->d->capture_end (t->stream, &graph), "capturing");
  driver_must (t, t->d->graph_instantiate (&t->graph, graph, 0), "a graph");
}

static void
run (struct test *t, int input, int captured, float *result)
{
  const struct cuda_driver *d = t->d;
  driver_must (t, d->on_device_async (t->x, t->inputs[input], t->in, t->stream), "the input");
  driver_must (t, d->on_device_async (t->arena, t->poison, t->arena_bytes, t->stream), "NaNs");
  driver_must (t, d->on_device_async (t->y, t->poison, t->out, t->stream), "NaNs");
  if (captured)
    driver_must (t, d->graph_launch (t->graph, t->stream), "the graph");
  else
    queue (t);
  driver_must (t, d->to_host_async (result, t->y, t->out, t->stream), "the output");
  driver_must (t, d->stream_wait (t->stream), "running");
}

static size_t
differences (const float *a, const float *b, size_t n)
{
  size_t different = 0;
  for (size_t i = 0; i < n; i++)
    different += memcmp (a + i, b + i, sizeof *a) != 0;
  return different;
}

int
main (int argc, char **argv)
{
  static struct test t;
  int runs = argc > 2 ? atoi (argv[2]) : 0;
  if (runs < 2)
    return fprintf (stderr, "usage: %s FOLDER/libNAME.so RUNS [INPUT.npy]\n", argv[0]), 2;
  load (&t, argv[1]);
  make_arrays (&t);
  make_inputs (&t, argc > 3 ? argv[3] : NULL);
  capture (&t);
  size_t n = t.out / sizeof (float);
  for (int k = 0; k < runs; k++)
    {
      int input = k % 2;
      float *result = k < 2 ? t.first[input] : t.result;
      run (&t, input, k / 2 % 2 == 0, result);
      size_t nans = t.nans_given ? 0 : nans_in (result, n), different = differences (result, t.first[input], n);
      if (nans || different)
        return printf ("run %d, input %d: %zu of %zu values are NaNs, %zu not those of the first run\n", k, input, nans, n,
                       different), 1;
    }
  printf ("%d runs agree%s\n", runs, differences (t.first[0], t.first[1], n) ? "" : ", and so do both inputs");
  return 0;
}
