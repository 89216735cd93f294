/* Packed weights: what each kernel reads, in the order it reads it. weights_file.h makes a file of them. */
#ifndef RESCAST_PACK_H
#define RESCAST_PACK_H

#include "graph/graph.h"
#include "reference/reference.h"

/* Give every node its offsets into the packed weights (after select); returns the number of bytes. */
int64_t pack_plan (struct graph *g);
/* Hash of all that the packed layout depends on: a weights file and generated code with equal hashes fit. */
uint64_t pack_layout_hash (const struct graph *g);
/* The packed weights: folded and transformed in double, rounded once. malloc'ed, 64-byte aligned. */
void *pack_weights (const struct graph *g, int64_t bytes);
/* A node's parameters read back from packed weights, as dense doubles: what its kernel computes with. Sets the
 * epilogue's bias, residual_scale and slope in *EP too (arrays of C doubles or NULL; scale NULL, it is in weight). */
struct reference_params pack_unpack (const struct graph *g, const struct node *n, const void *data,
                                     struct epilogue *ep);

#endif
