/* Folding equal blocks, joining layers, breaking the whole into columns. */
#include "plot_boxes.h"

#include <math.h>
#include <string.h>

/* A column is broken behind so many boxes, or more where that makes the whole less than twice as wide as it is high. */
#define MIN_ROWS 8
#define MIN_STAGE_ROWS 24
#define ROWS_PER_COLUMN 5.0

/* The first node behind I's block. */
static int
block_end (const struct graph *g, int i)
{
  int end = i;
  while (end < g->node_count && g->nodes[end].stage == g->nodes[i].stage && g->nodes[end].block == g->nodes[i].block)
    end++;
  return end;
}

/* Nodes A and B, each seen from its own place, are drawn alike. */
static bool
alike (const struct graph *g, int a, int b)
{
  const struct node *m = &g->nodes[a], *n = &g->nodes[b];
  if (m->op != n->op || m->nin != n->nin || strcmp (m->type, n->type) || m->on_shortcut != n->on_shortcut
      || !shape_equal (&g->tensors[m->out].shape, &g->tensors[n->out].shape))
    return false;
  for (int k = 0; k < m->nin; k++)
    {
      const struct tensor *s = &g->tensors[m->in[k]], *t = &g->tensors[n->in[k]];
      if (a - s->producer != b - t->producer || !shape_equal (&s->shape, &t->shape))
        return false;
    }
  return true;
}

static bool
blocks_alike (const struct graph *g, int a, int b)
{
  int n = block_end (g, a) - a;
  if (block_end (g, b) - b != n || g->nodes[a].stage != g->nodes[b].stage)
    return false;
  for (int i = 0; i < n; i++)
    if (!alike (g, a + i, b + i))
      return false;
  return true;
}

static void
fold_blocks (struct picture *p)
{
  const struct graph *g = p->g;
  p->drawn = NEW_ARRAY ((size_t) g->node_count, int);
  for (int i = 0; i < g->node_count; i++)
    p->drawn[i] = i;
  for (int i = 0, end; i < g->node_count && !p->full; i = end)
    {
      end = block_end (g, i);
      if (!g->nodes[i].stage)
        continue;
      for (int next = end; next < g->node_count && blocks_alike (g, i, next); next = end)
        {
          end = block_end (g, next);
          for (int k = next; k < end; k++)
            p->drawn[k] = i + k - next;
        }
    }
}

/* The tensor that is drawn for T. */
static int
drawn_tensor (const struct picture *p, int t)
{
  return p->g->nodes[p->drawn[p->g->tensors[t].producer]].out;
}

/* N goes into the box of the layer that it reads. */
static bool
joins (const struct picture *p, const struct node *n)
{
  const struct graph *g = p->g;
  if (p->full || n->nin != 1 || graph_uses (g, n->in[0]) != 1)
    return false;
  const struct node *by = graph_producer (g, n->in[0]);
  bool finish = n->op == OP_BATCH_NORM || n->op == OP_INSTANCE_NORM || n->op == OP_GROUP_NORM || n->op == OP_LAYER_NORM
                || n->op == OP_ACTIVATION || n->op == OP_IDENTITY;
  return finish && by->op != OP_INPUT && by->stage == n->stage && by->block == n->block
         && p->box_of[g->tensors[n->in[0]].producer] == p->box_count - 1;
}

static void
make_boxes (struct picture *p)
{
  const struct graph *g = p->g;
  p->boxes = NEW_ARRAY ((size_t) g->node_count, struct box);
  p->box_of = NEW_ARRAY ((size_t) g->node_count, int);
  for (int i = 0; i < g->node_count; i++)
    {
      if (p->drawn[i] != i)
        continue;
      if (joins (p, &g->nodes[i]))
        p->boxes[p->box_count - 1].last = i;
      else
        p->boxes[p->box_count++] = (struct box){ .first = i, .last = i };
      p->box_of[i] = p->box_count - 1;
    }
}

static void
make_links (struct picture *p)
{
  const struct graph *g = p->g;
  int most = 0;
  for (int i = 0; i < g->node_count; i++)
    most += g->nodes[i].nin;
  p->links = NEW_ARRAY ((size_t) most + 1, struct link);
  for (int i = 0; i < g->node_count; i++)
    for (int k = 0; p->drawn[i] == i && k < g->nodes[i].nin; k++)
      {
        int t = drawn_tensor (p, g->nodes[i].in[k]), from = p->box_of[g->tensors[t].producer], to = p->box_of[i];
        if (from == to)
          continue;
        p->links[p->link_count++] = (struct link){ .from = from, .to = to, .tensor = t };
        if (p->boxes[to].level <= p->boxes[from].level)
          p->boxes[to].level = p->boxes[from].level + 1;
      }
}

