/* The parameters of a graph meet the tensors of a weights file. */
#ifndef RESCAST_GRAPH_BIND_H
#define RESCAST_GRAPH_BIND_H

#include "graph.h"

/* What the command line says of a weights file. */
struct weights_use
{
  const char *key;           /* --weights-key: the words in front of the names that are meant; NULL: no matter */
  const char *const *ignore; /* --ignore: patterns of names that are passed over */
  size_t ignore_count;
};

/* Set value of every parameter of G from W, which weights_list or weights_open made. Words that training programs put
 * around names come off (match.c), and tensors with MATLAB's axes are put in our order. Fatal with a list of every
 * missing, extra and wrongly shaped tensor, with both shapes; and when values can't be computed with (check_values.h).
 * USE NULL: as {0}. */
void bind_weights (struct graph *g, struct weights *w, const struct weights_use *use);

/* Zeros in P's shape, or in another one that was bound once: enough for the passes, which read values of vectors only.
 * No memory for more is taken. */
void bind_zeros (struct param *p);
void bind_zeros_as (struct param *p, int rank, const int64_t *shape);

#endif
