/* What the select_cuda*.c files share. */
#ifndef RESCAST_CUDA_SELECT_CUDA_PARTS_H
#define RESCAST_CUDA_SELECT_CUDA_PARTS_H

#include "backend/kernel.h"

/* An axis' phases: { taps, taps of the phases before, input of the first tap, outputs }; *MOST: outputs of the largest.
 * Returns the sum of all phases' taps. */
int64_t set_phases (struct kernel *k, const struct window *w, int a, int64_t out, int64_t *most);

/* ---- select_cuda_mma.c: products on the tensor cores ---- */

/* Store an input of few channels as the first layer's kernel reads it best. */
void layout_of_input (struct graph *g);
/* Its kernel, without a name. */
struct kernel *select_conv_mma (const struct graph *g, const struct node *n);
struct kernel *select_linear_mma (const struct graph *g, const struct node *n);
struct kernel *select_transposed_mma (const struct graph *g, const struct node *n);

/* ---- select_cuda_stem.c ---- */

/* Have K, complete but for its threads, compute N another way where there is wgmma, if it is a first layer that allows it. */
void choose_stem (struct kernel *k, const struct graph *g, const struct node *n);

#endif
