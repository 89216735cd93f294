/* Nodes of OP_CHANNELS: placed, and cut into kernels of at most two inputs. */
#include "join_channels.h"

#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "graph/channels.h"
#include "graph/shape.h"

/* ---- places ---- */

/* May tensor T be a part of another one's memory, or have parts? The caller's arrays and vectors of floats may not. */
static bool
may_share (const struct graph *g, int t)
{
  return graph_producer (g, t)->op != OP_INPUT && !graph_holds_scores (g, t) && !graph_holds_features (g, t);
}

/* Do N's channels lie side by side in one tensor already, as all but the last of a dense block's concatenations' do, or
 * as those of a slice? Then its result is a part of that one. */
static bool
place_result (struct graph *g, const struct node *n)
{
  struct tensor *out = &g->tensors[n->out];
  const int64_t block = graph_block (g);
  int64_t first, at;
  const int root = channel_root (g, n->in[n->sources[0].input], &first);
  first += n->sources[0].channel;
  for (int64_t c = 0; c < n->shape_hint.c; c++)
    if (channel_root (g, n->in[n->sources[c].input], &at) != root || at + n->sources[c].channel != first + c)
      return false;
  if (out->within >= 0 || !may_share (g, root) || !may_share (g, n->out)
      || !channels_are_blocks (g, root, first, n->shape_hint.c, block))
    return false;
  out->within = root;
  out->within_at = first;
  return true;
}

/* Let the input that run R of node N is of lie where its result does, if R is all of it. */
static void
place_run (struct graph *g, const struct node *n, const struct channel_run *r)
{
  const int64_t block = graph_block (g);
  struct tensor *in = &g->tensors[n->in[r->input]];
  int64_t at;
  const int t = n->in[r->input], root = channel_root (g, n->out, &at);
  if (!may_share (g, t) || !may_share (g, n->out) || channels_share (g, t, n->out))
    return;
  if (in->within < 0 && r->from == 0 && r->count == in->shape.c
      && channels_are_blocks (g, n->out, r->to, r->count, block)
      && channels_are_blocks (g, root, at + r->to, r->count, block))
    {
      in->within = n->out;
      in->within_at = r->to;
    }
}

/* From the last concatenation on, so that one of many holds those of fewer. */
static void
place (struct graph *g)
{
  for (int i = g->node_count - 1; i > 0; i--)
    {
      const struct node *n = &g->nodes[i];
      int count;
      if (n->op != OP_CHANNELS)
        continue;
      const struct channel_run *runs = channel_runs (n, &count);
      for (int k = 0; k < count && !channels_in_place (g, n); k++)
        if (k || !place_result (g, n))
          place_run (g, n, &runs[k]);
    }
}

/* ---- copies ---- */

/* The graph's nodes, made anew. */
struct nodes
{
  struct graph *g;
  struct node *list;
  int count, cap;
};

static void
put (struct nodes *b, const struct node *n)
{
  if (b->count == b->cap)
    {
      struct node *list = NEW_ARRAY ((size_t) (2 * b->cap), struct node);
      memcpy (list, b->list, (size_t) b->count * sizeof *list);
      b->list = list;
      b->cap *= 2;
    }
  b->list[b->count] = *n;
  b->g->tensors[n->out].producer = b->count++;
}

static bool
same_channels (const struct node *m, const struct node *n)
{
  if (m->op != OP_CHANNELS || m->nin != n->nin || m->shape_hint.c != n->shape_hint.c)
    return false;
  for (int k = 0; k < n->nin; k++)
    if (m->in[k] != n->in[k])
      return false;
  for (int64_t c = 0; c < n->shape_hint.c; c++)
    if (m->sources[c].input != n->sources[c].input || m->sources[c].channel != n->sources[c].channel)
      return false;
  return true;
}

/* A node like N of COUNT channels, SOURCES of N's inputs, in front of it; its tensor. One that is there already is
 * taken, but where the tensor is to be placed. */
static int
put_part (struct nodes *b, const struct node *n, const char *name, const struct channel_source *sources, int64_t count,
          bool placed)
{
  struct node part = *n;
  part.name = part.covers = name;
  part.shape_hint.c = count;
  channels_set (&part, n->in, n->nin, sources);
  for (int i = 0; i < b->count && !placed; i++)
    if (same_channels (&b->list[i], &part))
      return b->list[i].out;
  part.out = graph_tensor (b->g, part.name, shape_infer (b->g, &part));
  put (b, &part);
  return part.out;
}

