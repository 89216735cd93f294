/* The progress bar. */
#include "cli.h"

#include <unistd.h>

#define WIDTH 30

void
cli_progress_start (struct cli_progress *p, const char *what, size_t total)
{
  *p = (struct cli_progress){ .what = what, .total = total, .start = cli_now () };
  p->terminal = total > 1 && isatty (STDERR_FILENO);
}

void
cli_progress_show (struct cli_progress *p, size_t done)
{
  if (!p->terminal)
    return;
  double now = cli_now ();
  if (now - p->start < 1 || now - p->drawn < 0.1)
    return;
  p->drawn = now;
  p->visible = true;
  int filled = (int) ((double) done / (double) p->total * WIDTH);
  fprintf (stderr, "\r%s [", p->what);
  for (int i = 0; i < WIDTH; i++)
    fputc (i < filled ? '#' : '.', stderr);
  fprintf (stderr, "] %zu/%zu", done, p->total);
  fflush (stderr);
}

void
cli_progress_clear (struct cli_progress *p)
{
  if (!p->visible)
    return;
  /* Erase to the end of the line. */
  fputs ("\r\033[K", stderr);
  fflush (stderr);
  p->visible = false;
  p->drawn = 0;
}
