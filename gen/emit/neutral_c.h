/* Arithmetic of emitted C without operands that change nothing: templates write a factor or a term wherever one may be
 * needed. */
#ifndef RESCAST_EMIT_NEUTRAL_C_H
#define RESCAST_EMIT_NEUTRAL_C_H

#include "base/util.h"

/* IN added to OUT, with factors and divisors of 1 and terms of 0 left out, and 0 for a remainder of 1. Literals are
 * int, so that types do not change, nor do values: templates add no 0 to floats, where -0 + 0 is another number.
 * Strings, comments and directives stay as they are. */
void neutral_c (const struct text *in, struct text *out);

#endif
