/* Calls that fail on request: a library for LD_PRELOAD, which tests/injection.sh builds and drives.
 *
 *   INJECT=KIND:K:HOW   the K-th call of KIND since main began fails (0: none); HOW is one of
 *                         once     that call alone, with the kind's usual error
 *                         lasting  that call and all behind it; memory is back when the program calls exit, as it then gives
 *                                  its own back
 *                         eintr    that call alone, as if a signal had come
 *                         short    that call alone moves one byte only (read and write)
 *   INJECT_LOG=FILE     gets the name of the function that failed first or, when none did, how many calls of KIND there were
 *
 * Streams are made of the descriptors that they have, so that what fails is what the system would make fail, with the buffers of
 * stdio before it. Programs that are started are left alone; processes that are forked are counted with their parent. Written for
 * glibc, whose own malloc has other names as well. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void *__libc_malloc (size_t);
void *__libc_calloc (size_t, size_t);
void *__libc_realloc (void *, size_t);
void *__libc_memalign (size_t, size_t);

enum kind { MALLOC, OPEN, READ, WRITE, CLOSE, NAME, MAP, PROCESS, STAT, THREAD, KINDS };

static const struct
{
  const char *name;
  int error;
} kinds[KINDS] = { { "malloc", ENOMEM }, { "open", EMFILE }, { "read", EIO },       { "write", ENOSPC }, { "close", EIO },
                   { "name", EIO },      { "map", ENOMEM },  { "process", EAGAIN }, { "stat", EIO },     { "thread", EAGAIN } };

static enum { ONCE, LASTING, EINTR_ONCE, SHORT } how;
static int kind = -1;
static long at;
static bool on;
static atomic_long *calls; /* shared with forked processes */
static const char *log_path;
static int (*real_main) (int, char **, char **);

/* The function of the same name behind this library. */
#define REAL(function) ((__typeof__ (&function)) real (#function))

static void *
real (const char *name)
{
  void *p = dlsym (RTLD_NEXT, name);
  if (!p)
    abort ();
  return p;
}

