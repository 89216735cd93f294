/* The kernels of each family of the CPU's: convolutions and what changes shapes. */
#ifndef RESCAST_BACKEND_CPU_SELECT_FAMILIES_H
#define RESCAST_BACKEND_CPU_SELECT_FAMILIES_H

#include "backend/kernel.h"
#include "target.h"

struct kernel *select_conv (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_pairs (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_tiles (const struct graph *g, const struct node *n, const struct target *target);
/* The same for groups that share blocks, and for transposed convolutions; as yet without a name. Do they apply? */
struct kernel *select_grouped_tiles (const struct graph *g, const struct node *n, const struct target *target);
bool grouped_tiles_apply (const struct graph *g, const struct node *n);
struct kernel *select_transposed_tiles (const struct graph *g, const struct node *n);
bool transposed_tiles_apply (const struct graph *g, const struct node *n);
struct kernel *select_transposed_pairs (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_linear_pairs (const struct graph *g, const struct node *n, const struct target *target);
/* Name K as convolution N's kernel, chosen for REASON. */
void name_conv (struct kernel *k, const struct graph *g, const struct node *n, const char *reason);
struct kernel *select_planar (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_grouped (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_winograd (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_strassen (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_stem_winograd (const struct graph *g, const struct node *n, const struct target *target);
struct kernel *select_transposed (const struct graph *g, const struct node *n, const struct target *target);
/* Axis A of a transposed convolution's phases. */
struct plan_phases plan_phases_of (const struct window *w, int a, int64_t in, int64_t out);
struct kernel *select_upsample (const struct graph *g, const struct node *n);
struct kernel *select_channels (const struct graph *g, const struct node *n);
struct kernel *select_pad (const struct graph *g, const struct node *n);
struct kernel *select_reshape (const struct graph *g, const struct node *n);

#endif
