/* Convolutions of shortcuts become part of the sums that they are added to. */
#ifndef RESCAST_PASSES_MERGE_SHORTCUTS_H
#define RESCAST_PASSES_MERGE_SHORTCUTS_H

#include "graph/graph.h"

/* After fuse, for a GPU's tensor cores: of two convolutions that are added up, one of them 1x1, make one with two
 * inputs: the shortcut's result is never stored, and a kernel is saved. */
void merge_shortcuts (struct graph *g);

#endif
