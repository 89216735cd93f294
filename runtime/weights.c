/* Weights: mapped read-only, checked before the first use, used in place.
 *
 * A weights file is little-endian. A big-endian machine takes a private copy of it and swaps the bytes there. */
#include "rescast.h"

#include <string.h>

#include "pages.h"

_Static_assert (sizeof (struct rescast_weights_header) == 64, "the header is 64 bytes in the file");

#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BIG_ENDIAN_HOST 1

static void
swap (unsigned char *p, size_t size)
{
  for (size_t i = 0; i < size / 2; i++)
    {
      unsigned char low = p[i];
      p[i] = p[size - 1 - i];
      p[size - 1 - i] = low;
    }
}

/* The bytes of a file as they lie on this machine: the header's numbers, then data of 32 bits each. */
static void
to_native (void *image, size_t bytes)
{
  struct rescast_weights_header *h = image;
  unsigned char *p = image;
  if (bytes < sizeof *h)
    return;
  swap ((unsigned char *) &h->abi, sizeof h->abi);
  swap ((unsigned char *) &h->header, sizeof h->header);
  swap ((unsigned char *) &h->network, sizeof h->network);
  swap ((unsigned char *) &h->data_bytes, sizeof h->data_bytes);
  swap ((unsigned char *) &h->data_hash, sizeof h->data_hash);
  for (size_t i = sizeof *h; i + 4 <= bytes; i += 4)
    swap (p + i, 4);
}
#else
#define BIG_ENDIAN_HOST 0

static void
to_native (void *image, size_t bytes)
{
  (void) image;
  (void) bytes;
}
#endif

/* Use the BYTES of a weights file at IMAGE, in this machine's byte order. */
static int
use (struct rescast_weights *w, const void *image, size_t bytes, uint64_t network)
{
  const struct rescast_weights_header *h = image;
  if (bytes < sizeof *h || memcmp (h->magic, "RESCAST", 8) != 0)
    return RESCAST_EFORMAT;
  if (h->abi != RESCAST_ABI)
    return RESCAST_EVERSION;
  if (h->header != sizeof *h || h->data_bytes != bytes - sizeof *h || h->data_bytes % sizeof (float)
      || h->reserved[0] || h->reserved[1] || h->reserved[2])
    return RESCAST_EFORMAT;
  if (h->network != network)
    return RESCAST_EMATCH;
  *w = (struct rescast_weights){ .data = h + 1, .data_bytes = bytes - sizeof *h, .header = h };
  return RESCAST_OK;
}

/* The same of pages that W keeps, or that are given back on an error. */
static int
use_pages (struct rescast_weights *w, void *pages, size_t bytes, uint64_t network)
{
  int error = use (w, pages, bytes, network);
  if (error)
    {
      rescast_pages_free (pages, bytes);
      return error;
    }
  w->map = pages;
  w->map_bytes = bytes;
  return RESCAST_OK;
}

int
rescast_weights_init (struct rescast_weights *w, const void *image, size_t bytes, uint64_t network)
{
  if (!w)
    return RESCAST_EINVAL;
  memset (w, 0, sizeof *w);
  if (!image || (uintptr_t) image % 64)
    return RESCAST_EINVAL;
  if (!BIG_ENDIAN_HOST || bytes < sizeof (struct rescast_weights_header))
    return use (w, image, bytes, network);
  void *copy = rescast_pages_alloc (bytes);
  if (!copy)
    return RESCAST_EOPEN;
  memcpy (copy, image, bytes);
  to_native (copy, bytes);
  return use_pages (w, copy, bytes, network);
}

int
rescast_weights_map (struct rescast_weights *w, const char *path, uint64_t network)
{
  if (!w)
    return RESCAST_EINVAL;
  memset (w, 0, sizeof *w);
  if (!path)
    return RESCAST_EINVAL;
  size_t bytes;
  int error;
  void *pages = rescast_pages_map (path, BIG_ENDIAN_HOST, &bytes, &error);
  if (!pages)
    return error;
  to_native (pages, bytes);
  return use_pages (w, pages, bytes, network);
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
  rescast_pages_free (w->map, w->map_bytes);
  memset (w, 0, sizeof *w);
}
