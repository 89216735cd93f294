/* Labels: lines of a file, or a list. */
#include "keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file's path, seen from the options file's folder. */
static const char *
labels_path (const struct options *o)
{
  const char *slash = strrchr (o->path, '/');
  if (*o->labels_file == '/' || !slash)
    return o->labels_file;
  return mem_printf ("%.*s/%s", (int) (slash - o->path), o->path, o->labels_file);
}

/* The line at S without its end; fatal when it is no label. */
static const char *
label (const char *path, int line, const char *s, size_t n)
{
  struct loc loc = { path, line, 0 };
  uint32_t c;
  if (n && s[n - 1] == '\r')
    n--;
  if (!n || n > 1024)
    fatal_at (loc, "a label of %zu bytes; allowed: 1 to 1024", n);
  for (size_t i = 0, k; i < n; i += k)
    {
      k = utf8_decode (s + i, n - i, &c);
      if (!k || (c < 0x20 && c != '\t') || c == 0x7f)
        fatal_at ((struct loc){ path, line, (int) i + 1 }, "byte 0x%02x in a label; allowed: UTF-8 text",
                  (unsigned char) s[i]);
    }
  return mem_strndup (s, n);
}

void
read_labels (struct options *o)
{
  size_t bytes, lines = 0;
  if (!o->labels_file)
    return;
  o->labels_loc = option_loc (o, "labels");
  const char *path = labels_path (o);
  FILE *f = fopen (path, "rb"); /* for an error that tells where the name stands */
  if (!f || (getc (f) == EOF && ferror (f)))
    fatal_at (o->labels_loc, "labels: %s: %s; allowed: a text file", yaml_quote (path), strerror (errno));
  fclose (f);
  char *text = file_read (path, MAX_LABELS_BYTES, &bytes), *p = text, *end = text + bytes;
  if (bytes >= 3 && !memcmp (p, "\xef\xbb\xbf", 3))
    p += 3;
  while (end > p && (end[-1] == '\n' || end[-1] == '\r')) /* blank last lines */
    end--;
  for (const char *q = p; q < end; q++)
    lines += *q == '\n';
  lines += end > p;
  if (o->num_classes ? lines != (size_t) o->num_classes : !lines)
    fatal_at (o->labels_loc, "labels: %s has %zu lines; allowed: one for each of the %s classes", yaml_quote (path),
              lines, o->num_classes ? mem_printf ("%lld", (long long) o->num_classes) : "network's");
  o->labels = NEW_ARRAY (lines, const char *);
  for (; o->label_count < lines; o->label_count++)
    {
      char *newline = memchr (p, '\n', (size_t) (end - p)), *stop = newline ? newline : end;
      o->labels[o->label_count] = label (path, (int) o->label_count + 1, p, (size_t) (stop - p));
      p = stop + 1;
    }
  free (text);
}
