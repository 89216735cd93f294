#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum
{
  LABEL_BYTES = 1024
};

size_t
cli_utf8 (const char *string, size_t left)
{
  const unsigned char *s = (const unsigned char *) string;
  size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
  if (n > left)
    return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90)
      || (s[0] == 0xf4 && s[1] > 0x8f))
    return 0;
  return n;
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static bool
is_end (char c)
{
  return c == '\n' || c == '\r';
}

/* Is S of N bytes a label? *ERROR says why not; its line is there already. */
static bool
check (const char *s, size_t n, struct cli_label_error *error)
{
  error->column = 1;
  if (n < 1 || n > LABEL_BYTES)
    {
      snprintf (error->what, sizeof error->what, "a label of %zu bytes; allowed: 1 to %d", n, LABEL_BYTES);
      return false;
    }
  for (size_t i = 0, k; i < n; i += k)
    {
      const unsigned char c = (unsigned char) s[i];
      k = cli_utf8 (s + i, n - i);
      if (k && (c >= ' ' || c == '\t') && c != 0x7f)
        continue;
      error->column = (int) i + 1;
      snprintf (error->what, sizeof error->what,
                "byte 0x%02x in a label; allowed: UTF-8 text without control characters", c);
      return false;
    }
  return true;
}

int
cli_label_lines (char *text, size_t bytes, const char **label, struct cli_label_error *error)
{
  char *p = text, *end = text + bytes;
  int count = 0;
  if (bytes >= 3 && !memcmp (p, "\xef\xbb\xbf", 3))
    p += 3;
  while (end > p && (is_end (end[-1]) || is_blank (end[-1])))
    end--;
  for (; p < end; count++)
    {
      char *stop = p;
      while (stop < end && !is_end (*stop))
        stop++;
      size_t n = (size_t) (stop - p);
      while (n && is_blank (p[n - 1]))
        n--;
      error->line = count + 1;
      if (!check (p, n, error))
        return -1;
      char *next = stop + (stop + 1 < end && stop[0] == '\r' && stop[1] == '\n' ? 2 : 1);
      if (label)
        {
          label[count] = p;
          p[n] = 0;
        }
      p = next;
    }
  return count;
}
