/* What code is generated for: instruction sets, their vectors and registers. */
#ifndef RESCAST_TARGET_H
#define RESCAST_TARGET_H

struct target
{
  const char *name;
  const char *description;
  const char *vector_template; /* in templates/: the vector vocabulary */
  int tile_pixels;             /* output pixels of a convolution's register tile, two vectors each */
};

/* The target called NAME, or NULL. */
const struct target *target_find (const char *name);
/* "c, avx2, …" for messages. */
const char *target_names (void);

#endif
