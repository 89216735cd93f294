/* The text of straight-line code, with a layer's weights in it. */
#ifndef RESCAST_EMIT_STRAIGHT_TEXT_H
#define RESCAST_EMIT_STRAIGHT_TEXT_H

#include "backend/kernel.h"

/* The template's parameters: constants and functions, from the packed weights DATA. */
struct straight_text
{
  const char *constants, *units;
  const char *tile_floats; /* channels that a unit computes of a block: an expression */
  int constant_count, unit_count;
};
struct straight_text straight_text (const struct graph *g, int index, const struct target *target, const float *data);

#endif
