/* Memory in whole pages, from the system: for arenas and for parts of weights files. Private to the runtime. */
#ifndef RESCAST_PAGES_H
#define RESCAST_PAGES_H

#include <stddef.h>
#include <stdint.h>

/* BYTES of zeros, or NULL. They are the system's until they are used. */
void *rescast_pages_alloc (size_t bytes);
/* What alloc or map gave, with its size; NULL: nothing happens. */
void rescast_pages_free (void *pages, size_t bytes);

/* A regular file, open for reading. */
struct rescast_file
{
  intptr_t handle; /* the system's */
  uint64_t bytes;
};

/* RESCAST_OK; RESCAST_EOPEN, and errno says why; RESCAST_EFORMAT: no regular file. */
int rescast_file_open (struct rescast_file *file, const char *path);
/* BYTES from OFFSET on into TO. RESCAST_OK; RESCAST_EOPEN, and errno says why; RESCAST_EFORMAT: the file ends before.
 */
int rescast_file_read (const struct rescast_file *file, uint64_t offset, void *to, size_t bytes);
/* The BYTES, 1 or more, from OFFSET on, which must lie in the file, read-only: their address, with the pages that they
 * are in, *PAGE_BYTES at *PAGES, for rescast_pages_free. NULL: errno says why. They stay when the file is closed. */
const void *rescast_file_map (const struct rescast_file *file, uint64_t offset, size_t bytes, void **pages,
                              size_t *page_bytes);
void rescast_file_close (struct rescast_file *file);

#endif
