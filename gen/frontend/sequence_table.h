/* The keys of layers, for sequence_table.c and sequence_keys.c alone. */
#ifndef RESCAST_NETWORKS_SEQUENCE_TABLE_H
#define RESCAST_NETWORKS_SEQUENCE_TABLE_H

#include "sequence.h"

enum kind
{
  KIND_INT,
  KIND_EXTENTS, /* an integer, or one per axis */
  KIND_SCALE,   /* a real above 0, or one per axis */
  KIND_MARGINS, /* padding and cropping: an integer, one per axis, two lists of those, or same */
  KIND_REAL,
  KIND_SIGNED_REAL, /* of an activation: from FROM on */
  KIND_BOOL,
  KIND_CHOICE,
  KIND_OTHER /* read by its layer */
};

struct layer_key
{
  const char *name;
  uint64_t types; /* bits 1 << enum layer_type */
  enum kind kind;
  const char *fallback; /* the default as YAML; NULL: the key is required; "": it may be missing */
  int64_t min, max;
  const char *const *choices;
  const char *from; /* of KIND_SIGNED_REAL: the least value */
  const char *rule; /* what the kind doesn't say, or NULL */
  const char *shown; /* what layers_print shows for the default, or NULL: fallback itself */
};

/* The key NAME of a type, or NULL. */
const struct layer_key *layer_key_find (enum layer_type t, const char *name);
/* The values that the key of a type allows for an input of RANK spatial axes (0: 2 or 3), in words. */
char *layer_key_allowed (const struct layer_key *key, enum layer_type t, int rank);

#endif
