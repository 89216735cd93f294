/* Tensors with MATLAB's axes, put in the order of the parameter that they are for. */
#ifndef RESCAST_GRAPH_MATLAB_ORDER_H
#define RESCAST_GRAPH_MATLAB_ORDER_H

#include "graph.h"

/* Give T, one of W's with MATLAB's axes, the shape and order that P has here. NULL, or what is wrong with its shape:
 * both as MATLAB writes it and as it is here. */
const char *matlab_order (const struct graph *g, const struct param *p, struct weights *w, const struct weight *t);

#endif
