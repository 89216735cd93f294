/* Ways to compute one convolution, transposed or not: which there are, and their names in manifests, wisdom files and
 * tables. */
#ifndef RESCAST_KERNELS_CHOICE_H
#define RESCAST_KERNELS_CHOICE_H

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

/* Fill LIST with the ways to compute node N, the direct one first; loop orders are not told apart and ms is not set.
 * Returns how many there are: 0 in other precisions than fp32 and unless N is a dense or transposed convolution whose
 * input is stored in blocks of channels. */
int choice_list (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX]);
/* The same for measurements: where two loop orders exist, each is a candidate of its own in place of ORDER_OF_SHAPE. */
int choice_list_measured (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX]);
/* Can N be computed by C? Sets *WEIGHT_FLOATS to the floats of its packed weights. */
bool choice_applies (const struct graph *g, const struct node *n, struct choice c, int64_t *weight_floats);

bool choice_equal (struct choice a, struct choice b);
/* "direct", "direct strips-first", "winograd 4x4", "winograd 2x4x4" (D first). */
char *choice_text (struct choice c);
/* Read such a text. False when S is none. */
bool choice_parse (const char *s, struct choice *c);
/* The texts that choice_parse accepts, for messages. */
const char *choice_names (void);

/* The shape that the time of node N depends on, as in wisdom files: "64x56x56 -> 64x56x56, kernel 3x3, stride 1". */
char *choice_layer (const struct graph *g, const struct node *n);

#endif
