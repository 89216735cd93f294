/* Where an output is made, and the order of the steps. */
#include "output_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "output_parts.h"
#include "temporary.h"
#include "util.h"

enum
{
  MOST_PARENTS = 32 /* that are removed again */
};

static struct output out;
static struct names parents; /* that were made for it */
static int locks;            /* held before it began */

static void
make_parents (const char *path)
{
  char *p = mem_strdup (path);
  struct stat st;
  parents = (struct names){ 0 };
  for (char *slash = strchr (p + 1, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      *slash = 0;
      if (mkdir (p, 0777) == 0)
        {
          if (parents.count < MOST_PARENTS)
            temporary_add (p, TEMPORARY_FOLDER);
          names_add (&parents, mem_strdup (p));
        }
      else if (errno != EEXIST && (stat (p, &st) || !S_ISDIR (st.st_mode)))
        fatal ("%s: %s", p, strerror (errno));
      *slash = '/';
    }
}

/* PATH, and "/NAME" where there is one, without links; PATH exists. */
static void
set_final (const char *path, const char *name)
{
  char *real = realpath (path, NULL);
  if (!real)
    fatal ("%s: %s", path, strerror (errno));
  const char *end = name ? mem_printf ("%s/%s", strcmp (real, "/") ? real : "", name) : "";
  int n = snprintf (out.final, sizeof out.final, "%s", name ? end : real);
  free (real);
  if (n >= 4096)
    fatal ("%s: the name is too long", path);
}

static void
find_final (const char *dir)
{
  struct stat st;
  size_t n = strlen (dir);
  while (n > 1 && dir[n - 1] == '/')
    n--;
  char *path = mem_strndup (dir, n), *slash = strrchr (path, '/');
  out = (struct output){ .shown = path };
  if (!*path)
    fatal ("the output folder's name is empty");
  if (stat (path, &st) && errno == ENOENT)
    make_parents (path);
  out.exists = stat (path, &st) == 0;
  if (out.exists && !S_ISDIR (st.st_mode))
    fatal ("%s: is not a folder", path);
  if (out.exists)
    set_final (path, NULL);
  else if (errno != ENOENT)
    fatal ("%s: %s", path, strerror (errno));
  else if (lstat (path, &st) == 0)
    fatal ("%s: is a link to what does not exist", path);
  else if (slash)
    set_final (slash == path ? "/" : mem_strndup (path, (size_t) (slash - path)), slash + 1);
  else
    set_final (".", path);
}

static bool
is_empty (const char *dir)
{
  DIR *d = opendir (dir);
  bool empty = d != NULL;
  if (d)
    errno = 0;
  for (struct dirent *e; empty && (e = readdir (d));)
    empty = !strcmp (e->d_name, ".") || !strcmp (e->d_name, "..");
  if (d)
    closedir (d);
  return empty;
}

/* What a process that was killed left at PATH; false: it is still there. */
static bool
remove_leftover (const char *path)
{
  struct stat st;
  int before = lock_count ();
  enum lock lock = lock_folder (path, out.shown);
  if (lock == LOCK_IMPOSSIBLE)
    fatal ("%s: is another rescast's, or one that was killed left it: remove it if none is at work", path);
  bool gone = lock == LOCK_HELD ? remove_tree (path) : lstat (path, &st) != 0;
  lock_release (before);
  return gone;
}

/* Make the temporary folder, which its lock makes ours: another process may have taken it for a killed one's. */
static bool
make_temporary (void)
{
  for (;;)
    {
      int before = lock_count ();
      temporary_hold ();
      int error = mkdir (out.temporary, 0777) ? errno : 0;
      if (!error)
        {
          if (access (out.temporary, R_OK | W_OK | X_OK) && rmdir (out.temporary) == 0)
            fatal ("%s: the umask takes a new folder's rights from its owner", out.shown);
          bool locked = lock_folder (out.temporary, out.shown) != LOCK_GONE, empty = locked && is_empty (out.temporary);
          error = locked && !empty ? errno : 0;
          if (empty)
            temporary_add (out.temporary, TEMPORARY_TREE);
          else
            lock_release (before);
          if (error && rmdir (out.temporary)) /* it cannot be looked into */
            error = 0;
          temporary_release ();
          errno = error;
          if (empty || error)
            return empty;
          continue;
        }
      temporary_release ();
      errno = error;
      if (error != EEXIST || !remove_leftover (out.temporary))
        return false;
    }
}

/* Beside the final folder, of the same file system. */
static bool
make_beside (void)
{
  const char *slash = strrchr (out.final, '/');
  struct stat a, b;
  /* a name has 255 bytes at most */
  snprintf (out.temporary, sizeof out.temporary, "%.*s/.%.200s%s", (int) (slash - out.final), out.final, slash + 1,
            OUTPUT_INSIDE);
  if (!make_temporary ())
    return false;
  if (!out.exists || (!stat (out.final, &a) && !stat (out.temporary, &b) && a.st_dev == b.st_dev))
    return true;
  remove_tree (out.temporary);
  temporary_forget (out.temporary);
  errno = EXDEV;
  return false;
}

/* False: the final folder has come meanwhile. */
static bool
begin_new (void)
{
  struct stat st;
  if (!make_beside ())
    fatal ("%s: cannot be made: %s", out.shown, strerror (errno));
  out.beside = true;
  if (lstat (out.final, &st))
    return true;
  remove_tree (out.temporary);
  temporary_forget (out.temporary);
  return false;
}

/* False: the final folder has gone meanwhile. */
static bool
begin_existing (const char *manifest)
{
  const char *inside = mem_printf ("%s/%s", out.final, OUTPUT_INSIDE);
  if (lock_folder (out.final, out.shown) == LOCK_GONE)
    return false;
  if (access (out.final, W_OK | X_OK))
    fatal ("%s: cannot be written: %s", out.shown, strerror (errno));
  if (access (inside, F_OK) == 0 && !remove_leftover (inside))
    fatal ("%s: cannot be removed: %s", inside, strerror (errno));
  if (!is_empty (out.final) && access (mem_printf ("%s/%s", out.final, manifest), F_OK)
      && access (mem_printf ("%s/%s", out.final, OUTPUT_INCOMPLETE), F_OK))
    fatal ("%s: the folder is not empty and has no %s; choose an empty or a new one with -o", out.shown, manifest);
  out.beside = make_beside ();
  if (!out.beside)
    {
      snprintf (out.temporary, sizeof out.temporary, "%s", inside);
      if (!make_temporary ())
        fatal ("%s: cannot be written: %s", out.shown, strerror (errno));
    }
  /* from the start: what is in a private folder is nobody's to see */
  same_nature (out.final, out.temporary);
  return true;
}

const char *
output_dir_begin (const char *dir, const char *manifest)
{
  locks = lock_count ();
  for (;;)
    {
      find_final (dir);
      if (out.exists ? begin_existing (manifest) : begin_new ())
        return out.temporary;
      lock_release (locks);
    }
}

struct names
output_dir_files (void)
{
  return names_of (out.temporary);
}

/* No folder of the user's where a file of ours must be, and no file where a folder must. */
static void
check_kinds (void)
{
  struct stat st;
  for (size_t i = 0; i < out.new.count; i++)
    {
      const char *name = out.new.list[i], *path;
      for (const char *slash = strchr (name, '/'); slash; slash = strchr (slash + 1, '/'))
        {
          path = mem_printf ("%s/%s", out.final, mem_strndup (name, (size_t) (slash - name)));
          if (lstat (path, &st) == 0 && !S_ISDIR (st.st_mode))
            fatal ("%s: is in the way of a folder of the network's; move it away", path);
        }
      path = mem_printf ("%s/%s", out.final, name);
      if (lstat (path, &st) == 0 && S_ISDIR (st.st_mode))
        fatal ("%s: is a folder, in the way of a file of the network's; move it away", path);
    }
}

void
output_dir_commit (const struct names *old)
{
  out.new = names_of (out.temporary);
  out.old = (struct names){ 0 };
  for (size_t i = 0; i < old->count; i++)
    names_add (&out.old, old->list[i]);
  if (out.exists)
    {
      names_add_incomplete (&out.old, out.final);
      check_kinds ();
    }
  temporary_hold ();
  if (out.exists && !output_exchange (&out))
    output_merge (&out);
  else if (!out.exists && rename (out.temporary, out.final))
    fatal ("%s: cannot be made: %s", out.shown, strerror (errno));
  temporary_forget (out.temporary);
  for (size_t i = 0; i < parents.count; i++)
    temporary_forget (parents.list[i]);
  lock_release (locks);
  temporary_release ();
}

void
output_dir_use (const char *dir)
{
  lock_folder (dir, dir);
  if (access (mem_printf ("%s/%s", dir, OUTPUT_INCOMPLETE), F_OK) == 0)
    fatal ("%s: `rescast generate` did not come to its end here (%s): files are old and new; generate it again", dir,
           OUTPUT_INCOMPLETE);
}
