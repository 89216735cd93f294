/* Packed numbers that are infinite, told by the value that made them so. */
#ifndef RESCAST_PACK_CHECK_H
#define RESCAST_PACK_CHECK_H

#include "graph/graph.h"

/* Fatal, naming the value, when one of N's packed numbers is infinite. DATA: the node's. */
void pack_check (const struct graph *g, const struct node *n, const void *data);

#endif
