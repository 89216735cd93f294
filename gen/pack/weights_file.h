/* NAME.weights: packed weights, a section for each backend that has kernels in the folder. */
#ifndef RESCAST_WEIGHTS_FILE_H
#define RESCAST_WEIGHTS_FILE_H

#include "graph/graph.h"

/* The packed weights of one backend's graph. */
struct section
{
  const struct graph *g;
  const void *data; /* pack_weights */
  int64_t bytes;    /* pack_plan */
};

/* The size of a file whose COUNT sections have that many bytes of data. */
int64_t weights_file_bytes (const int64_t *bytes, int count);
void weights_file_write (const struct section *sections, int count, const char *path);

#endif
