/* This program and its standard streams, and those that it runs. */
#ifndef RESCAST_BASE_PROGRAM_H
#define RESCAST_BASE_PROGRAM_H

#include <stdio.h>
#include <sys/types.h>

/* First of all in main: from here on no file is opened as descriptor 0, 1 or 2, even if the caller closed those,
 * children can be waited for, and a library that has no memory for JSON ends the program as mem_alloc does. */
void program_begin (void);

/* Fatal when something that was printed did not reach standard output. Last of all, and before a result is put in its
 * place. */
void program_flush (void);

/* A temporary file without a name that holds TEXT, read from its beginning; fatal when there is none to be had. */
FILE *scratch_file (const char *text);
/* All that F holds, in the arena, and F is closed; fatal when it cannot be read. */
char *scratch_text (FILE *f);

/* Runs ARGV[0], looked up in PATH, with the descriptors IN, OUT and ERR as its standard streams; -1: ours. Returns 0,
 * or the error number for which it could not be run. */
int program_start (pid_t *pid, char *const argv[], int in, int out, int err);
/* waitpid's status; fatal when it cannot be known. WHAT: what runs, for the message. */
int program_wait (pid_t pid, const char *what);
/* Seconds since some moment, which no change of the clock moves. */
double program_seconds (void);

#endif
