/* Orders of weights for the GPU. */
#ifndef RESCAST_BACKEND_CUDA_ORDERS_H
#define RESCAST_BACKEND_CUDA_ORDERS_H

#include "pack/parts.h"

/* The pass of the kernel's order. */
void cuda_pass_weights (const struct pass *p);

/* ---- orders_mma.c ---- */

void pass_mma (const struct pass *p);
void pass_mma_linear (const struct pass *p);
void pass_mma_stem (const struct pass *p);
void pass_mma_phases (const struct pass *p);

/* What K's weights consist of: numbers of G's precision, where the tensor cores multiply them. */
enum element cuda_weights_element (const struct graph *g, const struct kernel *k);

#endif
