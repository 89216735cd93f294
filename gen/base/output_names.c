/* Lists of an output's files. */
#include "output_parts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

void
names_add (struct names *n, const char *name)
{
  if ((n->count & (n->count - 1)) == 0) /* a power of two: full */
    {
      const char **grown = NEW_ARRAY (n->count ? 2 * n->count : 1, const char *);
      if (n->count)
        memcpy (grown, n->list, n->count * sizeof *grown);
      n->list = grown;
    }
  n->list[n->count++] = name;
}

bool
names_have (const struct names *n, const char *name)
{
  for (size_t i = 0; i < n->count; i++)
    if (!strcmp (n->list[i], name))
      return true;
  return false;
}

bool
names_below (const struct names *n, const char *folder)
{
  size_t length = strlen (folder);
  for (size_t i = 0; i < n->count; i++)
    if (!strncmp (n->list[i], folder, length) && n->list[i][length] == '/')
      return true;
  return false;
}

static void
add_folder (struct names *n, const char *dir, const char *below)
{
  DIR *d = opendir (dir);
  if (!d)
    fatal ("%s: %s", dir, strerror (errno));
  for (struct dirent *e; errno = 0, (e = readdir (d));)
    {
      struct stat st;
      if (!strcmp (e->d_name, ".") || !strcmp (e->d_name, ".."))
        continue;
      const char *path = mem_printf ("%s/%s", dir, e->d_name), *name = mem_printf ("%s%s", below, e->d_name);
      if (lstat (path, &st))
        fatal ("%s: %s", path, strerror (errno));
      if (S_ISDIR (st.st_mode))
        add_folder (n, path, mem_printf ("%s/", name));
      else
        names_add (n, name);
    }
  if (errno)
    fatal ("%s: %s", dir, strerror (errno));
  closedir (d);
}

static int
compare (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

struct names
names_of (const char *dir)
{
  struct names n = { 0 };
  add_folder (&n, dir, "");
  if (n.count)
    qsort (n.list, n.count, sizeof *n.list, compare);
  return n;
}

void
names_add_incomplete (struct names *n, const char *final)
{
  const char *path = mem_printf ("%s/%s", final, OUTPUT_INCOMPLETE);
  size_t bytes;
  if (access (path, F_OK))
    return;
  char *text = file_read (path, (size_t) 1 << 24, &bytes);
  for (char *line = text, *end; *line; line = end)
    {
      size_t length = strcspn (line, "\n");
      end = line + length + (line[length] == '\n');
      if (length)
        names_add (n, mem_strndup (line, length));
    }
  free (text);
}

/* Would NAME lie in its folder? The lists come from files. */
static bool
is_inside (const char *name)
{
  const char *part = name;
  for (;;)
    {
      size_t n = strcspn (part, "/");
      if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
        return false;
      if (!part[n])
        return true;
      part += n + 1;
    }
}

static bool
goes (const struct output *o, const char *name)
{
  return names_have (&o->old, name) && !names_have (&o->new, name) && is_inside (name);
}

bool
output_is_stale (const struct output *o, const char *name)
{
  static const char *const sources[] = { ".c", ".S" };
  size_t n = strlen (name);
  bool stale = goes (o, name);
  if (n > 2 && !strcmp (name + n - 2, ".o"))
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
      stale |= goes (o, mem_printf ("%s%s", mem_strndup (name, n - 2), sources[i]));
  return stale;
}

bool
same_contents (const char *a, const char *b)
{
  struct stat x, y;
  if (stat (a, &x) || stat (b, &y) || !S_ISREG (x.st_mode) || !S_ISREG (y.st_mode) || x.st_size != y.st_size)
    return false;
  FILE *f = fopen (a, "rb"), *g = fopen (b, "rb");
  bool same = f && g;
  static char p[65536], q[65536];
  while (same)
    {
      size_t n = fread (p, 1, sizeof p, f), m = fread (q, 1, sizeof q, g);
      same = n == m && memcmp (p, q, n) == 0 && !ferror (f) && !ferror (g);
      if (n < sizeof p)
        break;
    }
  if (f)
    fclose (f);
  if (g)
    fclose (g);
  return same;
}
