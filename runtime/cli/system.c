/* What POSIX and Windows do not agree on. */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef _WIN32
#include <windows.h>

bool
cli_program_path (char *path, size_t bytes)
{
  DWORD n = GetModuleFileNameA (NULL, path, (DWORD) bytes);
  for (DWORD i = 0; i < n && i < bytes; i++)
    if (path[i] == '\\')
      path[i] = '/';
  return n > 0 && n < bytes;
}

int
cli_temporary (char *name)
{
  return mkstemp (name);
}

bool
cli_rename (const char *from, const char *to)
{
  if (MoveFileExA (from, to, MOVEFILE_REPLACE_EXISTING))
    return true;
  errno = GetLastError () == ERROR_ACCESS_DENIED ? EACCES : EIO;
  return false;
}

void
cli_catch_signals (void (*handler) (int))
{
  signal (SIGINT, handler);
  signal (SIGTERM, handler);
}

#else

bool
cli_program_path (char *path, size_t bytes)
{
  ssize_t n = readlink ("/proc/self/exe", path, bytes - 1);
  bool whole = n > 0 && (size_t) n < bytes - 1;
  path[whole ? n : 0] = 0;
  return whole;
}

/* mkstemp's file is private; what it becomes is an ordinary one. */
int
cli_temporary (char *name)
{
  int fd = mkstemp (name);
  mode_t mask = umask (0);
  umask (mask);
  if (fd >= 0)
    fchmod (fd, 0666 & ~mask);
  return fd;
}

bool
cli_rename (const char *from, const char *to)
{
  return rename (from, to) == 0;
}

/* Signals that the caller chose to ignore (nohup) stay ignored. */
void
cli_catch_signals (void (*handler) (int))
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU, SIGXFSZ };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    {
      struct sigaction old, new = { .sa_handler = handler };
      sigemptyset (&new.sa_mask);
      if (sigaction (numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        sigaction (numbers[i], &new, NULL);
    }
}

#endif
