/* Additions of one or many: every addition has two inputs afterwards. */
#ifndef RESCAST_PASSES_SPLIT_ADDS_H
#define RESCAST_PASSES_SPLIT_ADDS_H

#include "graph/graph.h"

void split_adds (struct graph *g);

#endif
