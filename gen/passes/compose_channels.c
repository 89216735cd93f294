/* Channels that are moved several times. */
#include "compose_channels.h"

#include "backend/backend.h"
#include "graph/channels.h"

/* Does N move whole blocks alone? */
static bool
moves_blocks (const struct graph *g, const struct node *n)
{
  const int64_t block = graph_block (g);
  int count;
  const struct channel_run *runs = channel_runs (n, &count);
  for (int i = 0; i < count; i++)
    if (!channels_are_blocks (g, n->in[runs[i].input], runs[i].from, runs[i].count, block)
        || !channels_are_blocks (g, n->out, runs[i].to, runs[i].count, block))
      return false;
  return true;
}

/* May what reads P read what P reads? What moves whole blocks may cost nothing where it is, and where all are copies, a
 * result that others need anyway is one to go on from. */
static bool
reads_through (const struct graph *g, const struct node *p, bool in_place)
{
  return p->op == OP_CHANNELS && !p->dead && (in_place ? !moves_blocks (g, p) : graph_uses (g, p->out) == 1);
}

/* N, with the inputs of those nodes of channels that are its inputs in their place; false: there are none. */
static bool
compose (const struct graph *g, struct node *n, bool in_place)
{
  int count = 0, all = 0;
  bool *through = NEW_ARRAY ((size_t) n->nin, bool), any = false;
  for (int k = 0; k < n->nin; k++)
    {
      const struct node *p = graph_producer (g, n->in[k]);
      through[k] = reads_through (g, p, in_place);
      all += through[k] ? p->nin : 1;
      any = any || through[k];
    }
  if (!any)
    return false;
  int *in = NEW_ARRAY ((size_t) all, int), *first = NEW_ARRAY ((size_t) n->nin, int);
  for (int k = 0; k < n->nin; k++)
    {
      const struct node *p = graph_producer (g, n->in[k]);
      first[k] = count;
      if (!through[k])
        in[count++] = n->in[k];
      for (int i = 0; through[k] && i < p->nin; i++)
        in[count++] = p->in[i];
      if (through[k] && graph_uses (g, n->in[k]) == 1)
        n->covers = mem_printf ("%s+%s", p->covers, n->covers);
    }
  struct channel_source *sources = NEW_ARRAY ((size_t) n->shape_hint.c, struct channel_source);
  for (int64_t c = 0; c < n->shape_hint.c; c++)
    {
      const int k = n->sources[c].input;
      const struct node *p = graph_producer (g, n->in[k]);
      const struct channel_source s = through[k] ? p->sources[n->sources[c].channel] : n->sources[c];
      sources[c] = (struct channel_source){ first[k] + (through[k] ? s.input : 0), s.channel };
    }
  channels_set (n, in, all, sources);
  return true;
}

/* Nodes of channels that give their input as it is, or that nobody reads any more, go. */
static void
drop_idle (struct graph *g)
{
  for (int i = g->node_count - 1; i > 0; i--)
    {
      struct node *n = &g->nodes[i];
      int64_t same = 0;
      if (n->op != OP_CHANNELS)
        continue;
      while (same < n->shape_hint.c && n->sources[same].input == 0 && n->sources[same].channel == same)
        same++;
      const bool as_is = n->nin == 1 && same == n->shape_hint.c && same == g->tensors[n->in[0]].shape.c;
      if (as_is && !g->keep_tensors)
        graph_bypass (g, n);
      else if (!graph_uses (g, n->out))
        n->dead = true;
      if (n->dead)
        n->op = OP_IDENTITY;
    }
  graph_sweep (g);
}

void
compose_channels (struct graph *g)
{
  const bool in_place = backend_of (g)->blocks_apart && g->batch == 1;
  for (int i = 0; i < g->node_count && !g->keep_tensors; i++)
    {
      struct node n = g->nodes[i];
      /* One kernel copies from two inputs at most. */
      if (n.op == OP_CHANNELS && compose (g, &n, in_place) && (n.nin <= 2 || !in_place))
        g->nodes[i] = n;
    }
  drop_idle (g);
}
