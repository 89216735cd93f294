/* How boxes look, per kind of layer. */
#include "plot_look.h"

struct plot_look
plot_look (enum op op, bool skip)
{
  if (skip && op != OP_ADD)
    return (struct plot_look){ "skip", "#fdf1e7", SKIP_COLOUR };
  switch (op)
    {
    case OP_CONV:
    case OP_TRANSPOSED_CONV:
      return (struct plot_look){ "conv", "#e3ecf7", "#5b7ea8" };
    case OP_LINEAR:
      return (struct plot_look){ "linear", "#ece6f4", "#8069a3" };
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
    case OP_GLOBAL_AVERAGE_POOL:
    case OP_GLOBAL_MAX_POOL:
    case OP_UPSAMPLE:
    case OP_PAD:
    case OP_SUBSAMPLE:
    case OP_RESHAPE:
    case OP_CHANNELS:
      return (struct plot_look){ "moves", "#e5f1e8", "#5f9470" };
    case OP_INPUT:
    case OP_OUTPUT:
      return (struct plot_look){ "end", "#ffffff", "#ffffff" };
    default:
      return (struct plot_look){ "other", "#f3f4f5", "#8a939b" };
    }
}
