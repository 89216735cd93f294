/* Labels: lines of a file, or a list. */
#include "keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../runtime/cli/text.h"

/* The file's path, seen from the options file's folder. */
static const char *
labels_path (const struct options *o)
{
  const char *slash = strrchr (o->path, '/');
  if (*o->labels_file == '/' || !slash)
    return o->labels_file;
  return mem_printf ("%.*s/%s", (int) (slash - o->path), o->path, o->labels_file);
}

void
read_labels (struct options *o)
{
  size_t bytes;
  struct cli_label_error error;
  if (!o->labels_file)
    return;
  o->labels_loc = option_loc (o, "labels");
  const char *path = labels_path (o);
  FILE *f = fopen (path, "rb"); /* for an error that tells where the name stands */
  if (!f || (getc (f) == EOF && ferror (f)))
    fatal_at (o->labels_loc, "labels: %s: %s; allowed: a text file", yaml_quote (path), strerror (errno));
  fclose (f);
  char *text = file_read (path, CLI_LABELS_BYTES, &bytes);
  int lines = cli_label_lines (text, bytes, NULL, &error);
  if (lines < 0)
    fatal_at ((struct loc){ path, error.line, error.column }, "%s", error.what);
  if (o->num_classes ? lines != o->num_classes : !lines)
    fatal_at (o->labels_loc, "labels: %s has %d lines; allowed: one for each of the %s classes", yaml_quote (path),
              lines, o->num_classes ? mem_printf ("%lld", (long long) o->num_classes) : "network's");
  const char **found = NEW_ARRAY ((size_t) lines, const char *);
  o->label_count = (size_t) cli_label_lines (text, bytes, found, &error);
  for (size_t i = 0; i < o->label_count; i++)
    found[i] = mem_strdup (found[i]);
  o->labels = found;
  free (text);
}
