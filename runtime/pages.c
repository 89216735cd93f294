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

int
rescast_file_open (struct rescast_file *file, const char *path)
{
  LARGE_INTEGER size = { 0 };
  HANDLE h = CreateFileA (path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                          FILE_ATTRIBUTE_NORMAL, NULL);
  if (h == INVALID_HANDLE_VALUE)
    {
      errno = error_number ();
      return RESCAST_EOPEN;
    }
  if (GetFileType (h) != FILE_TYPE_DISK || !GetFileSizeEx (h, &size))
    {
      CloseHandle (h);
      return RESCAST_EFORMAT;
    }
  *file = (struct rescast_file){ (intptr_t) h, (uint64_t) size.QuadPart };
  return RESCAST_OK;
}

int
rescast_file_read (const struct rescast_file *file, uint64_t offset, void *to, size_t bytes)
{
  unsigned char *p = to;
  while (bytes)
    {
      OVERLAPPED at = { .Offset = (DWORD) offset, .OffsetHigh = (DWORD) (offset >> 32) };
      DWORD want = bytes < (1u << 30) ? (DWORD) bytes : 1u << 30, n = 0;
      if (!ReadFile ((HANDLE) file->handle, p, want, &n, &at) && GetLastError () != ERROR_HANDLE_EOF)
        {
          errno = error_number ();
          return RESCAST_EOPEN;
        }
      if (!n)
        return RESCAST_EFORMAT;
      p += n;
      offset += n;
      bytes -= n;
    }
  return RESCAST_OK;
}

const void *
rescast_file_map (const struct rescast_file *file, uint64_t offset, size_t bytes, void **pages, size_t *page_bytes)
{
  SYSTEM_INFO system;
  GetSystemInfo (&system);
  size_t before = (size_t) (offset % system.dwAllocationGranularity);
  uint64_t first = offset - before;
  HANDLE mapping = CreateFileMappingA ((HANDLE) file->handle, NULL, PAGE_READONLY, 0, 0, NULL);
  *pages = NULL;
  *page_bytes = before + bytes;
  if (mapping)
    {
      *pages = MapViewOfFile (mapping, FILE_MAP_READ, (DWORD) (first >> 32), (DWORD) first, *page_bytes);
      CloseHandle (mapping); /* the view keeps what it needs */
    }
  if (!*pages)
    {
      errno = error_number ();
      return NULL;
    }
  return (const unsigned char *) *pages + before;
}

void
rescast_file_close (struct rescast_file *file)
{
  CloseHandle ((HANDLE) file->handle);
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

int
rescast_file_open (struct rescast_file *file, const char *path)
{
  /* Not blocking, so that a FIFO is refused rather than waited for. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  if (fd < 0)
    return RESCAST_EOPEN;
  int known = fstat (fd, &st) == 0;
  if (known && S_ISREG (st.st_mode))
    {
      *file = (struct rescast_file){ fd, (uint64_t) st.st_size };
      return RESCAST_OK;
    }
  int saved = errno;
  close (fd);
  errno = saved;
  return known ? RESCAST_EFORMAT : RESCAST_EOPEN;
}

int
rescast_file_read (const struct rescast_file *file, uint64_t offset, void *to, size_t bytes)
{
  unsigned char *p = to;
  while (bytes)
    {
      ssize_t n = pread ((int) file->handle, p, bytes, (off_t) offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n ? RESCAST_EOPEN : RESCAST_EFORMAT;
      p += n;
      offset += (uint64_t) n;
      bytes -= (size_t) n;
    }
  return RESCAST_OK;
}

const void *
rescast_file_map (const struct rescast_file *file, uint64_t offset, size_t bytes, void **pages, size_t *page_bytes)
{
  size_t before = (size_t) (offset % (uint64_t) sysconf (_SC_PAGESIZE));
  *page_bytes = before + bytes;
  *pages = mmap (NULL, *page_bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, (int) file->handle,
                 (off_t) (offset - before));
  if (*pages == MAP_FAILED)
    {
      *pages = NULL;
      return NULL;
    }
  return (const unsigned char *) *pages + before;
}

void
rescast_file_close (struct rescast_file *file)
{
  int saved = errno;
  close ((int) file->handle);
  errno = saved;
}

#endif
