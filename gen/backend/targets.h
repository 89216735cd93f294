/* What a folder is generated for: targets of all backends, as -t and manifests list them. */
#ifndef RESCAST_BACKEND_TARGETS_H
#define RESCAST_BACKEND_TARGETS_H

#include <stdbool.h>

#include "backend/backend.h"
#include "backend/cpu/target.h"

/* One of them. */
struct backend_target
{
  const char *name, *description;
  const struct backend *backend;
  const struct target *cpu; /* cpu_backend: its row */
};

/* CPUs' in the order of their table, then the others. */
struct targets
{
  struct backend_target list[TARGETS_MAX];
  int count;
};

/* The targets in the comma-separated LIST; none when there is an unknown one. Where all are for devices, the CPU's
 * portable target comes with them: something must run where there is no device. */
struct targets targets_parse (const char *list);
/* Every target. */
struct targets targets_all (void);
/* The device among them, or NULL. */
const struct backend *targets_device (const struct targets *t);
struct cpu_targets targets_of_cpu (const struct targets *t);
/* "avx512, avx2, …, cuda" for messages. */
const char *target_names (void);

#endif
