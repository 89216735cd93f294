/* How far the loops of each kernel are written out, within a budget of object code. */
#ifndef RESCAST_UNROLL_H
#define RESCAST_UNROLL_H

#include "select.h"

void unroll_kernels (const struct graph *g, struct kernels *all);

#endif
