/* The network made ready: weights found and checked, arena allocated, init. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NAME.weights beside the executable, which argv[0] names where the system does not. */
static char *
beside (const struct rescast_info *info, const char *program)
{
  char exe[4096];
  const char *self = cli_program_path (exe, sizeof exe) ? exe : program, *slash = strrchr (self, '/');
  int folder = slash ? (int) (slash - self) + 1 : 0;
  size_t bytes = (size_t) folder + strlen (info->name) + sizeof ".weights";
  char *path = malloc (bytes);
  if (path)
    snprintf (path, bytes, "%.*s%s.weights", folder, self, info->name);
  return path;
}

/* cli_fail, unless nobody wants to know. */
#define FAIL(m, ...) ((m)->quiet ? false : cli_fail (__VA_ARGS__))

/* Does a file beside the weights PATH say that generating the folder did not come to its end? */
static bool
is_incomplete (const char *path)
{
  const char *slash = strrchr (path, '/');
  char mark[4200];
  int folder = slash ? (int) (slash - path) + 1 : 0;
  int n = snprintf (mark, sizeof mark, "%.*srescast-incomplete", folder, path);
  return n < (int) sizeof mark && access (mark, F_OK) == 0;
}

static bool
map_weights (struct cli_model *m, bool named, const struct rescast_config *config)
{
  if (!named && is_incomplete (m->path))
    return FAIL (m, m->path,
                 "generating this folder did not come to its end: files are old and new; generate it again");
  int error = m->network->weights_map (&m->weights, m->path, config);
  if (error == RESCAST_EOPEN)
    return FAIL (m, m->path, "the weights: %s%s", strerror (errno), named ? "" : "; --weights FILE names other ones");
  return !error || FAIL (m, m->path, "%s", rescast_strerror (error));
}

static bool
load_weights (struct cli_model *m, const struct cli_options *o, const struct rescast_config *config)
{
  const struct rescast_network *network = m->network;
  if (!o->weights && network->embedded)
    {
      int error = network->weights_init (&m->weights, network->embedded, network->embedded_bytes, config);
      return !error || FAIL (m, NULL, "the weights in this program: %s", rescast_strerror (error));
    }
  m->path = o->weights ? strdup (o->weights) : beside (network->info, o->program);
  return m->path ? map_weights (m, o->weights != NULL, config) : FAIL (m, NULL, "out of memory");
}

static bool
make_arena (struct cli_model *m)
{
  m->arena_bytes = m->network->info->arena_bytes;
  m->arena = rescast_arena_alloc (m->arena_bytes);
  return m->arena || FAIL (m, NULL, "out of memory: the network needs an arena of %zu bytes", m->arena_bytes);
}

int
cli_context_init (const struct cli_model *m, const struct cli_options *o, void *memory, void *arena, int number)
{
  /* The file may have been damaged since it was written; what was linked in is part of the program. */
  struct rescast_config config = { .threads = o->threads, .target = o->target, .device = o->device_number,
                                   .check = number == 0 && !o->unchecked && m->path, .pin = o->pin,
                                   .first_core = number * o->threads };
  return m->network->init (memory, &m->weights, arena, m->arena_bytes, &config);
}

bool
cli_model_open (struct cli_model *m, const struct rescast_network *network, const struct cli_options *o,
                bool quiet)
{
  *m = (struct cli_model){ .network = network, .quiet = quiet };
  if (network->info->abi != RESCAST_ABI)
    return cli_fail (NULL, "the network was %s", rescast_strerror (RESCAST_EVERSION));
  bool cpu = strcmp (network->info->target, "cuda") != 0; /* a GPU's arena is its own; hooks look at a copy */
  struct rescast_config config = { .target = o->target, .device = o->device_number };
  if (!load_weights (m, o, &config) || ((cpu || o->tensor_count) && !make_arena (m)))
    return false;
  int error = cli_context_init (m, o, network->context, m->arena, 0);
  if (error == RESCAST_EHASH)
    return FAIL (m, m->path, "%s", rescast_strerror (error));
  if (error)
    return FAIL (m, NULL, "%s", network->message ? network->message () : rescast_strerror (error));
  m->started = true;
  /* Of several contexts each has a thread of its own that calls run. */
  if (cpu && o->pin && o->contexts == 1 && rescast_pin_thread (o->pin, 0) != RESCAST_OK)
    return FAIL (m, NULL, "this thread cannot be pinned");
  return true;
}

void
cli_model_close (struct cli_model *m)
{
  if (m->started)
    m->network->free (m->network->context);
  rescast_arena_free (m->arena, m->arena_bytes);
  rescast_weights_unmap (&m->weights);
  free (m->path);
  *m = (struct cli_model){ 0 };
}
