/* The network made ready: weights found and checked, arena allocated, init. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#endif
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Arenas from here on come from mmap: their pages cost nothing until they are used, and go back at once. */
#define MAP_BYTES ((size_t) 1 << 20)

/* NAME.weights beside the executable, which argv[0] names where /proc is missing. */
static char *
beside (const char *name, const char *program)
{
  char exe[4096];
  ssize_t n = readlink ("/proc/self/exe", exe, sizeof exe - 1);
  exe[n > 0 && n < (ssize_t) sizeof exe - 1 ? n : 0] = 0;
  const char *self = exe[0] ? exe : program, *slash = strrchr (self, '/');
  int folder = slash ? (int) (slash - self) + 1 : 0;
  size_t bytes = (size_t) folder + strlen (name) + sizeof ".weights";
  char *path = malloc (bytes);
  if (path)
    snprintf (path, bytes, "%.*s%s.weights", folder, self, name);
  return path;
}

static bool
map_weights (struct cli_model *m, const char *path, bool named)
{
  int error = m->network->weights_map (&m->weights, path);
  if (error == RESCAST_EOPEN)
    return cli_fail (path, "the weights: %s%s", strerror (errno), named ? "" : "; --weights FILE names other ones");
  /* The file may have been damaged or cut since it was written, and every page is going to be read anyway. */
  if (!error)
    error = rescast_weights_check (&m->weights);
  return !error || cli_fail (path, "%s", rescast_strerror (error));
}

static bool
load_weights (struct cli_model *m, const struct cli_options *o)
{
  const struct rescast_network *network = m->network;
  if (o->weights)
    return map_weights (m, o->weights, true);
  if (network->embedded)
    {
      int error = network->weights_init (&m->weights, network->embedded, network->embedded_bytes);
      return !error || cli_fail (NULL, "the weights in this program: %s", rescast_strerror (error));
    }
  char *path = beside (network->info->name, o->program);
  bool ok = path ? map_weights (m, path, false) : cli_fail (NULL, "out of memory");
  free (path);
  return ok;
}

static bool
make_arena (struct cli_model *m)
{
  size_t bytes = m->network->info->arena_bytes;
  if (bytes > SIZE_MAX - 63)
    return cli_fail (NULL, "the network's arena of %zu bytes is not valid", bytes);
  m->arena_bytes = bytes ? (bytes + 63) / 64 * 64 : 64;
  m->mapped = m->arena_bytes >= MAP_BYTES;
  if (m->mapped)
    {
      m->arena = mmap (NULL, m->arena_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      m->arena = m->arena == MAP_FAILED ? NULL : m->arena;
    }
  else if (posix_memalign (&m->arena, 64, m->arena_bytes) != 0)
    m->arena = NULL;
  return m->arena || cli_fail (NULL, "out of memory: the network needs an arena of %zu bytes", bytes);
}

/* Is --target one of the network's? */
static bool
known_target (const struct rescast_info *info, const char *target)
{
  for (const char *const *t = info->targets; target && t && *t; t++)
    if (strcmp (*t, target) == 0)
      return true;
  return !target || cli_fail (NULL, "this program was not generated for the target %s; --version names its best", target);
}

bool
cli_model_open (struct cli_model *m, const struct rescast_network *network, const struct cli_options *o)
{
  *m = (struct cli_model){ .network = network };
  if (network->info->abi != RESCAST_ABI)
    return cli_fail (NULL, "the network was %s", rescast_strerror (RESCAST_EVERSION));
  if (!known_target (network->info, o->target))
    return false;
  if (!load_weights (m, o) || !make_arena (m))
    return false;
  struct rescast_config config = { .threads = o->threads, .target = o->target };
  int error = network->init (network->context, &m->weights, m->arena, m->arena_bytes, &config);
  if (error)
    return cli_fail (NULL, "%s", rescast_strerror (error));
  m->started = true;
  return true;
}

void
cli_model_close (struct cli_model *m)
{
  if (m->started)
    m->network->free (m->network->context);
  if (m->mapped && m->arena)
    munmap (m->arena, m->arena_bytes);
  else
    free (m->arena);
  rescast_weights_unmap (&m->weights);
  *m = (struct cli_model){ 0 };
}
