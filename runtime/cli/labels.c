/* The names of classes: from a file, one a line, or the network's own. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* All of PATH and a 0. */
static char *
read_all (const char *path, size_t *bytes)
{
  FILE *f = fopen (path, "rb");
  if (!f)
    {
      cli_fail (path, "%s", strerror (errno));
      return NULL;
    }
  size_t room = 0;
  char *text = NULL;
  *bytes = 0;
  do
    {
      room = room ? room * 2 : 4096;
      bool large = room > 2 * CLI_LABELS_BYTES;
      char *more = large ? NULL : realloc (text, room);
      if (!more)
        {
          if (large)
            cli_fail (path, "too large; up to %zu bytes of labels are allowed", CLI_LABELS_BYTES);
          else
            cli_fail (path, "out of memory");
          break;
        }
      text = more;
      *bytes += fread (text + *bytes, 1, room - 1 - *bytes, f);
      if (!ferror (f) && *bytes < room - 1)
        {
          text[*bytes] = 0;
          fclose (f);
          return text;
        }
      if (ferror (f))
        cli_fail (path, "cannot be read: %s", strerror (errno));
    }
  while (!ferror (f));
  fclose (f);
  free (text);
  return NULL;
}

static bool
fail_at (const char *path, const struct cli_label_error *error)
{
  char place[4096];
  snprintf (place, sizeof place, "%s:%d:%d", path, error->line, error->column);
  return cli_fail (place, "%s", error->what);
}

bool
cli_labels_read (struct cli_labels *l, const char *path, int classes)
{
  size_t bytes;
  struct cli_label_error error;
  *l = (struct cli_labels){ 0 };
  l->text = read_all (path, &bytes);
  if (!l->text)
    return false;
  int n = cli_label_lines (l->text, bytes, NULL, &error);
  if (n < 0)
    return fail_at (path, &error);
  if (n != classes)
    return cli_fail (path, "%d labels; the network has %d classes", n, classes);
  l->own = malloc (sizeof *l->own * (size_t) n);
  if (!l->own)
    return cli_fail (path, "out of memory");
  l->count = cli_label_lines (l->text, bytes, l->own, &error);
  l->label = l->own;
  return true;
}

void
cli_labels_free (struct cli_labels *l)
{
  free (l->own);
  free (l->text);
  *l = (struct cli_labels){ 0 };
}
