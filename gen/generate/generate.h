/* `rescast generate`: the pipeline from an options file to a folder of sources. */
#ifndef RESCAST_GENERATE_H
#define RESCAST_GENERATE_H

#include "emit/emit.h"
#include "graph/bind.h"
#include "backend/kernel.h"
#include "backend/targets.h"
#include "frontend/frontend.h"

struct generate_options
{
  const char *path, *weights; /* weights NULL: the sources' initialisers */
  struct weights_use use;
  const char *dir;            /* NULL: out/NAME */
  struct targets targets;
  const char *const *set;
  size_t set_count;
  const char *const *wisdom; /* files, or names of tables that come with rescast */
  size_t wisdom_count;
  const char *tiles;         /* a file of measured tiles; NULL: those that come with rescast */
  bool dump, embed, keep_tensors, exact;
  int64_t unroll_budget; /* backend/code_budget.h */
  struct limits limits;
};

void generate (const struct generate_options *o);

/* The same without reading options and weights: the rest of the pipeline. */
struct generation
{
  const struct source *source;
  const struct weights *weights; /* whose hash the manifest gets; NULL: the initialisers */
  const char *dir;
  struct targets targets;
  bool dump, embed;
  struct limits limits;
};

/* G has values for its parameters, and choosing, exact, keep_tensors and the unroll budget set. */
void generate_folder (const struct generation *o, struct graph *g);

/* The size of the weights file of E and its other parts. */
int64_t generate_weights_bytes (const struct emission *e);
/* Write that file into DIR. PACKED: the weights of E's own graph, malloc'ed, which are freed; those of other parts are
 * packed here. */
void generate_weights (const struct emission *e, void *packed, const char *dir);

#endif
