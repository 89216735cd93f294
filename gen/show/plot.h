/* `rescast plot`: the network as a picture, drawn by us where it is a chain of residual
 * blocks, else by graphviz. */
#ifndef RESCAST_SHOW_PLOT_H
#define RESCAST_SHOW_PLOT_H

#include "graph/graph.h"

/* plot.c: write G, as built, to the SVG file PATH. FULL: every layer is a box of its own; otherwise a layer's
 * normalisation and activation stand in its box, and equal blocks that follow each other are drawn once. */
void plot (const struct graph *g, const char *path, bool full);

/* plot_dot.c: the picture as texts for dot, one graph for each column, behind each other. */
char *plot_dot (const struct graph *g, bool full);

/* plot_graphviz.c: those graphs as dot draws them. */
char *plot_graphviz (const char *dot);

/* plot_svg.c: one picture of what dot drew. */
char *plot_svg (const struct graph *g, const char *drawn);

#endif
