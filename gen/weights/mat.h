/* Between mat.c, its check of the structure, and what reads a .mat file in a child process. */
#ifndef RESCAST_WEIGHTS_MAT_H
#define RESCAST_WEIGHTS_MAT_H

#include "child.h"

/* Read PATH with matio and write records to the pipe TO. Calls nothing that ends in fatal(): the parent's exit
 * handlers are not the child's to run. */
_Noreturn void weights_mat_child (const char *path, int to);

struct weights_file;
/* Fatal when a file of version 5 is cut short or at odds with itself. */
void weights_mat_check (struct weights_file *f);

#endif
