/* Memory in whole pages, from the system: for arenas and for weights files. Private to the runtime. */
#ifndef RESCAST_PAGES_H
#define RESCAST_PAGES_H

#include <stddef.h>

/* BYTES of zeros, or NULL. They are the system's until they are used. */
void *rescast_pages_alloc (size_t bytes);
/* What alloc or map gave, with its size; NULL: nothing happens. */
void rescast_pages_free (void *pages, size_t bytes);

/* All of the file PATH, *BYTES of it, read-only or, with COPY, as a private copy that may be written. NULL: *ERROR is
 * RESCAST_EOPEN, and errno says why, or RESCAST_EFORMAT: no regular file, an empty one, or one too large. */
void *rescast_pages_map (const char *path, int copy, size_t *bytes, int *error);

#endif
