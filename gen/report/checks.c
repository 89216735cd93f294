/* A JUnit report as verify writes it: suites and cases one after the other, failures and errors within these. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t) 256 << 20)

/* The value of the attribute KEY between S and END, its entities resolved; NULL: there is none. */
static char *
attribute (const char *s, const char *end, const char *key)
{
  static const struct { const char *name; char c;
  } entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
  const char *start = mem_printf (" %s=\"", key), *at = strstr (s, start);
  struct text t = { 0 };
  if (!at || at >= end)
    return NULL;
  text_add (&t, "");
  for (at += strlen (start); at < end && *at != '"'; at++)
    {
      size_t k = 0;
      while (k < 5 && strncmp (at, entities[k].name, strlen (entities[k].name)))
        k++;
      text_addn (&t, k < 5 ? &entities[k].c : at, 1);
      at += k < 5 ? strlen (entities[k].name) - 1 : 0;
    }
  return t.s;
}

/* The end of the element's start tag at S; no quoted text has a '>'. NULL: it has none. */
static const char *
tag_end (const char *s)
{
  return strchr (s, '>');
}

/* The failure of the case whose start tag ends at S and which ends at END, or NULL. */
static char *
failure_in (const char *s, const char *end)
{
  static const char *const kinds[] = { "<failure", "<error" };
  for (int k = 0; k < 2; k++)
    {
      const char *at = strstr (s, kinds[k]), *close = at ? tag_end (at) : NULL;
      if (!close || at >= end)
        continue;
      char *message = attribute (at, close, "message");
      return message ? message : mem_strdup ("it does not say why");
    }
  return NULL;
}

const struct checks *
checks_read (const char *path)
{
  static const char open[] = "<testcase";
  size_t bytes;
  char *text = file_read (path, MOST_BYTES, &bytes);
  struct checks *c = NEW (struct checks);
  size_t most = 0;
  if (!strstr (text, "<testsuite"))
    fatal ("%s: is no JUnit report; allowed: what rescast verify --junit writes", path);
  for (const char *s = text; (s = strstr (s, open)); s++)
    most++;
  c->list = NEW_ARRAY (most + 1, struct check);
  for (const char *s = text, *next; (s = strstr (s, open)); s = next)
    {
      const char *close = tag_end (s);
      next = strstr (s + 1, open);
      if (!next)
        next = text + bytes;
      char *layer = close ? attribute (s, close, "name") : NULL;
      if (!layer)
        fatal ("%s: has a test case without a name; allowed: what rescast verify --junit writes", path);
      char *failure = close[-1] == '/' ? NULL : failure_in (close, next);
      c->list[c->count++] = (struct check){ layer, failure };
      c->failures += failure != NULL;
      if (!*next)
        break;
    }
  free (text);
  return c;
}
