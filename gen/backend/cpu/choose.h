/* Direct or Winograd, and which tile: by a model of the time, by times that were measured, within a limit on the
 * weights, or as a manifest has it. */
#ifndef RESCAST_KERNELS_CHOOSE_H
#define RESCAST_KERNELS_CHOOSE_H

#include "choice.h"
#include "target.h"
#include "wisdom.h"

/* Why a node's choice is what it is. */
struct decision
{
  struct candidate list[CHOICES_MAX]; /* what there was to choose from */
  int count;
  int best;      /* of the list; the choice is another where the weights are limited */
  bool measured; /* the times, and the best by them; otherwise they are the model's */
};

/* What a manifest has of a node; decision NULL: nothing to choose. */
struct chosen
{
  struct choice choice;
  const struct decision *decision;
};

/* How to choose; {0} is the model alone. */
struct choosing
{
  const struct wisdom *wisdom; /* or NULL */
  int64_t max_weights;         /* bytes of all packed weights; 0: no limit */
  const struct chosen *given;  /* taken as they are, one per node; or NULL */
  int given_count;
  const char *file;            /* whose choices were given, for messages */
};

/* Set choice and decision of every node. The wisdom of the first of TARGETS that it has is taken. */
void choose (struct graph *g, const struct cpu_targets *targets);
/* Change choices so that the packed weights shrink by FLOATS at least, for the least time; false when there is no
 * way. */
bool choose_smaller (struct graph *g, int64_t floats);
/* Four digits: what a wisdom file keeps, and all that a time is worth. */
double choose_round (double ms);

#endif
