/* CPU targets in the files that every folder has. */
#ifndef RESCAST_BACKEND_CPU_EMIT_TARGETS_H
#define RESCAST_BACKEND_CPU_EMIT_TARGETS_H

#include "emit/params.h"

/* Add the names of the targets of E and its further parts, the best first, those of each part, and what each target is
 * compiled and detected by. */
void cpu_add_targets (struct params *p, const struct emission *e);

#endif
