/* Lifetimes → offsets. Tensors are placed one by one, each into the smallest gap that its contemporaries leave; the
 * order decides how well that packs, so several are tried and the best one stays. A sum with a residual that nobody
 * reads any more lies where the residual does; a tensor within another one, where that has it. */
#include "plan_memory.h"

#include <inttypes.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "graph/channels.h"

/* of one tensor: no sum of offsets overflows */
#define MAX_BYTES 7e13

struct item
{
  size_t bytes, offset;
  int first, last;
  int id; /* the first tensor in it; -1 for the dense input; -2 - i for node i's scratch */
};

struct plan
{
  struct item *items;
  int count;
  size_t bytes;
};

static int64_t
aligned (const struct graph *g, int64_t bytes)
{
  return round_up (bytes, backend_of (g)->alignment);
}

static size_t
tensor_bytes (const struct graph *g, const struct tensor *t)
{
  const double elements = format_elements_estimate (&t->format, &t->shape, g->batch);
  const double bytes = elements * element_bytes (t->format.element);
  if (bytes > MAX_BYTES)
    fatal_at (g->nodes[t->producer].loc,
              "layer %s: its output of %s needs %.1e bytes with the padding that later layers read; allowed: at most "
              "%.1e", t->name, shape_text (&t->shape), bytes, MAX_BYTES);
  if (elements > INT32_MAX)
    fatal_at (g->nodes[t->producer].loc,
              "layer %s: its output of %s, batch %" PRId64 ", has 2^31 elements or more, with "
              "channels filled up to a multiple of %d and the padding that later layers read; allowed: fewer", t->name,
              shape_text (&t->shape), g->batch, t->format.block);
  return (size_t) aligned (g, format_bytes (&t->format, &t->shape, g->batch));
}

/* The last node that reads each tensor, or writes it. */
static void
set_last_uses (struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    g->tensors[g->nodes[i].out].last = g->keep_tensors ? g->node_count - 1 : i;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      for (int k = 0; k < n->nin; k++)
        g->tensors[n->in[k]].last = i;
      if (n->ep.residual >= 0)
        g->tensors[n->ep.residual].last = i;
    }
}

static bool
formats_equal (const struct tensor_format *f, const struct tensor_format *o)
{
  bool equal = f->element == o->element && f->layout == o->layout && f->block == o->block;
  for (int a = 0; a < AXES; a++)
    equal = equal && f->halo_lo[a] == o->halo_lo[a] && f->halo_hi[a] == o->halo_hi[a];
  return equal;
}

/* Does tensor T lie within another one, or another one within T? */
static bool
is_shared (const struct graph *g, int t)
{
  bool shared = g->tensors[t].within >= 0;
  for (int i = 0; i < g->tensor_count; i++)
    shared = shared || g->tensors[i].within == t;
  return shared;
}

/* Does node I add its residual where that lies? It is the last one to read it then, as the residual alone. */
static bool
is_in_place (const struct graph *g, int i)
{
  const struct node *n = &g->nodes[i];
  const int r = n->ep.residual;
  if (r < 0 || !n->kernel->adds_in_place || g->tensors[r].last != i || n->out == g->nodes[g->node_count - 1].out)
    return false;
  for (int k = 0; k < n->nin; k++)
    if (n->in[k] == r)
      return false;
  if (is_shared (g, r) || is_shared (g, n->out))
    return false;
  return formats_equal (&g->tensors[r].format, &g->tensors[n->out].format);
}

/* For each tensor the first one that lies where it does: mostly itself. */
static const int *
first_tensors (const struct graph *g)
{
  int *first = NEW_ARRAY ((size_t) g->tensor_count, int);
  for (int i = 0; i < g->node_count; i++)
    first[g->nodes[i].out] = is_in_place (g, i) ? first[g->nodes[i].ep.residual] : g->nodes[i].out;
  int64_t at;
  for (int t = 0; t < g->tensor_count; t++)
    if (g->tensors[t].within >= 0)
      first[t] = channel_root (g, t, &at);
  return first;
}

static struct plan
lifetimes (const struct graph *g, const int *first)
{
  struct plan p = { .items = NEW_ARRAY ((size_t) (g->tensor_count + g->node_count) + 1, struct item) };
  struct item **item = NEW_ARRAY ((size_t) g->tensor_count, struct item *);
  int output = g->nodes[g->node_count - 1].out;
  for (int i = 0; i < g->node_count; i++)
    {
      const int t = g->nodes[i].out;
      if (t == output) /* that one is the caller's array */
        continue;
      struct item *it = item[first[t]];
      if (!it)
        {
          it = item[first[t]] = &p.items[p.count++];
          *it = (struct item){ .bytes = tensor_bytes (g, &g->tensors[first[t]]), .id = first[t], .first = i };
        }
      const int last = g->tensors[t].last;
      it->last = last > it->last ? last : it->last;
    }
  int64_t dense = format_bytes (&format_dense, &g->tensors[g->nodes[0].out].shape, g->batch);
  p.items[p.count++] = (struct item){ .bytes = (size_t) aligned (g, dense), .id = -1 };
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].scratch_bytes)
      p.items[p.count++] = (struct item){ .bytes = (size_t) aligned (g, (int64_t) g->nodes[i].scratch_bytes),
                                          .id = -2 - i, .first = i, .last = i };
  return p;
}

