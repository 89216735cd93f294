/* Where every tensor lies in the arena, and for how long. */
#ifndef RESCAST_PASSES_PLAN_MEMORY_H
#define RESCAST_PASSES_PLAN_MEMORY_H

#include "graph/graph.h"

/* After select: sets offset, bytes, first, last of every tensor that lives in the arena (all but the output, which is
 * the caller's array), and the graph's arena_bytes, arena_bound and input_offset. */
void plan_memory (struct graph *g);

#endif
