/* Which shapes a parameter's tensor may have in a file. */
#ifndef RESCAST_GRAPH_FIT_H
#define RESCAST_GRAPH_FIT_H

#include "graph.h"

/* T, not with MATLAB's axes, can be P's value: it has P's shape or one of the same elements in the same order, as a 1x1
 * convolution's of a linear layer, or what else P allows. */
bool fit_shape (const struct graph *g, const struct param *p, const struct weight *t);
/* T, of W, becomes fit for P: put into our order if need be. Else what is wrong with it. */
const char *fit_value (const struct graph *g, const struct param *p, struct weights *w, const struct weight *t);
/* What the linear layer with the weight P reads; NULL: P is no linear layer's. */
const struct shape *fit_linear_input (const struct graph *g, const struct param *p);

#endif
