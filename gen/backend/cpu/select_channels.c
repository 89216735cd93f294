/* Kernels that copy channels. */
#include <assert.h>
#include <inttypes.h>

#include "graph/channels.h"
#include "plan_cpu.h"
#include "select_families.h"
#include "shares.h"

static struct kernel *
select_in_place (const struct graph *g, const struct node *n)
{
  struct cpu_in_place *p = plan_new (&cpu_in_place_family);
  p->batch = g->batch;
  struct kernel *k = kernel_of_plan (n, &cpu_in_place_family, p, NULL);
  name_kernel (k, g, n, "in_place", "");
  k->function = "in_place"; /* whatever the shape */
  k->purpose = "Nothing: the layers in front have written these channels where they have to lie.";
  k->reason = "the layers in front write in place";
  return k;
}

/* Elements from the first channel of input S to that of S. */
static int64_t
channel_at (const struct graph *g, const struct node *n, const struct channel_source *s)
{
  const struct tensor *t = &g->tensors[n->in[s->input]];
  return s->channel / t->format.block * tensor_strides (t).block + s->channel % t->format.block;
}

/* Is block O of the output a block of an input, with the zeros behind it? */
static bool
is_block (const struct graph *g, const struct node *n, int64_t o)
{
  const int64_t block = graph_block (g), first = o * block, channels = n->shape_hint.c;
  const struct channel_source *s = &n->sources[first];
  const int64_t end = first + block < channels ? first + block : channels;
  if (s->channel % block)
    return false;
  for (int64_t c = first; c < end; c++)
    if (n->sources[c].input != s->input || n->sources[c].channel != s->channel + c - first)
      return false;
  return end - first == block || s->channel + end - first == g->tensors[n->in[s->input]].shape.c;
}

static void
add_row (struct plan_table *t, int64_t input, int64_t at)
{
  int64_t *row = (int64_t *) t->i + 2 * t->rows++;
  row[0] = input;
  row[1] = at;
}

/* The channels of block O, one after the other. */
static void
add_lanes (struct plan_table *lanes, const struct graph *g, const struct node *n, int64_t o)
{
  const int64_t block = graph_block (g);
  for (int64_t c = o * block; c < (o + 1) * block; c++)
    if (c < n->shape_hint.c)
      add_row (lanes, n->sources[c].input, channel_at (g, n, &n->sources[c]));
    else
      add_row (lanes, -1, 0);
}

/* Of each block of the output and, where such a one is none of an input's, of each of its channels. */
static void
set_sources (struct cpu_channels *p, const struct graph *g, const struct node *n)
{
  const int64_t blocks = graph_blocks (g, n->out);
  for (int64_t o = 0; o < blocks; o++)
    {
      const struct channel_source *s = &n->sources[o * graph_block (g)];
      if (is_block (g, n, o))
        {
          p->whole++;
          add_row (&p->blocks, s->input, channel_at (g, n, s));
          continue;
        }
      add_row (&p->blocks, -1, p->lanes.rows);
      add_lanes (&p->lanes, g, n, o);
    }
  if (!p->whole)
    p->blocks.rows = 0;
}

struct kernel *
select_channels (const struct graph *g, const struct node *n)
{
  if (channels_in_place (g, n))
    return select_in_place (g, n);
  assert (n->nin <= 2);
  struct cpu_channels *p = plan_new (&cpu_channels_family);
  *p = (struct cpu_channels){ .io = plan_io_of (g, n),
                              .res = plan_residual_of (g, n->nin > 1 ? n->in[1] : -1),
                              .most = shares_of_elements (g, n->out) };
  p->blocks = plan_table_new (graph_blocks (g, n->out), 2, 0);
  p->lanes = plan_table_new (graph_padded (g, n->out), 2, 0);
  p->blocks.rows = p->lanes.rows = 0;
  set_sources (p, g, n);
  struct kernel *k = kernel_of_plan (n, &cpu_channels_family, p, NULL);
  name_kernel (k, g, n, "channels", n->type);
  return k;
}
