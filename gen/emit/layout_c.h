/* The outward form of emitted C: templates need not count blanks. */
#ifndef RESCAST_EMIT_LAYOUT_C_H
#define RESCAST_EMIT_LAYOUT_C_H

#include "base/util.h"

/* IN indented afresh in the GNU style, by its braces and by loops and conditions without braces, and lines over 118
 * columns broken behind a comma or before an operator. #pragma unroll is indented as the loop behind it. */
void layout_c (const struct text *in, struct text *out);

#endif
