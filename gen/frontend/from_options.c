/* The front end of files of options. */
#include "builders.h"
#include "frontend.h"

static struct graph *
build_network (const struct options *o)
{
  switch (o->network)
    {
    case NETWORK_RESNET3D:
    case NETWORK_RESNET2D:
      return build_resnet2d3d (o);
    case NETWORK_RESNET:
      return build_torchvision (o);
    case NETWORK_TABLE:
      return build_table (o);
    case NETWORK_SEQUENCE:
      return build_sequence (o);
    }
  return NULL;
}

/* The last layer's name is the source's own, but files have it as they like; a sequence's names are the user's. */
static void
mark_head (struct graph *g)
{
  for (int i = g->node_count - 1; i >= 0; i--)
    if (g->nodes[i].op == OP_LINEAR)
      {
        g->nodes[i].weight->head = g->nodes[i].bias->head = true;
        return;
      }
}

static struct graph *
build (const struct source *s)
{
  const struct options *o = s->own;
  struct graph *g = build_network (o);
  if (o->network != NETWORK_SEQUENCE)
    mark_head (g);
  return g;
}

static void
open_options (struct source *s, const char *text, size_t bytes, const char *const *set, size_t set_count)
{
  const struct options *o
      = text ? options_parse (s->path, text, bytes, set, set_count) : options_read (s->path, set, set_count);
  s->own = o;
  s->network = network_name (o->network);
  s->seed = o->seed;
  s->labels = o->labels;
  s->label_count = o->label_count;
  s->scale = o->scale;
  s->mean = (struct channel_values){ o->mean.count, o->mean.v };
  s->std = (struct channel_values){ o->std.count, o->std.v };
  s->resize[0] = o->resize.v[0];
  s->resize[1] = o->resize.v[1];
  s->interpolation = o->interpolation;
}

static char *
text_of (const struct source *s)
{
  return options_text (s->own);
}

/* Options say all that their builders need. */
const struct frontend options_frontend = { .open = open_options, .build = build, .text = text_of };

void
options_frontend_print (const char *network)
{
  if (options_print (network))
    layers_print ();
}
