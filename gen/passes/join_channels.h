/* Where the backend's blocks of channels lie apart, tensors get a place within others, so that a concatenation's inputs
 * are written where it wants them and a slice is read where it lies; what cannot be so is copied by nodes of at most
 * two inputs. */
#ifndef RESCAST_PASSES_JOIN_CHANNELS_H
#define RESCAST_PASSES_JOIN_CHANNELS_H

#include "graph/graph.h"

void join_channels (struct graph *g);

#endif
