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

#include "util.h"

enum
{
  MAX_FILES = 4
};

/* Not in the arena: the exit handler needs them after it is gone. */
static struct
{
  char temporary[4096];
  char *final;
} files[MAX_FILES];
static int count;

static void
remove_temporaries (void)
{
  for (int i = 0; i < count; i++)
    unlink (files[i].temporary);
  count = 0;
}

/* What a new file of the user's would have. */
static mode_t
usual_mode (void)
{
  mode_t mask = umask (0);
  umask (mask);
  return 0666 & ~mask;
}

const char *
replace_begin (const char *path)
{
  static bool registered;
  assert (count < MAX_FILES);
  struct stat st;
  char *name = files[count].temporary;
  bool exists = stat (path, &st) == 0;
  if (exists && S_ISDIR (st.st_mode))
    fatal ("%s: is a folder", path);
  char *final = mem_strdup (path);
  if (exists && !S_ISREG (st.st_mode))
    return final; /* a device or a pipe, which must not be renamed over */
  if (strlen (path) + 8 > sizeof files[count].temporary)
    fatal ("%s: the name is too long", path);
  if (!registered)
    atexit (remove_temporaries);
  registered = true;
  snprintf (name, sizeof files[count].temporary, "%s.XXXXXX", path);
  int fd = mkstemp (name);
  if (fd < 0)
    fatal ("%s: cannot be written: %s", path, strerror (errno));
  files[count++].final = final;
  fchmod (fd, usual_mode ()); /* where the file system has no modes, it has none of the user's other files either */
  if (close (fd))
    fatal ("%s: cannot be written: %s", path, strerror (errno));
  return name;
}

void
replace_commit (void)
{
  int n = count;
  for (int i = 0; i < n; i++)
    if (rename (files[i].temporary, files[i].final))
      fatal ("%s: cannot be written: %s", files[i].final, strerror (errno));
  count = 0;
}
