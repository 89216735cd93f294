/* Which blocks of input channels a block of output channels reads: with groups not all. */
#ifndef RESCAST_BACKEND_CPU_INPUT_BLOCKS_H
#define RESCAST_BACKEND_CPU_INPUT_BLOCKS_H

#include "backend/kernel.h"

/* cpu_blocked_order: each output block reads COUNT input blocks, beginning with FIRST of it. */
struct input_blocks
{
  int64_t count;
  int64_t last_channels; /* of the last of them: 1 up to a block's */
  bool differ;           /* first is not 0 for all */
  int *first;            /* one per output block */
};

struct input_blocks input_blocks_of (const struct graph *g, const struct node *n);

#endif
