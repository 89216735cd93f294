/* The parameters of one node's kernel. */
#ifndef RESCAST_KERNELS_SELECT_KERNEL_H
#define RESCAST_KERNELS_SELECT_KERNEL_H

#include "backend/kernel.h"

struct kernel *select_kernel (const struct graph *g, const struct node *n, const struct target *target);

#endif
