/* Text from outside, read alike by the classifier and by the generator, which compiles this too. */
#ifndef RESCAST_CLI_TEXT_H
#define RESCAST_CLI_TEXT_H

#include <stddef.h>

/* Bytes of the UTF-8 character at S, of LEFT bytes (at least 1); 0 where there is none (overlong, surrogate, cut
 * off). */
size_t cli_utf8 (const char *s, size_t left);

#define CLI_LABELS_BYTES ((size_t) 64 << 20) /* of a file of labels, at most */

/* What is wrong with a file of labels, and where, counted from 1; columns are bytes. */
struct cli_label_error
{
  int line, column;
  char what[80];
};

/* The labels in TEXT, a whole file of BYTES bytes, at most CLI_LABELS_BYTES: how many there are, or -1 and *ERROR.
 * Where LABEL is not NULL, it gets where each begins, and TEXT, which then has a byte behind it, gets a 0 behind each.
 * A label is a line of UTF-8 text. A byte order mark in front of the first one, blanks at the ends of lines and empty
 * lines at the end of the file are left out; lines end with \n, \r\n or \r. */
int cli_label_lines (char *text, size_t bytes, const char **label, struct cli_label_error *error);

#endif
