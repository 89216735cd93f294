/* Between keras.c and the child process that reads HDF5 for it. */
#ifndef RESCAST_WEIGHTS_KERAS_H
#define RESCAST_WEIGHTS_KERAS_H

#include "child.h"

/* An HDF5 file in memory. */
struct keras_image
{
  const void *data;
  size_t bytes;
};

/* Write a record for each array of numbers in IMAGE, a struct keras_image, named by its path. */
void weights_keras_child (const struct weights_file *f, const void *image, int to);

/* keras_names.c: how Keras calls the layers of a .keras file: the tree in F->json, its config.json. */
struct keras_layers;
struct keras_layers *keras_layers_of (const struct weights_file *f);
/* What the array at PATH, of RANK axes, is called here; LAYERS: NULL in a file of weights that has the names in it.
 * NULL: it is no weight. */
const char *keras_name (const struct keras_layers *layers, const char *path, int rank);

#endif
