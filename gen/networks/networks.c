#include "networks.h"

struct graph *
build (const struct options *o)
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
