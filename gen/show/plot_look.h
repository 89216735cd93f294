/* Colours and letters, whoever draws. */
#ifndef RESCAST_SHOW_PLOT_LOOK_H
#define RESCAST_SHOW_PLOT_LOOK_H

#include "graph/graph.h"

#define FONTS "Arial,Helvetica,sans-serif"
#define TEXT_COLOUR "#1c2126"
#define SMALL_COLOUR "#4c555e"
#define MAIN_COLOUR "#3c4650"
#define SKIP_COLOUR "#c0621c"
#define FADED_COLOUR "#69737d"
#define BLOCK_COLOUR "#c9ced3"
#define STAGE_COLOUR "#dfe2e5"
#define STAGE_FILL "#f6f7f8"

struct plot_look
{
  const char *kind; /* a word for style sheets */
  const char *fill, *line;
};

/* How the box of a layer looks, on a shortcut or not. */
struct plot_look plot_look (enum op op, bool skip);

#endif
