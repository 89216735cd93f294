/* What the parts of verify share. Only this folder includes this. */
#ifndef RESCAST_VERIFY_PARTS_H
#define RESCAST_VERIFY_PARTS_H

#include "../../runtime/rescast.h"
#include "graph/init.h"
#include "verify.h"

/* ---- library.c: a generated folder's library ---- */

/* The functions of NAME.h and what they are given. */
struct library
{
  const char *dir, *name, *manifest;
  void *handle;
  const struct rescast_info *(*info) (void);
  size_t (*context_bytes) (void);
  int (*weights_map) (struct rescast_weights *, const char *path);
  int (*init) (void *context, const struct rescast_weights *, void *arena, size_t, const struct rescast_config *);
  int (*run) (void *context, const float *input, float *output);
  void (*set_hook) (void *context, rescast_hook *, void *user);
  void (*free) (void *context);
  const char *(*message) (void); /* more words on an error, or NULL */
  struct rescast_weights weights;
  const char *target; /* which of the info's targets is to run */
};

/* Find the network in DIR, build its library where it is missing or older than its sources, load it and map the
 * weights. Fatal on any failure. */
void library_open (struct library *lib, const char *dir);
/* The same library's functions for GPUs, and their weights. */
void library_open_cuda (struct library *cuda, const struct library *lib);
/* Has this machine what TARGET needs? */
bool library_runs (const struct library *lib, const char *target);
/* An ERROR that one of the library's functions just returned, in words. */
const char *library_error (const struct library *lib, int error);
void library_close (struct library *lib);

/* ---- memory.c: memory between red zones, tensors in it ---- */

struct guarded
{
  unsigned char *data; /* 4096-byte aligned */
  size_t bytes;
};

struct guarded guarded_new (size_t bytes);
void guarded_free (struct guarded *m);
/* The byte at OFFSET from the data's start (negative in front of it) that was overwritten; false: none. */
bool guarded_broken (const struct guarded *m, int64_t *offset);
void guarded_repaint (const struct guarded *m);

/* A tensor's elements, in the arena or in the caller's array. They are counted from the halo's first. */
struct view
{
  unsigned char *start; /* of the halo */
  size_t bytes;
  enum precision precision; /* of elements */
  int64_t n;
  struct shape shape;
  int64_t lanes; /* channels that lie side by side: a blocked tensor's last block is padded with zeros */
  int64_t lo[AXES], extent[AXES]; /* halo in front; data and both halos */
};

struct view view_of_tensor (const struct graph *g, int tensor, void *arena);
struct view view_of_array (const struct graph *g, const struct shape *shape, float *array);
/* The number of an element, and its value. */
int64_t view_at (const struct view *v, int64_t n, int64_t c, int64_t d, int64_t h, int64_t w);
float view_get (const struct view *v, int64_t at);
/* Store the element nearest to VALUE. */
void view_set (const struct view *v, int64_t at, double value);
/* The first element of the halo and, where CHANNELS says so, the padding channels that is not 0, and its VALUE; or -1. All of
 * them are set to 0, so that no later layer is blamed for them. */
int64_t view_stain (const struct view *v, bool channels, float *value);
/* The position "(n, c, d, h, w)" of an element, with negative or too large numbers in the halo. */
char *view_where (const struct view *v, int64_t at);
bool view_overlaps (const struct view *a, const struct view *b);
/* The dense (N, C, D, H, W) array of doubles in a view; malloc'ed. */
double *view_read (const struct view *v);
/* Fill the data (not the halo) with uniform random values from LO to HI, rounded to elements. */
void view_randomize (const struct view *v, struct random *random, double lo, double hi);
/* NaN or infinities, of either sign where HAS_SIGN, in place of one of EVERY values, and NaN in the padding channels of blocks. */
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
};

struct layers
{
  const struct graph *g;
  const struct library *lib;
  struct guarded arena, input, output;
  struct outcome *outcomes; /* one per layer */
  struct random random;
  bool non_finite; /* the inputs have NaN and infinities */

  /* of the layer that is running */
  int operands;
  const double **in; /* one per input, and the residual's behind them */
  double **owned;    /* those of them that are to be freed */
  unsigned char *snapshot, *input_copy;
};

/* Run the network once with all checks; outcomes are set. */
void layers_run (struct layers *l, int threads, uint64_t seed);

/* ---- compare.c: one layer's output ---- */

/* Compare OUT with the reference on IN and RESIDUAL, some of which are NON_FINITE; sets worst and perhaps failure. */
void compare_layer (const struct graph *g, const struct node *n, const float *packed, const double *const *in,
                    const double *residual, bool non_finite, const struct view *out, struct outcome *outcome);

/* ---- network.c: the whole network ---- */

/* The whole network against the graph before the passes, or against arrays in a file. */
void verify_unfolded (const struct library *lib, const struct graph *g, const struct verify_options *o,
                      struct outcome *outcome);
void verify_reference (const struct library *lib, const struct verify_options *o, struct outcome *outcome);

/* ---- report.c ---- */

void report_table (const char *network, const struct outcome *list, int count);
void report_junit (const char *path, const char *name, const struct outcome *list, int count);

#endif
