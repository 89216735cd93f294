/* Which kernel computes each node, with which literal parameters. */
#ifndef RESCAST_KERNELS_SELECT_H
#define RESCAST_KERNELS_SELECT_H

#include "backend/kernel.h"
#include "target.h"

/* Decide layouts and halos of every tensor and the kernel of every node; a node keeps that of the first target. */
struct kernels *select_kernels (struct graph *g, const struct cpu_targets *targets);

#endif
