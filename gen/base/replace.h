/* Files that change whole or not at all: written beside their places, then renamed. */
#ifndef RESCAST_BASE_REPLACE_H
#define RESCAST_BASE_REPLACE_H

/* Where to write what shall become PATH: an empty file in the same folder, with the rights of the one that is there. It
 * is removed again when the program ends before replace_commit. Of what is no file, such as a pipe, PATH itself. Fatal
 * when there can be none. */
const char *replace_begin (const char *path);
/* Move every file begun into its place, in that order. */
void replace_commit (void);

#endif
