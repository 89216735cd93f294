/* Which steps there are, and into how many pieces threads may cut the work of each. */
#include "steps.h"

#include <inttypes.h>

/* Node I's kernel among those of KS, which has the same functions as PART's first target, in the same order. */
static const struct kernel *
kernel_for (const struct emission *part, const struct kernels *ks, int i)
{
  int k = 0;
  while (part->kernels->list[k] != part->g->nodes[i].kernel)
    k++;
  return ks->list[k];
}

int64_t
steps_most (const struct emission *part)
{
  int64_t steps = part->g->node_count;
  for (int i = 0; i < part->g->node_count; i++)
    steps += part->g->nodes[i].kernel->staged_from ? STAGES - 1 : 0;
  return steps;
}

bool
steps_staged (const struct emission *part)
{
  return steps_most (part) > part->g->node_count;
}

char *
steps_table (const struct emission *part, const struct kernels *ks)
{
  struct text t = { 0 };
  for (int i = 0; i < part->g->node_count; i++)
    {
      const struct kernel *k = kernel_for (part, ks, i);
      text_printf (&t, "%s{ %d, 0, %d, %" PRId64 " }", i ? ", " : "", i, k->staged_from, k->pieces);
      for (int stage = 1; k->staged_from && stage <= STAGES; stage++)
        text_printf (&t, ", { %d, %d, %d, %" PRId64 " }", i, stage, k->staged_from, k->stage_pieces[stage - 1]);
    }
  return t.s;
}

char *
steps_pieces (const struct emission *part, const struct kernels *ks)
{
  struct text t = { 0 };
  for (int i = 0; i < part->g->node_count; i++)
    text_printf (&t, "%s%" PRId64, i ? ", " : "", kernel_for (part, ks, i)->pieces);
  return t.s;
}
