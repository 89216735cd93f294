/* The library of a generated folder: found, built, loaded. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "parts.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/output_dir.h"
#include "base/program.h"

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

/* make -s -C DIR TARGET; what it prints goes to stderr. */
static void
run_make (const char *dir, const char *target)
{
  char make[] = "make", quiet[] = "-s", in[] = "-C", *argv[] = { make, quiet, in, mem_strdup (dir), mem_strdup (target), NULL };
  /* As if the user had called it: nothing of a make that runs us. */
  unsetenv ("MAKEFLAGS");
  unsetenv ("MFLAGS");
  unsetenv ("MAKELEVEL");
  pid_t pid;
  int error = program_start (&pid, argv, -1, STDERR_FILENO, -1);
  if (error)
    fatal ("make: %s", strerror (error));
  int status = program_wait (pid, "make");
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    fatal ("%s: `make -C %s %s` failed", dir, dir, target);
}

static void *
symbol (const struct library *lib, const char *name)
{
  void *p = dlsym (lib->handle, name);
  if (!p)
    fatal ("%s/lib%s.so: no function %s; generate the network again", lib->dir, lib->name, name);
  return p;
}

/* ISO C has no cast from an object's pointer to a function's; POSIX promises that this works. */
#define LOAD(lib, member, name) (*(void **) &(lib)->member = symbol (lib, name))

static void
load_functions (struct library *lib)
{
  const char *n = lib->name;
  LOAD (lib, info, mem_printf ("%s_info", n));
  LOAD (lib, context_bytes, mem_printf ("%s_context_bytes", n));
  LOAD (lib, weights_map, mem_printf ("%s_weights_map", n));
  LOAD (lib, init, mem_printf ("%s_init", n));
  LOAD (lib, run, mem_printf ("%s_run", n));
  LOAD (lib, set_hook, mem_printf ("%s_set_hook", n));
  LOAD (lib, free, mem_printf ("%s_free", n));
}

static void
map_weights (struct library *lib, const char *path)
{
  int error = lib->weights_map (&lib->weights, path);
  if (!error)
    error = rescast_weights_check (&lib->weights);
  if (error)
    fatal ("%s: %s", path, rescast_strerror (error));
}

void
library_open (struct library *lib, const char *dir)
{
  *lib = (struct library){ .dir = dir };
  output_dir_use (dir);
  find_manifest (lib);
  char *file = mem_printf ("lib%s.so", lib->name), *path = mem_printf ("%s/%s", dir, file);
  struct stat st;
  if (stat (path, &st) || any_source_newer (dir, &st.st_mtim)
      || any_source_newer (mem_printf ("%s/runtime", dir), &st.st_mtim))
    run_make (dir, file);
  lib->handle = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (!lib->handle)
    fatal ("%s", dlerror ());
  load_functions (lib);
  const struct rescast_info *info = lib->info ();
  if (info->abi != RESCAST_ABI || strcmp (info->name, lib->name))
    fatal ("%s: network %s of ABI %d; %s of ABI %d is needed: generate it again", path, info->name, info->abi,
           lib->name, RESCAST_ABI);
  map_weights (lib, mem_printf ("%s/%s.weights", dir, lib->name));
}

void
library_open_cuda (struct library *cuda, const struct library *lib)
{
  const char *n = lib->name;
  *cuda = *lib;
  LOAD (cuda, info, mem_printf ("%s_cuda_info", n));
  LOAD (cuda, context_bytes, mem_printf ("%s_cuda_host_bytes", n));
  LOAD (cuda, weights_map, mem_printf ("%s_cuda_weights_map", n));
  LOAD (cuda, init, mem_printf ("%s_cuda_host_init", n));
  LOAD (cuda, run, "rescast_cuda_host_run");
  LOAD (cuda, set_hook, "rescast_cuda_host_set_hook");
  LOAD (cuda, free, "rescast_cuda_host_free");
  LOAD (cuda, message, "rescast_cuda_message");
  cuda->target = "cuda";
  map_weights (cuda, mem_printf ("%s/%s_cuda.weights", lib->dir, n));
}

/* This machine has not what the code needs: no failure. */
static bool
not_here (int error)
{
  return error == RESCAST_ECPU || error == RESCAST_EDRIVER || error == RESCAST_EDEVICE;
}

const char *
library_error (const struct library *lib, int error)
{
  return lib->message ? lib->message () : rescast_strerror (error);
}

bool
library_runs (const struct library *lib, const char *target)
{
  const struct rescast_info *info = lib->info ();
  struct rescast_config config = { .threads = 1, .target = target };
  struct guarded arena = guarded_new (info->arena_bytes), context = guarded_new (lib->context_bytes ());
  int error = lib->init (context.data, &lib->weights, arena.data, arena.bytes, &config);
  if (error && !not_here (error))
    fatal ("%s_init for the target %s: %s", lib->name, target, library_error (lib, error));
  if (!error)
    lib->free (context.data);
  guarded_free (&arena);
  guarded_free (&context);
  return !error;
}

/* The library stays loaded: outcomes keep names that lie in it. */
void
library_close (struct library *lib)
{
  rescast_weights_unmap (&lib->weights);
}
