/* Pages from the system: mmap of POSIX, VirtualAlloc and MapViewOfFile of Windows. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_POPULATE */
#endif
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#if defined __APPLE__ && !defined _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE
#endif
#include "pages.h"

#include <errno.h>
#include <stdint.h>

#include "rescast.h"

#ifdef _WIN32
#include <windows.h>

void *
rescast_pages_alloc (size_t bytes)
{
  return VirtualAlloc (NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void
rescast_pages_free (void *pages, size_t bytes)
{
  (void) bytes;
  if (pages && !UnmapViewOfFile (pages))
    VirtualFree (pages, 0, MEM_RELEASE);
}

static int
error_number (void)
{
  switch (GetLastError ())
    {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND: return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION: return EACCES;
    case ERROR_NOT_ENOUGH_MEMORY: return ENOMEM;
    default: return EIO;
    }
}

void *
rescast_pages_map (const char *path, int copy, size_t *bytes, int *error)
{
  LARGE_INTEGER size = { 0 };
  void *pages = NULL;
  *error = RESCAST_EOPEN;
  HANDLE file = CreateFileA (path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                             FILE_ATTRIBUTE_NORMAL, NULL);
  if (file == INVALID_HANDLE_VALUE)
    {
      errno = error_number ();
      return NULL;
    }
  if (GetFileType (file) != FILE_TYPE_DISK || !GetFileSizeEx (file, &size) || size.QuadPart < 1
      || (uint64_t) size.QuadPart > SIZE_MAX)
    *error = RESCAST_EFORMAT;
  else
    {
      HANDLE mapping = CreateFileMappingA (file, NULL, copy ? PAGE_WRITECOPY : PAGE_READONLY, 0, 0, NULL);
      if (mapping)
        {
          pages = MapViewOfFile (mapping, copy ? FILE_MAP_COPY : FILE_MAP_READ, 0, 0, 0);
          CloseHandle (mapping); /* the view keeps what it needs */
        }
      if (!pages)
        errno = error_number ();
    }
  CloseHandle (file);
  *bytes = (size_t) size.QuadPart;
  return pages;
}

#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif
/* All pages at once: a fault for each 64 KiB costs more, and the first run reads everything. */
#ifndef MAP_POPULATE
#define MAP_POPULATE 0
#endif
#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

void *
rescast_pages_alloc (size_t bytes)
{
  void *p = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}

void
rescast_pages_free (void *pages, size_t bytes)
{
  if (pages)
    munmap (pages, bytes);
}

static void *
map_descriptor (int fd, int copy, size_t *bytes, int *error)
{
  struct stat st;
  *error = RESCAST_EOPEN;
  if (fstat (fd, &st) != 0)
    return NULL;
  *error = RESCAST_EFORMAT;
  if (!S_ISREG (st.st_mode) || st.st_size < 1 || (uintmax_t) st.st_size > SIZE_MAX)
    return NULL;
  *error = RESCAST_EOPEN;
  *bytes = (size_t) st.st_size;
  void *pages = mmap (NULL, *bytes, copy ? PROT_READ | PROT_WRITE : PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

void *
rescast_pages_map (const char *path, int copy, size_t *bytes, int *error)
{
  /* Not blocking, so that a FIFO is refused rather than waited for. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  *error = RESCAST_EOPEN;
  if (fd < 0)
    return NULL;
  void *pages = map_descriptor (fd, copy, bytes, error);
  int saved = errno;
  close (fd);
  errno = saved;
  return pages;
}

#endif
