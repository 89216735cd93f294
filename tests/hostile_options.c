/* hostile_options FOLDER FIRST COUNT: generates from options of every kind, case FIRST and those behind it. Each is either
 * refused, with one line that has file, line and column, and leaves nothing behind, or gives C that compiles without a
 * warning and a header that does so as C++17. RESCAST, CC and CXX name the programs; CXX empty: no C++. HOSTILE_TELL set:
 * refusals are shown. */
#include "hostile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECKS "-I. -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only"

/* Run ARGV in FOLDER, output and errors into the file LOG. Its exit status, or -1 for a signal. */
static int
run (const char *folder, const char *log, char *const *argv)
{
  pid_t pid = fork ();
  if (pid == 0)
    {
      int fd = open (log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
      if (fd < 0 || dup2 (fd, 1) < 0 || dup2 (fd, 2) < 0 || chdir (folder))
        _exit (99);
      execvp (argv[0], argv);
      _exit (99);
    }
  int status;
  while (pid > 0 && waitpid (pid, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return pid > 0 && WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
read_log (const char *log, char *text, size_t room)
{
  FILE *f = fopen (log, "rb");
  size_t n = f ? fread (text, 1, room - 1, f) : 0;
  text[n] = 0;
  if (f)
    fclose (f);
}

/* "rescast: FILE:LINE:COL: …", or "rescast: --set KEY: …", and nothing else. */
static bool
is_refusal (const char *text)
{
  if (strncmp (text, "rescast: ", 9) || strchr (text, '\n') != text + strlen (text) - 1)
    return false;
  if (strncmp (text + 9, "--set ", 6) == 0)
    return true;
  for (const char *p = text; (p = strchr (p, ':')); p++)
    {
      size_t line = strspn (p + 1, "0123456789"), column = line && p[1 + line] == ':' ? strspn (p + 2 + line, "0123456789") : 0;
      if (column && strncmp (p + 2 + line + column, ": ", 2) == 0)
        return true;
    }
  return false;
}

/* Is anything in FOLDER but the case's own files? */
static bool
leaves (const char *folder, const struct hostile *h)
{
  DIR *d = opendir (folder);
  bool some = !d;
  for (struct dirent *e; d && (e = readdir (d));)
    some |= strcmp (e->d_name, ".") && strcmp (e->d_name, "..") && strcmp (e->d_name, h->file)
            && strcmp (e->d_name, "the labels.txt");
  if (d)
    closedir (d);
  return some;
}

static int
shell (const char *folder, const char *log, const char *line)
{
  char sh[] = "sh", c[] = "-c", *copy = strdup (line), *argv[] = { sh, c, copy, NULL };
  int status = copy ? run (folder, log, argv) : -1;
  free (copy);
  return status;
}

static int
generate (const struct hostile *h, const char *log)
{
  char options[80], out[] = "out dir", generate_word[] = "generate", o[] = "-o", t[] = "-t", set_word[] = "--set";
  char embed[] = "--embed", both[] = "c,cuda", set[sizeof h->set], *argv[12];
  int n = 0;
  snprintf (options, sizeof options, "./%s", h->file);
  memcpy (set, h->set, sizeof set);
  argv[n++] = getenv ("RESCAST");
  argv[n++] = generate_word;
  argv[n++] = options;
  argv[n++] = o;
  argv[n++] = out;
  if (h->cuda)
    {
      argv[n++] = t;
      argv[n++] = both;
    }
  if (h->embed)
    argv[n++] = embed;
  if (*set)
    {
      argv[n++] = set_word;
      argv[n++] = set;
    }
  argv[n] = NULL;
  return run (h->folder, log, argv);
}

enum result
{
  REFUSED,
  COMPILED,
  FAILED
};

static enum result
try (const struct hostile *h, const char *log)
{
  char text[20000], line[600];
  const char *cxx = getenv ("CXX");
  int status = generate (h, log);
  read_log (log, text, sizeof text);
  if (status)
    return status == 1 && is_refusal (text) && !leaves (h->folder, h) ? REFUSED : FAILED;
  snprintf (line, sizeof line, "cd 'out dir' && n=$(echo *.json) && n=${n%%.json} && %s -std=c11 " CHECKS " *.c", getenv ("CC"));
  if (cxx && *cxx)
    snprintf (line + strlen (line), sizeof line - strlen (line), " && for h in $n.h %s; do %s -std=c++17 " CHECKS " -x c++ $h; done",
              h->cuda ? "${n}_cuda.h" : "", cxx);
  return shell (h->folder, log, line) ? FAILED : COMPILED;
}

int
main (int argc, char **argv)
{
  if (argc != 4 || !getenv ("RESCAST") || !getenv ("CC"))
    return 2;
  uint32_t first = (uint32_t) strtoul (argv[2], NULL, 10), count = (uint32_t) strtoul (argv[3], NULL, 10);
  unsigned results[3] = { 0 };
  char folder[4000], log[4100], text[2000];
  snprintf (folder, sizeof folder, "%s/case", argv[1]);
  snprintf (log, sizeof log, "%s/log", argv[1]);
  for (uint32_t seed = first; seed < first + count; seed++)
    {
      struct hostile h;
      if (mkdir (folder, 0700))
        return 99;
      hostile_write (&h, folder, seed);
      enum result result = try (&h, log);
      results[result]++;
      read_log (log, text, sizeof text);
      if (result == REFUSED && getenv ("HOSTILE_TELL"))
        printf ("case %u: %s", seed, text);
      if (result == FAILED)
        printf ("FAIL: case %u: %s%s\n", seed, text, *text ? "" : "nothing said");
      if (shell (argv[1], log, "rm -rf case"))
        return 99;
    }
  printf ("%u refused, %u compiled, %u wrong\n", results[REFUSED], results[COMPILED], results[FAILED]);
  /* Cases that are all refused, or all good, would test little. */
  return results[FAILED] || 5 * results[REFUSED] < count || 5 * results[COMPILED] < count;
}
