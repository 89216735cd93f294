/* `rescast pack`: new weights for code that was generated before. */
#ifndef RESCAST_GENERATE_REPACK_H
#define RESCAST_GENERATE_REPACK_H

#include "graph/bind.h"

/* Replace the weights file and the manifest in DIR by what generate would write with the file WEIGHTS, used as USE
 * says. Fatal, with nothing changed, when these do not fit the network or the code. */
void repack (const char *dir, const char *weights, const struct weights_use *use);

#endif
