/* A convolution or linear layer as straight-line code: no loop, every address a literal, its weights in the code. */
#ifndef RESCAST_KERNELS_STRAIGHT_H
#define RESCAST_KERNELS_STRAIGHT_H

#include "backend/kernel.h"

/* Can node N be written out? */
bool straight_applies (const struct graph *g, const struct node *n);

/* The kernel of node INDEX of G alone, written out; LOOPS is what computes it otherwise. */
struct kernel *straight_kernel (const struct graph *g, int index, const struct kernel *loops);

/* What each of its units computes: of vectors of the target's. */
const struct register_tile *straight_tile (const struct graph *g, const struct node *n, const struct target *target);

/* What the code consists of: an input into all lanes of a register, then VECTORS products with it; loads of vectors of
 * weights; results that are stored; lines of constants; functions. */
struct straight_count
{
  double products, vectors, loads, results, rows, units;
};
struct straight_count straight_count (const struct graph *g, const struct node *n, const struct target *target);

#endif
