/* Weights: mapped read-only, checked before the first use, used in place.
 *
 * A weights file is little-endian and nothing in it is converted, so a big-endian host is refused. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* MAP_POPULATE */
#endif
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#include "rescast.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* All pages at once: a fault for each 64 KiB costs more, and the first run reads everything. */
#ifndef MAP_POPULATE
#define MAP_POPULATE 0
#endif

_Static_assert (sizeof (struct rescast_weights_header) == 64, "the header is 64 bytes in the file");

static int
little_endian (void)
{
  const uint16_t one = 1;
  unsigned char first;
  memcpy (&first, &one, 1);
  return first;
}

int
rescast_weights_init (struct rescast_weights *w, const void *image, size_t bytes, uint64_t network)
{
  if (!w)
    return RESCAST_EINVAL;
  memset (w, 0, sizeof *w);
  if (!image || (uintptr_t) image % 64)
    return RESCAST_EINVAL;
  if (!little_endian ())
    return RESCAST_ECPU;
  if (bytes < sizeof (struct rescast_weights_header))
    return RESCAST_EFORMAT;
  const struct rescast_weights_header *h = image;
  if (memcmp (h->magic, "RESCAST", 8) != 0)
    return RESCAST_EFORMAT;
  if (h->abi != RESCAST_ABI)
    return RESCAST_EVERSION;
  if (h->header != sizeof *h || h->data_bytes != bytes - sizeof *h || h->data_bytes % sizeof (float)
      || h->reserved[0] || h->reserved[1] || h->reserved[2])
    return RESCAST_EFORMAT;
  if (h->network != network)
    return RESCAST_EMATCH;
  *w = (struct rescast_weights){ .data = (const float *) (h + 1), .data_bytes = bytes - sizeof *h, .header = h };
  return RESCAST_OK;
}

/* Map all of FD; *BYTES gets its size. NULL: an error, ERROR says which. */
static void *
map_file (int fd, size_t *bytes, int *error)
{
  struct stat st;
  *error = RESCAST_EOPEN;
  if (fstat (fd, &st) != 0)
    return NULL;
  *error = RESCAST_EFORMAT;
  if (!S_ISREG (st.st_mode) || st.st_size < (off_t) sizeof (struct rescast_weights_header)
      || (uintmax_t) st.st_size > SIZE_MAX)
    return NULL;
  *error = RESCAST_EOPEN;
  *bytes = (size_t) st.st_size;
  void *map = mmap (NULL, *bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  return map == MAP_FAILED ? NULL : map;
}

int
rescast_weights_map (struct rescast_weights *w, const char *path, uint64_t network)
{
  if (!w)
    return RESCAST_EINVAL;
  memset (w, 0, sizeof *w);
  if (!path)
    return RESCAST_EINVAL;
  /* Not blocking, so that a FIFO is refused rather than waited for. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return RESCAST_EOPEN;
  size_t bytes;
  int error;
  void *map = map_file (fd, &bytes, &error);
  int saved = errno;
  close (fd);
  errno = saved;
  if (!map)
    return error;
  error = rescast_weights_init (w, map, bytes, network);
  if (error)
    {
      munmap (map, bytes);
      return error;
    }
  w->map = map;
  w->map_bytes = bytes;
  return RESCAST_OK;
}

int
rescast_weights_check (const struct rescast_weights *w)
{
  if (!w || !w->header || !w->data)
    return RESCAST_EINVAL;
  return rescast_hash (w->data, w->data_bytes) == w->header->data_hash ? RESCAST_OK : RESCAST_EHASH;
}

void
rescast_weights_unmap (struct rescast_weights *w)
{
  if (!w)
    return;
  if (w->map)
    munmap (w->map, w->map_bytes);
  memset (w, 0, sizeof *w);
}
