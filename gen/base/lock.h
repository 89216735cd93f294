/* Locks on folders, so that no two processes write into one. They end with the process that holds them, however it
 * ends, and leave no file behind. */
#ifndef RESCAST_BASE_LOCK_H
#define RESCAST_BASE_LOCK_H

enum lock
{
  LOCK_HELD,
  LOCK_GONE,       /* there is no such folder, or it went while this waited */
  LOCK_IMPOSSIBLE, /* the file system has no locks, or the folder can't be opened */
};

/* Lock the folder PATH, waiting while another process has it; a line on stderr then says so, and calls it SHOWN. What
 * this process has locked before stays as it is. */
enum lock lock_folder (const char *path, const char *shown);
/* How many locks are held, and giving up all but the COUNT first of them. */
int lock_count (void);
void lock_release (int count);

#endif
