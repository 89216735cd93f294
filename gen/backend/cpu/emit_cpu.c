/* The CPU's files: a kernel each, and each target's vector vocabulary. */
#include "emit_cpu.h"

#include "base/terminal.h"
#include "emit/params.h"
#include "target.h"
#include "straight_text.h"

/* Straight-line code: text that depends on weights. */
static void
add_straight (struct params *p, const struct emission *e, const struct target *target, const struct kernel *k)
{
  struct straight_text t = straight_text (e->g, k->node, target, e->weights);
  params_add (p, "CONSTANTS", t.constants);
  params_int (p, "CONSTANT_COUNT", t.constant_count);
  params_add (p, "UNITS", t.units);
  params_int (p, "UNIT_COUNT", t.unit_count);
  params_add (p, "TILE_FLOATS", t.tile_floats);
}

static void
emit_kernel (const struct emission *e, const struct target *target, const struct kernel *k)
{
  struct params p = params_common (e);
  const char *function = mem_printf ("%s_%s_%s", e->g->name, target->name, k->function);
  params_verbatim (&p, "FUNCTION", function);
  params_verbatim (&p, "ISA_HEADER", mem_printf ("%s_%s.h", e->g->name, target->name));
  params_purpose (&p, k->purpose);
  params_int (&p, "SCRATCH_BYTES", k->scratch_bytes);
  params_int (&p, "BLOCK", graph_block (e->g));
  params_int (&p, "VECTOR_LANES", target->more_lanes ? 0 : target->lanes);
  params_int (&p, "PAIR_PRODUCTS", target->pair_products);
  params_int (&p, "UNROLL", k->unroll);
  plan_params (k->family, k->plan, params_give, &p);
  if (k->node >= 0)
    add_straight (&p, e, target, k);
  emit_file (e->dir, mem_printf ("%s.c", function), mem_printf ("%s.m4", k->family->template), p.list, p.count);
}

/* Do any of KS lay out the phases of planes? */
static bool
lay_out (const struct kernels *ks)
{
  for (int i = 0; i < ks->count; i++)
    if (ks->list[i]->family == &cpu_conv_stem_winograd_family
        || ks->list[i]->family == &cpu_conv_stem_winograd_pool_family)
      return true;
  return false;
}

static void
emit_vector_header (const struct emission *e, const struct kernels *ks)
{
  const struct target *target = ks->target;
  struct params p = params_common (e);
  params_verbatim (&p, "ISA_GUARD", mem_printf ("%s_%s_H", params_upper (e->g->name), params_upper (target->name)));
  params_activation_words (&p, e->g);
  params_int (&p, "LAYS_OUT", lay_out (ks));
  params_add (&p, "ELEMENT", element_type (graph_element (e->g))->name);
  emit_file (e->dir, mem_printf ("%s_%s.h", e->g->name, target->name), target->vector_template, p.list, p.count);
}

void
emit_cpu (const struct emission *e)
{
  for (const struct kernels *ks = e->kernels; ks; ks = ks->next)
    {
      for (int i = 0; i < ks->count; i++)
        {
          progress_show ("writing kernel", i, ks->count);
          emit_kernel (e, ks->target, ks->list[i]);
        }
      emit_vector_header (e, ks);
    }
}
