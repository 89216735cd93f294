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
  unsigned precisions;      /* that it has: 1 << PRECISION_…, */
  unsigned usual;           /* … and in which it is one of those that are taken when none is named */
  enum precision precision; /* that its part of the folder computes in */
  bool given;               /* the list gives its precision */
};

/* The host's in the order of its table, then devices'. */
struct targets
{
  struct backend_target list[TARGETS_MAX];
  int count;
  const char *wrong; /* what is wrong with the list that was to be parsed, where there are none; else NULL */
};

/* The targets in the comma-separated LIST, each NAME or NAME:PRECISION; without one, fp32 or else the first that it
 * has. Where all are for devices, the host's portable target comes with them: something must run where there is no
 * device. */
struct targets targets_parse (const char *list);
/* What is taken when no list is given: the usual targets of precision P; without any, those of fp32. */
struct targets targets_usual (enum precision p);
/* Give those of the targets that the list named without a precision the precision P where they have it. False: it is
 * none's. */
bool targets_compute_in (struct targets *t, enum precision p);
/* "amx:bf16": what lists call the target NAME in precision P; fp32 is not written. */
char *target_name_in (const char *name, enum precision p);
/* One more, which its backend lists. */
struct backend_target *targets_add (struct targets *t, const char *name, const char *description,
                                    const struct backend *backend);
/* Every target. */
struct targets targets_all (void);
/* The precisions that those of backend B compute in, each once, that of the best one first, into LIST; how many. */
int targets_precisions (const struct targets *t, const struct backend *b, enum precision list[PRECISION_COUNT]);
/* The first of them. */
enum precision targets_precision (const struct targets *t, const struct backend *b);
/* The device among them, or NULL. */
const struct backend *targets_device (const struct targets *t);
/* "avx512, avx2, …, cuda" for messages. */
const char *target_names (void);

#endif
