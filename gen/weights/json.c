/* JSON in files of weights. */
#include "file.h"

#include <jansson.h>
#include <string.h>

enum
{
  MAX_NESTING = 32,
  MAX_VALUES = 2000000 /* a header of safetensors has 12 a tensor */
};

/* jansson takes up to 250 bytes for a value of 3: count values before it sees them, so that no header of 100 MB
 * becomes gigabytes. Text that is no JSON is left for jansson to refuse. */
static void
check_cost (const struct weights_file *f, const char *what, const char *allowed, const char *s, size_t n)
{
  size_t values = 0, nesting = 0;
  bool quoted = false;
  for (size_t i = 0; i < n; i++)
    {
      if (quoted)
        {
          if (s[i] == '\\')
            i++;
          else
            quoted = s[i] != '"';
          continue;
        }
      quoted = s[i] == '"';
      bool opens = s[i] == '{' || s[i] == '[';
      if (s[i] == '}' || s[i] == ']')
        nesting -= nesting > 0;
      nesting += opens;
      values += opens || s[i] == ',';
      if (nesting > MAX_NESTING)
        weights_bad (f, "%s nests deeper than %d; %s is allowed", what, MAX_NESTING, allowed);
      if (values > MAX_VALUES)
        weights_bad (f, "%s has more than %d values; no more are allowed", what, MAX_VALUES);
    }
}

void
weights_json (struct weights_file *f, const char *what, const char *allowed, const char *s, size_t n)
{
  json_error_t e;
  check_cost (f, what, allowed, s, n);
  f->json = json_loadb (s, n, JSON_REJECT_DUPLICATES, &e);
  if (!f->json)
    weights_bad (f, "%s: %s; a JSON object without duplicates is allowed", what,
                 weights_show (e.text, strlen (e.text)));
  if (!json_is_object (f->json))
    weights_bad (f, "%s is no JSON object; %s is allowed", what, allowed);
}
