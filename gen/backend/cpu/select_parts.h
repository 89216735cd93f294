/* What selection shares, also for GPUs. */
#ifndef RESCAST_KERNELS_SELECT_PARTS_H
#define RESCAST_KERNELS_SELECT_PARTS_H

#include "backend/kernel.h"


int64_t blocks (int64_t c); /* of 16 channels */

/* The register tile of node N's kernel on TARGET. */
const struct register_tile *target_tile_of (const struct graph *g, const struct node *n, const struct target *target);
const char *pool_purpose (int rank, const struct node *n); /* ", then max pool 3x3"; nothing without one */
/* The function's name, from BASE and the shapes, and its purpose. */
void name_kernel (struct kernel *k, const struct graph *g, const struct node *n, const char *base, const char *purpose);
char *window_name (int rank, const int64_t v[AXES]);        /* "3x3" */
const char *stride_name (int rank, const int64_t v[AXES]);  /* "s2", nothing for 1 */

struct kernel *select_conv (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_planar (const struct graph *g, const struct node *n, const struct target *target);
/* Has select_grouped a kernel for convolution N? */
bool grouped_applies (const struct graph *g, const struct node *n);
struct kernel *select_grouped (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_winograd (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_strassen (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_stem_winograd (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_transposed (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_upsample (const struct graph *g, const struct node *n);
struct kernel *select_reshape (const struct graph *g, const struct node *n);

#endif
