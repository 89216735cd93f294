/* What the files of verify share. Only this folder includes this. */
#ifndef RESCAST_VERIFY_INTERNAL_H
#define RESCAST_VERIFY_INTERNAL_H

#include "../../runtime/rescast.h"
#include "graph/init.h"
#include "verify.h"

#include <sys/types.h>

/* ---- memory.c: memory between pages that cannot be touched, tensors in it ---- */

/* Shared with child processes. Its end lies as near to the page behind it as its alignment allows. */
struct guarded
{
  unsigned char *data;
  size_t bytes;
  unsigned char *pages; /* what of them is not data holds a pattern */
  size_t pages_bytes;
};

struct guarded guarded_new (size_t bytes, size_t alignment);
void guarded_free (struct guarded *m);
/* From now on nothing may be written there. */
void guarded_protect (const struct guarded *m);
/* Does the address lie in M or in the pages around it? */
bool guarded_near (const struct guarded *m, uintptr_t address);
/* The byte at OFFSET from the data's start (negative in front of it) that was overwritten; false: none. */
bool guarded_broken (const struct guarded *m, int64_t *offset);
void guarded_repaint (const struct guarded *m);

/* ---- process.c: child processes, which a bad kernel may end ---- */

enum access
{
  ACCESS_UNKNOWN,
  ACCESS_READ,
  ACCESS_WRITE
};

/* A signal, as the child's handler saw it. */
struct fault
{
  int signal, code; /* si_code */
  enum access access;
  uintptr_t address;
};

struct message
{
  enum
  {
    MESSAGE_FAULT,  /* the child is about to end */
    MESSAGE_READY,  /* ERROR 0: the network is initialised; else it cannot be, or the library is none */
    MESSAGE_BEFORE, /* LAYER is about to run, … */
    MESSAGE_AFTER,  /* … has run; the child waits for process_go_on. ERROR: its arena is not the one that was given */
    MESSAGE_BATCH,  /* one more run of the whole network is done */
    MESSAGE_ENDED   /* nothing more will come */
  } kind;
  int layer, error;
  struct fault fault;
  char text[512]; /* READY, ENDED: the error in words; BEFORE: the kernel's name */
};

/* Named memory, to say where a fault was. */
struct zone
{
  const char *name;
  const void *start;
  size_t bytes;
  const struct guarded *in;
};

struct process
{
  pid_t pid;
  int socket, output, status;
  bool alive;
  bool late;      /* killed, because it took more than LIMIT seconds */
  bool senseless; /* killed, because its messages made no sense */
  double limit;
  struct fault fault;
  char said[4096]; /* the beginning of what the library printed */
  size_t said_bytes;
};

/* The exit status of a child that cannot reach its parent. */
#define PROCESS_LOST 113

/* Run WORK (ARG, socket) in a child process, which ends when this one does. */
struct process process_start (void (*work) (void *arg, int socket), void *arg);
/* For other children: get SIGNAL when PARENT ends. */
void process_follow (pid_t parent, int signal);
/* The next message, waited for SECONDS at most. False: the child has ended or was killed; process_end_text says how. */
bool process_next (struct process *p, double seconds, struct message *m);
void process_go_on (struct process *p);
/* Kill it, if it has not ended. */
void process_stop (struct process *p);
/* How the child ended, in words. ZONES: where a fault may have been. */
const char *process_end_text (struct process *p, const struct zone *zones, int count);
/* What the library printed, to stderr. */
void process_pass_on (const struct process *p);
/* All of BYTES, from either side; false: the other one is gone. */
bool process_send (int socket, const void *data, size_t bytes);
bool process_receive (int socket, void *data, size_t bytes);

/* ---- library.c: a generated folder's library ---- */

/* What this process knows of the library: only children load it. */
struct library
{
  const char *dir, *name, *manifest, *path;
  const struct backend *device; /* its functions for this one; NULL: the CPU's */
  const struct rescast_info *info; /* of the target that is to run: a copy, without labels */
  size_t context_bytes;
  struct guarded section; /* its part of the weights file */
  struct rescast_weights weights;
  const char *target; /* that is to run; NULL: the best */
};

/* Find the network in DIR. Fatal when there is none. */
void library_find (struct library *lib, const char *dir);
/* Build its library where it is missing or older than its sources; what went wrong, or NULL. */
const char *library_build (const struct library *lib);
/* Load it in a child, which takes SECONDS at most, and describe it and its TARGET (NULL: the best), which is to run
 * then; load that one's weights; what went wrong, or NULL. */
const char *library_open (struct library *lib, const char *target, double seconds);
void library_close (struct library *lib);
/* Whose functions it has. */
const struct backend *library_backend (const struct library *lib);

