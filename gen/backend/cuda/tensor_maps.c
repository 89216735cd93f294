#include "tensor_maps.h"

/* Channels of a step: 128 bytes. */
#define STEP_CHANNELS 64

/* TMA's limits on an im2col window, by the rank of a map: its first position, its last one from the end, its last tap.
 */
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
tensor_maps_of (const struct graph *g, const struct node *n, const struct window *w, const struct matrices *m)
{
  const struct tensor *x = &g->tensors[n->in[0]], *y = &g->tensors[n->out];
  const struct shape *out = &y->shape;
  struct tensor_map *maps = NEW_ARRAY (MAPS, struct tensor_map);
  const enum element element = graph_element (g);
  const bool wide = y->format.element != element; /* scores, in floats */
  if (element_bytes (element) != 2 || m->count != 1 || x->format.element != element || (wide && n->ep.residual >= 0)
      || n->pool || format_channels (&x->format, &x->shape) != x->shape.c || (out->c % 8 && !wide)
      || m->span != x->shape.c || m->span % STEP_CHANNELS || m->second_span % STEP_CHANNELS)
    return NULL;
  if (!map_of_input (g, n->in[0], w, out, &maps[MAP_X]))
    return NULL;
  if (n->second && !map_of_input (g, n->in[1], &n->second->win, out, &maps[MAP_RESIDUAL]))
    return NULL;
  if (!wide)
    maps[MAP_Y] = (struct tensor_map){ .rank = 2, .extent = { out->c, g->batch * shape_pixels (out) } };
  if (n->ep.residual >= 0)
    maps[MAP_RESIDUAL] = maps[MAP_Y];
  int64_t taps = w->kernel[0] * w->kernel[1] * w->kernel[2];
  maps[MAP_W] = (struct tensor_map){ .rank = 2, .extent = { taps * m->span + m->second_span, m->row } };
  return maps;
}

/* Of the places of window W, and of the outputs of shape OUT among them: those behind are outside and not stored. */
static void
map_of_places (const struct halo *h, const struct shape *s, const struct window *w, const struct shape *out,
               int64_t batch, int rank, struct tensor_map *m)
{
  const int64_t places[AXES] = { h->w, h->h, out->dim[AXIS_D] };
  *m = (struct tensor_map){ .rank = rank, .extent = { s->c } };
  for (int i = 0; i < rank - 2; i++)
    {
      int a = axes[i];
      m->extent[1 + i] = s->dim[a];
      m->stride[i] = w ? w->stride[a] : 1;
      m->lower[i] = w ? -w->pad_lo[a] : 0;
      m->upper[i] = m->lower[i] + (places[i] - 1) * m->stride[i] + 1 - s->dim[a];
    }
  m->extent[rank - 1] = batch;
}

const struct halo *
halo_of (const struct graph *g, const struct node *n, const struct matrices *m)
{
  const struct window *w = &n->win;
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const struct tensor_map *maps = tensor_maps_of (g, n, w, m);
  struct halo *h = NEW (struct halo);
  h->taps = w->kernel[AXIS_H] * w->kernel[AXIS_W];
  if (!maps || n->second || g->tensors[n->out].format.element != graph_element (g) || h->taps < 2
      || w->stride[AXIS_H] != 1 || w->stride[AXIS_W] != 1)
    return NULL;
  int rank = maps[MAP_X].rank;
  h->w = out->dim[AXIS_W] + (w->kernel[AXIS_W] - 1) * w->dilation[AXIS_W];
  h->h = out->dim[AXIS_H] + (w->kernel[AXIS_H] - 1) * w->dilation[AXIS_H];
  h->places = g->batch * out->dim[AXIS_D] * h->h * h->w;
  h->far = (w->kernel[AXIS_H] - 1) * w->dilation[AXIS_H] * h->w + (w->kernel[AXIS_W] - 1) * w->dilation[AXIS_W];
  h->planes = w->kernel[AXIS_D] * m->span / STEP_CHANNELS;
  map_of_places (h, in, w, out, g->batch, rank, &h->maps[MAP_X]);
  if (n->ep.residual >= 0)
    map_of_places (h, out, NULL, out, g->batch, rank, &h->maps[MAP_RESIDUAL]);
  h->maps[MAP_W] = maps[MAP_W];
  return window_fits (&h->maps[MAP_X], w) && (!h->maps[MAP_RESIDUAL].rank || window_fits (&h->maps[MAP_RESIDUAL], w))
                 && h->places < INT32_MAX / 2
             ? h
             : NULL;
}
