/* Kernels: generated functions with their literal parameters, as selection makes them and all that follows reads them. */
#ifndef RESCAST_KERNELS_KERNEL_H
#define RESCAST_KERNELS_KERNEL_H

#include "graph/graph.h"
#include "backend/cpu/target.h"
#include "plan/families.h"

/* How a kernel reads its weights; the vectors of the epilogue follow them, each padded to blocks of 16 channels. */
enum packing
{
  PACK_NONE,
  PACK_CONV_BLOCKED, /* [out block][in block][tap][in channel][16 out channels] */
  PACK_CONV_GROUPED, /* [out block][tap][channel of the group][16 out channels] */
  PACK_CONV_PLANAR,  /* [out block][in channel][tap][16 out channels] */
  PACK_TRANSPOSED,   /* [phase][out block][tap][in channel][16 out channels], taps in the order of their inputs */
  PACK_TRANSPOSED_WINOGRAD, /* [phase of H][of W][of D][out block][position in the transformed tile where the phase's
                               filter is not zero][tap along D][in channel][16 out channels] */
  PACK_WINOGRAD,     /* [out block][position in the transformed tile][in channel][16 out channels] */
  PACK_STEM_WINOGRAD, /* [out block][position][channel of a phase, those that count there][16 out channels] */
  PACK_STRASSEN,     /* [out block of the first half][product][in channel of a half][16 out channels] */
  PACK_LINEAR,       /* [out block][in block][pixel][16 in channels][16 out channels] */
  PACK_INPUT,        /* mean, then 1 / std, each of the parameter's own size */
  PACK_NORM,         /* weight, then bias, each where there is one */
  /* of the GPU: matrices of ROW columns, the output channels of a group and zeros */
  PACK_CUDA_CONV,       /* [group][tap][in channel of the group][row] */
  PACK_CUDA_GROUPED,    /* [tap][in channel of the group][out channel] */
  PACK_CUDA_TRANSPOSED, /* [phase][tap][in channel][row], taps in the order of their inputs */
  PACK_CUDA_MMA,        /* [matrix][out channel][tap][in channel], elements of the graph's precision */
  PACK_CUDA_MMA_STEM,   /* [64 out channels][tap along D and H][16 bytes of: tap along W, 4 in channels][channel of 64] */
  PACK_CUDA_MMA_LINEAR, /* [out channel][feature] */
  PACK_CUDA_MMA_TRANSPOSED, /* [phase][out channel][tap][in channel] */
  PACK_CUDA_LINEAR      /* [out channel][pixel][in channel] */
};

/* Channels whose weights of a stem are side by side. */
#define STEM_CHANNELS 64
/* … and those of a pixel of its input, zeros among them. */
#define STEM_INPUT_CHANNELS 4

/* Channels of a block of the CPU's kernels of floats: of tensors and, side by side, of the weights of outputs. */
#define BLOCK 16

/* Weights that are summed up in products: of convolutions and linear layers. */
static inline bool
packs_products (enum packing p)
{
  return p != PACK_NONE && p != PACK_INPUT && p != PACK_NORM;
}

/* Kernels whose outputs are made of tiles or pairs of pixels, so that a large value costs its neighbours:
 * pack/tile_bound.h. */
static inline bool
packs_tiles (enum packing p)
{
  return p == PACK_WINOGRAD || p == PACK_STEM_WINOGRAD || p == PACK_TRANSPOSED_WINOGRAD || p == PACK_STRASSEN;
}

/* What the packed weights of a network with such kernels have at their end: pack/tile_bound.h's limit and zeros. */
#define LIMIT_FLOATS 16

/* One generated function; nodes with equal parameters share it. */
struct kernel
{
  const char *function; /* without the network's prefix */
  const char *purpose;  /* one line for the comment above it */
  const char *reason;   /* why it was chosen, for the manifest */
  const struct plan_family *family; /* its template and what that is told, … */
  const void *plan;                 /* … and with which values */
  enum packing packing;
  int64_t weight_floats;                       /* before the epilogue's vectors */
  int64_t centre_at, bias_at, residual_scale_at, slope_at, channel_mask_at; /* floats from the node's first weight, -1 for none */
  int64_t total_floats;
  int64_t scratch_bytes; /* of one thread */
  /* Multiply-adds of one sample as this target's code computes them on one thread: of whole tiles, in the padding, of
   * rows that strips compute twice, but not on lanes that pad a block. On GPUs those of the layer's definition. */
  double executed_macs;
  double all_taps_macs; /* conv_direct: the same for tiles without loops, which pass over no taps; else 0 */
  int node;         /* of straight-line code: whose weights are in it; -1 for none */
  /* unroll_kernels sets these once it is known which kernels there are: they share a budget. */
  int unroll;         /* its level, */
  int64_t code_bytes; /* … and the estimate of its object code */
};

/* The functions of one target. */
struct kernels
{
  const struct target *target; /* NULL: of a GPU */
  struct kernel **list;
  int count, cap;
  struct kernels *next; /* the same functions for the next target, in the same order */
};

/* executed_macs, at the level that was chosen. */
double kernel_executed_macs (const struct kernel *k);

/* A kernel of KS that is as K, or K, added under a name of its own. */
const struct kernel *kernels_share (struct kernels *ks, struct kernel *k);

#endif
