/* A kernel for GPUs: what struct kernel has, and how it is launched. */
#ifndef RESCAST_BACKEND_CUDA_CUDA_KERNEL_H
#define RESCAST_BACKEND_CUDA_CUDA_KERNEL_H

#include "backend/cpu/plan_groups.h"
#include "backend/kernel.h"

/* How a kernel is launched. */
struct launch_shape
{
  int64_t grid[3]; /* blocks, … */
  int threads;     /* … threads of one, … */
  int shared;      /* … bytes of its shared memory that are asked for at the launch */
};

/* The tensor map by which TMA copies tiles of a dense tensor of 2-byte elements. */
struct tensor_map
{
  int rank;          /* 2: a matrix; 4, 5: pixels of images, of volumes, in the order of a window's places; 0: no map */
  int64_t extent[5]; /* channels first, then W, H, D, N */
  int64_t lower[AXES], upper[AXES], stride[AXES]; /* W, H, D: the window's first place, its last one from the end */
  int64_t channels, pixels;                       /* of a tile */
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

/* The shape of packed weights in the orders PACK_CUDA_…. */
struct matrices
{
  int64_t count;       /* groups, merged ones as one, or phases */
  int64_t row;         /* floats of a row; PACK_CUDA_MMA…: rows of a matrix, … */
  int64_t span;        /* … channels of a tap with the zeros behind them, … */
  int64_t second_span; /* … channels of a second convolution behind the taps; 0: none */
};

struct product;
struct tile_choice;

struct cuda_kernel
{
  struct kernel base; /* the first member: graph and lists point at it */
  struct launch_shape shape[GENERATIONS];
  struct matrices matrices;
  const struct tensor_map *maps;   /* MAPS of them, further arguments; or NULL */
  const struct product *product;   /* tile.h: of the tensor cores' kernels, … */
  const struct tile_choice *tile;  /* … and how it is divided */
};

/* K, a kernel of a graph for GPUs. */
static inline const struct cuda_kernel *
cuda_kernel_of (const struct kernel *k)
{
  return (const struct cuda_kernel *) (const void *) k;
}

#define CUDA_THREADS 256

struct launch_shapes
{
  struct launch_shape shape[GENERATIONS];
};
/* X x Y x Z blocks of THREADS threads on all GPUs. */
struct launch_shapes cuda_launch_blocks (int64_t x, int64_t y, int64_t z, int threads);
/* A thread for each of COUNT results. */
struct launch_shapes cuda_launch_each (int64_t count);

struct plan_gpu plan_gpu_of (const struct graph *g, const struct node *n, int threads);
/* The kernel of node N, as kernel_of_plan has it, launched as L; PLACE: NULL for no weights. */
struct cuda_kernel *cuda_kernel_new (const struct node *n, const struct plan_family *family, void *plan,
                                     const struct weights_place *place, const struct launch_shapes *l);

#endif
