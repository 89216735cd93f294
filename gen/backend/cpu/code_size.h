/* Estimates of the object code of the CPU's kernels, from their plans: what --unroll-budget counts. */
#ifndef RESCAST_BACKEND_CPU_CODE_SIZE_H
#define RESCAST_BACKEND_CPU_CODE_SIZE_H

#include "backend/kernel.h"

/* Has K register tiles whose loops can be written out further? */
bool code_has_levels (const struct kernel *k);
/* The measured part of K's time that LEVEL saves over level 0 on T. */
double code_gain (const struct kernel *k, const struct target *t, int level);
/* Bytes of the object code of K, constants included, which computes node N among others, on T at LEVEL. */
int64_t code_bytes (const struct graph *g, const struct node *n, const struct kernel *k, const struct target *t,
                    int level);

#endif
