/* Layouts, halos, kernels. */
#include "select.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "choose.h"
#include "backend/phases.h"
#include "graph/channels.h"
#include "pairs.h"
#include "select_kernel.h"
#include "straight.h"
#include "unroll.h"

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

/* Winograd reads whole tiles, though part of the last ones is thrown away, and of a stem's phases equally many taps. */
static void
halo_of_tiles (const struct node *n, int a, int64_t in, int64_t out, int *lo, int *hi)
{
  struct window w = n->win;
  bool tiled = n->choice.algorithm == ALGORITHM_WINOGRAD && n->choice.tile[a] > 1;
  if (tiled)
    w.kernel[a] = round_up (w.kernel[a], w.stride[a]);
  halo_of_window (&w, a, in, tiled ? round_up (out, n->choice.tile[a]) : out, lo, hi);
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

/* In bf16 tiles are laid out for the phase that has most rows and columns: all phases read as much as that one. */
static void
halo_of_equal_phases (const struct window *w, int a, int64_t in, int64_t out, int *lo, int *hi)
{
  int64_t most = phase_of (w, a, out, 0).count;
  halo_of_phases (w, a, in, out, lo, hi);
  for (int64_t f = 0; f < phase_count (w, a, out); f++)
    {
      struct phase p = phase_of (w, a, out, f);
      int64_t behind = p.first + p.taps - 1 + most - 1 - (in - 1);
      if (p.taps && behind > *hi)
        *hi = (int) behind;
    }
}

/* What the tiles of a transposed convolution by Winograd read; planes that are not there are left out. */
static void
halo_of_phase_tiles (const struct window *w, int a, int64_t in, int64_t out, int64_t m, int *lo, int *hi)
{
  struct phase_tiles t = phase_tiles (w, a, out, m);
  int64_t behind = t.first + t.count * m + 2 - in;
  if (a == AXIS_D)
    return;
  if (-t.first > *lo)
    *lo = (int) -t.first;
  if (behind > *hi)
    *hi = (int) behind;
}

/* Where a k-step has several taps, its numbers are read as a whole, also at the end of a row, and rows begin at
 * multiples of 16 bytes, so that no pixel of stride 2 crosses a line of the cache. */
static void
halo_of_pairs (const struct graph *g, const struct node *n, struct tensor *t)
{
  const int64_t taps = graph_block (g) / pairs_channels (g, n), width = node_own_shape (g, n)->dim[AXIS_W];
  int *hi = &t->format.halo_hi[AXIS_W];
  int64_t end = (width - 1) * n->win.stride[AXIS_W] + round_up (n->win.kernel[AXIS_W], taps);
  int64_t lack
      = t->format.halo_lo[AXIS_W] - n->win.pad_lo[AXIS_W] + end - format_extent (&t->format, &t->shape, AXIS_W);
  if (taps == 1)
    return;
  *hi += lack > 0 ? (int) lack : 0;
  while (format_extent (&t->format, &t->shape, AXIS_W) * t->format.block % 8)
    ++*hi;
}

/* Tensors that are parts of one have equal halos: the widest. */
static void
share_halos (struct graph *g)
{
  int64_t at;
  for (int i = 0; i < g->tensor_count; i++)
    {
      const struct tensor_format *own = &g->tensors[i].format;
      struct tensor_format *f = &g->tensors[channel_root (g, i, &at)].format;
      for (int a = 0; a < AXES; a++)
        {
          f->halo_lo[a] = own->halo_lo[a] > f->halo_lo[a] ? own->halo_lo[a] : f->halo_lo[a];
          f->halo_hi[a] = own->halo_hi[a] > f->halo_hi[a] ? own->halo_hi[a] : f->halo_hi[a];
        }
    }
  for (int i = 0; i < g->tensor_count; i++)
    if (g->tensors[i].within >= 0)
      g->tensors[i].format = g->tensors[channel_root (g, i, &at)].format;
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
        if (n->op == OP_CONV)
          halo_of_tiles (n, a, t->shape.dim[a], out->dim[a], &t->format.halo_lo[a], &t->format.halo_hi[a]);
        else if (n->choice.algorithm == ALGORITHM_WINOGRAD)
          halo_of_phase_tiles (&n->win, a, t->shape.dim[a], out->dim[a], n->choice.tile[a], &t->format.halo_lo[a],
                               &t->format.halo_hi[a]);
        else if (graph_element (g) == ELEMENT_BF16)
          halo_of_equal_phases (&n->win, a, t->shape.dim[a], out->dim[a], &t->format.halo_lo[a], &t->format.halo_hi[a]);
        else
          halo_of_phases (&n->win, a, t->shape.dim[a], out->dim[a], &t->format.halo_lo[a], &t->format.halo_hi[a]);
    }
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].op == OP_CONV && graph_element (g) == ELEMENT_BF16)
      halo_of_pairs (g, &g->nodes[i], &g->tensors[g->nodes[i].in[0]]);
  share_halos (g);
}

