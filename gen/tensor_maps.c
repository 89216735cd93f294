#include "tensor_maps.h"

#include "element.h"

/* Channels of a step: 128 bytes. */
#define STEP_CHANNELS 64

/* The engine's limits on a window, by the rank of a map: its first place, its last one from the end, and its last tap. */
static const struct
{
  int least, most, most_tap;
} limits[] = { [4] = { -128, 127, 255 }, [5] = { -16, 15, 31 } };
#define MOST_STRIDE 8

/* An axis in the order of maps. */
static const int axes[AXES] = { AXIS_W, AXIS_H, AXIS_D };

static bool
window_fits (const struct tensor_map *m, const struct window *w)
{
  bool fits = true;
  for (int i = 0; i < m->rank - 2; i++)
    {
      int a = axes[i];
      fits = fits && m->lower[i] >= limits[m->rank].least && m->upper[i] >= limits[m->rank].least
             && m->upper[i] <= limits[m->rank].most && m->lower[i] <= limits[m->rank].most
             && (w->kernel[a] - 1) * w->dilation[a] <= limits[m->rank].most_tap && m->stride[i] <= MOST_STRIDE;
    }
  return fits;
}

/* The pixels of tensor T that the places of W need, for outputs of shape OUT. */
static bool
map_of_input (const struct graph *g, int tensor, const struct window *w, const struct shape *out, struct tensor_map *m)
{
  const struct shape *in = &g->tensors[tensor].shape;
  bool plain = true;
  for (int a = 0; a < AXES; a++)
    plain = plain && w->kernel[a] == 1 && w->stride[a] == 1 && w->pad_lo[a] == 0 && in->dim[a] == out->dim[a];
  if (plain)
    {
      *m = (struct tensor_map){ .rank = 2, .extent = { in->c, g->batch * shape_pixels (in) } };
      return true;
    }
  bool flat = in->dim[AXIS_D] == 1 && out->dim[AXIS_D] == 1 && w->kernel[AXIS_D] == 1 && w->pad_lo[AXIS_D] == 0;
  *m = (struct tensor_map){ .rank = flat ? 4 : 5, .extent = { in->c } };
  for (int i = 0; i < m->rank - 2; i++)
    {
      int a = axes[i];
      m->extent[1 + i] = in->dim[a];
      m->stride[i] = w->stride[a];
      m->lower[i] = -w->pad_lo[a];
      m->upper[i] = m->lower[i] + (out->dim[a] - 1) * w->stride[a] + 1 - in->dim[a];
    }
  m->extent[m->rank - 1] = g->batch;
  return window_fits (m, w);
}

const struct tensor_map *
tensor_maps_of (const struct graph *g, const struct node *n, const struct window *w, const struct kernel *k)
{
  const struct tensor *x = &g->tensors[n->in[0]], *y = &g->tensors[n->out];
  const struct shape *out = &y->shape;
  struct tensor_map *maps = NEW_ARRAY (MAPS, struct tensor_map);
  if (element_bytes (g) != 2 || k->matrices != 1 || x->wide || (y->wide && n->ep.residual >= 0) || x->layout != LAYOUT_CHANNELS_LAST || n->pool
      || (out->c % 8 && !y->wide) || k->span != x->shape.c || k->span % STEP_CHANNELS || k->second_span % STEP_CHANNELS)
    return NULL;
  if (!map_of_input (g, n->in[0], w, out, &maps[MAP_X]))
    return NULL;
  if (n->second && !map_of_input (g, n->in[1], &n->second->win, out, &maps[MAP_RESIDUAL]))
    return NULL;
  if (!y->wide)
    maps[MAP_Y] = (struct tensor_map){ .rank = 2, .extent = { out->c, g->batch * shape_pixels (out) } };
  if (n->ep.residual >= 0)
    maps[MAP_RESIDUAL] = maps[MAP_Y];
  int64_t taps = w->kernel[0] * w->kernel[1] * w->kernel[2];
  maps[MAP_W] = (struct tensor_map){ .rank = 2, .extent = { taps * k->span + k->second_span, k->row } };
  return maps;
}
