/* Networks from options: a builder for each source. */
#ifndef RESCAST_NETWORKS_H
#define RESCAST_NETWORKS_H

#include "graph/graph.h"
#include "networks.h"
#include "frontend/options/options.h"

/* The builder of the options' network. */
struct graph *build (const struct options *o);

struct graph *build_resnet2d3d (const struct options *o);
struct graph *build_torchvision (const struct options *o);
struct graph *build_table (const struct options *o);
struct graph *build_sequence (const struct options *o);

/* What options_print is to keys, for the layers of a sequence. */
void layers_print (void);

#endif