/* While N has more than two inputs, the channels of the first two become one. */
static void
reduce_inputs (struct nodes *b, struct node *n)
{
  for (int made = 1; n->nin > 2; made++)
    {
      int64_t count = 0;
      struct channel_source *of_two = heap_array ((size_t) n->shape_hint.c, sizeof *of_two);
      struct channel_source *sources = heap_array ((size_t) n->shape_hint.c, sizeof *sources);
      for (int64_t c = 0; c < n->shape_hint.c; c++)
        {
          const struct channel_source s = n->sources[c];
          sources[c] = (struct channel_source){ s.input < 2 ? 0 : s.input - 1, s.input < 2 ? count : s.channel };
          if (s.input < 2)
            of_two[count++] = s;
        }
      const int joined = put_part (b, n, mem_printf ("%s.%d", n->name, made), of_two, count, false);
      int *in = NEW_ARRAY ((size_t) n->nin, int);
      in[0] = joined;
      for (int k = 2; k < n->nin; k++)
        in[k - 1] = n->in[k];
      channels_set (n, in, n->nin - 1, sources);
      free (of_two);
      free (sources);
    }
}

/* Is block O of N's result where it has to be, input K's? -1: it is not. */
static int
placed_input (const struct graph *g, const struct node *n, int64_t o)
{
  const int64_t block = graph_block (g), first = o * block;
  const int k = n->sources[first].input;
  int64_t to, from;
  const int root = channel_root (g, n->out, &to);
  for (int64_t c = first; c < first + block && c < n->shape_hint.c; c++)
    if (n->sources[c].input != k || channel_root (g, n->in[k], &from) != root
        || from + n->sources[c].channel != to + c)
      return -1;
  return k;
}

/* Block O of N has other inputs than the COUNT in USED, too: they are put there. */
static int
inputs_of_block (const struct graph *g, const struct node *n, int64_t o, int *used, int count)
{
  const int64_t block = graph_block (g);
  for (int64_t c = o * block; c < (o + 1) * block && c < n->shape_hint.c; c++)
    {
      int k = 0;
      while (k < count && used[k] != n->sources[c].input)
        k++;
      if (k == count)
        used[count++] = n->sources[c].input;
    }
  return count;
}

/* The blocks of N's result from O on that one kernel can copy: of two inputs, or a block of more. The one behind. */
static int64_t
end_of_part (const struct graph *g, const struct node *n, int64_t o)
{
  const int64_t blocks = graph_blocks (g, n->out);
  int *used = NEW_ARRAY ((size_t) (2 * graph_block (g) + 2), int); /* more than two: of one block */
  int count = inputs_of_block (g, n, o, used, 0);
  int64_t end = o + 1;
  for (; end < blocks && placed_input (g, n, end) < 0; end++)
    {
      int more = inputs_of_block (g, n, end, used, count);
      if (more > 2)
        break;
      count = more;
    }
  return end;
}

/* N, whose inputs are not all in their places: the others become parts that are, each copied by a kernel. */
static void
put_parts (struct nodes *b, struct node *n)
{
  struct graph *g = b->g;
  const int64_t block = graph_block (g), blocks = graph_blocks (g, n->out), channels = n->shape_hint.c;
  struct channel_source *sources = NEW_ARRAY ((size_t) channels, struct channel_source);
  int *in = NEW_ARRAY ((size_t) (n->nin + blocks), int), nin = n->nin;
  memcpy (in, n->in, (size_t) n->nin * sizeof *in);
  memcpy (sources, n->sources, (size_t) channels * sizeof *sources);
  for (int64_t o = 0, end; o < blocks; o = end)
    {
      end = o + 1;
      if (placed_input (g, n, o) >= 0)
        continue;
      end = end_of_part (g, n, o);
      const int64_t first = o * block, last = end * block < channels ? end * block : channels;
      struct node part = *n;
      part.name = mem_printf ("%s.at%d", n->name, (int) first);
      part.shape_hint.c = last - first;
      channels_set (&part, n->in, n->nin, n->sources + first);
      reduce_inputs (b, &part);
      in[nin] = put_part (b, &part, part.name, part.sources, last - first, true);
      g->tensors[in[nin]].within = n->out;
      g->tensors[in[nin]].within_at = first;
      for (int64_t c = first; c < last; c++)
        sources[c] = (struct channel_source){ nin, c - first };
      nin++;
    }
  channels_set (n, in, nin, sources);
}

/* Does any input of N lie within its result? */
static bool
is_partly_in_place (const struct graph *g, const struct node *n)
{
  for (int k = 0; k < n->nin; k++)
    if (channels_share (g, n->in[k], n->out))
      return true;
  return false;
}

static void
put_copies (struct graph *g, bool in_place)
{
  struct nodes b = { .g = g, .cap = g->node_count + 1 };
  b.list = NEW_ARRAY ((size_t) b.cap, struct node);
  for (int i = 0; i < g->node_count; i++)
    {
      struct node n = g->nodes[i];
      if (n.op == OP_CHANNELS && !channels_in_place (g, &n))
        {
          if (is_partly_in_place (g, &n) || (in_place && n.nin > 2))
            put_parts (&b, &n);
          else
            reduce_inputs (&b, &n);
        }
      put (&b, &n);
    }
  g->nodes = b.list;
  g->node_count = b.count;
  g->node_cap = b.cap;
}

void
join_channels (struct graph *g)
{
  const bool in_place = backend_of (g)->blocks_apart && g->batch == 1;
  if (in_place)
    place (g);
  put_copies (g, in_place);
  graph_sweep (g);
  graph_check (g);
}
