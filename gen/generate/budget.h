/* What a target alone needs of a machine, known before anything is compiled, and the limits of the command line.
 * docs/budgets.md. */
#ifndef RESCAST_GENERATE_BUDGET_H
#define RESCAST_GENERATE_BUDGET_H

#include "backend/kernel.h"
#include "backend/targets.h"
#include "emit/emit.h"
#include "frontend/frontend.h"

/* In bytes; -1: it is not known, for the backend's reason. */
struct needs
{
  const char *target; /* as lists call it */
  int64_t weights;    /* NAME.weights with this target's section alone, … */
  int64_t packed;     /* … and that section, which --max-weights limits */
  int64_t arena, context;
  int64_t code, stack;
  const char *unknown; /* why code and stack are not told, or NULL */
};

/* The context of G, planned, that every program has. */
int64_t context_bytes (const struct graph *g);

enum
{
  NEEDS_MOST = TARGETS_MAX
};

/* Of each of TARGETS alone, into LIST; how many. LIKE, built from SOURCE, has values for its parameters
 * and the settings. */
int needs_of_targets (const struct source *source, const struct graph *like, const struct targets *targets,
                      struct needs list[NEEDS_MOST]);

/* Refuse what LIMITS does not allow of G, planned with kernels KS, whose packed weights take WEIGHT_BYTES: one
 * line with the numbers, and with a change that makes it fit where there is one. */
void limits_check (const struct source *source, const struct graph *g, const struct kernels *ks, int64_t weight_bytes,
                   const struct limits *limits);
/* Does all fit? */
bool limits_fit (const struct source *source, const struct graph *g, const struct kernels *ks, int64_t weight_bytes,
                 const struct limits *limits);
/* Of a device's kernels neither code nor stack is known. */
void limits_check_targets (const struct targets *targets, const struct limits *limits, const char *path);

#endif
