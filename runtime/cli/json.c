/* JSON, the little that is needed. */
#include "cli.h"

#include <math.h>
#include <string.h>

#include "text.h"

void
cli_json_string (FILE *out, const char *s)
{
  fputc ('"', out);
  while (*s)
    {
      size_t n = cli_utf8 (s, strlen (s));
      if (n == 0)
        fputs ("\\ufffd", out);
      else if (*s == '"' || *s == '\\')
        fprintf (out, "\\%c", *s);
      else if ((unsigned char) *s < 32 || *s == 127)
        fprintf (out, "\\u%04x", (unsigned) *s);
      else
        fwrite (s, 1, n, out);
      s += n ? n : 1;
    }
  fputc ('"', out);
}

void
cli_json_number (FILE *out, double x, int digits)
{
  if (isfinite (x))
    fprintf (out, "%.*g", digits, x);
  else
    fputs ("null", out);
}
