/* Which nodes of a model are run. */
#ifndef RESCAST_FRONTEND_ONNX_NODES_H
#define RESCAST_FRONTEND_ONNX_NODES_H

#include "convert.h"

/* Fill in C's nodes, those that the output NAME needs, in the model's order and with functions expanded; C's output,
 * and how often each value is used. NAME NULL: the graph's only output. */
void nodes_needed (struct conversion *c, const char *name);

#endif
