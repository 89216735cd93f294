/* Kernels: generated functions with their literal parameters, as selection makes and all that follows reads them. */
#ifndef RESCAST_BACKEND_KERNEL_H
#define RESCAST_BACKEND_KERNEL_H

#include "backend/weight_order.h"
#include "graph/graph.h"
#include "plan/families.h"

struct target;
struct work;

/* Channels of a block of the CPU's kernels of floats: of tensors and, side by side, of the weights of outputs. Families
 * that other precisions have too ask graph_block. */
#define BLOCK 16

static inline int64_t
blocks (int64_t c)
{
  return ceil_div (c, BLOCK);
}

/* The same of any graph, as its backend has it: on CPUs 64 bytes of channels, so 32 in bf16. */
int64_t graph_block (const struct graph *g);
/* How many blocks the channels of tensor T are, … */
int64_t graph_blocks (const struct graph *g, int t);
/* … and the channels of these, so many floats each vector of an epilogue has. */
int64_t graph_padded (const struct graph *g, int t);

enum
{
  UNROLL_LEVELS = 4 /* from loops to none: templates/README.md, UNROLL */
};

/* What the packed weights of a network with tiles have at their end: the outlier limit of tile_bound.h, a float, and
 * zeros. */
#define LIMIT_BYTES 64

/* The packed weights of every node begin at multiples of this. */
#define WEIGHTS_ALIGNMENT 64

/* Between the stages of a kernel that has such all threads wait for each other. */
#define STAGES 3

/* One generated function; nodes with equal parameters share it. */
struct kernel
{
  const char *function; /* without the network's prefix */
  const char *purpose;  /* one line for the comment above it */
  const char *reason;   /* why it was chosen, for the manifest */
  const struct plan_family *family; /* its template and what that is told, … */
  const void *plan;                 /* … and with which values */
  const struct weight_order *order;
  int64_t weight_bytes; /* before the epilogue's vectors, which are floats in every precision: */
  int64_t centre_at, bias_at, residual_scale_at, slope_at,
      channel_mask_at; /* bytes from the node's first weight, -1 for none */
  int64_t total_bytes;
  int64_t scratch_bytes; /* of one thread */
  bool adds_in_place;    /* its output may lie where its residual does, if their formats are equal */
  int staged_from;       /* so many threads or more run it in STAGES; 0: it has none. It is the same for all targets */
  int64_t shared_bytes;  /* … in memory that they share */
  /* Multiply-adds of one sample as this target's code computes them on one thread: of whole tiles, in the padding, of
   * rows that strips compute twice, but not on lanes that pad a block. On GPUs those of the layer's definition. */
  double executed_macs;
  double all_taps_macs; /* conv_direct: the same for tiles without loops, which pass over no taps; else 0 */
  struct work *work;    /* of a CPU: how threads share it, … */
  int64_t pieces;   /* … and into how many pieces all threads' shares together may be cut; 0: they are run whole */
  int64_t stage_pieces[STAGES]; /* the same of each stage */
  int node;         /* of straight-line code: whose weights are in it; -1 for none */
  /* unroll_kernels sets these once it is known which kernels there are: they share a budget. */
  int unroll;         /* its level, */
  int64_t code_bytes; /* … and the estimate of its object code */
};

/* The functions of one target. */
struct kernels
{
  const struct target *target; /* the row of a CPU's target, for its backend; NULL: of a device */
  const char *target_name;     /* … and what lists and manifests call it */
  struct kernel **list;
  int count, cap;
  struct kernels *next; /* the same functions for the next target, in the same order */
};

/* executed_macs, at the level that was chosen. */
double kernel_executed_macs (const struct kernel *k);

/* A kernel of KS that is as K, or K, added under a name of its own. */
const struct kernel *kernels_share (struct kernels *ks, struct kernel *k);

#endif
