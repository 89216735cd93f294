#include "unroll.h"
#include <stdlib.h>
#include <string.h>
#include "select_parts.h"
void
unroll_kernels (const struct graph *g, struct kernels *all)
{
  (void) g;
  int level = getenv ("UNROLL_LEVEL") ? atoi (getenv ("UNROLL_LEVEL")) : 0;
  for (struct kernels *ks = all; ks; ks = ks->next)
    for (int i = 0; i < ks->count; i++)
      {
        ks->list[i]->of_target = true;
        set_int (ks->list[i], "UNROLL", NULL, level);
      }
}
