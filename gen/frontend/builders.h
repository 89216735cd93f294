/* Networks from options: a builder for each kind. */
#ifndef RESCAST_FRONTEND_BUILDERS_H
#define RESCAST_FRONTEND_BUILDERS_H

#include "graph/graph.h"
#include "frontend/options/options.h"

struct graph *build_resnet2d3d (const struct options *o);
struct graph *build_torchvision (const struct options *o);
struct graph *build_table (const struct options *o);
struct graph *build_sequence (const struct options *o);

/* What options_print is to keys, for the layers of a sequence. */
void layers_print (void);

#endif
