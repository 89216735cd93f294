/* The table of targets. */
#include "target.h"

#include <stddef.h>
#include <string.h>

static const struct target targets[] = {
  /* 6 x 2 accumulators, 2 weights and 1 input fill the 16 vector registers that SSE, AVX and most others have. */
  { "c", "portable C11 with the compiler's vector extensions", "vec_portable.m4", 6 },
};

const struct target *
target_find (const char *name)
{
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
    if (strcmp (targets[i].name, name) == 0)
      return &targets[i];
  return NULL;
}

const char *
target_names (void)
{
  return "c";
}
