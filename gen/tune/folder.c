/* The folder to tune, the weights that it was made with, and a temporary folder. */
#include "folder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temporary.h"
#include "graph/bind.h"
#include "graph/init.h"
#include "backend/code_budget.h"
#include "frontend/frontend.h"

static char work[4096];

const char *
tune_work (void)
{
  const char *parent = getenv ("TMPDIR");
  if (work[0])
    return work;
  temporary_hold ();
  if (snprintf (work, sizeof work, "%s/rescast-tune.XXXXXX", parent && *parent ? parent : "/tmp") >= (int) sizeof work
      || !mkdtemp (work))
    fatal ("%s: no temporary folder: %s", work, strerror (errno));
  temporary_add (work, TEMPORARY_TREE);
  temporary_release ();
  return work;
}

struct weights *
tune_weights (const char *dir, struct manifest *m, const char *path, const struct weights_use *use)
{
  const char *from = json_string_value (json_object_get (m->json, "weights"));
  const char *hash = json_string_value (json_object_get (m->json, "weights_hash"));
  bool file = from && !strcmp (from, "file");
  if (file && !path)
    fatal ("%s: was made with a weights file, and other kernels need it packed anew: give it with -w", dir);
  if (!file && path)
    fatal ("%s: was made without a weights file; pack puts %s into it", dir, path);
  if (!file)
    {
      init_params (m->g, m->source->seed);
      return NULL;
    }
  struct weights *weights = source_weights (path, m->g);
  if (!hash || strcmp (hash, mem_printf ("%016" PRIx64, weights->hash)))
    fatal ("%s: are not the weights that %s was made with; pack puts them into it", path, dir);
  bind_weights (m->g, weights, use);
  return weights;
}

struct graph *
tune_fresh (const struct manifest *m, const struct choosing *how, enum precision p)
{
  struct graph *g = source_build (m->source);
  for (int i = 0; i < g->param_count; i++)
    g->params[i]->value = m->g->params[i]->value;
  g->weights_path = m->g->weights_path;
  g->precision = p;
  g->exact = m->g->exact;
  code_budget_set (g, m->g->unroll_budget);
  g->keep_tensors = m->g->keep_tensors;
  g->tiles = m->g->tiles;
  g->choosing = how;
  return g;
}
