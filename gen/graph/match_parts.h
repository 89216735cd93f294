/* The parts of matching: names (match_names.c), groups of them (match.c), hints for messages (match_hint.c). */
#ifndef RESCAST_GRAPH_MATCH_PARTS_H
#define RESCAST_GRAPH_MATCH_PARTS_H

#include "match.h"

/* Names of parameters, those they may have instead included: open addressing. */
struct name_slot
{
  const char *name;
  int param;
  bool other; /* the name that it may have instead */
};
struct name_table
{
  struct name_slot *slot;
  size_t size; /* a power of two */
};

/* The slot of NAME, or an empty one. */
const struct name_slot *match_lookup (const struct name_table *t, const char *name);
/* The names of G's parameters. */
struct name_table match_table (const struct graph *g);
/* M's list: the tensors behind --weights-key's words that are not ignored. Fatal when no name has these words. */
void match_select (const struct weights *w, const struct weights_use *use, struct matching *m);
/* What the names in the file have in common, and which keys it has. */
const char *match_hint (const struct name_table *t, const struct weights *w, struct matching *m);

#endif
