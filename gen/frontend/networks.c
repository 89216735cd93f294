#include "networks.h"

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

struct graph *
build (const struct options *o)
{
  struct graph *g = build_network (o);
  if (o->network != NETWORK_SEQUENCE)
    mark_head (g);
  return g;
}
