/* A driver and an NVRTC that compute nothing, for tests of what calls them: a shared library that stands for libcuda.so.1
 * and, by RESCAST_NVRTC, for libnvrtc. Machine code is the source itself; a kernel takes a time that follows from its text
 * and its launch, the same at every run, so that each tile has another one. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT 65536

static double now; /* the GPU's clock, ms */
static void *captured[KEPT]; /* kernels' times, while a stream is captured */
static int capture_count, capturing;

/* The call number COUNTDOWN of those that can fail does so, once; negative: none. */
static long countdown = -1, calls;

void
cuda_stub_fail_at (long number)
{
  countdown = number;
  calls = 0;
}

/* How many calls there were since. */
long
cuda_stub_calls (void)
{
  return calls;
}

/* $CUDA_STUB_FAULT: "KIND NAME", what launching a kernel whose name has NAME in it does: crash, hang, or error: an error like
 * that of a wrong address, which is seen later and leaves a context that can do nothing more. */
static void *faulty; /* the function */
static int dead;

static int
fails (void)
{
  return dead ? 700 : calls++ == countdown ? 999 : 0; /* CUDA_ERROR_ILLEGAL_ADDRESS, CUDA_ERROR_UNKNOWN */
}

static void
launch_faulty (void)
{
  const char *kind = getenv ("CUDA_STUB_FAULT");
  if (*kind == 'c')
    *(volatile int *) 16 = 1;
  while (*kind == 'h')
    pause ();
  dead = 1;
}

struct graph
{
  float ms;
};

struct event
{
  double at;
};

/* ---- NVRTC ---- */

int
nvrtcCreateProgram (void **program, const char *source, const char *name, int headers, const char *const *texts, const char *const *names)
{
  (void) name, (void) headers, (void) texts, (void) names;
  *program = strdup (source);
  return !*program;
}

/* $CUDA_STUB_REFUSES: what no source may contain. */
int
nvrtcCompileProgram (void *program, int count, const char *const *options)
{
  const char *refused = getenv ("CUDA_STUB_REFUSES");
  (void) count, (void) options;
  return refused && strstr (program, refused);
}

int
nvrtcGetCUBINSize (void *program, size_t *bytes)
{
  *bytes = strlen (program) + 1;
  return 0;
}

int
nvrtcGetCUBIN (void *program, char *code)
{
  strcpy (code, program);
  return 0;
}

static const char refusal[] = "network.cu(1): error: the stub refuses it\n";

int
nvrtcGetProgramLogSize (void *program, size_t *bytes)
{
  (void) program;
  *bytes = sizeof refusal;
  return 0;
}

int
nvrtcGetProgramLog (void *program, char *log)
{
  (void) program;
  strcpy (log, refusal);
  return 0;
}

int
nvrtcDestroyProgram (void **program)
{
  free (*program);
  return 0;
}

/* ---- the driver ---- */

int cuInit (unsigned flags) { (void) flags; return 0; }
/* the real NVRTC asks for it */
int cuGetExportTable (const void **table, const void *id) { (void) id; *table = NULL; return 1; }
int cuDriverGetVersion (int *version) { *version = 13020; return 0; }
int cuTensorMapEncodeTiled (void *map) { (void) map; return fails (); }
int cuTensorMapEncodeIm2col (void *map) { (void) map; return fails (); }
int cuDeviceGetCount (int *count) { *count = 1; return fails (); }
int cuDeviceGet (int *handle, int number) { *handle = number; return fails (); }

int
cuDeviceGetAttribute (int *value, int attribute, int device)
{
  (void) device;
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : 132;
  return 0;
}

int cuDevicePrimaryCtxRetain (void **context, int device) { (void) device; int e = fails (); if (!e) *context = &now; return e; }
int cuDevicePrimaryCtxRelease_v2 (int device) { (void) device; return 0; }
int cuCtxPushCurrent_v2 (void *context) { (void) context; return fails (); }
int cuCtxPopCurrent_v2 (void **context) { *context = &now; return 0; }
int cuModuleLoadData (void **module, const void *code) { return fails () || !(*module = strdup (code)); }
int cuModuleUnload (void *module) { free (module); return 0; }

