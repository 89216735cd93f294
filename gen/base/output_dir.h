/* A folder that appears whole or not at all: written beside its place, then moved into it. */
#ifndef RESCAST_BASE_OUTPUT_DIR_H
#define RESCAST_BASE_OUTPUT_DIR_H

/* Make an empty temporary folder beside DIR, with DIR's missing parents; it is removed again when the program ends
 * before output_dir_commit. Fatal when DIR exists and is neither empty nor an earlier output (has MANIFEST). */
const char *output_dir_begin (const char *dir, const char *manifest);
/* Move it into place. Of an earlier output, files with equal contents keep their time stamps, so that make rebuilds
 * only what changed, and sources that no longer exist go. */
void output_dir_commit (void);
/* Remove PATH and all that is in it. */
void remove_tree (const char *path);

#endif
