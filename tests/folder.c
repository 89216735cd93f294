#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "folder.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[512], sources[512];

/* The folder that has templates and runtime, from make's environment or from this file's own name. */
static void
find_sources (void)
{
  const char *from = getenv ("RESCAST_SRCDIR"), *me = __FILE__;
  if (!from)
    from = getenv ("srcdir");
  const char *slash = strrchr (me, '/');
  if (from)
    snprintf (sources, sizeof sources, "%s", from);
  else
    snprintf (sources, sizeof sources, "%.*s/..", slash ? (int) (slash - me) : 1, slash ? me : ".");
  char *whole = realpath (sources, NULL);
  if (whole)
    snprintf (sources, sizeof sources, "%s", whole);
  free (whole);
  setenv ("RESCAST_DATADIR", sources, 0);
}

void
folder_make (void)
{
  const char *tmp = getenv ("TMPDIR");
  find_sources ();
  snprintf (folder, sizeof folder, "%s/rescast-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");
  if (!mkdtemp (folder))
    {
      perror (folder);
      exit (99);
    }
}

void
folder_remove (void)
{
  child_shell ("rm -rf '%s'", folder);
}

static char *
vprint (const char *fmt, va_list args)
{
  char *s = NULL;
  ck_assert_int_ge (vasprintf (&s, fmt, args), 0);
  return s;
}

char *
folder_path (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  char *name = vprint (fmt, args), *path = mem_printf ("%s/%s", folder, name);
  va_end (args);
  free (name);
  return path;
}

void
folder_write (const char *path, const char *text)
{
  file_write (path, text, strlen (text));
}

char *
folder_read (const char *path)
{
  size_t bytes;
  char *text = file_read (path, (size_t) 1 << 30, &bytes), *kept = mem_strndup (text, bytes);
  free (text);
  return kept;
}

char *
source_path (const char *name)
{
  return mem_printf ("%s/%s", sources, name);
}

char *
rescast_program (void)
{
  const char *given = getenv ("RESCAST");
  char exe[4096];
  ssize_t n = readlink ("/proc/self/exe", exe, sizeof exe - 1);
  if (given)
    return mem_strdup (given);
  ck_assert_int_gt (n, 0);
  exe[n] = 0;
  for (int i = 0; i < 2 && strrchr (exe, '/'); i++)
    *strrchr (exe, '/') = 0;
  return mem_printf ("%s/rescast", exe);
}

void
folder_with_runtime (const char *dir, const char *level)
{
  const char *build = getenv ("RESCAST_BUILDDIR");
  if (!build)
    return;
  child_shell ("from='%s/tests/precompiled/%s' && diff -r -x '*.o' -x cuda \"$from/runtime\" '%s/runtime' >/dev/null 2>&1"
               " && cp -p \"$from/.compile\" \"$from/.link\" '%s' && cp \"$from\"/runtime/*.o '%s/runtime'"
               " && cp \"$from\"/runtime/cli/*.o '%s/runtime/cli'", build, level, dir, dir, dir, dir);
}

void
folder_compile (const char *dir, const char *targets)
{
  child_shell_ok ("make -s -j2 -C '%s' ${CC:+CC=\"$CC\"} CFLAGS=-O1 %s", dir, targets);
}

/* What was written to F. */
static char *
contents (FILE *f)
{
  long n = ftell (f);
  char *s = mem_alloc ((size_t) (n > 0 ? n : 0) + 1);
  rewind (f);
  if (n > 0)
    ck_assert_uint_eq (fread (s, 1, (size_t) n, f), (size_t) n);
  fclose (f);
  return s;
}

static FILE *
output_file (void)
{
  FILE *f = tmpfile ();
  ck_assert_ptr_nonnull (f);
  return f;
}

struct child
child_run (void (*f) (void *arg), void *arg)
{
  FILE *out = output_file (), *err = output_file ();
  int status;
  fflush (NULL);
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    {
      dup2 (fileno (out), STDOUT_FILENO);
      dup2 (fileno (err), STDERR_FILENO);
      f (arg);
      exit (0);
    }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  fseek (out, 0, SEEK_END);
  fseek (err, 0, SEEK_END);
  return (struct child){ WIFEXITED (status) ? WEXITSTATUS (status) : -1, contents (out), contents (err) };
}

static void
run_shell (void *line)
{
  static const char *const of_make[] = { "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES" };
  for (size_t i = 0; i < sizeof of_make / sizeof *of_make; i++)
    unsetenv (of_make[i]);
  execl ("/bin/sh", "sh", "-c", (char *) line, (char *) NULL);
  _exit (127);
}

struct child
child_shell (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  char *line = vprint (fmt, args);
  va_end (args);
  struct child c = child_run (run_shell, line);
  free (line);
  return c;
}

struct child
child_shell_ok (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  char *line = vprint (fmt, args);
  va_end (args);
  struct child c = child_run (run_shell, line);
  ck_assert_msg (c.status == 0, "%s\nstatus %d\n%s%s", line, c.status, c.out, c.err);
  free (line);
  return c;
}

void
child_refused (const struct child *c, const char *const *texts)
{
  const char *newline = strchr (c->err, '\n');
  ck_assert_msg (c->status == 1, "status %d, not 1: %s%s", c->status, c->out, c->err);
  ck_assert_msg (newline && !newline[1], "no single line: %s", c->err);
  ck_assert_msg (!strncmp (c->err, "rescast: ", 9), "%s", c->err);
  for (size_t i = 0; texts[i]; i++)
    ck_assert_msg (strstr (c->err, texts[i]), "%sdoes not say: %s", c->err, texts[i]);
}
