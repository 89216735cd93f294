/* The ABI between generated networks, the runtime and the programs that use them.
 *
 * Everything here depends on libc and pthreads alone. Nothing in the runtime prints or exits; after a network's
 * init nothing allocates. Functions return RESCAST_OK (0) or one of the errors below; rescast_strerror names it. */
#ifndef RESCAST_H
#define RESCAST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

/* Raised whenever a structure below or the layout of a weights file changes. */
#define RESCAST_ABI 9

  enum rescast_error
  {
    RESCAST_OK = 0,
    RESCAST_EINVAL,   /* a null pointer or a value out of range */
    RESCAST_EOPEN,    /* the weights file cannot be opened or mapped; errno says why */
    RESCAST_EFORMAT,  /* not a rescast weights file, or a truncated one */
    RESCAST_EVERSION, /* a weights file or a network of another ABI version */
    RESCAST_EMATCH,   /* the weights were packed for another network: no section has its layout */
    RESCAST_EHASH,    /* the weights' bytes do not have the hash they were written with */
    RESCAST_EARENA,   /* the arena is too small or not aligned to 64 bytes */
    RESCAST_ETHREAD,  /* a thread could not be started or pinned, or there is no memory for it */
    RESCAST_ECPU,     /* this CPU lacks the instructions that the network was generated for */
    /* of GPUs; rescast_cuda_message says more */
    RESCAST_EDRIVER, /* no NVIDIA driver, or one that finds no GPU */
    RESCAST_EDEVICE, /* no GPU of that number */
    RESCAST_ECODE,   /* no code for this GPU, and none can be compiled */
    RESCAST_EMEMORY, /* too little memory on the GPU */
    RESCAST_ECUDA,   /* a call of the driver's failed */
    RESCAST_EORDER   /* a big-endian machine cannot use the weights: they have numbers of several sizes */
  };

#pragma GCC visibility push(default)

/* Of any number; never NULL. */
const char *rescast_strerror (int error);
/* RESCAST_ABI of the library that is there when the program runs. */
int rescast_abi (void);

/* ---- weights --------------------------------------------------------------------------------------------- */

/* A weights file is this header, a table of sections and their data, each section's from the next multiple of 64 on, in
 * the table's order, with zeros between them and nothing behind the last. A section has all weights of the network in
 * one order, that of some of its kernels; which kernels' it is, its layout says. The data are used in place.
 * Little-endian: a big-endian machine uses a copy in its own byte order, which map and init make and unmap frees. */
struct rescast_weights_header
{
  char magic[8];         /* "RESCAST" and a 0 */
  uint32_t abi;          /* RESCAST_ABI */
  uint32_t header;       /* bytes of this header: 64 */
  uint32_t sections;     /* 1 … RESCAST_MAX_SECTIONS */
  uint32_t section;      /* bytes of an entry of the table, which follows: 64 */
  uint64_t reserved[5];  /* zeros */
};

#define RESCAST_MAX_SECTIONS 64

/* An entry of the table. */
struct rescast_weights_section
{
  char order[24];    /* name of the order, such as cpu-f32x16: printable ASCII, zeros up to the end */
  uint64_t layout;   /* hash of the packed layout; equal to the generated code's, another one in each section */
  uint64_t offset;   /* of the data from the file's start, a multiple of 64 */
  uint64_t bytes;    /* of the data */
  uint64_t hash;     /* rescast_hash of the data */
  uint32_t word;     /* bytes of each number in the data: 1, 2, 4 or 8; 0: they differ, no other order is possible */
  uint32_t reserved; /* zero */
};

/* Packed weights in memory, one section: immutable, so that any number of contexts and threads may share one. Zeros are
 * no weights: what a failed map or init and unmap leave. */
struct rescast_weights
{
  const void *data; /* 64-byte aligned */
  size_t data_bytes;
  struct rescast_weights_section section; /* its entry in the table */
  void *map; /* what unmap gives back, or NULL for memory of the caller's */
  size_t map_bytes;
};

