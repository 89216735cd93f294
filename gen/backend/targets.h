/* What a folder is generated for: targets of all backends, as -t and manifests list them. */
#ifndef RESCAST_BACKEND_TARGETS_H
#define RESCAST_BACKEND_TARGETS_H

#include <stdbool.h>

#include "backend/backend.h"

enum
{
  TARGETS_MAX = 16
};

/* One of them. */
struct backend_target
{
  const char *name, *description;
  const struct backend *backend;
  const struct target *cpu; /* the row of a CPU's target, or NULL */
  bool portable;            /* the one of the host's that runs everywhere */
};

/* The host's in the order of its table, then devices'. */
struct targets
{
  struct backend_target list[TARGETS_MAX];
  int count;
};

/* The targets in the comma-separated LIST; none when there is an unknown one. Where all are for devices, the host's
 * portable target comes with them: something must run where there is no device. */
struct targets targets_parse (const char *list);
/* One more, which its backend lists. */
struct backend_target *targets_add (struct targets *t, const char *name, const char *description,
                                    const struct backend *backend);
/* Every target. */
struct targets targets_all (void);
/* The device among them, or NULL. */
const struct backend *targets_device (const struct targets *t);
/* "avx512, avx2, …, cuda" for messages. */
const char *target_names (void);

#endif
