/* A source that is a text of options. */
#include "from_text.h"

#include <string.h>

#include "base/util.h"

struct from_text
{
  struct source options;
  const char *text;
};

void
from_text_open (struct source *s, const char *text, const char *const *set, size_t count)
{
  const struct source own = *s;
  struct from_text *from = NEW (struct from_text);
  from->text = text;
  from->options = (struct source){ .frontend = &options_frontend, .path = s->path, .scale = 1 };
  options_frontend.open (&from->options, text, strlen (text), set, count);
  *s = from->options;
  s->frontend = own.frontend;
  s->path = own.path;
  s->own = from;
}

struct graph *
from_text_build (const struct source *s)
{
  const struct from_text *from = s->own;
  return options_frontend.build (&from->options);
}

char *
from_text_text (const struct source *s)
{
  const struct from_text *from = s->own;
  return options_frontend.text (&from->options);
}

const char *
from_text_readable (const struct source *s)
{
  const struct from_text *from = s->own;
  return from->text;
}