static void
clear_halos (struct graph *g)
{
  for (int i = 0; i < g->tensor_count; i++)
    for (int a = 0; a < AXES; a++)
      g->tensors[i].format.halo_lo[a] = g->tensors[i].format.halo_hi[a] = 0;
}

static void
choose_layouts (struct graph *g)
{
  for (int i = 0; i < g->tensor_count; i++)
    {
      bool floats = graph_holds_scores (g, i) || graph_holds_features (g, i);
      g->tensors[i].format = (struct tensor_format){ .element = floats ? ELEMENT_F32 : graph_element (g),
                                                     .layout = LAYOUT_BLOCKED,
                                                     .block = (int) graph_block (g) };
    }
  if (pairs_input_block (g))
    g->tensors[g->nodes[0].out].format.block = pairs_input_block (g);
  else if (graph_planar_input (g))
    g->tensors[g->nodes[0].out].format = format_dense;
}

/* A hash of all that the order of K's weights depends on: targets must agree in it, even where their families differ.
 */
static uint64_t
order_of (const struct kernel *k)
{
  return plan_hash (HASH_START, k->family, k->plan);
}

static struct kernels *
kernels_of (struct graph *g, const struct target *target, bool first)
{
  struct kernels *ks = NEW (struct kernels);
  ks->target = target;
  ks->target_name = target->name;
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      n->kernel = first ? NULL : n->kernel;
      struct kernel *own = select_kernel (g, n, target);
      if (g->straight && straight_applies (g, n))
        own = straight_kernel (g, i, own);
      const struct kernel *k = kernels_share (ks, own);
      size_t scratch = (size_t) (k->shared_bytes > k->scratch_bytes ? k->shared_bytes : k->scratch_bytes);
      if (first)
        n->kernel = k;
      if (first || scratch > n->scratch_bytes)
        n->scratch_bytes = scratch;
      assert (strcmp (n->kernel->function, k->function) == 0 && n->kernel->staged_from == k->staged_from
              && n->kernel->total_bytes == k->total_bytes && order_of (n->kernel) == order_of (k));
    }
  return ks;
}

/* Bytes of all packed weights as now chosen; they are the same for all targets. */
static int64_t
weight_bytes (struct graph *g, const struct target *target)
{
  int64_t bytes = 0;
  bool tiles = false;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct kernel *k = select_kernel (g, &g->nodes[i], target);
      bytes += k->total_bytes;
      tiles |= k->order->tiles;
    }
  return bytes + (tiles ? LIMIT_BYTES : 0);
}

static void
keep_limit (struct graph *g, const struct target *target, int64_t most)
{
  int64_t bytes = weight_bytes (g, target);
  if (bytes > most && !choose_smaller (g, ceil_div (bytes - most, (int64_t) sizeof (float)))
      && weight_bytes (g, target) > most && !g->choosing->refused_later)
    fatal ("%s: the network's packed weights take %" PRId64 " bytes at least, more than the %" PRId64
           " of --max-weights", g->path, weight_bytes (g, target), most);
  clear_halos (g);
  choose_halos (g);
}

struct kernels *
select_kernels (struct graph *g, const struct cpu_targets *targets)
{
  struct kernels *first = NULL, **next = &first;
  choose (g, targets);
  choose_layouts (g);
  choose_halos (g);
  if (g->choosing && g->choosing->max_weights && !g->choosing->given[g->precision].list)
    keep_limit (g, targets->list[0], g->choosing->max_weights);
  for (int i = 0; i < targets->count; i++, next = &(*next)->next)
    *next = kernels_of (g, targets->list[i], i == 0);
  unroll_kernels (g, first);
  return first;
}
