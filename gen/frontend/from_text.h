/* What front ends of models share: the model becomes a text of options, which is built from as any file of options. */
#ifndef RESCAST_FRONTEND_FROM_TEXT_H
#define RESCAST_FRONTEND_FROM_TEXT_H

#include "frontend.h"

/* S is what TEXT says, with COUNT texts KEY=VALUE of SET. */
void from_text_open (struct source *s, const char *text, const char *const *set, size_t count);

/* The same members of their front ends. */
struct graph *from_text_build (const struct source *s);
char *from_text_text (const struct source *s);
const char *from_text_readable (const struct source *s);

#endif
