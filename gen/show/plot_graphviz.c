/* The program dot: text in on its standard input, SVG out of its standard output. Both go through files, since a pipe
 * that is written while the other end also writes would block. */
#include "plot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/personality.h>
#endif

#include "base/temporary.h"

#ifndef DOT
#define DOT "dot"
#endif

extern char **environ;

static FILE *
temporary (void)
{
  FILE *f = tmpfile ();
  if (!f)
    fatal ("no temporary file for dot: %s", strerror (errno));
  return f;
}

static char *
contents (FILE *f)
{
  struct text t = { 0 };
  char buffer[65536];
  rewind (f);
  for (size_t n; (n = fread (buffer, 1, sizeof buffer, f));)
    text_addn (&t, buffer, n);
  if (ferror (f))
    fatal ("dot's output cannot be read: %s", strerror (errno));
  text_add (&t, "");
  return t.s;
}

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
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, fileno (in), 0);
  posix_spawn_file_actions_adddup2 (&actions, fileno (out), 1);
  posix_spawn_file_actions_adddup2 (&actions, fileno (err), 2);
  char name[] = "dot", format[] = "-Tsvg";
  char *argv[] = { name, format, NULL };
  pid_t pid;
  int status, before = fixed_addresses (-1), error = posix_spawnp (&pid, program, &actions, NULL, argv, environ);
  fixed_addresses (before);
  posix_spawn_file_actions_destroy (&actions);
  if (error == ENOENT)
    return -1;
  if (error)
    fatal ("%s cannot be run: %s", program, strerror (error));
  temporary_child (pid);
  if (waitpid (pid, &status, 0) != pid)
    fatal ("%s was lost: %s", program, strerror (errno));
  temporary_child_ended (pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128;
}

char *
plot_graphviz (const char *dot)
{
  FILE *in = temporary (), *out = temporary (), *err = temporary ();
  if (fputs (dot, in) < 0 || fflush (in))
    fatal ("no room for dot's input: %s", strerror (errno));
  rewind (in);
  const char *given = getenv ("DOT");
  int status = run (given && *given ? given : DOT, in, out, err);
  if (status < 0 && !(given && *given) && strcmp (DOT, "dot"))
    status = run ("dot", in, out, err);
  if (status < 0)
    fatal ("plot needs graphviz's program dot, and there is none; Debian: apt-get install graphviz");
  char *svg = contents (out), *said = contents (err);
  said[strcspn (said, "\n")] = 0;
  if (status || !strstr (svg, "</svg>"))
    fatal ("dot ended with status %d and no picture: %s", status, *said ? said : "it does not say why");
  fclose (in);
  fclose (out);
  fclose (err);
  return svg;
}
