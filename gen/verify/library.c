/* The library of a generated folder: found, built, described. */
#include "backend/backend.h"
#include "verify_internal.h"

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
#include "base/program.h"
#include "base/status.h"

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
  size_t count;
  const char **names = folder_names (lib->dir, &count);
  if (!names)
    fatal ("%s: %s", lib->dir, strerror (errno));
  for (size_t i = 0; i < count; i++)
    {
      if (!has_suffix (names[i], ".json"))
        continue;
      char *name = mem_strndup (names[i], strlen (names[i]) - 5);
      char *path = mem_printf ("%s/%s", lib->dir, names[i]);
      if (!is_manifest (path, name))
        continue;
      if (lib->name)
        fatal ("%s: manifests of two networks, %s and %s; one is allowed", lib->dir, lib->name, name);
      lib->name = name;
      lib->manifest = path;
    }
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
  size_t count;
  const char **names = folder_names (dir, &count);
  if (!names && errno == ENOENT)
    return false; /* the library came here without its sources */
  if (!names)
    fatal ("%s: %s", dir, strerror (errno));
  for (size_t i = 0; i < count; i++)
    {
      const char *s = names[i];
      struct stat st;
      bool source = has_suffix (s, ".c") || has_suffix (s, ".h") || has_suffix (s, ".cu") || !strcmp (s, "Makefile");
      if (source && (stat (mem_printf ("%s/%s", dir, s), &st) || newer (&st.st_mtim, built)))
        return true;
    }
  return false;
}

/* make -s -C DIR TARGET; what it prints goes to stderr. What went wrong, or NULL. */
static const char *
run_make (const char *dir, const char *target)
{
  char make[] = "make", quiet[] = "-s", in[] = "-C";
  char *argv[] = { make, quiet, in, mem_strdup (dir), mem_strdup (target), NULL };
  /* As if the user had called it: nothing of a make that runs us. */
  unsetenv ("MAKEFLAGS");
  unsetenv ("MFLAGS");
  unsetenv ("MAKELEVEL");
  pid_t pid;
  int error = program_start (&pid, argv, -1, STDERR_FILENO, -1);
  if (error)
    return mem_printf ("%s: make cannot be run: %s", dir, strerror (error));
  int status = program_wait (pid, "make");
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

const struct backend *
library_backend (const struct library *lib)
{
  return lib->device ? lib->device : host_backend;
}

static const char *
weights_path (const struct library *lib)
{
  return mem_printf ("%s/%s.weights", lib->dir, lib->name);
}

/* Read the section of the weights into guarded memory: kernels may read nothing behind it, not even the next section,
 * and write nothing at all. */
static const char *
read_weights (struct library *lib)
{
  const char *path = weights_path (lib);
  struct rescast_weights mapped;
  int error = rescast_weights_map (&mapped, path, lib->info->network);
  if (!error)
    {
      lib->section = guarded_new (mapped.data_bytes, 64);
      memcpy (lib->section.data, mapped.data, mapped.data_bytes);
      guarded_protect (&lib->section);
      lib->weights = (struct rescast_weights){ .data = lib->section.data, .data_bytes = mapped.data_bytes,
                                               .section = mapped.section };
      rescast_weights_unmap (&mapped);
      error = rescast_weights_check (&lib->weights);
    }
  return error ? mem_printf ("%s: %s", path, rescast_strerror (error)) : NULL;
}

const char *
library_open (struct library *lib, const char *target, double seconds)
{
  lib->target = target;
  const char *failure = describe_library (lib, seconds);
  if (failure)
    return failure;
  lib->target = lib->info->target;
  if (strcmp (lib->info->name, lib->name))
    return mem_printf ("%s: network %s; %s is needed: generate it again", lib->path, lib->info->name, lib->name);
  return read_weights (lib);
}

void
library_close (struct library *lib)
{
  guarded_free (&lib->section);
}
