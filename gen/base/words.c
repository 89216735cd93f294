/* Words and their characters. */
#include <string.h>

#include "../../runtime/cli/text.h"
#include "util.h"

/* Levenshtein distance, cut off at 63 characters. */
static size_t
distance (const char *a, const char *b)
{
  size_t row[64], n = strlen (b);
  if (n > 63)
    return SIZE_MAX;
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 1; a[i - 1]; i++)
    {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= n; j++)
        {
          size_t best = diagonal + (a[i - 1] != b[j - 1]);
          diagonal = row[j];
          if (row[j] + 1 < best)
            best = row[j] + 1;
          if (row[j - 1] + 1 < best)
            best = row[j - 1] + 1;
          row[j] = best;
        }
    }
  return row[n];
}

const char *
nearest_name (const char *s, const char *const *names, size_t count)
{
  const char *best = NULL;
  size_t least = strlen (s) / 3 + 2;
  for (size_t i = 0; i < count; i++)
    {
      size_t d = distance (s, names[i]);
      if (d < least)
        {
          least = d;
          best = names[i];
        }
    }
  return best;
}

size_t
utf8_decode (const char *p, size_t left, uint32_t *c)
{
  const unsigned char *u = (const unsigned char *) p;
  size_t n = left ? cli_utf8 (p, left) : 0;
  if (!n)
    return 0;
  *c = n == 1 ? u[0] : u[0] & (0xffu >> (n + 1));
  for (size_t i = 1; i < n; i++)
    *c = *c << 6 | (u[i] & 0x3fu);
  return n;
}
