/* The steps of a network's run: a layer is one, or, on many threads, one for each of its kernel's stages. */
#ifndef RESCAST_GENERATE_STEPS_H
#define RESCAST_GENERATE_STEPS_H

#include "emit/params.h"

/* Has PART a layer that may be run in stages? */
bool steps_staged (const struct emission *part);
/* How many steps there are when all layers are run in as many as they can be. */
int64_t steps_most (const struct emission *part);
/* Rows of all steps for the target of KS, PART's kernels or a further target's: layer, stage, threads, pieces. */
char *steps_table (const struct emission *part, const struct kernels *ks);
/* Into how many pieces the work of each layer may be cut when it is one step. */
char *steps_pieces (const struct emission *part, const struct kernels *ks);

#endif
