/* Where the boxes of a picture stand when we place them ourselves: column by column, one box below the other, layers of
 * a shortcut beside them. Every graph can be placed so; a chain of residual blocks looks as people draw it. */
#ifndef RESCAST_SHOW_PLOT_LAYOUT_H
#define RESCAST_SHOW_PLOT_LAYOUT_H

#include "plot_boxes.h"

/* All in points, y growing downwards, the main line of the column at x = 0. */
struct spot
{
  double x, top, width, height; /* x: of the centre */
  bool aside;                   /* beside the main line */
};

struct area
{
  double left, top, right, bottom;
};

enum route_kind
{
  ROUTE_DOWN,  /* straight from the box above */
  ROUTE_OVER,  /* to the first box of a shortcut: across, then down into it */
  ROUTE_UNDER, /* from the last box of a shortcut: down, then across into its reader */
  ROUTE_LANE   /* across, down a lane at X, and back into the reader's side */
};

/* How a link runs, from the height FROM to the height TO. */
struct route
{
  enum route_kind kind;
  int link;
  double x, start, from, to; /* START: x where it leaves the main line or a box */
  const char *label;         /* beside a straight line, or NULL, … */
  double label_at;           /* … and at which height */
};

struct column_layout
{
  int first, end;        /* boxes */
  struct route *routes;
  int route_count;
  struct area *places;   /* of each of the picture's places that stands in this column */
  struct area whole;
  double in_end, out_start; /* heights between which the column's first and last lines lie; its ends are whole's */
};

struct arrangement
{
  const struct picture *p;
  struct spot *spots; /* of each box */
  struct column_layout *columns;
  bool chain; /* one shortcut at most beside every box, and each box reads the one above it */
};

struct arrangement plot_layout (const struct picture *p);

/* Does L pass the picture's first box of the column that it ends in? Its tensor is then made in an earlier one. */
bool plot_enters (const struct picture *p, const struct link *l);

#endif
