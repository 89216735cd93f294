/* Weight standardisation: a convolution's filters as it computes with them. */
#ifndef RESCAST_GRAPH_STANDARDIZE_H
#define RESCAST_GRAPH_STANDARDIZE_H

#include "graph.h"

/* The values of G's parameters that ask for it become those of filters with mean 0 and variance 1, once. */
void standardize_params (struct graph *g);

#endif
