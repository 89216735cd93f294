/* JSON, the little that is needed. */
#include "cli.h"

#include <math.h>
#include <string.h>

#include "text.h"

void
cli_json_string (struct cli_out *out, const char *s)
{
  cli_put (out, "\"");
  while (*s)
    {
      size_t n = cli_utf8 (s, strlen (s));
      if (n == 0)
        cli_put (out, "\\ufffd");
      else if (*s == '"' || *s == '\\')
        cli_print (out, "\\%c", *s);
      else if ((unsigned char) *s < 32 || *s == 127)
        cli_print (out, "\\u%04x", (unsigned) *s);
      else
        cli_write (out, s, n);
      s += n ? n : 1;
    }
  cli_put (out, "\"");
}

void
cli_json_number (struct cli_out *out, double x, int digits)
{
  if (isfinite (x))
    cli_print (out, "%.*g", digits, x);
  else
    cli_put (out, "null");
}
