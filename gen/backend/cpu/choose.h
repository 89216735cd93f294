/* The choice of each convolution's algorithm and tile. Times decide, a model's or measured ones, within a limit on the
 * packed weights; or a manifest gives the choices that were made before. */
#ifndef RESCAST_KERNELS_CHOOSE_H
#define RESCAST_KERNELS_CHOOSE_H

#include "choice.h"
#include "target.h"
#include "wisdom.h"

/* Set choice and decision of every node. Where several of TARGETS have measured times in the wisdom, the first one's
 * count. */
void choose (struct graph *g, const struct cpu_targets *targets);
/* Make the packed weights smaller by at least FLOATS, by the changes of choices that cost the least time. False when no
 * changes suffice. */
bool choose_smaller (struct graph *g, int64_t floats);

#endif
