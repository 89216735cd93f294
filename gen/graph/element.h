/* Elements of two bytes: of tensors, and of weights, on GPUs. */
#ifndef RESCAST_GRAPH_ELEMENT_H
#define RESCAST_GRAPH_ELEMENT_H

#include "graph.h"

/* What tensors of precision P consist of: an enum rescast_element of runtime/rescast.h. */
int element_of (enum precision p);
/* The bits of the element nearest to V, ties to even; infinite where V is beyond the largest one by half a step or more.
 * P: fp16 or bf16. */
uint16_t element_bits (double v, enum precision p);

#endif
