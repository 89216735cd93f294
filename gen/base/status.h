/* How a child process ended, in words. */
#ifndef RESCAST_BASE_STATUS_H
#define RESCAST_BASE_STATUS_H

/* "signal 11 (segmentation fault)" or "exit status 1", of a STATUS that waitpid gave. In the arena. */
const char *status_text (int status);

#endif
