/* Standard streams, temporary files, programs. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "temporary.h"
#include "util.h"

extern char **environ;

static void *
json_memory (size_t bytes)
{
  void *p = malloc (bytes);
  if (!p)
    fatal ("out of memory (%zu bytes)", bytes);
  return p;
}

void
program_begin (void)
{
  /* What is read of a closed stream ends at once; what is written to one is an error, as if it were closed. */
  for (int fd = 0; fd < 3; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDONLY) != fd)
      fatal ("/dev/null: %s", strerror (errno));
  fatal_reserve ();
  signal (SIGCHLD, SIG_DFL);
  json_set_alloc_funcs (json_memory, free);
}

void
program_flush (void)
{
  errno = 0;
  if (fflush (stdout) || ferror (stdout))
    fatal ("standard output: cannot be written%s%s", errno ? ": " : "", errno ? strerror (errno) : "");
}

FILE *
scratch_file (const char *text)
{
  FILE *f = tmpfile ();
  if (!f || fputs (text, f) < 0 || fseek (f, 0, SEEK_SET))
    fatal ("no temporary file: %s", strerror (errno));
  return f;
}

char *
scratch_text (FILE *f)
{
  struct text t = { 0 };
  char buffer[65536];
  bool ok = fseek (f, 0, SEEK_SET) == 0;
  for (size_t n; ok && (n = fread (buffer, 1, sizeof buffer, f)) > 0;)
    text_addn (&t, buffer, n);
  if (!ok || ferror (f))
    fatal ("a temporary file cannot be read: %s", strerror (errno));
  fclose (f);
  return t.n ? t.s : mem_strdup ("");
}

int
program_start (pid_t *pid, char *const argv[], int in, int out, int err)
{
  const int fds[] = { in, out, err };
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t usual, mask;
  int error = posix_spawn_file_actions_init (&actions);
  if (error)
    return error;
  error = posix_spawnattr_init (&attributes);
  for (int fd = 0; fd < 3 && !error; fd++)
    if (fds[fd] >= 0)
      error = posix_spawn_file_actions_adddup2 (&actions, fds[fd], fd);
  /* One that writes to a pipe nobody reads any more ends without a word, whatever our caller ignores. */
  sigemptyset (&usual);
  sigaddset (&usual, SIGPIPE);
  if (!error)
    error = posix_spawnattr_setsigdefault (&attributes, &usual);
  if (!error)
    error = posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  sigprocmask (SIG_SETMASK, NULL, &mask);
  if (!error)
    error = posix_spawnattr_setsigmask (&attributes, &mask);
  /* A signal that came between the two would end this process and not the child. */
  temporary_hold ();
  if (!error)
    error = posix_spawnp (pid, argv[0], &actions, &attributes, argv, environ);
  if (!error)
    temporary_child (*pid);
  temporary_release ();
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  return error;
}

int
program_wait (pid_t pid, const char *what)
{
  int status;
  while (waitpid (pid, &status, 0) != pid)
    if (errno != EINTR)
      fatal ("%s: its end is not known: %s", what, strerror (errno));
  temporary_child_ended (pid);
  return status;
}

double
program_seconds (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}
