/* Temporary folders and their removal. */
#define _XOPEN_SOURCE 700
#include "output_dir.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

/* Not in the arena: the exit handler needs them after it is gone. */
static char final[4096], temporary[sizeof final + 8];

static int
remove_entry (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void) st, (void) type, (void) ftw;
  return remove (path);
}

void
remove_tree (const char *path)
{
  nftw (path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void
remove_temporary (void)
{
  if (*temporary)
    remove_tree (temporary);
  *temporary = 0;
}

static void
make_parents (const char *path)
{
  char *p = mem_strdup (path);
  for (char *slash = strchr (p + 1, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      *slash = 0;
      if (mkdir (p, 0777) && errno != EEXIST)
        fatal ("%s: %s", p, strerror (errno));
      *slash = '/';
    }
}

static bool
empty_dir (const char *dir)
{
  DIR *d = opendir (dir);
  if (!d)
    fatal ("%s: %s", dir, strerror (errno));
  int entries = 0;
  while (readdir (d))
    entries++;
  closedir (d);
  return entries <= 2;
}

const char *
output_dir_begin (const char *dir, const char *manifest)
{
  struct stat st;
  size_t n = strlen (dir);
  while (n > 1 && dir[n - 1] == '/')
    n--;
  if (n + 32 > sizeof final)
    fatal ("%s: the name is too long", dir);
  memcpy (final, dir, n);
  final[n] = 0;
  if (stat (final, &st) == 0)
    {
      if (!S_ISDIR (st.st_mode))
        fatal ("%s: is not a folder", final);
      if (!empty_dir (final) && access (mem_printf ("%s/%s", final, manifest), F_OK))
        fatal ("%s: the folder is not empty and has no %s; choose an empty or a new one with -o", final, manifest);
    }
  make_parents (final);
  snprintf (temporary, sizeof temporary, "%s.XXXXXX", final);
  if (!mkdtemp (temporary))
    {
      *temporary = 0;
      fatal ("%s: %s", final, strerror (errno));
    }
  chmod (temporary, 0755);
  atexit (remove_temporary);
  return temporary;
}

static bool
same_contents (const char *a, const char *b)
{
  FILE *f = fopen (a, "rb"), *g = fopen (b, "rb");
  bool same = f && g;
  static char x[65536], y[65536];
  while (same)
    {
      size_t n = fread (x, 1, sizeof x, f), m = fread (y, 1, sizeof y, g);
      same = n == m && memcmp (x, y, n) == 0;
      if (n < sizeof x)
        break;
    }
  if (f)
    fclose (f);
  if (g)
    fclose (g);
  return same;
}

static bool
is_source (const char *name)
{
  const char *dot = strrchr (name, '.');
  return dot && (!strcmp (dot, ".c") || !strcmp (dot, ".h") || !strcmp (dot, ".S") || !strcmp (dot, ".cu"));
}

/* Sources of an earlier output that the new one does not have. */
static void
remove_stale (const char *from, const char *to)
{
  DIR *d = opendir (to);
  for (struct dirent *e; d && (e = readdir (d));)
    if (is_source (e->d_name) && access (mem_printf ("%s/%s", from, e->d_name), F_OK))
      unlink (mem_printf ("%s/%s", to, e->d_name));
  if (d)
    closedir (d);
}

static void
merge (const char *from, const char *to)
{
  if (mkdir (to, 0777) && errno != EEXIST)
    fatal ("%s: %s", to, strerror (errno));
  remove_stale (from, to);
  DIR *d = opendir (from);
  if (!d)
    fatal ("%s: %s", from, strerror (errno));
  for (struct dirent *e; (e = readdir (d));)
    {
      struct stat st;
      if (!strcmp (e->d_name, ".") || !strcmp (e->d_name, ".."))
        continue;
      char *source = mem_printf ("%s/%s", from, e->d_name), *target = mem_printf ("%s/%s", to, e->d_name);
      if (stat (source, &st) == 0 && S_ISDIR (st.st_mode))
        merge (source, target);
      else if (!same_contents (source, target) && rename (source, target))
        fatal ("%s: %s", target, strerror (errno));
    }
  closedir (d);
}

void
output_dir_commit (void)
{
  struct stat st;
  if (stat (final, &st) == 0)
    {
      merge (temporary, final);
      remove_temporary ();
    }
  else if (rename (temporary, final))
    fatal ("%s: %s", final, strerror (errno));
  *temporary = 0;
}
