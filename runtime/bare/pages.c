/* Of a machine without files: weights lie in memory of the program's. */
#include "runtime/pages.h"

#include "runtime/rescast.h"

/* What a big-endian machine would copy its weights to. */
void *
rescast_pages_alloc (size_t bytes)
{
  (void) bytes;
  return NULL;
}

void
rescast_pages_free (void *pages, size_t bytes)
{
  (void) pages, (void) bytes;
}

int
rescast_file_open (struct rescast_file *file, const char *path)
{
  (void) file, (void) path;
  return RESCAST_EOPEN;
}

int
rescast_file_read (const struct rescast_file *file, uint64_t offset, void *to, size_t bytes)
{
  (void) file, (void) offset, (void) to, (void) bytes;
  return RESCAST_EOPEN;
}

const void *
rescast_file_map (const struct rescast_file *file, uint64_t offset, size_t bytes, void **pages, size_t *page_bytes)
{
  (void) file, (void) offset, (void) bytes, (void) pages, (void) page_bytes;
  return NULL;
}

void
rescast_file_close (struct rescast_file *file)
{
  (void) file;
}