/* Map the section of the file PATH whose layout is NETWORK, read-only. Of other sections nothing is read. Checks the
 * header and the whole table; not the hash, which would read all data once more: rescast_weights_check does that, or
 * init with the configuration's check, on all threads.
 *
 * The file must stay as it is while it is mapped. Where it is overwritten in place, networks compute with a mixture of
 * old and new numbers; where it is truncated, reading what is missing raises SIGBUS, which ends the program. So replace
 * it: write another file beside it and rename that to its name, as `rescast pack` and `rescast generate` do: a mapping
 * keeps the old file, the next one gets the new. Where others may write to the file, read it into memory of your own
 * and use rescast_weights_init, or have the weights in the program (generate --embed). On GPUs they are copied by
 * load. */
int rescast_weights_map (struct rescast_weights *w, const char *path, uint64_t network);
/* The same for a file's image already in memory (64-byte aligned); the memory stays the caller's. */
int rescast_weights_init (struct rescast_weights *w, const void *image, size_t bytes, uint64_t network);
int rescast_weights_check (const struct rescast_weights *w);
/* W becomes zeros; memory of the caller's stays. NULL, or W of zeros: nothing happens. */
void rescast_weights_unmap (struct rescast_weights *w);

/* The hash of weights data: the sum of its chunks' hashes, so that threads can share the work. The shares of threads
 * 0 … N - 1 of N add up to the same whatever N is. WORD: bytes of each number, 1, 2, 4 or 8, in the machine's byte
 * order; all machines give such data the same hash. */
#define RESCAST_HASH_CHUNK ((size_t) 1 << 18)
uint64_t rescast_hash (const void *data, size_t bytes, uint32_t word);
uint64_t rescast_hash_share (const void *data, size_t bytes, uint32_t word, int t, int n);

/* ---- the arena ------------------------------------------------------------------------------------------- */

/* Memory for an arena of BYTES, zeros, or NULL. Any memory aligned to 64 bytes will do; one of 2 MiB or more
 * starts at a multiple of 2 MiB, and one of 16 MiB or more is in huge pages where the system offers them: fewer faults,
 * fewer misses of the TLB. Its pages are the system's until they are used. */
void *rescast_arena_alloc (size_t bytes);
void rescast_arena_free (void *arena, size_t bytes); /* BYTES as allocated; NULL: nothing happens */

/* ---- threads --------------------------------------------------------------------------------------------- */

#define RESCAST_MAX_THREADS 256

/* A parallel loop of the caller's: calls BODY (ARG, i) for every i from 0 to N - 1, in any order, on any threads, one
 * after another or at once, and returns when all of them have returned. USER is the configuration's. ARG is valid until
 * then. Each thread that calls BODY needs NAME_STACK_BYTES of stack beside the usual. */
typedef void rescast_parallel_for (void *user, int n, void (*body) (void *arg, int i), void *arg);

/* Where the threads that init starts may run. Cores are numbered from 0 in this order: those that the thread which
 * calls init may run on, one CPU of each physical core, NUMA node by NUMA node, the node with the most first; then the
 * second hyper-threads of the same cores, and so on. */
enum rescast_pin
{
  RESCAST_PIN_NONE, /* wherever that thread may */
  RESCAST_PIN_CORE, /* thread t on the CPU of core first_core + t alone */
  RESCAST_PIN_NODE  /* thread t on any CPU of the NUMA node of core first_core + t */
};

struct rescast_pool;

