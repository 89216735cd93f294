/* `rescast import MODEL -o DIR`. */
#ifndef RESCAST_GENERATE_IMPORT_H
#define RESCAST_GENERATE_IMPORT_H

#include "graph/bind.h"

/* What the model in PATH was understood as, to be read and edited: DIR/NAME.yaml, a file of options, and, where the
 * model has them with it, DIR/NAME.safetensors, the weights as those options name them. Fatal on any error, and then
 * nothing was written. USE: which tensors of a checkpoint are meant. */
void import_model (const char *path, const char *dir, const char *const *set, size_t set_count,
                   const struct weights_use *use);

#endif
