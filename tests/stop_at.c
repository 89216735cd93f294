/* Preloaded into rescast by atomic.sh: at the call STOP_AT of those that change files it does what STOP_HOW says: a number is
 * the signal that it sends itself, before the call; "fail" lets the call fail with EIO. The number of calls goes into the file
 * STOP_COUNT, if there is one, when the program ends. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long at, calls;
static int signal_number;
static const char *count_file;

__attribute__ ((constructor)) static void
start (void)
{
  const char *how = getenv ("STOP_HOW"), *number = getenv ("STOP_AT");
  at = number ? atol (number) : 0;
  signal_number = how ? atoi (how) : 0;
  count_file = getenv ("STOP_COUNT");
  /* programs that this one starts are not meant */
  unsetenv ("LD_PRELOAD");
}

__attribute__ ((destructor)) static void
end (void)
{
  const long count = calls; /* without this fopen */
  FILE *f = count_file ? fopen (count_file, "w") : NULL;
  if (f)
    {
      fprintf (f, "%ld\n", count);
      fclose (f);
    }
}

/* Does this call fail? */
static int
stops (void)
{
  if (++calls != at)
    return 0;
  if (signal_number)
    {
      raise (signal_number);
      return 0;
    }
  errno = EIO;
  return 1;
}

/* The function that this one stands before. */
#define NEXT(type, name) \
  union { void *object; type function; } next = { dlsym (RTLD_NEXT, name) }

typedef int path_function (const char *);
typedef int paths_function (const char *, const char *);
typedef int mode_function (const char *, mode_t);
typedef int at_function (int, const char *, int);
typedef int times_function (int, const char *, const struct timespec *, int);
typedef FILE *open_function (const char *, const char *);
typedef long call_function (long, ...);

int
rename (const char *a, const char *b)
{
  NEXT (paths_function *, "rename");
  return stops () ? -1 : next.function (a, b);
}

int
link (const char *a, const char *b)
{
  NEXT (paths_function *, "link");
  return stops () ? -1 : next.function (a, b);
}

int
unlink (const char *a)
{
  NEXT (path_function *, "unlink");
  return stops () ? -1 : next.function (a);
}

int
rmdir (const char *a)
{
  NEXT (path_function *, "rmdir");
  return stops () ? -1 : next.function (a);
}

int
mkdir (const char *a, mode_t mode)
{
  NEXT (mode_function *, "mkdir");
  return stops () ? -1 : next.function (a, mode);
}

int
chmod (const char *a, mode_t mode)
{
  NEXT (mode_function *, "chmod");
  return stops () ? -1 : next.function (a, mode);
}

int
unlinkat (int folder, const char *a, int flags)
{
  NEXT (at_function *, "unlinkat");
  return stops () ? -1 : next.function (folder, a, flags);
}

int
utimensat (int folder, const char *a, const struct timespec *times, int flags)
{
  NEXT (times_function *, "utimensat");
  return stops () ? -1 : next.function (folder, a, times, flags);
}

FILE *
fopen (const char *a, const char *mode)
{
  NEXT (open_function *, "fopen");
  return *mode == 'w' && stops () ? NULL : next.function (a, mode);
}

long
syscall (long number, ...)
{
  NEXT (call_function *, "syscall");
  va_list list;
  long v[6];
  va_start (list, number);
  for (int i = 0; i < 6; i++)
    v[i] = va_arg (list, long);
  va_end (list);
  if (number == SYS_renameat2 && stops ())
    return -1;
  return next.function (number, v[0], v[1], v[2], v[3], v[4], v[5]);
}
