/* How far the loops of each kernel are written out, within a budget of object code. */
#ifndef RESCAST_KERNELS_UNROLL_H
#define RESCAST_KERNELS_UNROLL_H

#include "backend/kernel.h"

/* Levels: templates/README.md, UNROLL. */
enum
{
  UNROLL_STRAIGHT = UNROLL_LEVELS /* straight.h: only with UNROLL_MAX */
};

/* Every convolution and linear layer as straight-line code. */
#define UNROLL_MAX INT64_MAX
#define UNROLL_DEFAULT (256 * 1024)
/* What straight-line code may become. */
#define UNROLL_MOST (64 * 1024 * 1024)

/* Before the passes: BYTES of object code for the kernels of one target, or UNROLL_MAX. */
void unroll_within (struct graph *g, int64_t bytes);

/* Set level and estimated bytes of every kernel of every target: the last fields that a kernel gets. */
void unroll_kernels (const struct graph *g, struct kernels *all);

#endif
