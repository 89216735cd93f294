/* Backends: what passes, generation and the commands ask of a kind of machine. Each is a folder beside this file, which
 * no other folder names. */
#ifndef RESCAST_BACKEND_BACKEND_H
#define RESCAST_BACKEND_BACKEND_H

#include "graph/graph.h"
#include "kernel.h"
#include "tile_bound.h"

struct emission;
struct params;
struct targets;
struct tune_options;
struct wisdom;

/* What a thread of a CPU could do at best, in a nanosecond. */
struct rates
{
  double macs;             /* multiply-adds */
  double tensors, weights; /* bytes of each that it reads or writes */
  double kept;             /* a kernel that moves no more bytes than these may find them in a cache */
};

struct considered;

struct backend
{
  const char *name;   /* of its only target and in names of files; NULL: the CPU's, which every folder has */
  void (*list_targets) (struct targets *t);
  unsigned precisions; /* that it computes in: 1 << PRECISION_… */
  int64_t alignment;  /* bytes of whole tensors in the arena */
  const char *absent; /* what is said of "this …" where the machine has it not */
  /* Channels that lie side by side in tensors of G, and to whose multiples vectors of weights are padded. */
  int64_t (*block) (const struct graph *g);

  /* Do blocks of channels lie apart, so that a tensor may be a part of another one's memory? */
  bool blocks_apart;

  /* ---- what may be fused ---- */

  /* May CONV, which reads the network's input alone, compute the max pool behind it? */
  bool (*takes_pool) (const struct graph *g, const struct node *conv, const struct window *pool);
  /* May the sums of convolution N have a second convolution's products? NULL: no layer's. */
  bool (*takes_second) (const struct graph *g, const struct node *n);
  bool takes_gate; /* Has it kernels of OP_GATE? */
  /* Into how many channels and pixels does OP_SQUEEZE part a map of shape S? NULL: it has no such kernels, and OP_GATE
   * reads the mean. */
  void (*parts_of_gate) (const struct graph *g, const struct shape *s, int64_t *channels, int64_t *pixels);

  /* ---- kernels ---- */

  /* Decide the formats of all tensors and the kernel of every node, for those of TARGETS that are its own. */
  struct kernels *(*select) (struct graph *g, const struct targets *targets);
  /* Does N's kernel add inputs to an output that are none of its own, as multiples of 0, or as what cancels? NaN and
   * infinities reach such outputs too. docs/numbers.md lists these kernels. */
  bool (*spreads) (const struct graph *g, const struct node *n);
  /* The expression for an activation of X, in the words of its templates. */
  char *(*activation) (const struct activation *act, const char *x, const char *slope);

  /* ---- weights and files ---- */

  /* Of node N, whose weights' order is of tiles; PACKED: all packed weights. CHANNEL stays the caller's. */
  struct tile_bound (*tile_bound) (const struct graph *g, const struct node *n, const float *packed,
                                   const int64_t *channel, int channels);
  /* The network's outlier limit: tile_bound.h. Both NULL: no order is of tiles. */
  double (*outlier_limit) (const struct graph *g, const float *packed);
  /* The name of the order of all packed weights of G, which the weights file tells: less than 24 characters. */
  const char *(*section_order) (const struct graph *g);
  /* Write the kernels of E, a device's with all other files that only it has: E is the whole network's e->device then.
   */
  void (*emit) (const struct emission *e);
  /* Add to P what the files of the whole folder are told of E's targets; NULL: of a device, which has files of its own.
   */
  void (*add_targets) (struct params *p, const struct emission *e);

  /* ---- measured times of choices; NULL: it has none ---- */

  /* Those in FILES, each a path or the name of a table that comes with rescast; fatal when anything is wrong. */
  const struct wisdom *(*wisdom_of_files) (const char *const *files, size_t count);

  /* ---- measured tiles; NULL: it has none ---- */

  const char *tiles; /* the file of them that comes with rescast, in its folder of data */
  const struct measured_tiles *(*tiles_read) (const char *path);
  /* Of such lines, the COUNT of a manifest in DIR. */
  const struct measured_tiles *(*tiles_of_lines) (const char *const *lines, int count, const char *dir);
  /* Lines that give all measured tiles of KS again; *COUNT. */
  char **(*tiles_measured) (const struct graph *g, const struct kernels *ks, int *count);

  /* ---- what reports tell ---- */

  /* What N's kernel was chosen from, MOST of them at most, into LIST; how many; 0: there was nothing to choose. */
  int (*considered) (const struct graph *g, const struct node *n, struct considered *list, int most);
  /* What bounds the time of kernels KS. NULL: it is known where they run, and a profile tells it. */
  struct rates (*rates) (const struct kernels *ks);

  /* Why it is not known before compiling how much code and stack its kernels take; NULL: it is, … */
  const char *code_unknown;
  /* … and this is the most stack that a run with KS takes on one thread; -1: it is not known. */
  int64_t (*stack_bytes) (const struct graph *g, const struct kernels *ks);

  /* ---- commands ---- */

  double start;        /* verify: what loading and initialising takes, as a multiple of a kernel's time */
  const char *library; /* what verify calls its part of a folder's library */
  /* What is missing for tuning a folder's network on the device, or NULL. The host lacks nothing. */
  const char *(*tune_missing) (const struct tune_options *o);
  /* False, with the reason in *WHY: it cannot be tuned after all, or there is nothing to choose; nothing is changed
   * then. */
  bool (*tune) (const struct tune_options *o, const char **why);
};

/* ---- gen/backends.c ---- */

/* That of every folder, the CPU's. */
extern const struct backend *const host_backend;
/* Of devices, which a folder may have besides; NULL behind the last one. */
extern const struct backend *const device_backends[];

static inline bool
backend_has (const struct backend *b, enum precision p)
{
  return b->precisions >> p & 1;
}

/* That of G, the host's where nothing else was said. */
static inline const struct backend *
backend_of (const struct graph *g)
{
  return g->backend ? g->backend : host_backend;
}

#endif
