/* How much object code the kernels of a network may become: --unroll-budget. docs/unrolling.md. */
#ifndef RESCAST_BACKEND_CODE_BUDGET_H
#define RESCAST_BACKEND_CODE_BUDGET_H

#include "graph/graph.h"

/* Every convolution and linear layer as straight-line code. */
#define CODE_BUDGET_MAX INT64_MAX
#define CODE_BUDGET_DEFAULT (256 * 1024)

/* Set G's budget, to be called before the passes: BYTES of object code for all kernels of one target, or
 * CODE_BUDGET_MAX. */
static inline void
code_budget_set (struct graph *g, int64_t bytes)
{
  g->unroll_budget = bytes;
  g->straight = bytes == CODE_BUDGET_MAX;
}

#endif