struct rescast_config
{
  int threads;        /* how many shares each layer is cut into, and how many threads run them, the caller among these:
                       * up to RESCAST_MAX_THREADS; 0: one. Where the thread that calls init may run on fewer CPUs there
                       * are no more threads than those. With parallel_for: any number from 1, or 0 for one */
  const char *target; /* one of info->targets; NULL: the best that this CPU has */
  int check;          /* not 0: init compares the weights with their hash, on all threads: RESCAST_EHASH */
  /* NULL: init starts threads - 1 threads. Else it starts none: run calls this once per layer, on the thread that
   * called run. Contexts that run at the same time may have the same one, if it can be called from several threads at
   * once. Function and USER stay the caller's and must outlive the context. */
  rescast_parallel_for *parallel_for;
  void *user;
  int device; /* of the target cuda: the GPU's number, RESCAST_EDEVICE if there is none of it; else not looked at */
  /* An enum rescast_pin, and the number of thread 0's core: contexts that run at the same time may have cores of their
   * own. The thread that calls run is not touched: rescast_pin_thread pins it. RESCAST_EINVAL: there are no such cores,
   * or this system, not being Linux, pins no threads. With parallel_for: not looked at. */
  int pin, first_core;
  /* NULL, or a pool that rescast_pool_start made and whose threads run this context's layers: of this configuration
   * threads, parallel_for, pin and first_core are not looked at. Contexts of any networks may share it and run at the
   * same time; each layer, or all of them where there is no hook, has the threads to itself, and runs take turns. The
   * threads stop when the pool and all these contexts are freed, in any order. RESCAST_EINVAL: it is not started, or
   * for less than this network's NAME_STACK_BYTES. */
  struct rescast_pool *pool;
};

struct rescast_info;

/* Set CONFIG's threads to what suits the network on this machine: as many as there are physical cores among the CPUs
 * that the calling thread may run on (hyper-threads of one core count once), but no more than the control group's
 * quota of CPU time pays for, nor than RESCAST_MAX_THREADS. Where these cores belong to several NUMA nodes, a network
 * whose layers give each of them less than 2^20 multiply-adds on the average gets those of the node with the most
 * alone, since passing tensors between nodes would cost it more than the other cores save; then pin becomes
 * RESCAST_PIN_NODE if it is RESCAST_PIN_NONE. And a thread gets 2^16 multiply-adds of each layer on the average, or it
 * is not used. Other members stay. INFO NULL: a network of any size. */
void rescast_config_fit (struct rescast_config *config, const struct rescast_info *info);
/* Pin the calling thread, which is to call run, as the configuration's pin and the number of a core say: after init,
 * since cores are numbered among those that the thread may still run on. RESCAST_OK or RESCAST_EINVAL, as init's. */
int rescast_pin_thread (int pin, int core);

/* Of a phase's work each of n threads has a share. A share is RESCAST_PARTS parts, which are counted from the first
 * share's first to the last one's last: these are the parts FROM … TO - 1, all of one share. */
#define RESCAST_PARTS 16
struct rescast_part
{
  int from, to;
};

/* A pool of threads. A job has phases; in each of them TASK (ARG, phase, t, n, caller) is called for parts t that are
 * all of the RESCAST_PARTS * n together, each of them once, on any of the pool's threads, and the next phase begins
 * when all of these calls have returned, whose writes are seen there. CALLER: not 0 on one of the threads alone, which
 * is that which called run or, in a parallel loop, the one that has share 0.
 *
 * A thread takes half of what is left of its share at a time, others that have nothing left of theirs take half of the
 * rest: so one that is slower than they are, or has lost its CPU to another program, holds them up for no longer than
 * what it has begun. A thread that finds nothing to do spins for at most 100 us in a job and 200 us after it, then
 * sleeps.
 *
 * A pool of zeros, which a failed init, start and free leave, is one of the calling thread alone. Where several threads
 * call run at the same time, their jobs are run one after another. */
typedef void rescast_task (void *arg, int phase, struct rescast_part t, int n, int caller);

struct rescast_pool
{
  int threads;                        /* n */
  rescast_parallel_for *parallel_for; /* the caller's, and its user: then no threads are the pool's */
  void *user;
  struct rescast_team *team; /* NULL: the calling thread alone, or the caller's loop */
  void *scratch; /* NULL, or what STACK_BYTES says for the thread that calls run, 64-byte aligned: its caches have it */
};

