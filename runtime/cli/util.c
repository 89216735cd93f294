/* One-line errors, and small things that every file here uses. */
#include "cli.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

/* Names come from outside: a newline or an escape sequence in one must not break the line or the terminal. */
static void
put_clean (char *s)
{
  for (; *s; s++)
    fputc ((unsigned char) *s < 32 || *s == 127 ? '?' : *s, stderr);
}

static void
put_line (const char *file, const char *kind, const char *fmt, va_list args)
{
  char text[1024], name[4096 + 64];
  vsnprintf (text, sizeof text, fmt, args);
  fflush (stdout);
  fputs ("rescast: ", stderr);
  if (file)
    {
      snprintf (name, sizeof name, "%s: ", file);
      put_clean (name);
    }
  fputs (kind, stderr);
  put_clean (text);
  fputc ('\n', stderr);
}

bool
cli_fail (const char *file, const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  put_line (file, "", fmt, args);
  va_end (args);
  return false;
}

void
cli_warn (const char *file, const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  put_line (file, "warning: ", fmt, args);
  va_end (args);
}

bool
cli_mul (size_t a, size_t b, size_t *product)
{
  if (b && a > SIZE_MAX / b)
    return false;
  *product = a * b;
  return true;
}

const char *
cli_shape_text (char *text, size_t bytes, const uint64_t *shape, int rank)
{
  size_t at = (size_t) snprintf (text, bytes, "(");
  for (int i = 0; i < rank && at < bytes; i++)
    at += (size_t) snprintf (text + at, bytes - at, "%s%" PRIu64, i ? ", " : "", shape[i]);
  if (at < bytes)
    snprintf (text + at, bytes - at, rank == 1 ? ",)" : ")");
  return text;
}

double
cli_now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}
