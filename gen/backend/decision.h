/* How each convolution is computed, where there is a choice: what there was to choose from, and why it was chosen.
 * Backends decide; manifests keep it, so that a folder's weights are packed in the same way again. */
#ifndef RESCAST_BACKEND_DECISION_H
#define RESCAST_BACKEND_DECISION_H

#include "graph/graph.h"

enum
{
  CHOICES_MAX = 8
};

/* One way to compute a convolution, and what it costs. */
struct candidate
{
  struct choice choice;
  double ms;             /* of one run: as the model has it, or measured */
  int64_t weight_floats; /* packed */
};

/* For people to read: a way in which a node could be computed, its kernel's own among them. */
struct considered
{
  const char *text;
  double ms;           /* of one run; of a CPU, on one thread */
  int64_t weight_bytes; /* packed; 0: the same for all */
  bool measured;       /* the time; otherwise it is a model's */
  bool chosen;
};

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

struct wisdom; /* of the backend that measures times */

/* What takes part in choosing. With all members zero the model alone decides. */
struct choosing
{
  const struct wisdom *wisdom; /* or NULL */
  int64_t max_weights;         /* bytes of all packed weights; 0: no limit */
  bool refused_later;          /* where even the least is more, that is planned, and the caller refuses it */
  struct choices given[PRECISION_COUNT]; /* taken as they are, in graphs of each precision */
  const char *file;            /* whose choices were given, for messages */
};

bool choice_equal (struct choice a, struct choice b);
/* "direct", "direct strips-first", "winograd 4x4", "winograd 2x4x4" (D first). */
char *choice_text (struct choice c);
/* Read such a text. False when S is none. */
bool choice_parse (const char *s, struct choice *c);
/* The texts that choice_parse accepts, for messages. */
const char *choice_names (void);
/* MS rounded to four digits, as files keep times: measured ones are no more exact. */
double decision_round (double ms);

#endif
