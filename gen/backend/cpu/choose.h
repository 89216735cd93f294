/* The choice of each convolution's algorithm and tile. Times decide, a model's or measured ones, within a limit on the
 * packed weights; or a manifest gives the choices that were made before. */
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

/* What a manifest records of one node. The decision is NULL where there was nothing to choose. */
struct chosen
{
  struct choice choice;
  const struct decision *decision;
};

/* Choices that were made before, one for each of a graph's nodes; LIST NULL: none. */
struct choices
{
  const struct chosen *list;
  int count;
};

/* What takes part in choosing. With all members zero the model alone decides. */
struct choosing
{
  const struct wisdom *wisdom; /* or NULL */
  int64_t max_weights;         /* bytes of all packed weights; 0: no limit */
  struct choices given[PRECISION_COUNT]; /* taken as they are, in graphs of each precision */
  const char *file;            /* whose choices were given, for messages */
};

/* Set choice and decision of every node. Where several of TARGETS have measured times in the wisdom, the first one's
 * count. */
void choose (struct graph *g, const struct cpu_targets *targets);
/* Make the packed weights smaller by at least FLOATS, by the changes of choices that cost the least time. False when no
 * changes suffice. */
bool choose_smaller (struct graph *g, int64_t floats);
/* MS rounded to four digits, as wisdom files keep it: measured times are no more exact. */
double choose_round (double ms);

#endif
