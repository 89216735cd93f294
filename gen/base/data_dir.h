/* What rescast reads beside its input. */
#ifndef RESCAST_BASE_DATA_DIR_H
#define RESCAST_BASE_DATA_DIR_H

/* The folder with templates/, runtime/ and wisdom/: $RESCAST_DATADIR, or beside the program, or where it was installed.
 */
const char *data_dir (void);

#endif
