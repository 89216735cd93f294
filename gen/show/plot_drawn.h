/* What was drawn of one column, by graphviz or by us, and the picture made of all columns. */
#ifndef RESCAST_SHOW_PLOT_DRAWN_H
#define RESCAST_SHOW_PLOT_DRAWN_H

#include "plot_layout.h"

struct point
{
  double x, y;
};

struct drawn_column
{
  double width, height;
  struct point in, out; /* where lines from the column before, and to the next one, end */
  const char *body;     /* SVG elements */
};

/* plot_draw.c: column I of L. LINK: of a page with a style sheet, into which boxes refer by that text and the number of
 * their first layer; NULL: of a picture by itself. */
struct drawn_column plot_draw (const struct arrangement *l, int i, const char *link);

/* plot_svg.c: the columns side by side under G's name. */
char *plot_page (const struct graph *g, const struct drawn_column *columns, int count);

#endif
