#include "data_dir.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/rescast"
#endif

const char *
data_dir (void)
{
  static const char *found;
  if (found)
    return found;
  if ((found = getenv ("RESCAST_DATADIR")))
    return found;
  char exe[4096];
  ssize_t n = readlink ("/proc/self/exe", exe, sizeof exe - 1);
  char *slash = n > 0 ? (exe[n] = 0, strrchr (exe, '/')) : NULL;
  if (slash)
    {
      *slash = 0;
      found = mem_strdup (exe);
      if (access (mem_printf ("%s/templates/base.m4", found), R_OK) == 0)
        return found;
    }
  return found = PKGDATADIR;
}

bool
data_is_name (const char *text)
{
  return *text && !text[strcspn (text, "./")];
}
