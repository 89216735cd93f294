/* The k-steps of convolutions in bf16, in the order in which their weights follow one another. */
#ifndef RESCAST_BACKEND_CPU_PAIRS_H
#define RESCAST_BACKEND_CPU_PAIRS_H

#include "backend/plan_groups.h"
#include "input_blocks.h"

/* Weights of a k-step: of 32 inputs by 32 outputs. */
#define PAIRS_STEP 1024

/* A k-step: a tap, or the first of neighbouring ones along the width, and a block of input channels, counted from the
 * first one that the block of outputs reads. Planes of taps are outermost, so that those that meet padding are at an
 * end; all taps of a plane meet a block while its lines are cached. */
struct pairs_step
{
  int64_t block, tap[AXES];
};

/* Channels of a pixel of the network's input, if they are so few that a k-step has several taps: 4 or 8, of which those
 * that there are not are zero. 0: it is read otherwise. */
int pairs_input_block (const struct graph *g);
/* The numbers of a pixel that a k-step of convolution N has, and its taps. */
int64_t pairs_channels (const struct graph *g, const struct node *n);
int64_t pairs_taps (const struct graph *g, const struct node *n);

/* May a first layer CONV compute the max pool behind it, on a stack as large as any thread's? */
bool pairs_pool_applies (const struct graph *g, const struct node *conv, const struct window *pool);
/* The pooled rows, of ROWS, whose rows of the convolution are on the stack at a time. */
int64_t pairs_pool_strip (const struct fused_pool *p, int64_t rows);
/* Of N with its pool, at so many multiply-adds a nanosecond: struct kernel's pieces. */
int64_t pairs_pool_pieces (const struct graph *g, const struct node *n, double macs);

/* Of convolution N, for one block of outputs. */
int64_t pairs_steps (const struct graph *g, const struct node *n);
struct pairs_step pairs_step_of (const struct graph *g, const struct node *n, int64_t s);
/* The parameters of kernels that take these steps one after the other. */
struct plan_steps plan_steps_of (const struct graph *g, const struct node *n);
struct plan_input_blocks plan_input_blocks_of (const struct graph *g, const struct node *n);

#endif
