/* The picture's texts, escaped for where they go. */
#ifndef RESCAST_SHOW_PLOT_LABEL_H
#define RESCAST_SHOW_PLOT_LABEL_H

#include "plot_boxes.h"

/* What a box says: a line, and one below it in smaller letters. Neither is escaped. */
struct plot_texts
{
  const char *title, *rest;
  bool bold; /* the title; otherwise it is in italics */
};
struct plot_texts plot_texts (const struct picture *p, const struct box *b);
/* About how wide S is in letters of SIZE, as plot_xml would cut it. */
double plot_text_width (const char *s, double size, bool bold);
/* The names of a box's layers, and of how many blocks it is one. */
char *plot_names (const struct picture *p, const struct box *b);
/* The shape of L is told where it changes, and between blocks. */
bool plot_shape_worth (const struct picture *p, const struct link *l);
/* Insides of graphviz's label=<…>, which it reads as XML. */
char *plot_label (const struct picture *p, const struct box *b);
/* S for the inside of an XML text, and of a label; cut where it is long. */
char *plot_xml (const char *s);
/* The same, however long it is. */
char *plot_escaped (const char *s);
/* 64 × 56 × 56. */
char *plot_shape (const struct shape *s);
/* Insides of quoted texts. */
char *plot_tooltip (const struct picture *p, const struct box *b);
char *plot_quoted (const char *s);

#endif
