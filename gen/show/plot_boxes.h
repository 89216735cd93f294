/* The picture before it is text: which layers share a box, which boxes stand together, what connects them. */
#ifndef RESCAST_SHOW_PLOT_BOXES_H
#define RESCAST_SHOW_PLOT_BOXES_H

#include "graph/graph.h"

/* A layer, or several that follow each other. */
struct box
{
  int first, last; /* nodes */
  int place;
  int level; /* boxes on the longest way from the input */
  bool skip; /* on a shortcut */
};

/* What stands in one frame: a block, or layers in a row outside of the stages. */
struct place
{
  int stage, block; /* 0: no frame */
  int repeat;       /* equal blocks that this one stands for, itself included */
  int column;
};

/* Tensor, as drawn, from one box to another. */
struct link
{
  int from, to, tensor;
  bool skip;
};

struct picture
{
  const struct graph *g;
  bool full;
  int *drawn;     /* node → the node that is drawn for it */
  int *box_of;    /* drawn node → box */
  struct box *boxes; /* in the order of their nodes */
  struct place *places;
  struct link *links;
  int box_count, place_count, column_count, link_count;
};

static inline int
plot_column (const struct picture *p, int box)
{
  return p->places[p->boxes[box].place].column;
}

struct picture plot_picture (const struct graph *g, bool full);

#endif
