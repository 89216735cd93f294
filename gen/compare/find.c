/* The search for a cause: every change to the first layers that differ. */
#include "parts.h"

#include <math.h>

#include "base/program.h"
#include "base/terminal.h"

enum
{
  MOST_CANDIDATES = 12 /* layers that are tried: the first that differ, up to the end of a block */
};

/* CAUSE's variants at NODE. Of equally good ones the first. A cause behind another one in the list must be much
 * better, and the other one hardly good enough: where both explain all, the later one is a roundabout way to say it. */
static void
try_cause (struct trial *t, const struct cause *cause, int node, double end, struct finding *best)
{
  const double before = best->node < 0 ? INFINITY : best->error;
  for (int variant = 0;; variant++)
    {
      double error;
      trial_begin (t, node);
      const enum attempt attempt = cause->change (t, variant);
      const bool better = attempt == ATTEMPT_TRY && trial_run (t, &error) && error < best->error
                          && (isinf (before) || (error < before / 4 && before > t->known->tolerance / 4)
                              || best->cause == cause->name);
      if (better)
        *best = (struct finding){ .node = node, .cause = cause->name, .what = t->what, .error = error };
      trial_end (t);
      best->late = best->late || program_seconds () > end;
      if (attempt == ATTEMPT_END || best->late)
        return;
    }
}

struct finding
find_cause (const struct graph *g, double *const *ours, const double *raw, const struct known_list *k,
            const struct agreement *a, double seconds)
{
  struct finding best = { .node = -1, .error = INFINITY };
  struct trial t = { .base = g, .ours = ours, .raw = raw, .known = k };
  const double end = program_seconds () + seconds;
  int tried = 0;
  for (int i = a->first; i >= 0 && i < g->node_count && tried < MOST_CANDIDATES && best.node < 0 && !best.late; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->dead || n->op == OP_OUTPUT || n->op == OP_INPUT || a->good[i])
        continue;
      progress_show ("looking for a cause: layer", tried++, MOST_CANDIDATES + 1);
      for (const struct cause *c = cause_list; c->name && !best.late; c++)
        try_cause (&t, c, i, end, &best);
    }
  progress_clear ();
  return best;
}
