/* The layers of a sequence that move channels: which channel of which input each of the output's is. */
#include "sequence.h"

#include <inttypes.h>

#include "frontend/options/keys.h"

enum
{
  MAX_JOINED = 256 /* inputs of a concat: each may take a copy of what is in front */
};

static int
add_channels (struct graph *g, const struct layer *l, const char *type, const struct channel_source *sources,
              int64_t count)
{
  return build_channels (g, l->name, type, l->in, l->nin, sources, count, l->loc);
}

static int
build_concat (struct graph *g, const struct layer *l)
{
  int64_t count = 0, at = 0;
  if (l->nin > MAX_JOINED)
    fatal_at (l->loc, "layer %s: %d inputs; allowed: at most %d", l->name, l->nin, MAX_JOINED);
  for (int k = 0; k < l->nin; k++)
    count += g->tensors[l->in[k]].shape.c;
  if (count > MAX_FILTERS)
    fatal_at (l->loc, "layer %s: %" PRId64 " channels; allowed: at most %d", l->name, count, MAX_FILTERS);
  struct channel_source *s = NEW_ARRAY ((size_t) count, struct channel_source);
  for (int k = 0; k < l->nin; k++)
    for (int64_t c = 0; c < g->tensors[l->in[k]].shape.c; c++)
      s[at++] = (struct channel_source){ k, c };
  return add_channels (g, l, "concat", s, count);
}

static int
build_slice (struct graph *g, const struct layer *l)
{
  const int64_t start = layer_int (l, "start"), step = layer_int (l, "step");
  const struct yaml *y = layer_value (l, "end");
  const int64_t end = y ? layer_int (l, "end") : l->shape.c;
  if (end > l->shape.c || start >= end)
    fatal_at (y ? y->loc : l->loc, "layer %s: the channels from %" PRId64 " to %" PRId64 " of %s; allowed: start below "
              "end, end at most %" PRId64, l->name, start, end, shape_text (&l->shape), l->shape.c);
  const int64_t count = ceil_div (end - start, step);
  struct channel_source *s = NEW_ARRAY ((size_t) count, struct channel_source);
  for (int64_t i = 0; i < count; i++)
    s[i].channel = start + i * step;
  return add_channels (g, l, "slice", s, count);
}

static int
build_shuffle (struct graph *g, const struct layer *l)
{
  const int64_t groups = layer_int (l, "groups"), each = l->shape.c / groups;
  if (l->shape.c % groups)
    layer_fatal (l, "groups", layer_value (l, "groups"),
                 mem_printf ("%" PRId64 " for %" PRId64 " channels", groups, l->shape.c));
  struct channel_source *s = NEW_ARRAY ((size_t) l->shape.c, struct channel_source);
  for (int64_t i = 0; i < l->shape.c; i++)
    s[i].channel = i % groups * each + i / groups;
  return add_channels (g, l, mem_printf ("shuffle, %" PRId64 " groups", groups), s, l->shape.c);
}

static int
build_gather (struct graph *g, const struct layer *l)
{
  const struct yaml *y = layer_value (l, "channels");
  if (y->kind != YAML_LIST || !y->count || y->count > MAX_FILTERS)
    layer_fatal (l, "channels", y, yaml_show (y));
  struct channel_source *s = NEW_ARRAY (y->count, struct channel_source);
  for (size_t i = 0; i < y->count; i++)
    if (!yaml_int (&y->items[i], &s[i].channel) || s[i].channel < 0 || s[i].channel >= l->shape.c)
      layer_fatal (l, "channels", &y->items[i],
                   mem_printf ("%s of %" PRId64, yaml_show (&y->items[i]), l->shape.c));
  return add_channels (g, l, "gather", s, (int64_t) y->count);
}

int
layer_build_channels (struct graph *g, const struct layer *l)
{
  switch (l->type)
    {
    case LAYER_CONCAT:
      return build_concat (g, l);
    case LAYER_SLICE:
      return build_slice (g, l);
    case LAYER_SHUFFLE:
      return build_shuffle (g, l);
    default:
      return build_gather (g, l);
    }
}
