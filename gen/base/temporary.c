/* The list of what is to be removed, and the signals' handler. The handler may interrupt anything, malloc included: it
 * calls only functions that are safe there. Removing a tree is not among them, so that /bin/rm does it. */
#include "temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

enum
{
  MOST = 64,
  MOST_CHILDREN = 1024
};

/* Not in the arena: they are needed after it is gone. Kind 0: unused. */
static struct
{
  char path[4400];
  volatile sig_atomic_t kind;
} list[MOST];
static volatile pid_t children[MOST_CHILDREN];
static sigset_t before; /* temporary_hold */
static pid_t owner; /* a forked child has the list, but it is not the child's */

static bool remove_at (int parent, const char *name);

static const int signals[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,   SIGXCPU,
                               SIGXFSZ, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF };

static void
handled_signals (sigset_t *set)
{
  sigemptyset (set);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaddset (set, signals[i]);
}

static void
end_children (void)
{
  for (int i = 0; i < MOST_CHILDREN; i++)
    if (children[i] > 0)
      {
        kill (children[i], SIGTERM);
        kill (children[i], SIGCONT); /* one that is stopped gets the other then */
      }
  for (int i = 0; i < MOST_CHILDREN; i++)
    if (children[i] > 0)
      waitpid (children[i], NULL, 0);
}

/* remove_tree for the handler. */
static void
run_rm (char *path)
{
  char name[] = "rm", options[] = "-rf", end[] = "--";
  char *argv[] = { name, options, end, path, NULL }, *environment[] = { NULL };
  pid_t pid;
  if (!posix_spawn (&pid, "/bin/rm", NULL, NULL, argv, environment))
    waitpid (pid, NULL, 0);
}

static void
interrupted (int number)
{
  if (getpid () == owner)
    {
      end_children ();
      for (int i = MOST - 1; i >= 0; i--)
        if (list[i].kind == TEMPORARY_FILE)
          unlink (list[i].path);
        else if (list[i].kind == TEMPORARY_TREE)
          run_rm (list[i].path);
        else if (list[i].kind == TEMPORARY_FOLDER)
          rmdir (list[i].path);
    }
  /* It is blocked while its handler runs, and comes again when this returns. */
  signal (number, SIG_DFL);
  raise (number);
}

static void
remove_all (void)
{
  if (getpid () != owner)
    return;
  temporary_hold ();
  for (int i = MOST - 1; i >= 0; i--)
    {
      if (list[i].kind == TEMPORARY_FILE)
        unlink (list[i].path);
      else if (list[i].kind == TEMPORARY_TREE && !remove_tree (list[i].path)) /* out of memory */
        run_rm (list[i].path);
      else if (list[i].kind == TEMPORARY_FOLDER)
        rmdir (list[i].path);
      list[i].kind = 0;
    }
}

/* At the first use in a process; a fork of one that had the list begins with an empty one. */
static void
start (void)
{
  static bool registered;
  if (owner == getpid ())
    return;
  for (int i = 0; i < MOST; i++)
    list[i].kind = 0;
  for (int i = 0; i < MOST_CHILDREN; i++)
    children[i] = 0;
  owner = getpid ();
  if (!registered && atexit (remove_all))
    fatal ("out of memory");
  registered = true;
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    {
      struct sigaction old, new = { .sa_handler = interrupted };
      handled_signals (&new.sa_mask);
      if (!sigaction (signals[i], NULL, &old) && old.sa_handler == SIG_DFL)
        sigaction (signals[i], &new, NULL);
    }
}

void
temporary_add (const char *path, enum temporary_kind kind)
{
  int i = MOST;
  start ();
  while (i > 0 && !list[i - 1].kind) /* behind all others: the last one goes first, a folder's contents before it */
    i--;
  if (i == MOST || strlen (path) >= sizeof list[i].path)
    fatal ("%s: %s", path, i == MOST ? "too many temporary files" : "the name is too long");
  strcpy (list[i].path, path);
  atomic_signal_fence (memory_order_seq_cst);
  list[i].kind = (sig_atomic_t) kind;
}

void
temporary_forget (const char *path)
{
  for (int i = 0; i < MOST; i++)
    if (list[i].kind && !strcmp (list[i].path, path))
      list[i].kind = 0;
}

static void
replace_child (pid_t old, pid_t new)
{
  for (int i = 0; i < MOST_CHILDREN; i++)
    if (children[i] == old)
      {
        children[i] = new;
        return;
      }
}

void
temporary_child (pid_t pid)
{
  start ();
  replace_child (0, pid);
}

void
temporary_child_ended (pid_t pid)
{
  replace_child (pid, 0);
}

void
temporary_hold (void)
{
  sigset_t set;
  handled_signals (&set);
  sigprocmask (SIG_BLOCK, &set, &before);
}

void
temporary_release (void)
{
  sigprocmask (SIG_SETMASK, &before, NULL);
}

/* Remove what is in the folder NAME of the folder PARENT. People's folders may be read-only. */
static bool
empty_folder (int parent, const char *name)
{
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  fchmodat (parent, name, 0700, 0);
  int fd = openat (parent, name, flags);
  DIR *d = fd < 0 ? NULL : fdopendir (fd);
  if (!d)
    {
      if (fd >= 0)
        close (fd);
      return false;
    }
  bool ok = true;
  for (struct dirent *e; (e = readdir (d));)
    if (strcmp (e->d_name, ".") && strcmp (e->d_name, ".."))
      ok &= remove_at (fd, e->d_name);
  closedir (d);
  return ok;
}

static bool
remove_at (int parent, const char *name)
{
  struct stat st;
  if (fstatat (parent, name, &st, AT_SYMLINK_NOFOLLOW))
    return errno == ENOENT;
  if (S_ISDIR (st.st_mode))
    return empty_folder (parent, name) && unlinkat (parent, name, AT_REMOVEDIR) == 0;
  return unlinkat (parent, name, 0) == 0;
}

bool
remove_tree (const char *path)
{
  return remove_at (AT_FDCWD, path);
}
