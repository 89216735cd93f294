/* Half the way of generate: what was understood, as files. */
#include "import.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/replace.h"
#include "base/temporary.h"
#include "frontend/frontend.h"
#include "graph/bind.h"

void
import_model (const char *path, const char *dir, const char *const *set, size_t set_count,
              const struct weights_use *use)
{
  struct source *s = source_read (path, set, set_count, use);
  if (!s->frontend->readable)
    fatal ("%s: is a file of options; allowed: a model, which one is made of", path);
  struct graph *g = source_build (s);
  if (s->weights)
    bind_weights (g, s->weights, use);
  if (mkdir (dir, 0777) && errno != EEXIST)
    fatal ("%s: no folder of this name can be made: %s", dir, strerror (errno));
  const char *text = mem_printf ("name: %s\n%s", g->name, s->frontend->readable (s));
  if (s->frontend->renames)
    weights_write (replace_begin (mem_printf ("%s/%s.safetensors", dir, g->name)), s->weights->list, s->weights->count);
  file_write (replace_begin (mem_printf ("%s/%s.yaml", dir, g->name)), text, strlen (text));
  replace_commit ();
  note ("%s: %s; %s/%s.yaml has it, %s its weights", path, s->recognised, dir, g->name,
        s->frontend->renames ? mem_printf ("%s/%s.safetensors", dir, g->name) : path);
}
