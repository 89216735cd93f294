/* The names of classes: from a file, one a line, or the network's own. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES ((size_t) 16 << 20)

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
      bool large = room > 2 * FILE_BYTES;
      char *more = large ? NULL : realloc (text, room);
      if (!more)
        {
          if (large)
            cli_fail (path, "too large; up to %zu bytes of labels are allowed", FILE_BYTES);
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

/* End each line with a 0; STARTS, where not NULL, gets where each begins. Returns how many there are. */
static int
split (char *text, size_t bytes, const char **starts)
{
  int n = 0;
  for (char *p = text, *end = text + bytes; p < end; n++)
    {
      char *line = p;
      while (p < end && *p != '\n' && *p)
        p++;
      if (starts)
        {
          starts[n] = line;
          if (p > line && p[-1] == '\r')
            p[-1] = 0;
          *p = 0;
        }
      p++;
    }
  return n;
}

bool
cli_labels_read (struct cli_labels *l, const char *path, int classes)
{
  size_t bytes;
  *l = (struct cli_labels){ 0 };
  l->text = read_all (path, &bytes);
  if (!l->text)
    return false;
  if (memchr (l->text, 0, bytes))
    return cli_fail (path, "no text; labels, one a line, are allowed");
  /* Empty lines at the end are no labels. */
  while (bytes && (l->text[bytes - 1] == '\n' || l->text[bytes - 1] == '\r'))
    l->text[--bytes] = 0;
  int n = split (l->text, bytes, NULL);
  if (n != classes)
    return cli_fail (path, "%d labels; the network has %d classes", n, classes);
  l->own = malloc (sizeof *l->own * (size_t) n);
  if (!l->own)
    return cli_fail (path, "out of memory");
  l->count = split (l->text, bytes, l->own);
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