/* THREADS: 1 … RESCAST_MAX_THREADS, as the configuration's; 1 starts none. STACK_BYTES: what the task needs on a
 * thread's stack beside the usual where CALLER is 0; the caller's stack may have less. */
int rescast_pool_init (struct rescast_pool *pool, int threads, size_t stack_bytes);
/* The same by a configuration; NULL: one thread. With CONFIG's pool: POOL becomes another name of that. */
int rescast_pool_start (struct rescast_pool *pool, const struct rescast_config *config, size_t stack_bytes);
#pragma GCC visibility push(hidden) /* of generated code alone */
/* Run the phases FIRST … LAST. One job at a time. PIECES[phase]: into how many pieces the work of a phase may be cut by
 * all threads together; 0, or NULL for all phases: shares are run whole. */
void rescast_pool_run (struct rescast_pool *pool, int first, int last, const unsigned short *pieces, rescast_task *task,
                       void *arg);
#pragma GCC visibility pop

void rescast_pool_free (struct rescast_pool *pool); /* NULL, or a pool of zeros: nothing happens */

#pragma GCC visibility push(hidden) /* of generated code alone */
/* rescast_weights_check, shared among the pool's threads. */
int rescast_weights_check_shared (const struct rescast_weights *w, struct rescast_pool *pool);
#pragma GCC visibility pop

/* The items [*first, *last) of COUNT that are the parts T of N shares; parts beyond these have none. */
static inline void
rescast_share (int count, struct rescast_part t, int n, int *first, int *last)
{
  const int parts = RESCAST_PARTS * n;
  *first = t.from < parts ? (int) ((int64_t) count * t.from / parts) : count;
  *last = t.to < parts ? (int) ((int64_t) count * t.to / parts) : count;
}

/* ---- the CPU ----------------------------------------------------------------------------------------------- */

#pragma GCC visibility push(hidden) /* of generated code alone */
/* Can this CPU run code of the target, and does the system save the registers that it uses? In cpu.c. */
int rescast_cpu_has_avx2 (void);
int rescast_cpu_has_avx512 (void);
int rescast_cpu_has_avx512bf16 (void);
/* Does it multiply pairs of bf16 numbers faster than floats? */
int rescast_cpu_gains_by_avx512bf16 (void);
int rescast_cpu_has_amx (void);
#pragma GCC visibility pop

/* How many CPUs the calling thread may run on. In cpus.c. */
int rescast_cpu_count (void);

/* ---- what a generated network says of itself --------------------------------------------------------------- */

enum rescast_layout
{
  RESCAST_PLANAR, /* N, C, D, H, W: one element after another along W */
  RESCAST_BLOCKED, /* N, C/block, D, H, W, block: the channels of a pixel in blocks, the last one zero-padded */
  RESCAST_CHANNELS_LAST /* N, D, H, W, C: the channels zero-padded to a multiple of block; of the GPU */
};

/* What tensors in the arena consist of, in the machine's byte order. */
enum rescast_element
{
  RESCAST_FLOAT32,
  RESCAST_FLOAT16,  /* IEEE's binary16: 11 significant bits, up to 65504 */
  RESCAST_BFLOAT16, /* the upper half of a float: 8 significant bits */
  RESCAST_INT8,
  RESCAST_UINT8,
  RESCAST_INT32,
  RESCAST_UINT16, /* these three: of the caller's input alone */
  RESCAST_INT16,
  RESCAST_FLOAT64
};

/* Element I of those that begin at DATA, as the nearest float. ELEMENT: an enum rescast_element. NAME_run's input and
 * output are floats. */
float rescast_element_value (const void *data, size_t i, int element);

/* A tensor in the arena. Every spatial axis has a halo of zeros before and after it, so that the pixel (0, 0, 0)
 * of channel 0 lies halo_lo rows behind the tensor's start. */
