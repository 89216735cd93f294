/* Concatenations, slices and shuffles of channels that follow each other become one node where that saves copies. */
#ifndef RESCAST_PASSES_COMPOSE_CHANNELS_H
#define RESCAST_PASSES_COMPOSE_CHANNELS_H

#include "graph/graph.h"

void compose_channels (struct graph *g);

#endif
