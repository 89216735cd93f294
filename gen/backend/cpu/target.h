/* What code is generated for: instruction sets, their vectors and registers. Algorithms, layouts and packed weights are
 * the same for all of them; only register tiles differ. */
#ifndef RESCAST_KERNELS_TARGET_H
#define RESCAST_KERNELS_TARGET_H

#include <stdbool.h>

/* Of a convolution's register tile: pixels x vectors sums. */
struct target_tile
{
  int pixels;
  int blocks;  /* blocks of 16 output channels; … */
  int vectors; /* … of each, this many vectors at a time */
};

struct target
{
  const char *name;
  const char *description;
  const char *vector_template; /* in templates/: the vector vocabulary */
  const char *flags;           /* of the compiler, for this target's kernels */
  int floats;                  /* of a vector, at least */
  int cache_bytes;             /* of a core's second-level cache: what a block of transformed inputs may take */
  struct target_tile tile;     /* where neighbouring output blocks read the same inputs */
  struct target_tile single;   /* of one block of output channels */
};

enum
{
  TARGETS_MAX = 8
};

/* Some targets, the best first; the last one's needs are the least. */
struct targets
{
  const struct target *list[TARGETS_MAX];
  int count;
  bool cuda; /* … and GPUs */
};

/* The targets in the comma-separated LIST; none when there is an unknown one. With cuda alone comes c: something must
 * run where there is no GPU. */
struct targets targets_parse (const char *list);
/* "avx2,c": what targets_parse takes. */
char *targets_text (const struct targets *t);
/* "avx512, avx2, …, cuda" for messages. */
const char *target_names (void);
const char *target_cpu_names (void); /* without cuda */

#endif
