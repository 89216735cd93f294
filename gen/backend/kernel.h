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

struct product;
struct product_tile;

/* How a kernel for GPUs is launched. */
struct launch_shape
{
  int64_t grid[3]; /* blocks, … */
  int threads;     /* … threads of one, … */
  int shared;      /* … bytes of its shared memory that are asked for at the launch */
};

/* How the copy engine of compute capability 9 sees a tensor of 2-byte elements without gaps, and the tile of one copy. */
struct tensor_map
{
  int rank;          /* 2: a matrix; 4, 5: pixels of images, of volumes, in the order of a window's places; 0: no map */
  int64_t extent[5]; /* channels first, then W, H, D, N */
  int64_t lower[AXES], upper[AXES], stride[AXES]; /* W, H, D: the window's first place, its last one from the end */
  int64_t channels, pixels; /* of a tile */
};

/* In the order of a kernel's arguments. */
enum
{
  MAP_X,
  MAP_RESIDUAL,
  MAP_W,
  MAP_Y,
  MAPS
};

/* Generations of GPUs for which kernels of one name may differ. */
enum
{
  ON_HOPPER, /* compute capability 9.0 */
  ELSEWHERE,
  GENERATIONS
};

struct kernel_param
{
  const char *name, *value;
  bool of_target; /* it may differ between targets; the layout of the weights does not depend on it */
};

/* One generated function; nodes with equal parameters share it. */
struct kernel
{
  const char *stem;     /* of the template: conv_direct, … */
  const char *function; /* without the network's prefix */
  const char *purpose;  /* one line for the comment above it */
  const char *reason;   /* why it was chosen, for the manifest */
  const struct plan_family *family; /* its template and parameters; NULL: params has them, */
  void *plan;                       /* … with these values */
  struct kernel_param *params;
  int param_count, param_cap;
  bool of_target; /* while parameters are set: those that follow */
  enum packing packing;
  int64_t weight_floats;                       /* before the epilogue's vectors */
  int64_t centre_at, shift_at, residual_scale_at, slope_at, channel_mask_at; /* floats from the node's first weight, -1 for none */
  int64_t total_floats;
  int64_t scratch_floats; /* of one thread */
  /* Multiply-adds of one sample as this target's code computes them on one thread: of whole tiles, in the padding, of
   * rows that strips compute twice, but not on lanes that pad a block. On GPUs those of the layer's definition. */
  double executed_macs;
  double all_taps_macs; /* conv_direct: the same for tiles without loops, which pass over no taps; else 0 */
  int node;         /* of straight-line code: whose weights are in it; -1 for none */
  /* unroll_kernels sets these once it is known which kernels there are: they share a budget. */
  int unroll;         /* its level, */
  int64_t code_bytes; /* … and the estimate of its object code */
  int64_t row;           /* PACK_CUDA_…: floats of a row; PACK_CUDA_MMA…: rows of a matrix, … */
  int64_t second_span;   /* … channels of a second convolution behind the taps; 0: none */
  int64_t span, matrices; /* … channels of a tap with the zeros behind them; groups, merged ones as one, or phases */
  struct product *product; /* backend/cuda/tile.h: of the tensor cores' kernels, … */
  struct product_tile *tile; /* … and how it is divided */
  struct launch_shape shape[GENERATIONS];
  const struct tensor_map *maps; /* MAPS of them, further arguments; or NULL */
  bool dependent;        /* it waits for the kernel before it by itself */
};

/* The functions of one target. */
struct kernels
{
  const struct target *target;
  struct kernel **list;
  int count, cap;
  struct kernels *next; /* the same functions for the next target, in the same order */
};

/* executed_macs, at the level that was chosen. */
double kernel_executed_macs (const struct kernel *k);

/* A kernel of KS that is as K, or K, added under a name of its own. */
const struct kernel *kernels_share (struct kernels *ks, struct kernel *k);

#endif
