/* Filter taps that can only ever meet padding are dropped. */
#ifndef RESCAST_PASSES_DEAD_TAPS_H
#define RESCAST_PASSES_DEAD_TAPS_H

#include "graph/graph.h"

/* Shrink every convolution's window to the taps that reach the input for at least one output: win.kernel and padding
 * change, first_tap says where the remaining taps stand in the weights. */
void dead_taps (struct graph *g);

#endif
