/* What a program that ends early leaves behind: nothing. Temporary files and folders are removed and children ended
 * when the program exits and when one of the signals comes that end programs (INT, TERM, HUP, QUIT, PIPE, XCPU, XFSZ);
 * it then dies of that signal. Signals that the caller ignores, as nohup does with HUP, stay ignored. */
#ifndef RESCAST_BASE_TEMPORARY_H
#define RESCAST_BASE_TEMPORARY_H

#include <stdbool.h>
#include <sys/types.h>

enum temporary_kind
{
  TEMPORARY_FILE = 1,
  TEMPORARY_TREE,  /* a folder and all that is in it */
  TEMPORARY_FOLDER /* a folder, if it is empty then */
};

/* Remove PATH when the program ends. Fatal when there are too many or the path is too long. */
void temporary_add (const char *path, enum temporary_kind kind);
/* Don't: it was put into its place, or removed. */
void temporary_forget (const char *path);

/* Let a signal end the child PID too, and wait for it. */
void temporary_child (pid_t pid);
/* The child has ended. */
void temporary_child_ended (pid_t pid);

/* From here on these signals wait until temporary_release: for steps that must not stop half-way. */
void temporary_hold (void);
void temporary_release (void);

/* Remove PATH and all that is in it; links are not followed. False: something is left, errno says why. */
bool remove_tree (const char *path);

#endif
