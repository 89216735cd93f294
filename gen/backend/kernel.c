#include "backend/kernel.h"

#include <string.h>

static bool
same_kernel (const struct kernel *a, const struct kernel *b)
{
  if (strcmp (a->stem, b->stem) || a->param_count != b->param_count)
    return false;
  if (a->family != b->family || (a->family && !plan_equal (a->family, a->plan, b->plan)))
    return false;
  for (int i = 0; i < a->param_count; i++)
    if (strcmp (a->params[i].name, b->params[i].name) || strcmp (a->params[i].value, b->params[i].value))
      return false;
  return true;
}

const struct kernel *
kernels_share (struct kernels *ks, struct kernel *k)
{
  const char *name = k->function;
  int homonyms = 1;
  for (int i = 0; i < ks->count; i++)
    {
      if (same_kernel (ks->list[i], k))
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
