/* Emission of the CPU's kernels. */
#ifndef RESCAST_BACKEND_CPU_EMIT_CPU_H
#define RESCAST_BACKEND_CPU_EMIT_CPU_H

#include "emit/emit.h"

/* The kernels of E and what they include, for each target. */
void emit_cpu (const struct emission *e);

#endif
