/* What selection shares, also for GPUs: parameters of templates. */
#ifndef RESCAST_KERNELS_SELECT_PARTS_H
#define RESCAST_KERNELS_SELECT_PARTS_H

#include "backend/kernel.h"

int64_t blocks (int64_t c); /* of 16 channels */

/* A kernel of the template STEM with what every template gets: BATCH, OUT_*, HALO_*, IN_*. */
struct kernel *kernel_new (const struct graph *g, const struct node *n, const char *stem);
void set (struct kernel *k, const char *name, const char *fmt, ...) PRINTF (3, 4); /* at most 255 characters */
void set_text (struct kernel *k, const char *name, const char *value);             /* of any length; kept */
void set_int (struct kernel *k, const char *prefix, const char *suffix, int64_t v);
/* PREFIX_C, _BLOCKS, _D, _H, _W; PREFIX_ROW, _PLANE, _BLOCK, _SAMPLE, _ORIGIN in floats. */
void set_tensor (struct kernel *k, const char *prefix, const struct tensor *t);
void set_axes (struct kernel *k, const char *prefix, const int64_t v[AXES]); /* PREFIX_D, _H, _W */
void set_window (struct kernel *k, const struct window *w);                  /* K_*, S_*, DIL_*, PAD_* */
void set_epilogue (struct kernel *k, const struct graph *g, const struct node *n);
void set_residual (struct kernel *k, const struct graph *g, int residual);
const struct target_tile *target_tile_of (const struct graph *g, const struct node *n, const struct target *target);
void set_ahead (struct kernel *k, int64_t tiles);
void set_tile (struct kernel *k, const struct target_tile *tile);
void set_tiles (struct kernel *k, const char *prefix, int64_t width, int64_t most);
void set_pool (struct kernel *k, const struct fused_pool *p); /* CONV_*: the extents before the pool; POOL_*: its window */
const char *pool_purpose (int rank, const struct node *n); /* ", then max pool 3x3"; nothing without one */
/* The function's name, from BASE and the shapes, and its purpose. */
void name_kernel (struct kernel *k, const struct graph *g, const struct node *n, const char *base, const char *purpose);
char *window_name (int rank, const int64_t v[AXES]);        /* "3x3" */
const char *stride_name (int rank, const int64_t v[AXES]);  /* "s2", nothing for 1 */

struct kernel *select_conv (const struct graph *g, const struct node *n, const struct target *target);
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
