/* JSON, the little that is needed. */
#include "cli.h"

#include <math.h>

/* Bytes of the UTF-8 character at S; 0 where there is none (overlong, surrogate, cut off). */
static int
utf8 (const unsigned char *s)
{
  int n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
  for (int i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90)
      || (s[0] == 0xf4 && s[1] > 0x8f))
    return 0;
  return n;
}

void
cli_json_string (struct cli_out *out, const char *string)
{
  const unsigned char *s = (const unsigned char *) string;
  cli_put (out, "\"");
  while (*s)
    {
      int n = utf8 (s);
      if (n == 0)
        cli_put (out, "\\ufffd");
      else if (*s == '"' || *s == '\\')
        cli_print (out, "\\%c", *s);
      else if (*s < 32 || *s == 127)
        cli_print (out, "\\u%04x", *s);
      else
        cli_write (out, (const char *) s, (size_t) n);
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
