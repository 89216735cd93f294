/* Layouts, halos, kernels. */
#include "select.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "select_kernel.h"

/* A 3x3 filter is worth transforming when the sums over channels outweigh the transforms. On small maps a tile of 4
 * wastes its edge and its weights, four times a direct convolution's, are read for few tiles: a tile of 2 it is. */
#define WINOGRAD_MIN_CHANNELS 16
#define WINOGRAD_MIN_SIDE 4
#define WINOGRAD_SMALL_MAP 100

static int
winograd_tile (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = node_own_shape (g, n);
  static const int64_t kernel[AXES] = { 1, 3, 3 };
  for (int a = 0; a < AXES; a++)
    if (n->win.kernel[a] != kernel[a] || n->win.stride[a] != 1 || n->win.dilation[a] != 1)
      return 0;
  if (n->groups != 1 || n->pool || in->c < WINOGRAD_MIN_CHANNELS || out->c < WINOGRAD_MIN_CHANNELS
      || out->dim[AXIS_D] != 1 || in->dim[AXIS_D] != 1 || n->win.pad_lo[AXIS_H] < 0 || n->win.pad_lo[AXIS_W] < 0
      || out->dim[AXIS_H] < WINOGRAD_MIN_SIDE || out->dim[AXIS_W] < WINOGRAD_MIN_SIDE)
    return 0;
  return out->dim[AXIS_H] * out->dim[AXIS_W] < WINOGRAD_SMALL_MAP ? 2 : 4;
}

static void
choose_algorithms (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      if (n->op == OP_CONV && !g->exact && !(n->in[0] == g->nodes[0].out && graph_planar_input (g)))
        n->winograd = winograd_tile (g, n);
    }
}

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

static void
choose_halos (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->op != OP_CONV)
        continue;
      struct tensor *t = &g->tensors[n->in[0]];
      const struct shape *out = node_own_shape (g, n);
      for (int a = 0; a < AXES; a++)
        {
          /* whole tiles are read, though part of the last ones is thrown away */
          int64_t extent = n->winograd && a != AXIS_D ? round_up (out->dim[a], n->winograd) : out->dim[a];
          halo_of_window (&n->win, a, t->shape.dim[a], extent, &t->halo_lo[a], &t->halo_hi[a]);
        }
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
  choose_algorithms (g);
  choose_halos (g);
  choose_layouts (g);
  for (int i = 0; i < g->node_count; i++)
    {
      g->nodes[i].kernel = share (ks, select_kernel (g, &g->nodes[i], target));
      g->nodes[i].scratch_bytes = (size_t) g->nodes[i].kernel->scratch_floats * sizeof (float);
    }
  return ks;
}
