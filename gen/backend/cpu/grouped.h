/* Convolutions of groups that share blocks of channels: which kernels apply to them, and what these gather. */
#ifndef RESCAST_BACKEND_CPU_GROUPED_H
#define RESCAST_BACKEND_CPU_GROUPED_H

#include "backend/kernel.h"

/* Has select_grouped a kernel for convolution N? */
bool grouped_applies (const struct graph *g, const struct node *n);
/* … in bf16 by pairs of a group's channels? */
bool grouped_pairs_apply (const struct graph *g, const struct node *n);
/* Groups of 1, 2, 4 or 8 channels IN and OUT straddle no block of 16, and no vector that has their inputs; in bf16
 * those of 16 are halves of a block. */
bool grouped_fits_lanes (const struct graph *g, int64_t in, int64_t out);
int64_t grouped_taps (const struct window *w);
/* Rows of inputs under one row of outputs. */
int64_t grouped_span (const struct window *w);
/* Floats of one gathered row of inputs, of all IN_G channels of a group and planes of the window. */
int64_t grouped_row (const struct window *w, const struct shape *out, int64_t in_g, int64_t block);

#endif
