/* A folder of generated files that appears, and changes, whole or not at all: written beside its place, then exchanged
 * for what is there in one step. Where folders can't be exchanged it is changed file by file, and while that is not
 * finished a file OUTPUT_INCOMPLETE in it tells whoever uses the folder. */
#ifndef RESCAST_BASE_OUTPUT_DIR_H
#define RESCAST_BASE_OUTPUT_DIR_H

#include <stddef.h>

#define OUTPUT_INCOMPLETE "rescast-incomplete"

/* Names of files, relative to their folder, such as "runtime/cli/main.c". In the arena. */
struct names
{
  const char **list;
  size_t count;
};

void names_add (struct names *n, const char *name);

/* Make an empty temporary folder for what shall become DIR, with DIR's missing parents, and lock both against other
 * processes, waiting while one has them. It is removed again when the program ends before output_dir_commit, and so are
 * those parents. What a killed process left is removed. Fatal when DIR exists and is neither empty nor an earlier
 * output (has MANIFEST). */
const char *output_dir_begin (const char *dir, const char *manifest);

/* The files that are in the temporary folder now, sorted. */
struct names output_dir_files (void);

/* Move it into place. Of what is there, the files OLD go if the temporary folder has no such file, with their objects;
 * all others that it lacks stay. Files with equal contents stay as they are, so that make rebuilds only what
 * changed. */
void output_dir_commit (const struct names *old);

/* Lock DIR, an output, until the program ends, waiting while another process has it. Fatal when it has
 * OUTPUT_INCOMPLETE. */
void output_dir_use (const char *dir);

#endif
