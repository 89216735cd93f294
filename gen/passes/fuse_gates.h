/* Squeeze-and-excitation becomes one layer behind its pool. */
#ifndef RESCAST_PASSES_FUSE_GATES_H
#define RESCAST_PASSES_FUSE_GATES_H

#include "graph/graph.h"

/* After fuse, where the backend has such kernels: a map that is multiplied by two products of a vector, with an
 * activation each, is one layer of the map and the vector. */
void fuse_gates (struct graph *g);

#endif
