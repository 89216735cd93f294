/* What rescast reads beside its input. */
#ifndef RESCAST_BASE_DATA_DIR_H
#define RESCAST_BASE_DATA_DIR_H

#include <stdbool.h>

/* The folder with templates/, runtime/ and wisdom/: $RESCAST_DATADIR, or beside the program, or where it was installed.
 */
const char *data_dir (void);
/* Is TEXT the name of a table that comes with rescast? A path has a '.' or a '/'. */
bool data_is_name (const char *text);

#endif
