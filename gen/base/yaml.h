/* An options file as a tree of nodes that know their place, read with libyaml's event parser.
 * Anchors, aliases, tags other than the core schema's and repeated keys are errors; so are files over 4 MiB and
 * nesting over 16 levels, maps of more than 256 members and files of more than 262144 values. */
#ifndef RESCAST_BASE_YAML_H
#define RESCAST_BASE_YAML_H

#include "util.h"

enum yaml_kind
{
  YAML_SCALAR,
  YAML_LIST,
  YAML_MAP
};

struct yaml
{
  enum yaml_kind kind;
  struct loc loc;  /* of the value; for a map's member, key_loc is the key's */
  const char *key; /* in a map: the member's key */
  struct loc key_loc;
  const char *value;  /* scalars: the text */
  bool quoted;        /* scalars: written in quotes, so never a number, a boolean or null */
  int text_col;       /* scalars: column of the text's first character; 0 when it was escaped or folded */
  struct yaml *items; /* lists and maps: the members, an array of count */
  size_t count;
};

/* The tree of PATH's only document; fatal on any error. */
struct yaml *yaml_read (const char *path);
/* The tree of TEXT, with errors reported as in FILE (for --set KEY=VALUE: file is "--set KEY"). */
struct yaml *yaml_parse (const char *file, const char *text, size_t bytes);

/* ---- yaml_node.c ---- */

/* A map's member, or NULL. */
struct yaml *yaml_get (const struct yaml *map, const char *key);
/* Put or replace a member. */
void yaml_set (struct yaml *map, const char *key, struct yaml *value);

/* The core schema's readings; false when the node is no such value. Integers: decimal, optional sign. */
bool yaml_int (const struct yaml *y, int64_t *out);
bool yaml_double (const struct yaml *y, double *out); /* finite */
bool yaml_bool (const struct yaml *y, bool *out);     /* true or false */
bool yaml_is_null (const struct yaml *y);

/* ---- yaml_text.c ---- */

/* The node written back as one line of flow YAML. */
char *yaml_text (const struct yaml *y);

/* For messages, which are one line: S in single quotes, control characters replaced, cut off at about 48 bytes;
 * a node in the same way, as flow YAML. */
char *yaml_quote (const char *s);
char *yaml_show (const struct yaml *y);
/* The place of the byte OFFSET of a scalar's text; of the whole scalar when that can't be told. */
struct loc yaml_loc_in (const struct yaml *y, size_t offset);

#endif
