/* Commands, and what the program says of its times. */
#include "tune_cpu.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/program.h"
#include "base/status.h"

static volatile sig_atomic_t late, child;

static void
time_is_up (int signal)
{
  (void) signal;
  late = 1;
  if (child)
    kill ((pid_t) child, SIGKILL);
}

/* The line of a failed command's output that says most: the first with "error", or the last one. */
static char *
telling_line (const char *s)
{
  const char *best = NULL;
  size_t length = 0;
  for (const char *line = s, *end; *line; line = *end ? end + 1 : end)
    {
      end = line + strcspn (line, "\n");
      if (end == line)
        continue;
      best = line;
      length = (size_t) (end - line);
      if (strstr (mem_strndup (line, length), "error"))
        break;
    }
  return best ? mem_strndup (best, length) : mem_strdup ("it says nothing");
}

/* Wait for the child PID, SECONDS at most (0: without limit); its status. */
static int
wait_for (pid_t pid, const char *what, unsigned seconds)
{
  struct sigaction a = { .sa_handler = time_is_up };
  sigaction (SIGALRM, &a, NULL);
  late = 0;
  child = pid;
  alarm (seconds);
  int status = program_wait (pid, what);
  alarm (0);
  child = 0;
  return status;
}

/* Why a command failed that ended with STATUS and printed TEXT. */
static const char *
reason (int status, const char *text, unsigned seconds)
{
  if (late)
    return mem_printf ("it did not end within %u s", seconds);
  if (!*text)
    return status_text (status);
  return WIFSIGNALED (status) ? mem_printf ("%s: %s", status_text (status), telling_line (text)) : telling_line (text);
}

/* Run ARGV, for SECONDS at most; what it prints. When it fails *FAILURE says why; FAILURE NULL: fatal with one line. */
static char *
run (char *const argv[], const char *what, unsigned seconds, const char **failure)
{
  FILE *out = scratch_file (""), *err = scratch_file ("");
  pid_t pid;
  int error = program_start (&pid, argv, -1, fileno (out), fileno (err));
  if (error)
    fatal ("%s: cannot run %s: %s", what, argv[0], strerror (error));
  int status = wait_for (pid, what, seconds);
  char *text = scratch_text (out), *said = scratch_text (err);
  if (WIFEXITED (status) && !WEXITSTATUS (status))
    return text;
  const char *why = reason (status, *said ? said : text, seconds);
  if (!failure)
    fatal ("%s failed: %s", what, why);
  *failure = why;
  return text;
}

static void
move (const char *from, const char *to, const char *file)
{
  char *source = mem_printf ("%s/%s", from, file), *target = mem_printf ("%s/%s", to, file);
  if (rename (source, target))
    fatal ("%s: %s", target, strerror (errno));
}

void
tune_make (const char *build, const char *name, const char *to)
{
  long cpus = sysconf (_SC_NPROCESSORS_ONLN);
  char make[] = "make", quiet[] = "-s", in[] = "-C", *jobs = mem_printf ("-j%ld", cpus > 0 ? cpus : 1);
  char *argv[] = { make, quiet, jobs, in, mem_strdup (build), mem_strdup (name), NULL };
  run (argv, mem_printf ("make of %s", name), 0, NULL);
  if (mkdir (to, 0777))
    fatal ("%s: %s", to, strerror (errno));
  move (build, to, name);
  move (build, to, mem_printf ("%s.weights", name));
}

static double
number (const json_t *j, const char *path, const char *key)
{
  const json_t *v = json_object_get (j, key);
  if (!json_is_number (v))
    fatal ("%s: its --json lacks %s", path, key);
  return json_number_value (v);
}

struct timing
tune_time (const char *folder, const char *name, int runs, int threads, int nodes, double seconds, const char **failure)
{
  char *path = mem_printf ("%s/%s", folder, name);
  char bench[] = "--bench", json[] = "--json", profile[] = "--profile", option[] = "--threads";
  char *argv[] = { path, bench, mem_printf ("%d", runs), json, profile, threads ? option : NULL,
                   mem_printf ("%d", threads), NULL };
  struct timing t = { .layer = NEW_ARRAY ((size_t) nodes, double) };
  if (failure)
    *failure = NULL;
  char *text = run (argv, mem_printf ("the program %s", name), (unsigned) fmin (ceil (seconds), INT_MAX), failure);
  if (failure && *failure)
    return t;
  json_t *j = json_loads (text, 0, NULL);
  const json_t *b = json_object_get (j, "bench");
  const json_t *layers = json_object_get (json_object_get (j, "profile"), "layers");
  if (json_array_size (layers) != (size_t) nodes)
    fatal ("%s: its profile has %zu layers in place of %d", name, json_array_size (layers), nodes);
  t.ms = number (b, name, "median_ms");
  t.threads = (int) number (b, name, "threads");
  for (int i = 0; i < nodes; i++)
    t.total += t.layer[i] = number (json_array_get (layers, (size_t) i), name, "ms");
  json_decref (j);
  return t;
}