static void
write_log (const char *text)
{
  int fd = log_path ? REAL (open) (log_path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
  if (fd >= 0 && REAL (write) (fd, text, strlen (text)) >= 0)
    REAL (close) (fd);
}

/* Does this call of FUNCTION fail? errno is then set. */
static bool
fails (enum kind k, const char *function)
{
  if (!on || (int) k != kind)
    return false;
  long n = atomic_fetch_add (calls, 1) + 1;
  if (!at || n < at || (n > at && how != LASTING))
    return false;
  if (n == at)
    write_log (function);
  errno = how == EINTR_ONCE ? EINTR : kinds[k].error;
  return true;
}

static int
started (int argc, char **argv, char **environment)
{
  stdout = fdopen (1, "w");
  on = true;
  exit (real_main (argc, argv, environment));
}

int __libc_start_main (int (*) (int, char **, char **), int, char **, void (*) (void), void (*) (void), void (*) (void), void *);

int
__libc_start_main (int (*main) (int, char **, char **), int argc, char **argv, void (*init) (void), void (*fini) (void),
                   void (*rtld_fini) (void), void *stack_end)
{
  real_main = main;
  return REAL (__libc_start_main) (started, argc, argv, init, fini, rtld_fini, stack_end);
}

__attribute__ ((constructor)) static void
prepare (void)
{
  static const char *const hows[] = { "once", "lasting", "eintr", "short" };
  char name[16] = "", manner[16] = "";
  const char *inject = getenv ("INJECT");
  log_path = getenv ("INJECT_LOG");
  if (!inject || sscanf (inject, "%15[a-z]:%ld:%15[a-z]", name, &at, manner) != 3)
    return;
  for (int i = 0; i < KINDS; i++)
    if (!strcmp (name, kinds[i].name))
      kind = i;
  for (int i = 0; i < 4; i++)
    if (!strcmp (manner, hows[i]))
      how = i;
  calls = mmap (NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  unsetenv ("LD_PRELOAD");
}

__attribute__ ((destructor)) static void
report (void)
{
  char text[32];
  on = false;
  if (!calls || at)
    return;
  snprintf (text, sizeof text, "%ld", atomic_load (calls));
  write_log (text);
}

void
exit (int status)
{
  on = on && kind != MALLOC;
  REAL (exit) (status);
  abort ();
}

/* ---- memory ---- */

void *
malloc (size_t bytes)
{
  return fails (MALLOC, __func__) ? NULL : __libc_malloc (bytes);
}

void *
calloc (size_t count, size_t bytes)
{
  return fails (MALLOC, __func__) ? NULL : __libc_calloc (count, bytes);
}

void *
realloc (void *p, size_t bytes)
{
  return fails (MALLOC, __func__) ? NULL : __libc_realloc (p, bytes);
}

void *
reallocarray (void *p, size_t count, size_t bytes)
{
  size_t product;
  if (__builtin_mul_overflow (count, bytes, &product))
    return NULL;
  return realloc (p, product);
}

void *
aligned_alloc (size_t alignment, size_t bytes)
{
  return fails (MALLOC, __func__) ? NULL : __libc_memalign (alignment, bytes);
}

int
posix_memalign (void **p, size_t alignment, size_t bytes)
{
  if (fails (MALLOC, __func__))
    return ENOMEM;
  *p = __libc_memalign (alignment, bytes);
  return *p ? 0 : ENOMEM;
}

void *
mmap (void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
  return fails (MAP, __func__) ? MAP_FAILED : REAL (mmap) (address, bytes, protection, flags, fd, offset);
}

/* ---- descriptors ---- */

static mode_t
mode_of (int flags, va_list args)
{
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg (args, mode_t) : 0;
}

#define OPEN_LIKE(name)                                                           \
  int name (const char *path, int flags, ...)                                     \
  {                                                                               \
    va_list args;                                                                 \
    va_start (args, flags);                                                       \
    mode_t mode = mode_of (flags, args);                                          \
    va_end (args);                                                                \
    return fails (OPEN, #name) ? -1 : REAL (name) (path, flags, mode);            \
  }
OPEN_LIKE (open)
OPEN_LIKE (open64)

#define OPENAT_LIKE(name)                                                         \
  int name (int folder, const char *path, int flags, ...)                         \
  {                                                                               \
    va_list args;                                                                 \
    va_start (args, flags);                                                       \
    mode_t mode = mode_of (flags, args);                                          \
    va_end (args);                                                                \
    return fails (OPEN, #name) ? -1 : REAL (name) (folder, path, flags, mode);    \
  }
OPENAT_LIKE (openat)
OPENAT_LIKE (openat64)

/* A call that returns FAILURE with errno. */
#define CALL(kind, type, failure, name, parameters, arguments) \
  type name parameters { return fails (kind, #name) ? (failure) : REAL (name) arguments; }

CALL (OPEN, int, -1, creat, (const char *path, mode_t mode), (path, mode))
CALL (OPEN, int, -1, mkstemp, (char *name), (name))
CALL (OPEN, char *, NULL, mkdtemp, (char *name), (name))
CALL (OPEN, DIR *, NULL, opendir, (const char *path), (path))
CALL (OPEN, DIR *, NULL, fdopendir, (int fd), (fd))
CALL (OPEN, int, -1, dup, (int fd), (fd))
CALL (OPEN, int, -1, dup2, (int from, int to), (from, to))
CALL (READ, struct dirent *, NULL, readdir, (DIR *d), (d))
CALL (READ, struct dirent64 *, NULL, readdir64, (DIR *d), (d))
CALL (READ, off_t, -1, lseek, (int fd, off_t offset, int whence), (fd, offset, whence))

ssize_t
read (int fd, void *to, size_t bytes)
{
  bool failed = fails (READ, __func__);
  if (failed && how != SHORT)
    return -1;
  return REAL (read) (fd, to, failed && bytes ? 1 : bytes);
}

ssize_t
pread (int fd, void *to, size_t bytes, off_t offset)
{
  bool failed = fails (READ, __func__);
  if (failed && how != SHORT)
    return -1;
  return REAL (pread) (fd, to, failed && bytes ? 1 : bytes, offset);
}

ssize_t
write (int fd, const void *from, size_t bytes)
{
  bool failed = fails (WRITE, __func__);
  if (failed && how != SHORT)
    return -1;
  return REAL (write) (fd, from, failed && bytes ? 1 : bytes);
}

/* The descriptor is gone all the same. */
int
close (int fd)
{
  bool failed = fails (CLOSE, __func__);
  int error = errno, result = REAL (close) (fd);
  errno = failed ? error : errno;
  return failed ? -1 : result;
}

/* ---- streams ---- */

static struct
{
  FILE *file;
  int fd;
} streams[64];

static ssize_t
stream_read (void *cookie, char *to, size_t bytes)
{
  return read (*(int *) cookie, to, bytes);
}

static ssize_t
stream_write (void *cookie, const char *from, size_t bytes)
{
  size_t done = 0;
  for (ssize_t n; done < bytes && (n = write (*(int *) cookie, from + done, bytes - done)) >= 0;)
    done += (size_t) n;
  return (ssize_t) done; /* less than BYTES is an error */
}

static int
stream_seek (void *cookie, off64_t *offset, int whence)
{
  off_t to = lseek (*(int *) cookie, *offset, whence);
  *offset = to;
  return to < 0 ? -1 : 0;
}

static int
stream_close (void *cookie)
{
  int fd = *(int *) cookie;
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
    if (&streams[i].fd == cookie)
      streams[i].file = NULL;
  return close (fd);
}

static FILE *
stream_open (int fd, const char *mode)
{
  static const cookie_io_functions_t functions = { stream_read, stream_write, stream_seek, stream_close };
  size_t i = 0;
  while (i < sizeof streams / sizeof *streams && streams[i].file)
    i++;
  if (i == sizeof streams / sizeof *streams)
    abort ();
  streams[i].fd = fd;
  return streams[i].file = fopencookie (&streams[i].fd, mode, functions);
}

FILE *
fdopen (int fd, const char *mode)
{
  return fails (OPEN, __func__) ? NULL : stream_open (fd, mode);
}

FILE *
fopen (const char *path, const char *mode)
{
  int flags = strchr (mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
  flags |= *mode == 'w' ? O_CREAT | O_TRUNC : *mode == 'a' ? O_CREAT | O_APPEND : 0;
  flags |= strchr (mode, 'e') ? O_CLOEXEC : 0;
  flags |= strchr (mode, 'x') ? O_EXCL : 0;
  int fd = fails (OPEN, __func__) ? -1 : REAL (open) (path, flags, 0666);
  FILE *f = fd < 0 ? NULL : stream_open (fd, mode);
  if (fd >= 0 && !f)
    REAL (close) (fd);
  return f;
}

FILE *
fopen64 (const char *path, const char *mode)
{
  return fopen (path, mode);
}

FILE *
tmpfile (void)
{
  int fd = fails (OPEN, __func__) ? -1 : REAL (open) ("/tmp", O_RDWR | O_TMPFILE, 0600);
  FILE *f = fd < 0 ? NULL : stream_open (fd, "w+");
  if (fd >= 0 && !f)
    REAL (close) (fd);
  return f;
}

FILE *
tmpfile64 (void)
{
  return tmpfile ();
}

int
fileno (FILE *f)
{
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
    if (streams[i].file == f)
      return streams[i].fd;
  return REAL (fileno) (f);
}

/* ---- names ---- */

CALL (NAME, int, -1, rename, (const char *from, const char *to), (from, to))
CALL (NAME, int, -1, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags))
CALL (NAME, int, -1, link, (const char *from, const char *to), (from, to))
CALL (NAME, int, -1, unlink, (const char *path), (path))
CALL (NAME, int, -1, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
CALL (NAME, int, -1, rmdir, (const char *path), (path))
CALL (NAME, int, -1, remove, (const char *path), (path))
CALL (NAME, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
CALL (NAME, int, -1, chmod, (const char *path, mode_t mode), (path, mode))
CALL (NAME, int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
CALL (NAME, int, -1, utimensat, (int d, const char *path, const struct timespec t[2], int flags), (d, path, t, flags))
CALL (NAME, int, -1, ftruncate, (int fd, off_t bytes), (fd, bytes))
CALL (NAME, int, -1, fsync, (int fd), (fd))

CALL (STAT, int, -1, stat, (const char *path, struct stat *st), (path, st))
CALL (STAT, int, -1, lstat, (const char *path, struct stat *st), (path, st))
CALL (STAT, int, -1, fstat, (int fd, struct stat *st), (fd, st))
CALL (STAT, int, -1, stat64, (const char *path, struct stat64 *st), (path, st))
CALL (STAT, int, -1, lstat64, (const char *path, struct stat64 *st), (path, st))
CALL (STAT, int, -1, fstat64, (int fd, struct stat64 *st), (fd, st))
CALL (STAT, int, -1, access, (const char *path, int mode), (path, mode))
CALL (STAT, ssize_t, -1, readlink, (const char *path, char *to, size_t bytes), (path, to, bytes))

/* ---- processes and threads ---- */

CALL (PROCESS, int, -1, pipe, (int fds[2]), (fds))
CALL (PROCESS, int, -1, pipe2, (int fds[2], int flags), (fds, flags))
CALL (PROCESS, pid_t, -1, fork, (void), ())
CALL (PROCESS, int, errno, posix_spawn,
      (pid_t *pid, const char *path, const posix_spawn_file_actions_t *a, const posix_spawnattr_t *b, char *const v[], char *const e[]),
      (pid, path, a, b, v, e))
CALL (PROCESS, int, errno, posix_spawnp,
      (pid_t *pid, const char *path, const posix_spawn_file_actions_t *a, const posix_spawnattr_t *b, char *const v[], char *const e[]),
      (pid, path, a, b, v, e))
CALL (PROCESS, pid_t, -1, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
CALL (THREAD, int, errno, pthread_create,
      (pthread_t *t, const pthread_attr_t *a, void *(*start) (void *), void *arg), (t, a, start, arg))
