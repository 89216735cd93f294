/* Commands, and what the program says of its times. */
#include "parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/program.h"

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

/* Run ARGV; what it prints. Fatal with one line when it fails. */
static char *
run (char *const argv[], const char *what)
{
  FILE *out = scratch_file (""), *err = scratch_file ("");
  pid_t pid;
  int error = program_start (&pid, argv, -1, fileno (out), fileno (err));
  if (error)
    fatal ("%s: cannot run %s: %s", what, argv[0], strerror (error));
  int status = program_wait (pid, what);
  char *text = scratch_text (out), *said = scratch_text (err);
  if (!WIFEXITED (status) || WEXITSTATUS (status))
    fatal ("%s failed: %s", what, telling_line (*said ? said : text));
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
  run (argv, mem_printf ("make of %s", name));
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
tune_time (const char *folder, const char *name, int runs, int threads, int nodes)
{
  char *path = mem_printf ("%s/%s", folder, name);
  char bench[] = "--bench", json[] = "--json", profile[] = "--profile", option[] = "--threads";
  char *argv[] = { path, bench, mem_printf ("%d", runs), json, profile, threads ? option : NULL,
                   mem_printf ("%d", threads), NULL };
  char *text = run (argv, mem_printf ("the program %s", name));
  json_t *j = json_loads (text, 0, NULL);
  const json_t *b = json_object_get (j, "bench");
  const json_t *layers = json_object_get (json_object_get (j, "profile"), "layers");
  if (json_array_size (layers) != (size_t) nodes)
    fatal ("%s: its profile has %zu layers in place of %d", name, json_array_size (layers), nodes);
  struct timing t = { .ms = number (b, name, "median_ms"), .layer = NEW_ARRAY ((size_t) nodes, double),
                      .threads = (int) number (b, name, "threads") };
  for (int i = 0; i < nodes; i++)
    t.total += t.layer[i] = number (json_array_get (layers, (size_t) i), name, "ms");
  json_decref (j);
  return t;
}
