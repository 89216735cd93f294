#include "backend/kernel.h"

#include <ctype.h>
#include <string.h>

#include "backend/backend.h"

int64_t
graph_block (const struct graph *g)
{
  return backend_of (g)->block (g);
}

int64_t
graph_blocks (const struct graph *g, int t)
{
  return ceil_div (g->tensors[t].shape.c, graph_block (g));
}

int64_t
graph_padded (const struct graph *g, int t)
{
  return round_up (g->tensors[t].shape.c, graph_block (g));
}

double
kernel_executed_macs (const struct kernel *k)
{
  return k->unroll == UNROLL_LEVELS - 1 && k->all_taps_macs > 0 ? k->all_taps_macs : k->executed_macs;
}

/* Parameters of a plan, one after another. */
struct parameters
{
  const char *name[256], *value[256];
  int count;
};

static void
note_parameter (void *to, const char *name, const char *value)
{
  struct parameters *p = to;
  if (p->count == (int) (sizeof p->name / sizeof *p->name))
    return;
  p->name[p->count] = mem_strdup (name);
  p->value[p->count++] = mem_strdup (value);
}

/* "out row 96, not 64; …": in what K differs from its namesake OTHER, at most three parameters with short values. Names
 * of parameters are written as words, in small letters. */
static char *
difference (const struct kernel *k, const struct kernel *other)
{
  static struct parameters a, b;
  struct text t = { 0 };
  a.count = b.count = 0;
  plan_params (k->family, k->plan, note_parameter, &a);
  plan_params (other->family, other->plan, note_parameter, &b);
  for (int i = 0, found = 0; i < a.count && i < b.count && found < 3; i++)
    {
      if (strcmp (a.value[i], b.value[i]) == 0 || strlen (a.value[i]) + strlen (b.value[i]) > 40)
        continue;
      text_add (&t, found++ ? "; " : "");
      for (const char *c = a.name[i]; *c; c++)
        text_printf (&t, "%c", *c == '_' ? ' ' : tolower ((unsigned char) *c));
      text_printf (&t, " %s, not %s", a.value[i], b.value[i]);
    }
  return t.n ? t.s : mem_strdup ("in longer parameters");
}

const struct kernel *
kernels_share (struct kernels *ks, struct kernel *k)
{
  const char *name = k->function;
  const struct kernel *namesake = NULL;
  int homonyms = 1;
  for (int i = 0; i < ks->count; i++)
    {
      if (ks->list[i]->family == k->family && plan_equal (k->family, ks->list[i]->plan, k->plan))
        return ks->list[i];
      if (strcmp (ks->list[i]->function, k->function) == 0)
        {
          namesake = namesake ? namesake : ks->list[i];
          k->function = mem_printf ("%s_v%d", name, ++homonyms);
          i = -1;
        }
    }
  if (namesake && namesake->family == k->family)
    k->purpose = mem_printf ("%s\n   Unlike %s: %s.", k->purpose, namesake->function, difference (k, namesake));
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
