/* What a front end may know of a weights file before there is a graph: the tensors' names and shapes. Their values are
 * read when they are bound to a graph's parameters. */
#ifndef RESCAST_WEIGHTS_VIEW_H
#define RESCAST_WEIGHTS_VIEW_H

#include "weights.h"

struct weights_view
{
  const struct weights *weights;
};

size_t weights_view_count (const struct weights_view *v);
/* Of the tensor I, in the file's order. */
const char *weights_view_name (const struct weights_view *v, size_t i);
/* Its extents, the outermost axis first, into SHAPE; returns how many. MATLAB's arrays are as MATLAB shows them; of
 * Keras's kernels outputs and inputs come first, as in PyTorch. */
int weights_view_shape (const struct weights_view *v, size_t i, int64_t shape[WEIGHT_MAX_RANK]);
/* The tensor NAME, or -1. */
int64_t weights_view_find (const struct weights_view *v, const char *name);

#endif
