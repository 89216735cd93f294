/* Terminals, seen by isatty and the environment alone. */
#include "terminal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

/* Seconds between two drawings of the same line. */
#define PAUSE 0.1

static bool visible;

static bool
is_terminal (int descriptor)
{
  const char *term = getenv ("TERM");
  return isatty (descriptor) && term && *term && strcmp (term, "dumb") != 0;
}

void
progress_show (const char *what, int i, int n)
{
  static const char *last;
  static double drawn;
  static int terminal = -1;
  if (terminal < 0)
    terminal = is_terminal (STDERR_FILENO);
  if (!terminal)
    return;
  const double now = program_seconds ();
  if (i + 1 >= n)
    {
      progress_clear ();
      return;
    }
  if (visible && what == last && now - drawn < PAUSE)
    return;
  fprintf (stderr, "\r\033[K%s %d of %d", what, i + 1, n);
  fflush (stderr);
  visible = true;
  last = what;
  drawn = now;
}

void
progress_clear (void)
{
  if (visible)
    fputs ("\r\033[K", stderr);
  visible = false;
}

const char *
colour_of (FILE *f, enum colour c)
{
  static const char *const sequences[] = { [COLOUR_NONE] = "\033[0m", [COLOUR_GOOD] = "\033[32m",
                                           [COLOUR_BAD] = "\033[1;31m", [COLOUR_WARNING] = "\033[33m" };
  const char *no = getenv ("NO_COLOR");
  return is_terminal (fileno (f)) && !(no && *no) ? sequences[c] : "";
}
