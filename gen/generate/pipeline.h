/* The passes and selection: a graph with values becomes one whose kernels are decided and whose memory is planned. */
#ifndef RESCAST_GENERATE_PIPELINE_H
#define RESCAST_GENERATE_PIPELINE_H

#include "backend/kernel.h"
#include "backend/targets.h"
#include "frontend/frontend.h"

/* The passes, in order, on a graph whose parameters have values, for those of T that are its backend's and compute in
 * its precision; DUMP: the graph after each on stdout. */
struct kernels *run_passes (struct graph *g, struct targets t, bool dump);

/* The graph of SOURCE for those of TARGETS that are BACKEND's and compute in P, after all passes, with the values of
 * FROM's, the first one's, parameters, and its settings. */
struct graph *further_graph (const struct source *source, const struct graph *from, const struct backend *backend,
                             enum precision p, const struct targets *targets, struct kernels **kernels, bool dump);

#endif
