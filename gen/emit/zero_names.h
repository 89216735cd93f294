/* Constants of emitted C that are 0. */
#ifndef RESCAST_EMIT_ZERO_NAMES_H
#define RESCAST_EMIT_ZERO_NAMES_H

#include "tokens_c.h"

/* Where token I begins "const int a = b % 3, s = 0;", leave out each name whose value is the literal 0 and write the
 * number for it, so that its terms and products can be left out in turn. Returns whether it did. A name stays where it
 * stands for itself: as an argument, compared, or declared again in an inner block. */
bool zero_name (struct tokens *t, int i);

#endif
