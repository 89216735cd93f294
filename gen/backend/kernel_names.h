/* Names of kernels: what they compute, of which shapes. */
#ifndef RESCAST_BACKEND_KERNEL_NAMES_H
#define RESCAST_BACKEND_KERNEL_NAMES_H

#include "backend/kernel.h"

/* The function's name, from BASE and the shapes, and its purpose. */
void name_kernel (struct kernel *k, const struct graph *g, const struct node *n, const char *base, const char *purpose);
/* "pad_edge12x14", N padding to the extents TO. */
char *pad_name (const struct node *n, int rank, const int64_t to[AXES]);
/* "reshape", with the order of the axes. */
char *element_order_name (const struct element_order *r);
char *window_name (int rank, const int64_t v[AXES]);       /* "3x3" */
const char *stride_name (int rank, const int64_t v[AXES]); /* "s2", nothing for 1 */
const char *pool_purpose (int rank, const struct node *n); /* ", then max pool 3x3"; nothing without one */

#endif
