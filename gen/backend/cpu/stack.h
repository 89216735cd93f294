/* A bound of the stack that a run takes. */
#ifndef RESCAST_BACKEND_CPU_STACK_H
#define RESCAST_BACKEND_CPU_STACK_H

#include "backend/kernel.h"

/* Of one run of G with kernels KS on one thread: the calls and the deepest kernel, in bytes; -1: not known, of
 * kernels in bf16 and of straight-line code. */
int64_t stack_bytes (const struct graph *g, const struct kernels *ks);

#endif