/* ---- describe.c ---- */

/* Set LIB's info, of its target, and context_bytes by a child that loads it; what went wrong, or NULL. */
const char *describe_library (struct library *lib, double seconds);

/* ---- worker.c: what runs in a child ---- */

/* The functions of NAME.h or NAME_DEVICE.h. */
struct functions
{
  const struct rescast_info *(*info) (void);
  size_t (*context_bytes) (void);
  const struct rescast_info *(*info_of) (const char *target); /* of the host's; NULL: of a device */
  int (*init) (void *context, const struct rescast_weights *, void *arena, size_t, const struct rescast_config *);
  int (*run) (void *context, const float *input, float *output);
  int (*run_from) (void *host, int first, const float *input, float *output); /* of GPUs, else NULL */
  void (*set_hook) (void *context, rescast_hook *, void *user);
  void (*free) (void *context);
  const char *(*message) (void); /* more words on an error, or NULL */
};

/* Load the library into this process, a child. An error goes to the socket and ends it. */
struct functions worker_load (const struct library *lib, int socket);
/* Send an error of loading or initialising, and end this process. */
_Noreturn void worker_refuse (int socket, int error, const char *fmt, ...) PRINTF (3, 4);
/* Tell the parent that all is well so far. */
void worker_ready (int socket);

/* What a child is to run, in memory of its parent's. */
struct work
{
  const struct library *lib;
  int threads;
  size_t stack_bytes; /* what kernels need on a thread's stack */
  const struct guarded *arena, *context, *input, *output;

  int first; /* layer by layer: those in front of it are left out */

  size_t samples; /* the whole network: on these, of X, into RESULT, a batch at a time */
  const float *x;
  float *result;
  int *layer; /* where the number of the running layer is kept; NULL: no hook is set */
};

/* Run the network with a hook that tells the parent of every layer and waits for it. */
void worker_run_layers (void *work, int socket);
/* Run it as its users do. */
void worker_run_network (void *work, int socket);

/* A tensor's elements, in the arena or in the caller's array. They are counted from the halo's first. */
struct view
{
  unsigned char *start; /* of the halo */
  size_t bytes;
  int64_t n;
  struct shape shape;
  struct tensor_format format;
  struct strides strides;
};

struct view view_of_tensor (const struct graph *g, int tensor, void *arena);
struct view view_of_array (const struct graph *g, const struct shape *shape, float *array);
/* The number of an element, and its value. */
int64_t view_at (const struct view *v, int64_t n, int64_t c, int64_t d, int64_t h, int64_t w);
float view_get (const struct view *v, int64_t at);
/* Store the element nearest to VALUE. */
void view_set (const struct view *v, int64_t at, double value);
/* The first element of the halo and, where CHANNELS says so, the padding channels that is not 0, and its VALUE; or -1.
 * All of them are set to 0, so that no later layer is blamed for them. */
int64_t view_stain (const struct view *v, bool channels, float *value);
/* The position "(n, c, d, h, w)" of an element, with negative or too large numbers in the halo. */
char *view_where (const struct view *v, int64_t at);
bool view_overlaps (const struct view *a, const struct view *b);
/* The dense (N, C, D, H, W) array of doubles in a view; malloc'ed. */
double *view_read (const struct view *v);
/* Fill the data (not the halo) with uniform random values from LO to HI, rounded to elements. */
void view_randomize (const struct view *v, struct random *random, double lo, double hi);
/* NaN or infinities, of either sign where HAS_SIGN, in place of one of EVERY values, and NaN in the padding channels of
 * blocks that nobody reads. */
void view_sprinkle (const struct view *v, struct random *random, double every, bool has_sign);
/* All elements to NaN. */
void view_poison (const struct view *v);

/* ---- layer.c: one layer ---- */

struct outcome
{
  const char *layer, *op, *kernel;
  bool ran;
  double worst;        /* largest error as a part of its bound */
  const char *failure; /* NULL: agrees */
  bool error;          /* the failure is not a difference: the process ended, or the library could not be used */
};

struct layers
{
  const struct graph *g;
  const struct library *lib;
  struct guarded arena, context, input, output;
  struct outcome *outcomes; /* one per layer */
  struct random random;
  const struct verify_options *options;
  struct outliers *outliers; /* NULL: inputs are ordinary; else only the layers that outliers concern are compared */
  bool non_finite; /* the inputs have NaN and infinities */
  const char *failure; /* LAYERS_FAILED: why … */
  const char *where;   /* … and in which of the library's functions: "init" or "run" */

