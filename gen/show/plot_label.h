/* The picture's texts, escaped for where they go. */
#ifndef RESCAST_SHOW_PLOT_LABEL_H
#define RESCAST_SHOW_PLOT_LABEL_H

#include "plot_boxes.h"

/* Insides of graphviz's label=<…>, which it reads as XML. */
char *plot_label (const struct picture *p, const struct box *b);
/* S for the inside of an XML text, and of a label. */
char *plot_xml (const char *s);
/* 64 × 56 × 56. */
char *plot_shape (const struct shape *s);
/* Insides of quoted texts. */
char *plot_tooltip (const struct picture *p, const struct box *b);
char *plot_quoted (const char *s);

#endif