static bool
overlap (const struct item *a, const struct item *b)
{
  return a->first <= b->last && b->first <= a->last;
}

/* The most bytes that are in use at one time: no plan can be smaller. */
static size_t
lower_bound (const struct graph *g, const struct plan *p)
{
  size_t *begin = NEW_ARRAY ((size_t) g->node_count + 1, size_t), *end = NEW_ARRAY ((size_t) g->node_count + 1, size_t);
  for (int k = 0; k < p->count; k++)
    {
      begin[p->items[k].first] += p->items[k].bytes;
      end[p->items[k].last + 1] += p->items[k].bytes;
    }
  size_t live = 0, most = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      live += begin[i] - end[i];
      most = live > most ? live : most;
    }
  return most;
}

static int
by_offset (const void *a, const void *b)
{
  const struct item *x = *(struct item *const *) a, *y = *(struct item *const *) b;
  return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The offset of the smallest gap among the items placed before COUNT that NEW can live beside. */
static size_t
best_gap (struct item *placed, int count, const struct item *new, struct item **beside)
{
  int n = 0;
  for (int i = 0; i < count; i++)
    if (overlap (&placed[i], new))
      beside[n++] = &placed[i];
  qsort (beside, (size_t) n, sizeof *beside, by_offset);
  size_t end = 0, best = SIZE_MAX, best_size = SIZE_MAX;
  for (int i = 0; i < n; i++)
    {
      if (beside[i]->offset > end && beside[i]->offset - end >= new->bytes && beside[i]->offset - end < best_size)
        {
          best = end;
          best_size = beside[i]->offset - end;
        }
      if (beside[i]->offset + beside[i]->bytes > end)
        end = beside[i]->offset + beside[i]->bytes;
    }
  return best == SIZE_MAX ? end : best;
}

static void
place (struct plan *p)
{
  struct item **beside = NEW_ARRAY ((size_t) p->count, struct item *);
  p->bytes = 0;
  for (int i = 0; i < p->count; i++)
    {
      p->items[i].offset = best_gap (p->items, i, &p->items[i], beside);
      if (p->items[i].offset + p->items[i].bytes > p->bytes)
        p->bytes = p->items[i].offset + p->items[i].bytes;
    }
}

/* Orders: by size; by size times lifetime; by time. Ties fall back on the identity, so that plans never differ. */
static int
by_size (const void *a, const void *b)
{
  const struct item *x = a, *y = b;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? 1 : -1;
  return x->id - y->id;
}

static int
by_area (const void *a, const void *b)
{
  const struct item *x = a, *y = b;
  double ax = (double) x->bytes * (x->last - x->first + 1), ay = (double) y->bytes * (y->last - y->first + 1);
  if (ax != ay)
    return ax < ay ? 1 : -1;
  return x->id - y->id;
}

static int
by_time (const void *a, const void *b)
{
  const struct item *x = a, *y = b;
  return x->first != y->first ? x->first - y->first : x->id - y->id;
}

/* Bytes from the start of the tensor that T lies in to T's. */
static size_t
bytes_within (const struct graph *g, int t)
{
  int64_t at;
  const struct tensor *root = &g->tensors[channel_root (g, t, &at)];
  return (size_t) (at / format_lanes (&root->format, &root->shape) * tensor_strides (root).block
                   * element_bytes (root->format.element));
}

/* Each tensor where P has what it lies in. */
static void
place_tensors (struct graph *g, const struct plan *p, const int *first)
{
  const struct item **of_tensor = NEW_ARRAY ((size_t) g->tensor_count, const struct item *);
  for (int k = 0; k < p->count; k++)
    if (p->items[k].id >= 0)
      of_tensor[p->items[k].id] = &p->items[k];
  for (int i = 0; i < g->node_count; i++)
    {
      struct tensor *t = &g->tensors[g->nodes[i].out];
      const struct item *it = of_tensor[first[g->nodes[i].out]];
      if (!it) /* the caller's array */
        continue;
      t->offset = it->offset + bytes_within (g, g->nodes[i].out);
      t->bytes = t->within >= 0 ? tensor_bytes (g, t) : it->bytes;
      t->first = i;
    }
}

void
plan_memory (struct graph *g)
{
  static int (*const orders[]) (const void *, const void *) = { by_size, by_area, by_time };
  struct plan best = { .bytes = SIZE_MAX };
  set_last_uses (g);
  const int *first = first_tensors (g);
  for (size_t k = 0; k < sizeof orders / sizeof *orders; k++)
    {
      struct plan p = lifetimes (g, first);
      qsort (p.items, (size_t) p.count, sizeof *p.items, orders[k]);
      place (&p);
      if (p.bytes < best.bytes)
        best = p;
    }
  g->arena_bytes = best.bytes;
  g->arena_bound = lower_bound (g, &best);
  for (int i = 0; i < best.count; i++)
    if (best.items[i].id == -1)
      g->input_offset = best.items[i].offset;
    else if (best.items[i].id < 0)
      g->nodes[-2 - best.items[i].id].scratch_offset = best.items[i].offset;
  place_tensors (g, &best, first);
}
