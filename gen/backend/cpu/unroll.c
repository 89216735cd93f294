/* A budget of object code goes where it gains most for each byte; docs/unrolling.md has the measurements. */
#include "unroll.h"

#include <inttypes.h>

#include "code_size.h"
#include "target.h"

/* Multiply-adds of all nodes that the kernel computes, which stands in for its time. */
static double
macs_of (const struct graph *g, const struct kernel *of_first)
{
  double macs = 0;
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].kernel == of_first)
      macs += g->nodes[i].macs;
  return macs;
}

/* Of kernel I of KS at LEVEL; a node that it computes is known by the FIRST target's kernel. */
static int64_t
bytes_of (const struct graph *g, const struct kernels *ks, const struct kernels *first, int i, int level)
{
  int n = 0;
  while (g->nodes[n].kernel != first->list[i])
    n++;
  return code_bytes (g, &g->nodes[n], ks->list[i], ks->target, level);
}

/* Raise the level that gains most for each byte, as long as one fits into LEFT bytes. */
static void
spend (const struct graph *g, const struct kernels *ks, const struct kernels *first, int *level, int64_t left)
{
  for (;;)
    {
      double most = 0;
      int best = -1, to = 0;
      int64_t price = 0;
      for (int i = 0; i < ks->count; i++)
        for (int l = level[i] + 1; l < UNROLL_LEVELS && code_has_levels (ks->list[i]); l++)
          {
            const struct kernel *k = ks->list[i];
            int64_t bytes = bytes_of (g, ks, first, i, l) - bytes_of (g, ks, first, i, level[i]);
            double saved
                = (code_gain (k, ks->target, l) - code_gain (k, ks->target, level[i])) * macs_of (g, first->list[i]);
            if (saved <= 0 || bytes > left || saved / (double) (bytes > 0 ? bytes : 1) <= most)
              continue;
            most = saved / (double) (bytes > 0 ? bytes : 1);
            best = i;
            to = l;
            price = bytes;
          }
      if (best < 0)
        return;
      level[best] = to;
      left -= price;
    }
}

static void
plan (const struct graph *g, struct kernels *ks, const struct kernels *first)
{
  int *level = NEW_ARRAY ((size_t) ks->count + 1, int);
  int64_t sum = 0;
  for (int i = 0; i < ks->count; i++)
    {
      level[i] = ks->list[i]->node >= 0 ? UNROLL_STRAIGHT : !code_has_levels (ks->list[i])                 ? 0
                 : g->straight                               ? 3
                                                             : g->unroll_least;
      sum += bytes_of (g, ks, first, i, level[i]);
    }
  if (g->straight && sum > UNROLL_MOST)
    fatal ("%s: --unroll-budget max makes about %" PRId64 " MiB of code for the target %s, and at most %d MiB are "
           "allowed; give a number of bytes", g->path, sum >> 20, ks->target->name, UNROLL_MOST >> 20);
  if (!g->straight)
    spend (g, ks, first, level, g->unroll_budget - sum);
  for (int i = 0; i < ks->count; i++)
    {
      struct kernel *k = ks->list[i];
      k->unroll = level[i];
      k->code_bytes = bytes_of (g, ks, first, i, level[i]);
    }
}

void
unroll_kernels (const struct graph *g, struct kernels *all)
{
  for (struct kernels *ks = all; ks; ks = ks->next)
    plan (g, ks, all);
}
