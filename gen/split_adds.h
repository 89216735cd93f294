/* Additions of one or many: every addition has two inputs afterwards. */
#ifndef RESCAST_SPLIT_ADDS_H
#define RESCAST_SPLIT_ADDS_H

#include "graph.h"

void split_adds (struct graph *g);

#endif
