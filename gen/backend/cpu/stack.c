/* How much stack a run takes on the thread that calls it: docs/budgets.md has the measurements. */
#include "stack.h"

#include "select_families.h"

/* NAME_run, the pool and the network's function for shares. */
#define CALLS_BYTES 192

int64_t
stack_bytes (const struct graph *g, const struct kernels *ks)
{
  int64_t most = 0;
  (void) g;
  for (int i = 0; i < ks->count; i++)
    {
      const int64_t bytes = 8192;
      most = bytes > most ? bytes : most;
    }
  return CALLS_BYTES + most;
}
