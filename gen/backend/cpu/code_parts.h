/* What code_size.c's models have in common, and those of families without tiles. */
#ifndef RESCAST_BACKEND_CPU_CODE_PARTS_H
#define RESCAST_BACKEND_CPU_CODE_PARTS_H

#include "code_tile.h"

/* WHAT where it is there. */
static inline double
where (bool there, double what)
{
  return there ? what : 0;
}

double code_input_bytes (const void *plan, const struct code_question *q);
double code_output_bytes (const void *plan, const struct code_question *q);
/* Its sums and factors are in loops over a block's vectors, but for a block of one vector. */
double code_norm_bytes (const void *plan, const struct code_question *q);
/* Of a family that has one result with an epilogue in its loops. */
double code_epilogue_bytes (const void *plan, const struct code_question *q);

#endif
