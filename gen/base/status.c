/* How a child process ended, in words. */
#include "status.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "util.h"

static const char *
signal_name (int number)
{
  static const struct { int number; const char *name; } names[] = {
    { SIGSEGV, "segmentation fault" }, { SIGBUS, "bus error" }, { SIGFPE, "arithmetic error" },
    { SIGILL, "illegal instruction" }, { SIGABRT, "aborted" },  { SIGTRAP, "breakpoint" },
    { SIGSYS, "bad system call" },     { SIGKILL, "killed, as when memory runs out" },
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].number == number)
      return names[i].name;
  const char *name = strsignal (number);
  return name ? name : "unknown";
}

const char *
status_text (int status)
{
  if (WIFSIGNALED (status))
    return mem_printf ("signal %d (%s)", WTERMSIG (status), signal_name (WTERMSIG (status)));
  return mem_printf ("exit status %d", WEXITSTATUS (status));
}
