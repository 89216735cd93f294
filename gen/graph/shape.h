/* Extents: every one is a function of the input's, computed here and nowhere else. */
#ifndef RESCAST_GRAPH_SHAPE_H
#define RESCAST_GRAPH_SHAPE_H

#include "graph.h"

enum
{
  SHAPE_MAX_EXTENT = 1 << 20 /* of an input's map along an axis, and of what is resized, of which kernels have tables */
};

/* The shape of N's output; fatal at n->loc, naming the layer and both shapes, when its inputs do not fit. OP_INPUT's
 * and OP_RESHAPE's own shape, OP_UPSAMPLE's extents, conv's and linear's number of channels are taken from
 * n->shape_hint. */
struct shape shape_infer (const struct graph *g, const struct node *n);
/* What A and B are joined to, each stretched along the axes where it has extent 1; false: the extents of one axis
 * differ. */
bool shape_join (const struct shape *a, const struct shape *b, struct shape *to);
/* Of a constant operand: (C, [D,] H, W), or a vector. */
struct shape shape_of_param (const struct param *p);
/* Multiply-adds of one sample. */
double shape_macs (const struct graph *g, const struct node *n, const struct shape *out);

/* Padding "same": output = ceil (in / stride), the odd element behind. */
void shape_same_padding (struct window *w, const int64_t *in);
/* A window over all three axes: kernel, stride, dilation given per axis, no padding. */
struct window shape_window (const int64_t kernel[AXES], const int64_t stride[AXES]);

#endif
