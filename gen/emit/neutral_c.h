/* Emitted C without what changes nothing: templates write a factor, a term or a loop wherever one may be needed. */
#ifndef RESCAST_EMIT_NEUTRAL_C_H
#define RESCAST_EMIT_NEUTRAL_C_H

#include "base/util.h"

/* IN added to OUT, with factors and divisors of 1 and terms of 0 left out, 0 for a remainder of 1, and the body alone
 * of a loop that runs once. Literals are int, so that types do not change, nor do values: templates add no 0 to floats,
 * where -0 + 0 is another number. Strings, comments and other directives than such a loop's #pragma stay as they are.
 */
void neutral_c (const struct text *in, struct text *out);

#endif
