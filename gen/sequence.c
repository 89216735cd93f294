/* Layer graphs. */
#include "build.h"

struct graph *
build_sequence (const struct options *o)
{
  fatal_at (o->network_loc, "network sequence is not available");
}
