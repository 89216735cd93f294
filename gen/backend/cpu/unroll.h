/* How far the loops of each kernel are written out, within a budget of object code. */
#ifndef RESCAST_KERNELS_UNROLL_H
#define RESCAST_KERNELS_UNROLL_H

#include "backend/kernel.h"

/* Levels: templates/README.md, UNROLL. */
enum
{
  UNROLL_STRAIGHT = UNROLL_LEVELS /* code without loops, which only UNROLL_MAX makes: straight.h */
};

/* Every convolution and linear layer as straight-line code. */
#define UNROLL_MAX INT64_MAX
#define UNROLL_DEFAULT (256 * 1024)
/* The most bytes of object code that straight-line code may have. */
#define UNROLL_MOST (64 * 1024 * 1024)

/* Set the budget, to be called before the passes: BYTES of object code for all kernels of one target, or UNROLL_MAX. */
void unroll_within (struct graph *g, int64_t bytes);

/* Set the level of unrolling and the estimated bytes of every kernel of every target, when all else of the kernels is
 * set. */
void unroll_kernels (const struct graph *g, struct kernels *all);

#endif