/* A function is its time in a box: from 1 to 3 us. The code is text if the stub's NVRTC made it. */
int
cuModuleGetFunction (void **function, void *module, const char *name)
{
  const char *text = strstr (module, name), *end = text ? strstr (text, "\n}\n") : NULL;
  uint64_t h = 14695981039346656037u;
  static float boxes[KEPT];
  static int box_count;
  float *box = &boxes[box_count++ % KEPT];
  if (fails ())
    return 999;
  for (const char *p = text ? text : name; *p && p != end; p++)
    h = (h ^ (unsigned char) *p) * 1099511628211u;
  const char *fault = getenv ("CUDA_STUB_FAULT"), *where = fault ? strchr (fault, ' ') : NULL;
  if (where && strstr (name, where + 1))
    faulty = box;
  *box = 1e-3F + 2e-3F * (float) (h >> 40) / (float) (1 << 24);
  *function = box;
  return 0;
}

int
cuMemAlloc_v2 (uint64_t *address, size_t bytes)
{
  static uint64_t next = 1 << 20;
  if (fails ())
    return 999;
  *address = next;
  next += (bytes + 511) / 256 * 256;
  return 0;
}

int cuMemFree_v2 (uint64_t address) { (void) address; return 0; }
int cuMemHostAlloc (void **memory, size_t bytes, unsigned flags) { (void) flags; return fails () || !(*memory = calloc (bytes, 1)); }
int cuMemFreeHost (void *memory) { free (memory); return 0; }
int cuMemcpyHtoD_v2 (uint64_t to, const void *from, size_t bytes) { (void) to, (void) from, (void) bytes; return fails (); }
int cuMemcpyHtoDAsync_v2 (uint64_t to, const void *from, size_t bytes, void *s) { (void) to, (void) from, (void) bytes, (void) s; return fails (); }
int cuMemcpyDtoHAsync_v2 (void *to, uint64_t from, size_t bytes, void *s) { (void) to, (void) from, (void) bytes, (void) s; return fails (); }
int cuMemcpyDtoDAsync_v2 (uint64_t to, uint64_t from, size_t bytes, void *s) { (void) to, (void) from, (void) bytes, (void) s; return fails (); }
int cuFuncSetAttribute (void *function, int attribute, int value) { (void) function, (void) attribute, (void) value; return fails (); }

int
cuLaunchKernelEx (const void *launch, void *function, void **arguments, void **extra)
{
  (void) launch, (void) arguments, (void) extra;
  if (fails ())
    return 999;
  if (function == faulty && !capturing)
    launch_faulty ();
  if (capturing && capture_count < KEPT)
    captured[capture_count++] = function;
  else
    now += (double) *(float *) function;
  return 0;
}

int cuStreamCreate (void **stream, unsigned flags) { (void) flags; int e = fails (); if (!e) *stream = &capturing; return e; }
int cuStreamDestroy_v2 (void *stream) { (void) stream; return 0; }
int cuStreamSynchronize (void *stream) { (void) stream; return fails (); }

int
cuStreamBeginCapture_v2 (void *stream, int mode)
{
  (void) stream, (void) mode;
  if (fails ())
    return 999;
  capturing = 1;
  capture_count = 0;
  return 0;
}

int
cuStreamEndCapture (void *stream, void **graph)
{
  (void) stream;
  capturing = 0;
  if (fails ())
    return 999;
  struct graph *g = calloc (1, sizeof *g);
  for (int i = 0; g && i < capture_count; i++)
    g->ms += *(float *) captured[i];
  *graph = g;
  return !g;
}

int
cuGraphInstantiateWithFlags (void **executable, void *graph, unsigned long long flags)
{
  (void) flags;
  if (fails ())
    return 999;
  struct graph *g = malloc (sizeof *g);
  if (g)
    *g = *(struct graph *) graph;
  *executable = g;
  return !g;
}

int cuGraphDestroy (void *graph) { free (graph); return 0; }
int cuGraphExecDestroy (void *executable) { free (executable); return 0; }
int cuGraphLaunch (void *executable, void *stream) { (void) stream; if (fails ()) return 999; now += (double) ((struct graph *) executable)->ms; return 0; }
int cuEventCreate (void **event, unsigned flags) { (void) flags; return !(*event = calloc (1, sizeof (struct event))); }
int cuEventRecord (void *event, void *stream) { (void) stream; ((struct event *) event)->at = now; return 0; }
int cuEventDestroy_v2 (void *event) { free (event); return 0; }

int
cuEventElapsedTime (float *ms, void *first, void *last)
{
  *ms = (float) (((struct event *) last)->at - ((struct event *) first)->at);
  return 0;
}

int
cuGetErrorString (int error, const char **words)
{
  static char text[64];
  snprintf (text, sizeof text, "the stub's error %d", error);
  *words = text;
  return 0;
}
