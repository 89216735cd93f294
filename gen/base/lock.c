/* flock on the folder itself. A folder that is waited for may be exchanged for another: the lock counts only if the
 * name still leads to what was locked. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static struct
{
  int fd;
  dev_t device;
  ino_t inode;
} held[8];
static int count;

static bool
is_held (const struct stat *st)
{
  for (int i = 0; i < count; i++)
    if (held[i].device == st->st_dev && held[i].inode == st->st_ino)
      return true;
  return false;
}

/* False: FD cannot be locked. */
static bool
wait_for (int fd, const char *shown)
{
  int failed = flock (fd, LOCK_EX | LOCK_NB);
  if (failed && errno == EWOULDBLOCK)
    {
      fflush (stdout);
      fprintf (stderr, "rescast: %s: another rescast is at work on it; waiting\n", shown);
      while ((failed = flock (fd, LOCK_EX)) && errno == EINTR)
        continue;
    }
  return !failed;
}

enum lock
lock_folder (const char *path, const char *shown)
{
  for (;;)
    {
      struct stat by_name, by_fd;
      if (stat (path, &by_name) || !S_ISDIR (by_name.st_mode))
        return LOCK_GONE;
      if (is_held (&by_name))
        return LOCK_HELD;
      int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (fd < 0 && errno == ENOENT)
        return LOCK_GONE;
      if (fd < 0)
        return LOCK_IMPOSSIBLE;
      if (count == (int) (sizeof held / sizeof *held) || !wait_for (fd, shown) || fstat (fd, &by_fd))
        {
          close (fd);
          return LOCK_IMPOSSIBLE;
        }
      if (!stat (path, &by_name) && by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino)
        {
          held[count].fd = fd;
          held[count].device = by_fd.st_dev;
          held[count++].inode = by_fd.st_ino;
          return LOCK_HELD;
        }
      close (fd);
    }
}

int
lock_count (void)
{
  return count;
}

void
lock_release (int first)
{
  while (count > first)
    close (held[--count].fd);
}
