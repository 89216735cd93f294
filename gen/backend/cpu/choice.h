/* Ways to compute one convolution, transposed or not: which there are, and their names in manifests, wisdom files and tables. */
#ifndef RESCAST_KERNELS_CHOICE_H
#define RESCAST_KERNELS_CHOICE_H

#include "graph/graph.h"

enum
{
  CHOICES_MAX = 8
};

/* One way, with its price. */
struct candidate
{
  struct choice choice;
  double ms;             /* of one run: as the model has it, or measured */
  int64_t weight_floats; /* packed */
};

/* The ways to compute node N but for loop orders, the direct one first; their number, 0 when N is no transposed or dense
 * convolution over blocks of channels. ms is not set. */
int choice_list (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX]);
/* The same with each loop order in place of ORDER_OF_SHAPE, where there are two: what can be measured. */
int choice_list_measured (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX]);
/* Can N be computed by C? *WEIGHT_FLOATS: the weights it takes. */
bool choice_applies (const struct graph *g, const struct node *n, struct choice c, int64_t *weight_floats);

bool choice_equal (struct choice a, struct choice b);
/* "direct", "direct strips-first", "winograd 4x4", "winograd 2x4x4" (D first). */
char *choice_text (struct choice c);
/* The opposite; false when S is no such text. */
bool choice_parse (const char *s, struct choice *c);
/* What choice_parse takes, for messages. */
const char *choice_names (void);

/* What the time of node N depends on: "64x56x56 -> 64x56x56, kernel 3x3, stride 1". */
char *choice_layer (const struct graph *g, const struct node *n);

#endif
