/* Temporary files and their renaming. */
#define _XOPEN_SOURCE 700
#include "replace.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary.h"
#include "util.h"

enum
{
  MAX_FILES = 4
};

static struct
{
  char *temporary, *final;
} files[MAX_FILES];
static int count;

/* What a new file of the user's would have. */
static mode_t
usual_mode (void)
{
  mode_t mask = umask (0);
  umask (mask);
  return 0666 & ~mask;
}

/* The file that links from PATH lead to. */
static char *
behind_links (const char *path)
{
  char *real = realpath (path, NULL);
  if (!real)
    fatal ("%s: cannot be written: %s", path, strerror (errno));
  char *kept = mem_strdup (real);
  free (real);
  return kept;
}

const char *
replace_begin (const char *path)
{
  assert (count < MAX_FILES);
  struct stat st;
  bool exists = stat (path, &st) == 0;
  if (exists && S_ISDIR (st.st_mode))
    fatal ("%s: is a folder", path);
  if (exists && !S_ISREG (st.st_mode)) /* /dev/stdout */
    return path;
  char *final = exists ? behind_links (path) : mem_strdup (path), *name = mem_printf ("%s.XXXXXX", final);
  temporary_hold ();
  int fd = mkstemp (name);
  if (fd < 0)
    fatal ("%s: cannot be written: %s", path, strerror (errno));
  temporary_add (name, TEMPORARY_FILE);
  temporary_release ();
  files[count].temporary = name;
  files[count++].final = final;
  if (fchmod (fd, exists ? st.st_mode & 0777 : usual_mode ()) || close (fd))
    fatal ("%s: cannot be written: %s", path, strerror (errno));
  return name;
}

void
replace_commit (void)
{
  for (int i = 0; i < count; i++)
    if (rename (files[i].temporary, files[i].final))
      fatal ("%s: cannot be written: %s", files[i].final, strerror (errno));
    else
      temporary_forget (files[i].temporary);
  count = 0;
}
