/* Numbers as people read them. */
#include "parts.h"

/* Three digits of V in the largest of COUNT units, each STEP times the one before, that leaves 1 or more. */
static char *
in_units (double v, double step, const char *const *units, int count)
{
  int unit = 0;
  for (; unit + 1 < count && v >= step * 0.9995; unit++)
    v /= step;
  return mem_printf ("%.*f %s", !unit && v == (double) (int64_t) v ? 0 : v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2, v,
                     units[unit]);
}

char *
bytes_words (double bytes)
{
  static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
  return in_units (bytes, 1024, units, 5);
}

char *
count_words (double n)
{
  static const char *const units[] = { "", "k", "M", "G", "T" };
  return in_units (n, 1000, units, 5);
}

char *
ms_words (double ms)
{
  int digits = ms >= 99.95 ? 0 : ms >= 9.995 ? 1 : ms >= 0.9995 ? 2 : 3;
  for (double least = 0.0995; ms < least && digits < 6; least /= 10)
    digits++;
  return ms <= 0 ? mem_strdup ("0") : mem_printf ("%.*f", digits, ms);
}
