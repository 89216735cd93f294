/* Values that can't be computed with. */
#ifndef RESCAST_GRAPH_CHECK_VALUES_H
#define RESCAST_GRAPH_CHECK_VALUES_H

#include "graph.h"

/* Look at every parameter of G that has a value. Fatal, naming tensor and index, for what makes results NaN or
 * infinite: NaN, an infinity, a number beyond the largest float, a variance that is not positive with eps, a standard
 * deviation of 0. A warning for what is odd and computes: a variance or a standard deviation below 0, an infinite
 * variance. docs/formats.md has the list. */
void check_values (const struct graph *g);

/* "[1, 0, 2]": where the element AT of T lies; "" of a scalar. */
const char *element_index (const struct weight *t, size_t at);

#endif