/* Of an addition's terms all but the one with the most layers behind it come over a shortcut; so do the layers that
 * lead to these alone. */
static void
find_skips (struct picture *p)
{
  for (int b = p->box_count - 1; b > 0; b--)
    {
      int deepest = 0, out = 0;
      for (int i = 0; i < p->link_count; i++)
        {
          const struct link *l = &p->links[i];
          if (l->to == b && p->boxes[l->from].level > deepest)
            deepest = p->boxes[l->from].level;
          out += l->from == b;
          if (l->from == b && l->skip && out == 1)
            p->boxes[b].skip = true;
        }
      p->boxes[b].skip &= out == 1;
      for (int i = 0; i < p->link_count; i++)
        if (p->links[i].to == b)
          p->links[i].skip = p->boxes[b].skip || p->boxes[p->links[i].from].level < deepest;
    }
}

/* At most one tensor is read behind the start of box B that was made before it. */
static bool
may_break (const struct picture *p, int b)
{
  int tensor = -1;
  for (int i = 0; i < p->link_count; i++)
    if (p->links[i].from < b && p->links[i].to >= b)
      {
        if (tensor >= 0 && tensor != p->links[i].tensor)
          return false;
        tensor = p->links[i].tensor;
      }
  return true;
}

/* The block of a box's layers; 0 outside of the stages. */
static int
block_of (const struct node *n)
{
  return n->stage ? n->block : 0;
}

static int
block_boxes (const struct picture *p, int b)
{
  const struct node *n = &p->g->nodes[p->boxes[b].first];
  int end = b;
  while (end < p->box_count && p->g->nodes[p->boxes[end].first].stage == n->stage
         && p->g->nodes[p->boxes[end].first].block == n->block)
    end++;
  return end - b;
}

/* Blocks that node I stands for. */
static int
repeats (const struct picture *p, int i)
{
  int n = 0;
  for (int k = i; k < p->g->node_count; k++)
    n += p->drawn[k] == i;
  return n;
}

/* Boxes that a column may have. */
static int
rows_allowed (const struct picture *p)
{
  bool stages = false;
  for (int b = 0; b < p->box_count; b++)
    stages |= p->g->nodes[p->boxes[b].first].stage > 0;
  int rows = (int) ceil (sqrt (ROWS_PER_COLUMN * p->box_count)), least = stages && !p->full ? MIN_STAGE_ROWS : MIN_ROWS;
  rows = rows < least ? least : rows;
  /* without stages: columns of equal height */
  return stages ? rows : (int) ceil_div (p->box_count, ceil_div (p->box_count, rows));
}

/* A stage begins a column, wherever a single tensor leads to it. */
static void
make_places (struct picture *p)
{
  int rows = rows_allowed (p), in_column = 0;
  p->places = NEW_ARRAY ((size_t) p->box_count, struct place);
  for (int b = 0; b < p->box_count; b++, in_column++)
    {
      const struct node *n = &p->g->nodes[p->boxes[b].first];
      const struct place *now = b ? &p->places[p->place_count - 1] : NULL;
      bool other_stage = !b || now->stage != n->stage, other = other_stage || now->block != block_of (n);
      int needs = other && n->stage ? block_boxes (p, b) : 1;
      bool full = (other || !n->stage) && in_column + needs > rows && n->op != OP_OUTPUT;
      bool next = b && (other_stage || full) && may_break (p, b);
      if (next)
        in_column = 0;
      p->column_count += next || !b;
      if (other || next)
        p->places[p->place_count++] = (struct place){ .stage = n->stage, .block = block_of (n),
                                                      .repeat = repeats (p, p->boxes[b].first),
                                                      .column = p->column_count - 1 };
      p->boxes[b].place = p->place_count - 1;
    }
}

struct picture
plot_picture (const struct graph *g, bool full)
{
  struct picture p = { .g = g, .full = full };
  fold_blocks (&p);
  make_boxes (&p);
  make_links (&p);
  find_skips (&p);
  make_places (&p);
  return p;
}
