/* `rescast tune` on a GPU: which tile each product of matrices has. */
#ifndef RESCAST_TUNE_CUDA_H
#define RESCAST_TUNE_CUDA_H

#include <stdbool.h>

#include "tune/tune.h"

/* Is there a GPU for DIR's network, and anything to choose? NULL, or what is missing. */
const char *tune_cuda_missing (const struct tune_options *o);
/* False, with the reason in *WHY: the GPU cannot be used after all; nothing is changed then. */
bool tune_cuda (const struct tune_options *o, const char **why);

#endif