struct rescast_tensor
{
  const char *name;
  int rank; /* spatial axes: 3, 2, or 0 for a vector */
  int n, c, d, h, w;
  int element;       /* enum rescast_element */
  int layout;        /* enum rescast_layout */
  int block;         /* channels of a block, or what their number is a multiple of; 1: of no effect */
  int halo_lo[3];    /* D, H, W */
  int halo_hi[3];    /* D, H, W */
  size_t offset;     /* of the halo's first byte, from the arena's start */
  size_t bytes;
};

/* One call of the network: a kernel with the layers that were folded into it. */
struct rescast_layer
{
  const char *name;   /* names of the source's layers it computes, joined with + */
  const char *op;     /* conv, max-pool, … */
  const char *kernel; /* the generated function */
  int input, residual, output; /* indices into tensors; -1 for none, or for the caller's array */
  double macs;        /* multiply-adds of one batch, by the layer's definition */
};

/* How an image is resized: PIL's filters of these names. */
enum rescast_interpolation
{
  RESCAST_BILINEAR,
  RESCAST_NEAREST,
  RESCAST_BOX,
  RESCAST_HAMMING,
  RESCAST_BICUBIC,
  RESCAST_LANCZOS
};

struct rescast_info
{
  int abi;             /* RESCAST_ABI it was generated for */
  const char *name;    /* prefix of every symbol */
  const char *version; /* of the generator */
  const char *target;         /* whose kernels the layers name, */
  const char *const *targets; /* … and all that the code was generated for, the best first; NULL behind the last */
  const char *precision;      /* what this target computes in: fp32, tf32, fp16 or bf16 */
  int batch;
  int input_rank, output_rank; /* spatial axes: 3, 2; 0 for a vector */
  int input_shape[4];          /* C, D, H, W (D = 1 in 2-D; all 1 in a vector) */
  int output_shape[4];
  size_t arena_bytes;
  size_t weights_bytes;      /* the weights file's whole size … */
  size_t weights_data_bytes; /* … and that of the data in this network's section */
  uint64_t network;          /* that section's layout */
  int output_is_probability;         /* the last layer is a softmax */
  /* Where in the weights' data, in bytes, the outlier limit is, a float; 0: no layer uses Winograd's or Strassen's
   * algorithm. An input whose largest value exceeds the ordinary ones by more than this factor may cost outputs beside
   * it a hundredth of their size: docs/cpu.md, "Outliers". generate --exact makes networks without a limit. */
  size_t outlier_limit_at;
  /* Numbers that the network's own input layer subtracts from its input, and behind them those that it then multiplies
   * by: where the weights' data begins, each none, one per channel or one per element. */
  int input_means, input_stds;
  /* How the classifier program prepares an input, whatever its container: (x / scale - mean[c]) / std[c].
   * mean and std: one value per channel, or NULL. */
  float scale;
  const float *mean, *std;
  /* Before that an image is resized, and its centre of the input's extents is kept. { height, width }: it gets that
   * size; { side, 0 }: its shorter side gets that many pixels, the other in proportion; { 0, 0 }: it just covers the
   * input. */
  int resize[2];
  int interpolation; /* enum rescast_interpolation */
  const char *const *labels; /* one per class, or NULL */
  int label_count;
  const struct rescast_layer *layers;
  int layer_count;
  const struct rescast_tensor *tensors;
  int tensor_count;
};

/* Called on the thread that called run, with the others waiting, before (AFTER = 0) and after (1) each layer. ARENA:
 * the context's; tensors are found in it by info->tensors. */
typedef void rescast_hook (void *user, const struct rescast_info *info, int layer, int after, void *arena);

/* How long each layer took, by a clock of wall time: what rescast_times_hook, an argument of NAME_set_hook, keeps in
 * the structure that is its USER. */
struct rescast_times
{
  double *seconds; /* the caller's, zeros at first: of each layer, the sum over all runs */
  int layers;      /* how many of them there are: of layers beyond nothing is kept */
  int runs;        /* that came to their end */
  int64_t start;   /* its own */
};
rescast_hook rescast_times_hook;

/* ---- inputs of any element type ---------------------------------------------------------------------------- */

