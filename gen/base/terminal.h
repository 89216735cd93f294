/* What only people at a terminal see: how far long work has come, and colours. Files, pipes and TERM=dumb get neither,
 * NO_COLOR leaves out colours. */
#ifndef RESCAST_BASE_TERMINAL_H
#define RESCAST_BASE_TERMINAL_H

#include <stdio.h>

/* On standard error's last line: WHAT is done, step I of N from 0 on. The line goes with the last one. */
void progress_show (const char *what, int i, int n);
/* Take it away: before other lines, and where work ends early. */
void progress_clear (void);

enum colour
{
  COLOUR_NONE, /* back to the usual one */
  COLOUR_GOOD,
  COLOUR_BAD,
  COLOUR_WARNING
};
/* The sequence that turns F to colour C, or "". */
const char *colour_of (FILE *f, enum colour c);

#endif
