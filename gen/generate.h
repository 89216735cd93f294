/* `rescast generate`: the pipeline from an options file to a folder of sources. */
#ifndef RESCAST_GENERATE_H
#define RESCAST_GENERATE_H

#include "graph.h"
#include "options.h"
#include "select.h"
#include "target.h"

struct generate_options
{
  const char *path, *weights; /* weights NULL: the sources' initialisers */
  const char *dir;            /* NULL: out/NAME */
  struct targets targets;
  const char *const *set;
  size_t set_count;
  bool dump, embed, keep_tensors, exact;
  uint64_t max_ram;           /* 0: no limit */
};

void generate (const struct generate_options *o);

/* The passes, in order, on a graph whose parameters have values; DUMP: the graph after each on stdout. */
struct kernels *run_passes (struct graph *g, struct targets t, bool dump);

#endif
