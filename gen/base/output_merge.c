/* An output that is changed file by file. Each file changes whole, but only at the end do they belong together again;
 * until then OUTPUT_INCOMPLETE is there. It lists the files of both outputs: should this process not come to the end,
 * the next one knows which of them to remove. */
#include "output_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary.h"
#include "util.h"

/* Make the folders that the file NAME of DIR lies in. */
static void
make_folders (const char *dir, const char *name)
{
  for (const char *slash = strchr (name, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      const char *folder = mem_printf ("%s/%s", dir, mem_strndup (name, (size_t) (slash - name)));
      if (mkdir (folder, 0777) && errno != EEXIST)
        fatal ("%s: %s", folder, strerror (errno));
    }
}

/* The temporary folder into the final one, so that its files can be renamed: the latter may be a mount of its own. */
static void
come_inside (struct output *o)
{
  const char *inside = mem_printf ("%s/%s", o->final, OUTPUT_INSIDE);
  if (!o->beside)
    return;
  if (!remove_tree (inside))
    fatal ("%s: cannot be removed: %s", inside, strerror (errno));
  temporary_add (inside, TEMPORARY_TREE);
  if (rename (o->temporary, inside))
    {
      if (errno != EXDEV || mkdir (inside, 0700))
        fatal ("%s: cannot be written: %s", o->shown, strerror (errno));
      for (size_t i = 0; i < o->new.count; i++)
        {
          const char *path = mem_printf ("%s/%s", o->temporary, o->new.list[i]);
          size_t bytes;
          if (access (path, F_OK)) /* an equal file that could not be linked */
            continue;
          char *data = file_read (path, SIZE_MAX / 4, &bytes);
          make_folders (inside, o->new.list[i]);
          file_write (mem_printf ("%s/%s", inside, o->new.list[i]), data, bytes);
          free (data);
        }
      remove_tree (o->temporary);
    }
  temporary_forget (o->temporary);
  snprintf (o->temporary, sizeof o->temporary, "%s", inside);
}

static void
begin (const struct output *o)
{
  struct text t = { 0 };
  const char *from = mem_printf ("%s/%s", o->temporary, OUTPUT_INCOMPLETE);
  const char *to = mem_printf ("%s/%s", o->final, OUTPUT_INCOMPLETE);
  for (size_t i = 0; i < o->old.count; i++)
    if (!names_have (&o->new, o->old.list[i]))
      text_printf (&t, "%s\n", o->old.list[i]);
  for (size_t i = 0; i < o->new.count; i++)
    text_printf (&t, "%s\n", o->new.list[i]);
  file_write (from, t.s, t.n);
  if (rename (from, to))
    fatal ("%s: cannot be written: %s", o->shown, strerror (errno));
}

static _Noreturn void
stop (const struct output *o, const char *path)
{
  fatal ("%s: %s; files in %s are old and new now: generate it again", path, strerror (errno), o->shown);
}

static void
put (const struct output *o, const char *name)
{
  const char *from = mem_printf ("%s/%s", o->temporary, name), *to = mem_printf ("%s/%s", o->final, name);
  if (access (from, F_OK) || same_contents (from, to)) /* equal files may have been left out before */
    return;
  make_folders (o->final, name);
  if (utimensat (AT_FDCWD, from, NULL, 0) || rename (from, to))
    stop (o, to);
}

/* Does the file NAME of DIR lie in its folders, and not behind a link? */
static bool
lies_in (const char *dir, const char *name)
{
  struct stat st;
  for (const char *slash = strchr (name, '/'); slash; slash = strchr (slash + 1, '/'))
    if (lstat (mem_printf ("%s/%s", dir, mem_strndup (name, (size_t) (slash - name))), &st) || !S_ISDIR (st.st_mode))
      return false;
  return true;
}

static void
remove_file (const struct output *o, const char *name)
{
  const char *path = mem_printf ("%s/%s", o->final, name);
  if (output_is_stale (o, name) && lies_in (o->final, name) && unlink (path) && errno != ENOENT)
    stop (o, path);
}

/* The file, its object, and the folders that are then empty. */
static void
remove_stale (const struct output *o, const char *name)
{
  const char *dot = strrchr (name, '.');
  remove_file (o, name);
  if (dot)
    remove_file (o, mem_printf ("%s.o", mem_strndup (name, (size_t) (dot - name))));
  if (!output_is_stale (o, name) || !lies_in (o->final, name))
    return;
  char *path = mem_printf ("%s/%s", o->final, name);
  for (size_t top = strlen (o->final); strrchr (path, '/') > path + top;)
    {
      *strrchr (path, '/') = 0;
      if (rmdir (path))
        break;
    }
}

void
output_merge (struct output *o)
{
  come_inside (o);
  begin (o);
  for (size_t i = 0; i < o->new.count; i++)
    put (o, o->new.list[i]);
  for (size_t i = 0; i < o->old.count; i++)
    remove_stale (o, o->old.list[i]);
  const char *mark = mem_printf ("%s/%s", o->final, OUTPUT_INCOMPLETE);
  if (unlink (mark))
    stop (o, mark);
  remove_tree (o->temporary);
}
