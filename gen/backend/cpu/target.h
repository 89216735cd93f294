/* The CPU targets: instruction sets, each a row of the table in isa.c. Algorithms, layouts and packed weights are the
 * same for all targets of a folder; only how a kernel is cut into register tiles and units of work differs. */
#ifndef RESCAST_KERNELS_TARGET_H
#define RESCAST_KERNELS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/targets.h"

/* A register tile of pixels x vectors sums. */
struct register_tile
{
  int pixels;
  int blocks;  /* blocks of 16 output channels; … */
  int vectors; /* … of each, this many vectors at a time */
};

/* Sizes of a core's caches, in bytes: the smallest that CPUs of the target are expected to have, and how much of the
 * second level each kind of kernel may fill with what it reads again and again. */
struct target_caches
{
  int64_t first, second; /* data cache of the first level, cache of the second */
  int64_t strip;         /* inputs of one strip of rows while the output blocks take turns at it */
  int64_t unstripped;    /* a layer whose inputs are no more than this has no strips */
  int64_t transformed;   /* Winograd: a block of transformed inputs */
  int64_t whole; /* Winograd in 2-D: all of a layer's, and their sums, where one block saves reading weights again */
  int64_t phases;        /* transposed Winograd: what a unit of work transforms and its sums */
  int64_t gathered;      /* inputs gathered for groups of channels that no permutation brings to their lanes */
  int64_t streamed;      /* more weights than this come from memory each time, however often they are read */
};

/* The model of a layer's time by which an algorithm is chosen: nanoseconds of one core. */
struct target_cost
{
  double macs;      /* multiply-adds a nanosecond */
  double stream;    /* bytes of weights a nanosecond that come from memory, … */
  double reread;    /* … and from the last-level cache, again and again */
  double exchange; /* bytes a nanosecond that a core reads of, or writes over, what another has just written or read */
  double stage;     /* nanoseconds from the end of one stage of a kernel to the beginning of the next one */
  double shown;     /* multiplying and reading overlap: the larger time counts, and this part of the smaller one */
  double transform; /* for each value that is transformed and each output of a tile's edges */
  double addition;  /* for each factor and product of Strassen's */
  double free;      /* bytes of weights that are in a cache anyway, … */
  double resident;  /* … where all layers' together are no more than this; 0: not measured, as if they never were */
  double kept;      /* bytes of one register tile's weights that the second-level cache keeps */
  double tile_pixels, tile_channels; /* of a register tile */
};

/* Bytes of instructions in a register tile, fitted to gcc 12 -O2: docs/unrolling.md. */
struct target_code
{
  double broadcast;        /* an input into all lanes of a register; 0 where the product has it as a memory operand */
  double product;          /* a vector of weights times it, added to a sum; the load of the weights included */
  double far;              /* an input's offset that does not fit a byte */
  double result;           /* a sum: its first value, its store */
  double relu;             /* … the activation in between, … */
  double residual;         /* … the addition of a residual */
  double reload;           /* a sum that goes on from a stored one */
  double register_product; /* a product of two registers, added to a sum */
  double permute;          /* an input permuted so that each lane has a channel of its own group, … */
  double permute_8;        /* … of groups of 8 channels */
  bool vector_loop;        /* tiles are loops over the vectors of a block */
};

/* The part of a kernel's time, as measured, that each level of unrolling saves over loops, for each kind of kernel. 0
 * where a level was not faster or not measured. */
struct target_gains
{
  double direct[UNROLL_LEVELS], winograd[UNROLL_LEVELS], planar[UNROLL_LEVELS], planar_pool[UNROLL_LEVELS],
      linear[UNROLL_LEVELS];
};

struct target
{
  const char *name;
  const char *description;
  const char *vector_template; /* in templates/: the vector vocabulary */

  unsigned precisions; /* that it computes in: 1 << PRECISION_… */
  unsigned usual;      /* … and in which folders are for it when no targets are named */

  /* How generated folders are built for it and choose it. */
  const char *guard;     /* the condition of #if under which code is for such a machine; "": for any */
  const char *flags;     /* of the compiler, for this target's kernels */
  const char *probe;     /* the condition of #if that holds when the compiler has taken the flags; "": there are none */
  const char *detect;    /* the runtime's function that asks the CPU; NULL: every CPU of such a machine has it */
  const char
      *gains_by; /* the runtime's function that tells whether the CPU gains by it over the next row; NULL: all do */
  int (*present) (void); /* that function, linked into rescast itself; or NULL */
  bool compiled_here;    /* is rescast itself compiled for such a machine? */

  /* What its kernels are cut by. */
  int lanes;                 /* floats of a vector, at least, … */
  bool more_lanes;           /* … and with some compilers' options more */
  bool pair_products;        /* has an instruction for products of pairs of bf16 numbers */
  bool tiles;                /* has products of tiles of bf16 numbers: conv_tiles, templates/cpu/tiles.m4 */
  struct register_tile tile; /* where neighbouring output blocks read the same inputs */
  struct register_tile single; /* of one block of output channels */
  int least_pixels;          /* tiles with fewer pixels save no time, as their multiply-adds wait for each other */
  int pointers;              /* general registers that are left for the pixels of a tile that goes on from row to row */
  struct target_caches caches;

  /* What is known about their time and size. */
  const struct target_cost *cost;
  struct target_code code;
  struct target_gains gains;
};

/* A core multiplies for PRODUCTS nanoseconds while it reads for READ: most of the smaller time is hidden behind the
 * larger one. */
double target_overlap (const struct target_cost *c, double products, double read);

/* The rows, the best first; the last one runs everywhere. */
extern const struct target isa_table[];
extern const int isa_count;

/* CPU targets, in the table's order. */
struct cpu_targets
{
  const struct target *list[TARGETS_MAX];
  int count;
};

/* The row called by the BYTES characters at NAME, or NULL. */
const struct target *target_find (const char *name, size_t bytes);
/* Does this machine run code for T? */
bool target_runs_here (const struct target *t);
/* Those among T that compute in P. */
struct cpu_targets targets_of_cpu (const struct targets *t, enum precision p);
/* "avx512, avx2, …" for messages. */
const char *cpu_target_names (void);

#endif
