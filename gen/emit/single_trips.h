/* Loops of emitted C that run once. */
#ifndef RESCAST_EMIT_SINGLE_TRIPS_H
#define RESCAST_EMIT_SINGLE_TRIPS_H

#include "tokens_c.h"

/* Where token I is the head of a loop that runs once, "for (int i = 0; i < 1; i++)", leave out the head, the #pragma
 * before it and braces that nothing needs, and write the number for the variable. Returns whether it did. Loops that
 * are left by break or continue, whose variable changes in the body or whose head does more stay as they are. */
bool single_trip (struct tokens *t, int i);

#endif
