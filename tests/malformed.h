/* What the parts of malformed_weights, and those of malformed_inputs, share. */
#ifndef RESCAST_TESTS_MALFORMED_H
#define RESCAST_TESTS_MALFORMED_H

#include "weights_bytes.h"

void malformed_put (const char *name, struct bytes b);
void malformed_mat (void); /* malformed_mat.c */
void malformed_objects (void); /* malformed_objects.c */
void malformed_volumes (const char *folder); /* malformed_volumes.c */

#endif
