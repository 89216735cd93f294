/* What a folder's files are told of its CPU targets: how kernels are compiled, and which machine runs them. */
#include "emit_targets.h"

#include "generate/network.h"
#include "generate/steps.h"
#include "target.h"

static void
add_target (struct params *p, const struct target *t, bool has_next, const char *kernels)
{
  params_add (p, mem_printf ("GUARD_%s", t->name), t->guard);
  params_add (p, mem_printf ("FLAGS_%s", t->name), t->flags);
  params_add (p, mem_printf ("PROBE_%s", t->name), t->probe);
  params_add (p, mem_printf ("DETECT_%s", t->name), t->detect ? t->detect : "NULL");
  params_add (p, mem_printf ("GAINS_%s", t->name), has_next && t->gains_by ? t->gains_by : "NULL");
  params_add (p, mem_printf ("KERNEL_LIST_%s", t->name), kernels);
}

/* The targets of a part, and what they have in common. */
static void
add_targets_of (struct params *p, const struct emission *part)
{
  struct text t = { 0 };
  const char *kernels = emit_kernel_list (part);
  for (const struct kernels *ks = part->kernels; ks; ks = ks->next)
    {
      text_printf (&t, "%s%s", t.n ? ", " : "", ks->target->name);
      add_target (p, ks->target, ks->next && ks->next->target == ks->target + 1, kernels);
      params_add (p, mem_printf ("PIECES_%s", ks->target->name), steps_pieces (part, ks));
      params_add (p, mem_printf ("STEPS_%s", ks->target->name), steps_table (part, ks));
    }
  params_add (p, mem_printf ("TARGETS_%s", precision_name (part->g->precision)), t.s);
}

static bool
part_has (const struct emission *part, const struct target *target)
{
  for (const struct kernels *ks = part->kernels; ks; ks = ks->next)
    if (ks->target == target)
      return true;
  return false;
}

void
cpu_add_targets (struct params *p, const struct emission *e)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (int i = 0; i < isa_count; i++)
    for (const struct emission *part = e; part; part = part->next)
      if (part_has (part, &isa_table[i]))
        text_printf (&t, "%s%s", t.n ? ", " : "", isa_table[i].name);
  params_add (p, "TARGETS", t.s);
  for (const struct emission *part = e; part; part = part->next)
    add_targets_of (p, part);
}