  /* of the layer that is running */
  int operands;
  const double **in; /* one per input, and the residual's behind them */
  double **owned;    /* those of them that are to be freed */
  unsigned char *snapshot, *input_copy;
};

/* Fill layer I's inputs and poison its output, before its kernel runs. */
void layer_before (struct layers *l, int i);
/* Look at everything after it has run; sets its outcome. */
void layer_after (struct layers *l, int i);
/* Its process ended meanwhile: all memory as before, its output zeros. */
void layer_undo (struct layers *l, int i);
/* How it ended, with the memory that its kernel was given. */
const char *layer_end_text (const struct layers *l, int i, struct process *p);
/* Free what layer_before allocated. */
void layer_release (struct layers *l);

/* ---- layers.c ---- */

enum layers_end
{
  LAYERS_RUN,
  LAYERS_NOT_HERE, /* this machine lacks what the target needs */
  LAYERS_FAILED    /* beside the layers: l->failure says why */
};

/* Run the network once with all checks; outcomes are set. A layer that ends its process is left out in the next one. */
enum layers_end layers_run (struct layers *l);
/* Does a library's error say that this machine lacks what the target needs? */
bool error_not_here (int error);

/* ---- compare.c: one layer's output ---- */

/* The parts of a bound: of the reference's absolute value, of the terms' magnitude, and of neither. */
struct bound
{
  double value, magnitude, tiny;
};

/* Of a kernel in floats that adds up TERMS terms as the layer is defined. */
struct bound direct_bound (int64_t terms);

/* What the reference says of one layer: dense arrays, malloc'ed. */
struct expected
{
  double *value, *magnitude;
  int64_t terms;
};

/* PACKED: all packed weights, IN and RESIDUAL: what the layer reads. *EP: its epilogue's vectors as packed. */
struct expected expect_layer (const struct graph *g, const struct node *n, const float *packed, const double *const *in,
                              const double *residual, struct epilogue *ep);
/* "at (…) got …, expected …, bound …" of element AT. */
char *describe_element (const struct view *out, int64_t at, double expected, double bound);

/* Compare OUT with the reference on IN and RESIDUAL, some of which are NON_FINITE; sets worst and perhaps failure. */
void compare_layer (const struct graph *g, const struct node *n, const float *packed, const double *const *in,
                    const double *residual, bool non_finite, const struct view *out, struct outcome *outcome);

/* ---- outlier.c: layers in tiles with large values among their inputs ---- */

struct outliers;

/* In memory of the arena. */
struct outliers *outliers_new (uint64_t seed);
/* Does N's kernel add up tiles or pairs of pixels, so that a large value costs its neighbours digits? */
bool outliers_concern (const struct node *n);
/* Values of 1e4 and 1e6 in place of some of the inputs V, which are from -1 to 1. */
void outliers_plant (struct outliers *l, const struct graph *g, const struct view *v);
/* compare_layer of a layer with planted inputs, within what rounding may cost them by backend/tile_bound.h. */
void outliers_compare (struct outliers *l, const struct graph *g, const struct node *n, const float *packed,
                       const double *const *in, const double *residual, const struct view *out,
                       struct outcome *outcome);

/* ---- limits.c: how long a child may take, in seconds ---- */

double limit_of_layer (const struct verify_options *o, double macs);
/* Of all layers of a run. */
double limit_of_run (const struct verify_options *o, const struct rescast_info *info);
/* Of loading and initialising what is BACKEND's. */
double limit_of_start (const struct verify_options *o, const struct backend *backend);

/* ---- network.c: the whole network ---- */

/* The whole network against the graph before the passes, or against arrays in a file. */
void verify_unfolded (const struct library *lib, const struct graph *g, const struct verify_options *o,
                      struct outcome *outcome);
void verify_reference (const struct library *lib, const struct verify_options *o, struct outcome *outcome);

/* The first batch of FILE's inputs, W, as the classifier program would feed it into X, and as it is, with the channels
 * first, into RAW. */
void verify_first_batch (const struct rescast_info *info, const char *file, const struct weights *w, float *x,
                         double *raw);

/* ---- verify.c ---- */

/* The graph of LIST for the target that LIB was opened with; else NULL, and *WHY says what is wrong. */
const struct graph *verify_graph (const struct library *lib, struct graph *const *list, const char **why);

/* What the output of G may differ by: the user's word, or the experience with its precision. */
double verify_tolerance (const struct verify_options *o, const struct graph *g);

/* ---- report.c ---- */

void report_table (const char *network, const struct outcome *list, int count);
void report_junit (const char *path, const char *name, const struct outcome *list, int count);

#endif
