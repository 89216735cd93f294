/* The keys of layers, for sequence_table.c and sequence_keys.c alone. */
#ifndef RESCAST_NETWORKS_SEQUENCE_TABLE_H
#define RESCAST_NETWORKS_SEQUENCE_TABLE_H

#include "sequence.h"

enum kind
{
  KIND_INT,
  KIND_EXTENTS, /* a number, or one per axis */
  KIND_REAL,
  KIND_BOOL,
  KIND_CHOICE,
  KIND_OTHER /* read by its layer */
};

struct layer_key
{
  const char *name;
  unsigned types; /* bits 1 << enum layer_type */
  enum kind kind;
  const char *fallback; /* the default as YAML; NULL: the key is required; "": it may be missing */
  int64_t min, max;
  const char *const *choices;
  const char *rule; /* what the kind doesn't say, or NULL */
};

/* The key NAME of a type, or NULL. */
const struct layer_key *layer_key_find (enum layer_type t, const char *name);
/* The values that a key allows, in words. */
char *layer_key_allowed (const struct layer_key *key);

#endif
