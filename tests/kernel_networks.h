/* The networks that the suite "kernels" runs; their graphs as built, parameters included. */
#ifndef RESCAST_TESTS_KERNEL_NETWORKS_H
#define RESCAST_TESTS_KERNEL_NETWORKS_H

#include "graph/graph.h"

struct kernel_network
{
  struct graph *(*make) (uint64_t argument);
  uint64_t argument;
};

extern const struct kernel_network kernel_networks[];
extern const int kernel_network_count;
/* A quick one that has most kinds of kernels, called o4. */
struct graph *kernel_network_pooled_stems (uint64_t kind);
/* Convolutions by Winograd, along 2 or 3 axes. */
struct graph *kernel_network_winograd (uint64_t rank);
struct graph *kernel_network_strassen (uint64_t rank);
struct graph *kernel_network_small (uint64_t argument);
/* Put the rows of activations.def, from FIRST on, in the place of G's activations, one after the other; not prelu, whose
 * slopes are parameters. */
void kernel_network_activate (struct graph *g, int first);

#endif
