/* The library of a generated folder: found, built, described. */
#include "parts.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/output_dir.h"
#include "base/status.h"
#include "base/temporary.h"

static bool
has_suffix (const char *s, const char *suffix)
{
  size_t n = strlen (s), m = strlen (suffix);
  return n > m && !strcmp (s + n - m, suffix);
}

/* Is PATH the manifest of a network called NAME? */
static bool
is_manifest (const char *path, const char *name)
{
  json_t *root = json_load_file (path, 0, NULL);
  const char *s = json_string_value (json_object_get (root, "name"));
  bool yes = s && !strcmp (s, name);
  json_decref (root);
  return yes;
}

static void
find_manifest (struct library *lib)
{
  DIR *d = opendir (lib->dir);
  if (!d)
    fatal ("%s: %s", lib->dir, strerror (errno));
  for (struct dirent *e = readdir (d); e; e = readdir (d))
    {
      if (!has_suffix (e->d_name, ".json"))
        continue;
      char *name = mem_strndup (e->d_name, strlen (e->d_name) - 5);
      char *path = mem_printf ("%s/%s", lib->dir, e->d_name);
      if (!is_manifest (path, name))
        continue;
      if (lib->name)
        fatal ("%s: manifests of two networks, %s and %s; one is allowed", lib->dir, lib->name, name);
      lib->name = name;
      lib->manifest = path;
    }
  closedir (d);
  if (!lib->name)
    fatal ("%s: no manifest NAME.json of a generated network in this folder", lib->dir);
}

/* This machine has not what the code needs: no failure. */
bool
error_not_here (int error)
{
  return error == RESCAST_ECPU || error == RESCAST_EDRIVER || error == RESCAST_EDEVICE;
}

static bool
newer (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Does the folder have a source that changed after BUILT? */
static bool
any_source_newer (const char *dir, const struct timespec *built)
{
  bool found = false;
  DIR *d = opendir (dir);
  if (!d)
    return false;
  for (struct dirent *e = readdir (d); e && !found; e = readdir (d))
    {
      const char *s = e->d_name;
      struct stat st;
      bool source = has_suffix (s, ".c") || has_suffix (s, ".h") || has_suffix (s, ".cu") || !strcmp (s, "Makefile");
      found = source && !stat (mem_printf ("%s/%s", dir, s), &st) && newer (&st.st_mtim, built);
    }
  closedir (d);
  return found;
}

/* make -s -C DIR TARGET; what it prints goes to stderr. What went wrong, or NULL. */
static const char *
run_make (const char *dir, const char *target)
{
  pid_t parent = getpid ();
  fflush (NULL);
  pid_t child = fork ();
  if (child == 0)
    {
      process_follow (parent, SIGTERM); /* make ends its own children then */
      /* As if the user had called it: nothing of a make that runs us. */
      unsetenv ("MAKEFLAGS");
      unsetenv ("MFLAGS");
      unsetenv ("MAKELEVEL");
      dup2 (STDERR_FILENO, STDOUT_FILENO);
      execlp ("make", "make", "-s", "-C", dir, target, (char *) NULL);
      _exit (127);
    }
  int status = 0;
  pid_t got;
  if (child > 0)
    temporary_child (child);
  while ((got = child < 0 ? -1 : waitpid (child, &status, 0)) < 0 && errno == EINTR)
    continue;
  if (got < 0)
    return mem_printf ("make: %s", strerror (errno));
  temporary_child_ended (child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 127)
    return mem_printf ("%s: make cannot be run", dir);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    return mem_printf ("%s: `make -C %s %s` failed: %s", dir, dir, target, status_text (status));
  return NULL;
}

void
library_find (struct library *lib, const char *dir)
{
  *lib = (struct library){ .dir = dir };
  output_dir_use (dir);
  find_manifest (lib);
  lib->path = mem_printf ("%s/lib%s.so", dir, lib->name);
  if (!strchr (lib->path, '/')) /* or dlopen would look for it elsewhere */
    lib->path = mem_printf ("./%s", lib->path);
}

const char *
library_build (const struct library *lib)
{
  struct stat st;
  if (!stat (lib->path, &st) && !any_source_newer (lib->dir, &st.st_mtim)
      && !any_source_newer (mem_printf ("%s/runtime", lib->dir), &st.st_mtim))
    return NULL;
  return run_make (lib->dir, mem_printf ("lib%s.so", lib->name));
}

static const char *
weights_path (const struct library *lib)
{
  return mem_printf ("%s/%s%s.weights", lib->dir, lib->name, lib->cuda ? "_cuda" : "");
}

/* Read the weights into guarded memory: kernels may read nothing behind them and write nothing at all. */
static const char *
read_weights (struct library *lib)
{
  const char *path = weights_path (lib);
  size_t bytes;
  char *data = file_read (path, lib->info->weights_bytes, &bytes);
  lib->image = guarded_new (bytes, 64);
  memcpy (lib->image.data, data, bytes);
  free (data);
  guarded_protect (&lib->image);
  int error = rescast_weights_init (&lib->weights, lib->image.data, bytes, lib->info->network);
  if (!error)
    error = rescast_weights_check (&lib->weights);
  return error ? mem_printf ("%s: %s", path, rescast_strerror (error)) : NULL;
}

const char *
library_open (struct library *lib, double seconds)
{
  const char *failure = describe_library (lib, weights_path (lib), seconds);
  if (failure)
    return failure;
  if (strcmp (lib->info->name, lib->name))
    return mem_printf ("%s: network %s; %s is needed: generate it again", lib->path, lib->info->name, lib->name);
  return read_weights (lib);
}

void
library_close (struct library *lib)
{
  guarded_free (&lib->image);
}
