/* The front ends, and which of them a file is for. */
#include "frontend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

/* The last one takes what the others do not. */
static const struct frontend *const frontends[] = { &onnx_frontend, &checkpoint_frontend, &options_frontend };

enum
{
  HEAD_BYTES = 4096
};

static const struct frontend *
frontend_of (const char *head, size_t bytes)
{
  size_t last = sizeof frontends / sizeof *frontends - 1;
  for (size_t i = 0; i < last; i++)
    if (frontends[i]->takes (head, bytes))
      return frontends[i];
  return frontends[last];
}

static struct source *
source_new (const char *path, const struct frontend *frontend)
{
  struct source *s = NEW (struct source);
  *s = (struct source){ .frontend = frontend, .path = mem_strdup (path), .scale = 1 };
  return s;
}

/* What cannot be read is for the front end to tell. */
static const struct frontend *
frontend_of_file (const char *path)
{
  char head[HEAD_BYTES];
  FILE *f = fopen (path, "rb");
  size_t bytes = f ? fread (head, 1, sizeof head, f) : 0;
  if (f)
    fclose (f);
  return frontend_of (head, bytes);
}

bool
source_is_weights (const char *path)
{
  return frontend_of_file (path)->of_weights;
}

struct source *
source_read (const char *path, const char *const *set, size_t set_count, const struct weights_use *use)
{
  struct source *s = source_new (path, frontend_of_file (path));
  s->use = use;
  s->frontend->open (s, NULL, 0, set, set_count);
  return s;
}

struct source *
source_parse (const char *path, const char *text)
{
  size_t bytes = strlen (text);
  struct source *s = source_new (path, frontend_of (text, bytes < HEAD_BYTES ? bytes : HEAD_BYTES));
  s->frontend->open (s, text, bytes, NULL, 0);
  return s;
}

void
source_complete (struct source *s, const struct weights *weights)
{
  const struct weights_view view = { weights };
  if (s->frontend->complete)
    s->frontend->complete (s, &view);
}

/* The extents of G's input, for a model that leaves them open. */
static const char *
size_setting (const struct graph *g)
{
  const struct shape *s = &g->tensors[g->nodes[0].out].shape;
  struct text t = { 0 };
  text_printf (&t, "input-size=[%" PRId64, s->c);
  for (int a = AXES - s->rank; a < AXES; a++)
    text_printf (&t, ", %" PRId64, s->dim[a]);
  text_add (&t, "]");
  return t.s;
}

struct weights *
source_weights (const char *path, const struct graph *g)
{
  const struct frontend *frontend = frontend_of_file (path);
  if (!frontend->renames)
    return weights_list (path);
  struct source *s = source_new (path, frontend);
  const char *set = size_setting (g);
  frontend->open (s, NULL, 0, &set, 1);
  return s->weights;
}

struct graph *
source_model (const char *path, const struct graph *like)
{
  const char *const set[] = { size_setting (like), mem_printf ("batch=%" PRId64, like->batch) };
  struct source *s = source_new (path, frontend_of_file (path));
  if (access (path, R_OK))
    fatal ("%s: %s", path, strerror (errno));
  if (!s->frontend->renames)
    fatal ("%s: is no ONNX model; allowed: a model that has its weights with it", path);
  s->frontend->open (s, NULL, 0, set, 2);
  struct graph *g = source_build (s);
  bind_weights (g, s->weights, NULL);
  return g;
}

struct graph *
source_build (const struct source *s)
{
  return s->frontend->build (s);
}

char *
source_text (const struct source *s)
{
  return s->frontend->text (s);
}
