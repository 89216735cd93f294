/* The exchange of two folders in one step. Before it, the new folder gets a link to every file that is to stay, so that
 * both are whole at every moment: a process that is killed leaves the old folder or the new one in place, with all
 * files that are not ours, and the other one beside it under a hidden name, which the next process removes. */
#ifdef __linux__
#include <sys/syscall.h>
#include <sys/xattr.h>
#endif
#include "output_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary.h"
#include "util.h"

static bool
exchange (const char *a, const char *b)
{
#if defined __linux__ && defined SYS_renameat2
  const unsigned rename_exchange = 2;
  return syscall (SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, rename_exchange) == 0;
#elif defined __APPLE__ && defined RENAME_SWAP
  return renamex_np (a, b, RENAME_SWAP) == 0;
#else
  (void) a, (void) b;
  errno = ENOSYS;
  return false;
#endif
}

/* Has PATH access control lists or other attributes of the user's? */
static bool
has_attributes (const char *path)
{
#ifdef __linux__
  char names[4096];
  ssize_t n = listxattr (path, names, sizeof names);
  if (n < 0)
    return errno != ENOTSUP && errno != ENOSYS;
  for (const char *s = names; s < names + n; s += strlen (s) + 1)
    if (strncmp (s, "security.", 9))
      return true;
#else
  (void) path;
#endif
  return false;
}

bool
same_nature (const char *from, const char *to)
{
  struct stat a, b;
  if (stat (from, &a) || stat (to, &b))
    return false;
  if ((a.st_uid != b.st_uid || a.st_gid != b.st_gid) && chown (to, a.st_uid, a.st_gid))
    return false;
  return chmod (to, a.st_mode & 07777) == 0 && !has_attributes (from);
}

static bool carry_folder (const struct output *o, const char *name);

/* Give the new folder the old one's file or folder NAME, unless it goes. What both have stays the old one's if it is
 * equal; otherwise it is changed now: no object that make is making of the old one meanwhile shall be newer. */
static bool
carry (const struct output *o, const char *name)
{
  const char *old = mem_printf ("%s/%s", o->final, name), *new = mem_printf ("%s/%s", o->temporary, name);
  struct stat st;
  if (lstat (old, &st))
    return errno == ENOENT;
  if (S_ISDIR (st.st_mode))
    return carry_folder (o, name);
  if (!names_have (&o->new, name))
    return output_is_stale (o, name) || link (old, new) == 0;
  if (same_contents (old, new))
    return unlink (new) == 0 && link (old, new) == 0;
  return utimensat (AT_FDCWD, new, NULL, 0) == 0;
}

/* NAME and "/NAME" for the files of a folder NAME; "" is the output itself. */
static const char *
below (const char *folder, const char *name)
{
  return *folder ? mem_printf ("%s/%s", folder, name) : mem_strdup (name);
}

static bool
is_ours_alone (const char *folder, const char *name)
{
  return !strcmp (name, ".") || !strcmp (name, "..")
         || (!*folder && (!strcmp (name, OUTPUT_INSIDE) || !strcmp (name, OUTPUT_INCOMPLETE)));
}

/* Call WHAT for all in the folder NAME of PLACE; false as soon as it is. */
static bool
each (const struct output *o, const char *place, const char *folder, bool (*what) (const struct output *, const char *))
{
  DIR *d = opendir (*folder ? mem_printf ("%s/%s", place, folder) : place);
  bool ok = d != NULL;
  struct dirent *e = NULL;
  while (ok && (errno = 0, e = readdir (d)))
    if (!is_ours_alone (folder, e->d_name))
      ok = what (o, below (folder, e->d_name));
  ok = ok && !errno;
  if (d)
    closedir (d);
  return ok;
}

static bool
goes (const struct output *o, const char *name)
{
  struct stat st;
  if (lstat (mem_printf ("%s/%s", o->final, name), &st))
    return true;
  return S_ISDIR (st.st_mode) ? names_below (&o->old, name) && each (o, o->final, name, goes)
                              : output_is_stale (o, name);
}

static bool
carry_folder (const struct output *o, const char *name)
{
  const char *old = mem_printf ("%s/%s", o->final, name), *new = mem_printf ("%s/%s", o->temporary, name);
  bool ours = names_below (&o->new, name);
  struct stat st;
  if (!ours && goes (o, name)) /* all of it was ours */
    return true;
  if ((!ours && mkdir (new, 0700)) || !each (o, o->final, name, carry) || !same_nature (old, new) || stat (old, &st))
    return false;
  const struct timespec times[] = { st.st_atim, st.st_mtim };
  return ours || utimensat (AT_FDCWD, new, times, 0) == 0;
}

/* After the exchange: move what another process has put into the old folder since it was carried. */
static bool
move_late (const struct output *o, const char *name)
{
  const char *old = mem_printf ("%s/%s", o->temporary, name), *new = mem_printf ("%s/%s", o->final, name);
  struct stat a, b;
  if (lstat (old, &a))
    return true;
  bool there = lstat (new, &b) == 0;
  if (there && S_ISDIR (a.st_mode) && S_ISDIR (b.st_mode))
    return each (o, o->temporary, name, move_late);
  if (names_have (&o->new, name) || output_is_stale (o, name) || (there && a.st_ino == b.st_ino)
      || (S_ISDIR (a.st_mode) && names_below (&o->old, name)))
    return true;
  return rename (old, new) == 0;
}

/* A shell or another program that works in the folder, as this one does, would find itself in one that is gone. */
static bool
works_in (const char *folder)
{
  char *here = getcwd (NULL, 0);
  size_t n = strlen (folder);
  bool inside = !here || (!strncmp (here, folder, n) && (here[n] == '/' || !here[n]));
  free (here);
  return inside;
}

bool
output_exchange (const struct output *o)
{
  const char *in_place = getenv ("RESCAST_IN_PLACE");
  if (!o->beside || (in_place && *in_place) || works_in (o->final))
    return false;
  if (!each (o, o->final, "", carry) || !same_nature (o->final, o->temporary) || !exchange (o->temporary, o->final))
    return false;
  if (!each (o, o->temporary, "", move_late))
    fprintf (stderr, "rescast: %s: has files that came while %s changed: %s\n", o->temporary, o->shown,
             strerror (errno));
  else if (!remove_tree (o->temporary))
    fprintf (stderr, "rescast: %s: what was in %s before cannot be removed: %s\n", o->temporary, o->shown,
             strerror (errno));
  return true;
}