/* An input where the caller has it, for NAME_run_elements. */
struct rescast_elements
{
  const void *data; /* the first element of the first sample's first channel; elements need not be aligned */
  int element;      /* enum rescast_element, in the machine's byte order */
  int layout;       /* RESCAST_PLANAR: N, C, [D,] H, W; RESCAST_CHANNELS_LAST: N, [D,] H, W, C, as images are */
  /* NULL: dense in that order. Else how many bytes lie between samples, channels, planes, rows and pixels, five numbers
   * of any sign; layout is not looked at. */
  const ptrdiff_t *strides;
  int prepare; /* not 0: each becomes (x / scale - mean[c]) / std[c] by info's, as the classifier program prepares it */
};

/* E's numbers as floats to TO, dense N, C, [D,] H, W as info's input: what NAME_run takes. RESCAST_OK or
 * RESCAST_EINVAL. POOL's threads share the work; NULL: the calling one. */
int rescast_elements_read (float *to, const struct rescast_elements *e, const struct rescast_info *info,
                           struct rescast_pool *pool);

/* ---- volumes larger than the input, by windows --------------------------------------------------------------- */

/* A network whose output is a map, with extents that are its input's times or over whole numbers, or a vector, takes
 * volumes of any extents: windows of the input's extents are run one by one, and where the maps of several overlap
 * their values are averaged; of vectors, the output is the mean. docs/large-volumes.md tells more.
 *
 *   struct rescast_windows windows;              what is to be done, and how far it is: the caller's memory
 *   NAME_windows_init (&windows, extents, how);  arithmetic alone: shapes, and how much memory the rest needs
 *   rescast_windows_begin (&windows, &volume, output, sums, windows.sums_bytes);
 *   NAME_windows_run (&net, &windows, result);   on one thread or several, each with a context and a result of its own
 *
 * The output is complete when all of these calls have returned RESCAST_OK. It has the same bits however many there
 * were: each voxel is added up in the order of the windows. Nothing allocates. */

/* What a voxel's value in a window counts for beside those in others. */
enum rescast_blend
{
  RESCAST_CONSTANT, /* the same everywhere */
  RESCAST_GAUSSIAN  /* exp (-(x/sigma)^2 / 2) for each axis, x being the way to the window's centre and sigma an eighth
                     * of its extent; the product of all axes, but 0.001 or more */
};

struct rescast_windowing
{
  double overlap; /* of a window's extent, 0 or more and less than 1: the next window begins int (extent * (1 -
                   * overlap)) voxels behind it, 1 at least, the last one where it ends with the volume */
  int blend;      /* enum rescast_blend; of vectors of no effect */
  int mirror;     /* not 0: each window is run 2^axes times, mirrored along all sets of axes, its map mirrored back; all
                   * of these count as much */
};

struct rescast_windows
{
  int output_shape[4]; /* of the whole output: C, D, H, W, dense floats; of a vector C, 1, 1, 1 */
  int runs;            /* of windows; a network of a batch runs as many at once */
  size_t sums_bytes;   /* of the memory that begin takes */
  size_t result_bytes; /* of the memory that each call of run takes: room for two results */
  /* The rest is private. */
  const struct rescast_info *info;
  const float *const *gaussian; /* factors along D, H and W of a window's output; NULL: constant */
  int extent[3];                /* the volume's */
  int padded[3], before[3];     /* … with the zeros around an axis shorter than a window, and those in front of it */
  int interval[3], windows[3], cropped[3], mirrors;
  struct rescast_elements volume;
  ptrdiff_t strides[5];
  float *output;
  void *sums;
  int cleared, finished;   /* planes of a map */
  unsigned claimed, added; /* batches of windows */
  int error;
};

/* A network's run, for rescast_windows_run. */
typedef int rescast_windows_call (void *context, const float *input, float *output);

