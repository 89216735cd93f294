/* Text of the user's on its way through m4, which must not look at it: a name may be a macro's, a label may have commas
 * and quotes, and nothing stays as it is when it is expanded anew. */
#ifndef RESCAST_EMIT_VERBATIM_H
#define RESCAST_EMIT_VERBATIM_H

#include "base/util.h"

/* S as m4 gets it: in digits between two control characters, which are no macro, no quote and no comment. Two texts are
 * equal when these are, and an empty one stays empty. */
char *verbatim (const char *s);
/* S as a C string literal, and inside a C comment, in the same form. */
char *verbatim_string (const char *s);
char *verbatim_comment (const char *s);

/* IN, which m4 has written, added to OUT with those texts as they were. False where a part of one is missing. */
bool verbatim_decode (const struct text *in, struct text *out);

#endif
