/* Layouts, halos, kernels. */
#include "select.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "phases.h"
#include "select_kernel.h"

/* A model of what a 3x3 or 3x3x3 convolution costs, in cycles of a core that does MACS multiply-adds a cycle and streams
 * weights at BYTES a cycle: the larger of both, and the transforms, some OPERATIONS a value. */
#define MACS 16.0
#define STREAM_BYTES 8.0
#define TRANSFORM_OPERATIONS 3.0
#define CACHE_BYTES (256 * 1024.0)

static double
cost (double sums, double weights, double transformed)
{
  double stream = weights * sizeof (float) > CACHE_BYTES ? weights * sizeof (float) / STREAM_BYTES : 0;
  double multiply = sums / MACS;
  return (multiply > stream ? multiply : stream) + transformed * TRANSFORM_OPERATIONS / (MACS / 2);
}

static double
winograd_cost (const struct shape *in, const struct shape *out, int m, int m_d)
{
  double side_d = m_d == 1 ? 1 : m_d + 2, positions = side_d * (m + 2) * (m + 2), pairs = (double) in->c * (double) out->c;
  double tiles = (double) (ceil_div (out->dim[AXIS_D], m_d) * ceil_div (out->dim[AXIS_H], m)
                           * ceil_div (out->dim[AXIS_W], m));
  return cost (tiles * positions * pairs, positions * pairs, tiles * positions * (double) (in->c + out->c));
}

/* 3x3 or 3x3x3, stride 1, one group, channels enough for whole vectors. */
static bool
winograd_applies (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  for (int a = 0; a < AXES; a++)
    if (n->win.stride[a] != 1 || n->win.dilation[a] != 1 || n->win.pad_lo[a] < 0
        || (n->win.kernel[a] != 3 && !(a == AXIS_D && n->win.kernel[a] == 1)))
      return false;
  bool planar = n->in[0] == g->nodes[0].out && graph_planar_input (g);
  return n->op == OP_CONV && n->groups == 1 && !n->pool && !planar && in->c >= 16 && out->c >= 16;
}

static void
choose_algorithm (const struct graph *g, struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  double pairs = (double) in->c * (double) out->c, taps = n->win.kernel[AXIS_D] == 3 ? 27 : 9;
  double least = cost ((double) shape_pixels (out) * taps * pairs, taps * pairs, 0);
  for (int m = 2; m <= 4; m += 2)
    for (int m_d = 1; m_d <= 4; m_d *= 2)
      if ((m_d == 1) == (n->win.kernel[AXIS_D] == 1) && winograd_cost (in, out, m, m_d) < least)
        {
          least = winograd_cost (in, out, m, m_d);
          n->winograd = m;
          n->winograd_d = m_d;
        }
}

static void
choose_algorithms (struct graph *g)
{
  for (int i = 1; i < g->node_count && !g->exact; i++)
    if (g->nodes[i].op == OP_CONV && winograd_applies (g, &g->nodes[i]))
      choose_algorithm (g, &g->nodes[i]);
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
        {
          /* Winograd reads whole tiles, though part of the last ones is thrown away */
          int tile = !n->winograd ? 1 : a == AXIS_D ? n->winograd_d : n->winograd;
          (n->op == OP_CONV ? halo_of_window : halo_of_phases) (&n->win, a, t->shape.dim[a],
                                                                round_up (out->dim[a], tile), &t->halo_lo[a],
                                                                &t->halo_hi[a]);
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

static struct kernels *
kernels_of (struct graph *g, const struct target *target, bool first)
{
  struct kernels *ks = NEW (struct kernels);
  ks->target = target;
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      const struct kernel *k = share (ks, select_kernel (g, n, target));
      size_t scratch = (size_t) k->scratch_floats * sizeof (float);
      if (first)
        n->kernel = k;
      if (first || scratch > n->scratch_bytes)
        n->scratch_bytes = scratch;
      assert (strcmp (n->kernel->function, k->function) == 0 && n->kernel->total_floats == k->total_floats);
    }
  return ks;
}

struct kernels *
select_kernels (struct graph *g, const struct targets *targets)
{
  struct kernels *first = NULL, **next = &first;
  choose_algorithms (g);
  choose_halos (g);
  choose_layouts (g);
  for (int i = 0; i < targets->count; i++, next = &(*next)->next)
    *next = kernels_of (g, targets->list[i], i == 0);
  return first;
}