/* Begin with the VOLUME, C, D, H, W of the extents that init was given (its samples' stride is not looked at), whose
 * numbers become floats, prepared if it says so, window by window; around it are zeros. It stays the caller's and is
 * read until the last call of run has returned, as are OUTPUT and SUMS, whose contents before that mean nothing; they
 * are aligned as floats and doubles. WINDOWS may be begun again when no thread runs it. RESCAST_EINVAL: a null pointer,
 * WINDOWS that no init made ready, elements with values that are not allowed; RESCAST_EARENA: SUMS has fewer bytes than
 * sums_bytes. */
int rescast_windows_begin (struct rescast_windows *windows, const struct rescast_elements *volume, float *output,
                           void *sums, size_t sums_bytes);
/* What NAME_windows_run does, by any function that runs the network, such as one on a GPU: INPUT is where CALL reads
 * it, RESULT where it writes, result_bytes of memory. RESCAST_EINVAL: a null pointer, or nothing has begun. An error of
 * CALL's is returned, and ends the calls on other threads with the same error. */
int rescast_windows_run (struct rescast_windows *windows, rescast_windows_call *call, void *context, float *input,
                         float *result);

#pragma GCC visibility push(hidden) /* of generated code alone */
/* NAME_windows_init. GAUSSIAN: for D, H and W, as many factors as a window's output has there. */
int rescast_windows_init (struct rescast_windows *windows, const struct rescast_info *info,
                          const float *const *gaussian, const int extents[3], const struct rescast_windowing *how);
#pragma GCC visibility pop

/* The functions above for the classifier program. */
struct rescast_windows_functions
{
  int (*init) (struct rescast_windows *, const int extents[3], const struct rescast_windowing *);
  int (*begin) (struct rescast_windows *, const struct rescast_elements *, float *, void *, size_t);
  int (*run) (struct rescast_windows *, rescast_windows_call *, void *, float *, float *);
};

/* ---- the classifier program -------------------------------------------------------------------------------- */

/* What a device's own clock can time beside one layer, number 0 or more. */
#define RESCAST_ALL_LAYERS (-1)
#define RESCAST_WHOLE_RUN (-2) /* all layers and the copies of input and output */

/* What a device can do, at best, in a second. */
struct rescast_limits
{
  double bytes; /* read and written in its memory, by a copy: measured */
  double macs;  /* multiply-adds by the unit that the kernels use, as its maker says; 0: not known */
};

/* A generated network as the classifier program sees it: the functions of NAME.h behind one context. */
struct rescast_network
{
  const struct rescast_info *info;
  void *context;                  /* a struct NAME, */
  size_t context_bytes;           /* … of so many bytes */
  const void *embedded;           /* the weights file's image when it was linked in, or NULL */
  size_t embedded_bytes;
  const struct rescast_info *(*info_of) (const char *target); /* NULL: only those of info */
  int (*weights_map) (struct rescast_weights *, const char *path, const struct rescast_config *);
  int (*weights_init) (struct rescast_weights *, const void *image, size_t bytes, const struct rescast_config *);
  int (*init) (void *context, const struct rescast_weights *, void *arena, size_t arena_bytes,
               const struct rescast_config *);
  float *(*input) (void *context); /* a place in the arena for the input, dense (N, C, [D,] H, W) */
  int (*run) (void *context, const float *input, float *output);
  void (*set_hook) (void *context, rescast_hook *, void *user);
  void (*free) (void *context);
  const struct rescast_network *cuda;   /* the same network on a GPU, or NULL */
  const char *(*message) (void);        /* more words on the last error, or NULL */
  /* Of a device with a clock of its own, else NULL: how long each of RUNS runs of PART took, after one run that is not
   * counted; a layer runs alone. Then the device's limits, and the bytes of each layer's weights. */
  int (*time) (void *context, int part, int runs, float *ms);
  int (*limits) (void *context, struct rescast_limits *limits, double *weights_bytes);
  const struct rescast_windows_functions *windows; /* NULL: the network takes no volumes larger than its input */
};

/* main of the classifier program: parses ARGV, runs, prints; returns the exit status. In cli/. */
int rescast_main (const struct rescast_network *network, int argc, char **argv);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
