/* Layers that move elements: resizing and reshaping. */
#include "sequence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "frontend/options/keys.h"

int
layer_add_upsample (struct graph *g, const char *name, int in, const int64_t size[AXES], const double scale[AXES],
                    bool nearest, bool align_corners, struct loc loc)
{
  struct node n = { .op = OP_UPSAMPLE, .name = name, .loc = loc, .nearest = nearest,
                    .align_corners = !nearest && align_corners };
  n.type = mem_printf ("upsample, %s%s", nearest ? "nearest" : "linear", n.align_corners ? ", corners aligned" : "");
  memcpy (n.shape_hint.dim, size, sizeof n.shape_hint.dim);
  memcpy (n.upsample_scale, scale, sizeof n.upsample_scale);
  return graph_add (g, n, &in, 1);
}

/* scale: the factors, and the extents rounded down. */
static void
read_scale (const struct layer *l, double scale[AXES], int64_t size[AXES])
{
  const struct yaml *y = layer_value (l, "scale");
  int rank = l->shape.rank;
  if (y->kind == YAML_LIST && y->count != (size_t) rank)
    layer_fatal (l, "scale", y, mem_printf ("%zu element%s for %d axes", y->count, y->count == 1 ? "" : "s", rank));
  size[AXIS_D] = 1;
  for (int i = 0; i < rank; i++)
    {
      const struct yaml *e = y->kind == YAML_LIST ? &y->items[i] : y;
      int a = AXES - rank + i;
      if (!yaml_double (e, &scale[a]) || scale[a] <= 0 || scale[a] > MAX_STRIDE)
        layer_fatal (l, "scale", e, yaml_show (e));
      size[a] = (int64_t) floor ((double) l->shape.dim[a] * scale[a]);
      if (size[a] < 1)
        layer_fatal (l, "scale", e, mem_printf ("%s leaves nothing of %s", yaml_show (e), shape_text (&l->shape)));
      if (size[a] > MAX_EXTENT)
        layer_fatal (l, "scale", e, mem_printf ("%s makes %" PRId64 " of %s", yaml_show (e), size[a],
                                                shape_text (&l->shape)));
    }
}

int
layer_build_upsample (struct graph *g, const struct layer *l)
{
  int64_t size[AXES];
  double scale[AXES] = { 0 };
  const struct yaml *by_size = layer_value (l, "output-size"), *by_scale = layer_value (l, "scale");
  if (!by_size == !by_scale)
    fatal_at (by_scale ? by_scale->loc : l->loc, "layer %s: %s output-size %s scale; allowed: one of the two", l->name,
              by_size ? "both" : "neither", by_size ? "and" : "nor");
  if (by_size)
    layer_extents (l, "output-size", 1, size);
  else
    read_scale (l, scale, size);
  const bool nearest = layer_choice (l, "mode") == 1;
  const bool corners = layer_bool (l, "align-corners");
  const int x = layer_add_upsample (g, l->name, l->in[0], size, scale, nearest, corners, l->loc);
  if (!layer_value (l, "coordinates"))
    return x;
  struct node *n = graph_producer (g, x);
  n->coordinates = (enum coordinates) (COORDINATES_HALF_PIXEL + layer_choice (l, "coordinates"));
  n->rounding = (enum rounding) layer_choice (l, "rounding");
  n->align_corners = false;
  n->type = mem_printf ("resize, %s", nearest ? "nearest" : "linear");
  return x;
}

int
layer_build_pad (struct graph *g, const struct layer *l)
{
  static const char *const modes[] = { "pad", "pad, reflected", "pad, edges repeated", "pad, wrapped" };
  struct node n = { .op = OP_PAD, .name = l->name, .loc = l->loc, .pad_mode = (enum pad_mode) layer_choice (l, "mode"),
                    .pad_value = layer_real (l, "value") };
  n.type = modes[n.pad_mode];
  layer_extents (l, "before", 0, n.win.pad_lo);
  layer_extents (l, "after", 0, n.win.pad_hi);
  return graph_add (g, n, l->in, 1);
}

/* split: the extents of what is read. Of a list the product is checked with the graph. */
static void
read_split (const struct layer *l, struct element_order *r)
{
  const struct yaml *y = layer_value (l, "split");
  if (!y)
    {
      const int64_t *dim = l->shape.dim;
      *r = (struct element_order){ AXES + 1, { l->shape.c, dim[AXIS_D], dim[AXIS_H], dim[AXIS_W] }, { 0, 1, 2, 3 } };
      return;
    }
  if (y->kind != YAML_LIST || !y->count || y->count > READ_MAX_AXES)
    layer_fatal (l, "split", y, yaml_show (y));
  for (size_t i = 0; i < y->count; i++)
    {
      if (!yaml_int (&y->items[i], &r->extent[i]) || r->extent[i] < 1 || r->extent[i] > MAX_EXTENT)
        layer_fatal (l, "split", &y->items[i], yaml_show (&y->items[i]));
      r->order[i] = (int) i;
    }
  r->axes = (int) y->count;
}

/* order: letters of the input's axes, or of a split input numbers. A 2-D map's D comes first, where it changes
 * nothing. */
static void
read_order (const struct layer *l, struct element_order *r)
{
  static const char names[] = "CDHW", numbers[] = "01234567";
  const struct yaml *y = layer_value (l, "order");
  const bool split = layer_value (l, "split") != NULL;
  const int rank = split ? r->axes - 1 : l->shape.rank;
  int missing = 0;
  bool seen[READ_MAX_AXES] = { false };
  if (!y)
    return;
  if (y->kind != YAML_LIST || y->count != (size_t) rank + 1)
    layer_fatal (l, "order", y, mem_printf ("%s for an input of %s", yaml_show (y), shape_text (&l->shape)));
  for (int i = 1; i < r->axes - rank; i++)
    {
      seen[i] = true;
      r->order[missing++] = i;
    }
  for (int n = 0; n < rank + 1; n++)
    {
      const struct yaml *e = &y->items[n];
      const char *known = split ? numbers : names;
      const char *at = e->kind == YAML_SCALAR && strlen (e->value) == 1 ? strchr (known, *e->value) : NULL;
      if (!at || at - known >= r->axes || seen[at - known])
        layer_fatal (l, "order", e, yaml_show (e));
      seen[at - known] = true;
      r->order[missing + n] = (int) (at - known);
    }
}

int
layer_build_reshape (struct graph *g, const struct layer *l)
{
  struct node n = { .op = OP_RESHAPE, .name = l->name, .type = "reshape", .loc = l->loc };
  read_split (l, &n.read);
  read_order (l, &n.read);
  n.shape_hint = layer_shape_of (l, "shape");
  return graph_add (g, n, l->in, 1);
}
