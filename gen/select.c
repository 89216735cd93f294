/* Layouts, halos, kernels. */
#include "select.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "phases.h"
#include "select_kernel.h"

/* Padding that window W really reads before and behind an axis of IN elements that yields OUT. */
static void
halo_of_window (const struct window *w, int a, int64_t in, int64_t out, int *lo, int *hi)
{
  int64_t before = w->pad_lo[a];
  int64_t behind = (out - 1) * w->stride[a] - w->pad_lo[a] + (w->kernel[a] - 1) * w->dilation[a] - (in - 1);
  if (before > *lo)
    *lo = (int) before;
  if (behind > *hi)
    *hi = (int) behind;
}

/* The same for a transposed convolution, whose phases read past both ends of the input. */
static void
halo_of_phases (const struct window *w, int a, int64_t in, int64_t out, int *lo, int *hi)
{
  for (int64_t f = 0; f < phase_count (w, a, out); f++)
    {
      struct phase p = phase_of (w, a, out, f);
      int64_t behind = p.first + p.taps - 1 + p.count - 1 - (in - 1);
      if (p.taps && -p.first > *lo)
        *lo = (int) -p.first;
      if (p.taps && behind > *hi)
        *hi = (int) behind;
    }
}

static void
choose_halos (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->op != OP_CONV && n->op != OP_TRANSPOSED_CONV)
        continue;
      struct tensor *t = &g->tensors[n->in[0]];
      const struct shape *out = node_own_shape (g, n);
      for (int a = 0; a < AXES; a++)
        (n->op == OP_CONV ? halo_of_window : halo_of_phases) (&n->win, a, t->shape.dim[a], out->dim[a], &t->halo_lo[a],
                                                              &t->halo_hi[a]);
    }
}

static void
choose_layouts (struct graph *g)
{
  for (int i = 0; i < g->tensor_count; i++)
    g->tensors[i].layout = LAYOUT_BLOCKED;
  if (graph_planar_input (g))
    g->tensors[g->nodes[0].out].layout = LAYOUT_PLANAR;
}

static bool
same_kernel (const struct kernel *a, const struct kernel *b)
{
  if (strcmp (a->stem, b->stem) || a->param_count != b->param_count)
    return false;
  for (int i = 0; i < a->param_count; i++)
    if (strcmp (a->params[i].name, b->params[i].name) || strcmp (a->params[i].value, b->params[i].value))
      return false;
  return true;
}

/* A kernel that is already there, or K under a name of its own. */
static const struct kernel *
share (struct kernels *ks, struct kernel *k)
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

struct kernels *
select_kernels (struct graph *g, const struct target *target)
{
  struct kernels *ks = NEW (struct kernels);
  choose_halos (g);
  choose_layouts (g);
  for (int i = 0; i < g->node_count; i++)
    g->nodes[i].kernel = share (ks, select_kernel (g, &g->nodes[i], target));
  return ks;
}
