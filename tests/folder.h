/* What suites share that write files and run programs: a folder of their own, and children whose output is kept. */
#ifndef RESCAST_TESTS_FOLDER_H
#define RESCAST_TESTS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

/* Fixtures of a test case, unchecked: an empty folder under $TMPDIR or /tmp, and its removal. Also sees to it that
 * templates and runtime are found. */
void folder_make (void);
void folder_remove (void);
/* FOLDER/NAME. */
char *folder_path (const char *fmt, ...) PRINTF (1, 2);
void folder_write (const char *path, const char *text);
/* The whole of a file, in the generator's arena. */
char *folder_read (const char *path);
/* The sources: a file's or folder's path. */
char *source_path (const char *name);
/* The rescast program beside the tests' own, or $RESCAST. */
char *rescast_program (void);

/* What make would compile in DIR/runtime with CFLAGS=LEVEL is copied where precompile.sh compiled it, as by lib.sh's with_runtime. */
void folder_with_runtime (const char *dir, const char *level);
/* TARGETS, a shell's words, are made in DIR by the compiler that precompile.sh used, with CFLAGS=-O1. */
void folder_compile (const char *dir, const char *targets);

/* How a child ended, and what it wrote. */
struct child
{
  int status; /* of its exit; -1: by a signal */
  char *out, *err;
};

struct child child_run (void (*f) (void *arg), void *arg);
/* A line for sh, without an outer make's flags. */
struct child child_shell (const char *fmt, ...) PRINTF (1, 2);
/* It must end with status 0. */
struct child child_shell_ok (const char *fmt, ...) PRINTF (1, 2);
/* The line that fatal prints: status 1, one line "rescast: …" that contains every one of the NULL-terminated texts. */
void child_refused (const struct child *c, const char *const *texts);

#endif
