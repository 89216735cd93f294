/* Keras's arrays in our order. */
#ifndef RESCAST_GRAPH_KERAS_ORDER_H
#define RESCAST_GRAPH_KERAS_ORDER_H

#include "graph.h"

/* T, of W and Keras's, becomes P's value in our order. Else what is wrong with it. */
const char *keras_order (const struct graph *g, const struct param *p, struct weights *w, const struct weight *t);

#endif
