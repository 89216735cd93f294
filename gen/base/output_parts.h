/* What the parts of output_dir share. Nothing else includes this. */
#ifndef RESCAST_BASE_OUTPUT_PARTS_H
#define RESCAST_BASE_OUTPUT_PARTS_H

#include <stdbool.h>

#include "output_dir.h"

/* In DIR: the temporary folder where there can be none beside it. */
#define OUTPUT_INSIDE ".rescast-new"

struct output
{
  const char *shown; /* DIR as the user calls it */
  char final[4200], temporary[4300]; /* absolute, without links */
  bool exists;     /* final did when the output began */
  bool beside;     /* temporary lies beside final, not in it */
  struct names new; /* the files in temporary */
  struct names old; /* those of final that go if they are not among new */
};

/* ---- output_names.c ---- */

bool names_have (const struct names *n, const char *name);
/* Does any lie in FOLDER? */
bool names_below (const struct names *n, const char *folder);
/* The files in DIR and its folders, sorted. */
struct names names_of (const char *dir);
/* Add the lines of final's OUTPUT_INCOMPLETE, if there is one. */
void names_add_incomplete (struct names *n, const char *final);
/* Is the file NAME of final one that goes, or the object of one? */
bool output_is_stale (const struct output *o, const char *name);
/* Are A and B files of equal contents? */
bool same_contents (const char *a, const char *b);

/* ---- output_exchange.c ---- */

/* Give the folder TO the owner and the rights of FROM; false: it has something that can't be given. */
bool same_nature (const char *from, const char *to);
/* Exchange temporary, with all of final that stays, for final. False: final is as it was, and it must be changed in
 * place. */
bool output_exchange (const struct output *o);

/* ---- output_merge.c ---- */

/* Change final file by file. */
void output_merge (struct output *o);

#endif
