/* A source that is a text of options. */
#include "from_text.h"

#include <string.h>

#include "base/util.h"

struct from_text
{
  struct source options;
  const char *text; /* with what --set said */
};

/* Is LINE, up to a colon, the key that TEXT sets? */
static bool
sets_line (const char *text, const char *line)
{
  const size_t n = strcspn (text, "=");
  return strlen (line) > n && !strncmp (text, line, n) && line[n] == ':';
}

/* TEXT, whose keys outside lists have a line each, with COUNT texts KEY=VALUE of SET in place of what it says of them
 * or, of new keys, in front. The last of several with one key counts; import writes the name itself. */
static const char *
with_set (const char *text, const char *const *set, size_t count)
{
  struct text t = { 0 };
  for (size_t i = 0; i < count; i++)
    {
      const size_t n = strcspn (set[i], "=");
      bool again = !strncmp (set[i], "name=", 5) || !set[i][n];
      for (size_t k = i + 1; k < count; k++)
        again = again || !strncmp (set[k], set[i], n + 1);
      if (!again)
        text_printf (&t, "%.*s: %s\n", (int) n, set[i], set[i] + n + 1);
    }
  for (const char *line = text, *end; *line; line = end)
    {
      bool replaced = false;
      end = line + strcspn (line, "\n");
      end += *end == '\n';
      for (size_t i = 0; i < count; i++)
        replaced = replaced || sets_line (set[i], line);
      if (!replaced)
        text_addn (&t, line, (size_t) (end - line));
    }
  return t.s;
}

void
from_text_open (struct source *s, const char *text, const char *const *set, size_t count)
{
  const struct source own = *s;
  struct from_text *from = NEW (struct from_text);
  from->text = with_set (text, set, count);
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
