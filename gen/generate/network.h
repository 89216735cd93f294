/* The files that every network has beside its kernels. */
#ifndef RESCAST_GENERATE_NETWORK_H
#define RESCAST_GENERATE_NETWORK_H

#include "emit/params.h"

/* Write a network's sources into e->dir, the runtime's copy included, but neither weights nor manifest. */
void emit_network (const struct emission *e);
/* What the templates of the whole network may use. */
struct params params_network (const struct emission *e);
/* The tensor that N's kernel gets as its residual, a second convolution's input, or -1. */
int emit_residual (const struct node *n);
/* KERNEL(name), SCRATCH_KERNEL(name) and STAGED_KERNEL(name): the functions that every target of PART has. */
char *emit_kernel_list (const struct emission *part);

#endif
