#include "backend/kernel.h"

#include <string.h>

double
kernel_executed_macs (const struct kernel *k)
{
  return k->unroll == UNROLL_LEVELS - 1 && k->all_taps_macs > 0 ? k->all_taps_macs : k->executed_macs;
}

const struct kernel *
kernels_share (struct kernels *ks, struct kernel *k)
{
  const char *name = k->function;
  int homonyms = 1;
  for (int i = 0; i < ks->count; i++)
    {
      if (ks->list[i]->family == k->family && plan_equal (k->family, ks->list[i]->plan, k->plan))
        return ks->list[i];
      if (strcmp (ks->list[i]->function, k->function) == 0)
        {
          k->function = mem_printf ("%s_v%d", name, ++homonyms);
          i = -1;
        }
    }
  if (ks->count == ks->cap)
    {
      ks->cap = ks->cap ? 2 * ks->cap : 64;
      struct kernel **grown = NEW_ARRAY ((size_t) ks->cap, struct kernel *);
      if (ks->count)
        memcpy (grown, ks->list, (size_t) ks->count * sizeof *grown);
      ks->list = grown;
    }
  ks->list[ks->count++] = k;
  return k;
}
