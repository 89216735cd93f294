/* The program dot: text in on its standard input, SVG out of its standard output. Both go through files, since a pipe
 * that is written while the other end also writes would block. */
#include "plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/personality.h>
#endif

#include "base/program.h"

#ifndef DOT
#define DOT "dot"
#endif

/* dot keeps sets ordered by address: the same addresses make the same picture. Where that is refused the picture is
 * as good, and nearly always the same. Returns what to restore. */
static int
fixed_addresses (int restore)
{
#ifdef __linux__
  int now = restore >= 0 ? restore : personality (0xffffffff);
  if (now >= 0)
    personality (restore >= 0 ? (unsigned long) now : (unsigned long) now | ADDR_NO_RANDOMIZE);
  return now;
#else
  return restore;
#endif
}

/* PROGRAM's exit status, or -1 when there is no such program. */
static int
run (const char *program, FILE *in, FILE *out, FILE *err)
{
  char format[] = "-Tsvg", *argv[] = { mem_strdup (program), format, NULL };
  pid_t pid;
  int before = fixed_addresses (-1), error = program_start (&pid, argv, fileno (in), fileno (out), fileno (err));
  fixed_addresses (before);
  if (error == ENOENT)
    return -1;
  if (error)
    fatal ("%s cannot be run: %s", program, strerror (error));
  int status = program_wait (pid, program);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128;
}

char *
plot_graphviz (const char *dot)
{
  FILE *in = scratch_file (dot), *out = scratch_file (""), *err = scratch_file ("");
  const char *given = getenv ("DOT");
  bool chosen = given && *given;
  int status = run (chosen ? given : DOT, in, out, err);
  if (status < 0 && !chosen && strcmp (DOT, "dot") != 0)
    status = run ("dot", in, out, err);
  if (status < 0)
    fatal ("plot needs graphviz's program dot, and there is none; Debian: apt-get install graphviz");
  char *svg = scratch_text (out), *said = scratch_text (err);
  said[strcspn (said, "\n")] = 0;
  if (status || !strstr (svg, "</svg>"))
    fatal ("dot ended with status %d and no picture: %s", status, *said ? said : "it does not say why");
  fclose (in);
  return svg;
}
