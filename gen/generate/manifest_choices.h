/* The choices in a manifest: what was chosen for each node, and from what. */
#ifndef RESCAST_GENERATE_MANIFEST_CHOICES_H
#define RESCAST_GENERATE_MANIFEST_CHOICES_H

#include <jansson.h>

#include "backend/decision.h"

/* Add N's choice and its reasons to O, N's object. */
void choice_write (json_t *o, const struct node *n);
/* The choices of the manifest's list NODES. Fatal when they are not what choice_write writes. */
struct choices choices_read (const char *dir, const json_t *nodes);

#endif
