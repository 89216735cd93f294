/* The front ends, and which of them a file is for. */
#include "frontend.h"

#include <stdio.h>
#include <string.h>

#include "base/util.h"

/* The last one takes what the others do not. */
static const struct frontend *const frontends[] = { &options_frontend };

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

struct source *
source_read (const char *path, const char *const *set, size_t set_count)
{
  char head[HEAD_BYTES];
  FILE *f = fopen (path, "rb"); /* what cannot be read is for the front end to tell */
  size_t bytes = f ? fread (head, 1, sizeof head, f) : 0;
  if (f)
    fclose (f);
  struct source *s = source_new (path, frontend_of (head, bytes));
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
