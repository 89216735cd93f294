/* Ways to compute one convolution, transposed or not: which there are, and what their times depend on. */
#ifndef RESCAST_BACKEND_CPU_CHOICE_H
#define RESCAST_BACKEND_CPU_CHOICE_H

#include "backend/decision.h"

/* Fill LIST with the ways to compute node N, the direct one first; loop orders are not told apart and ms is not set.
 * Returns how many there are: 0 in other precisions than fp32 and unless N is a dense or transposed convolution whose
 * input is stored in blocks of channels. */
int choice_list (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX]);
/* The same for measurements: where two loop orders exist, each is a candidate of its own in place of ORDER_OF_SHAPE. */
int choice_list_measured (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX]);
/* Can N be computed by C? Sets *WEIGHT_FLOATS to the floats of its packed weights. */
bool choice_applies (const struct graph *g, const struct node *n, struct choice c, int64_t *weight_floats);

/* The shape that the time of node N depends on, as in wisdom files: "64x56x56 -> 64x56x56, kernel 3x3, stride 1". */
char *choice_layer (const struct graph *g, const struct node *n);

#endif
