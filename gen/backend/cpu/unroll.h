/* How far the loops of each kernel are written out, within a budget of object code. */
#ifndef RESCAST_KERNELS_UNROLL_H
#define RESCAST_KERNELS_UNROLL_H

#include "backend/code_budget.h"
#include "backend/kernel.h"

/* Levels: templates/README.md, UNROLL. */
enum
{
  UNROLL_STRAIGHT = UNROLL_LEVELS /* code without loops, which only CODE_BUDGET_MAX makes: straight.h */
};

/* The most bytes of object code that straight-line code may have. */
#define UNROLL_MOST (64 * 1024 * 1024)

/* Set the level of unrolling and the estimated bytes of every kernel of every target, when all else of the kernels is
 * set. */
void unroll_kernels (const struct graph *g, struct kernels *all);

#endif
