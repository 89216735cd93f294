/* Shapes that a layer does not have: reshaped and transposed values. They become layers where something else reads
 * them, so that a reshape, a transpose and a reshape are one layer, and many are none. */
#include "view_axes.h"

#include <inttypes.h>
#include <string.h>

/* ---- layers ---- */

static void
add_list (struct conversion *c, const char *key, int count, const int64_t *v)
{
  text_printf (&c->layers, ", %s: [", key);
  for (int i = 0; i < count; i++)
    text_printf (&c->layers, "%s%" PRId64, i ? ", " : "", v[i]);
  text_add (&c->layers, "]");
}

/* The sample's extents of V without those of 1 that there is no place for. */
static int
tensor_of (const struct conversion *c, const struct onnx_node *n, const struct value *v, bool batch, int64_t *shape,
           bool *dropped)
{
  int axes = 0, more = v->rank - batch - VIEW_MAX_AXES;
  *dropped = more > 0;
  for (int a = batch; a < v->rank; a++)
    if (more > 0 && v->shape[a] == 1)
      more--;
    else
      shape[axes++] = v->shape[a];
  if (axes > VIEW_MAX_AXES)
    convert_bad (c, n, "reads %s; allowed: at most 4 axes beside the batch's, unless a transpose or a reshape follows",
                 value_shape (v));
  return axes;
}

/* ", split: …, order: …": how V reads its layer. Nothing where it does so in order. */
static void
add_view (struct conversion *c, const struct view *view)
{
  int64_t order[ONNX_MAX_RANK];
  bool moved = false;
  for (int i = 0; i < view->axes; i++)
    {
      order[i] = view->order[i];
      moved = moved || order[i] != i;
    }
  if (!moved)
    return;
  add_list (c, "split", view->axes, view->extent);
  add_list (c, "order", view->axes, order);
}

/* ", order: [H, W, C]": of the layer's own axes; those that V lacks have extent 1 and go first. */
static void
add_letters (struct conversion *c, const struct value *v)
{
  const char *names = v->map == 3 ? "NCDHW" : "NCHW";
  struct text t = { 0 };
  for (int i = 1; i < 2 + v->map; i++)
    if (v->axis[value_axis (v, i)] != i)
      text_printf (&t, "%s%c", t.n ? ", " : "[", names[i]);
  for (int a = 0; a < v->rank; a++)
    if (v->axis[a] && v->axis[a] < 2 + v->map)
      text_printf (&t, "%s%c", t.n ? ", " : "[", names[v->axis[a]]);
  layer_key_text (c, "order", mem_printf ("%s]", t.s));
}

/* A layer with V's elements in V's order, and V as what it has. FROM: what says how V's layer is read, V or, where V
 * has other extents already, what it is made of. */
static void
add_reshape (struct conversion *c, const struct onnx_node *n, struct value *v, const struct value *from)
{
  const bool batch = v->rank && v->axis[0] == 0;
  int64_t shape[ONNX_MAX_RANK] = { 1 };
  bool dropped;
  const int axes = tensor_of (c, n, v, batch, shape, &dropped);
  const char *name = layer_begin (c, v->node ? v->node : n, "reshape", NULL, v->layer);
  if (from->view)
    add_view (c, from->view);
  else if (!from->flat)
    add_letters (c, from);
  const int64_t plane[] = { shape[0], 1, shape[1] };
  add_list (c, "shape", axes == 2 ? 3 : axes ? axes : 1, axes == 2 ? plane : shape);
  layer_end (c);
  struct value layer = { .rank = axes + batch, .shape = { v->shape[0] } };
  memcpy (layer.shape + batch, shape, (size_t) axes * sizeof *shape);
  view_place (&layer, batch);
  v->layer = name;
  v->view = NULL;
  v->vector = axes < 2;
  v->flat = false;
  v->map = layer.map;
  if (dropped)
    view_relabel (&layer, v, batch);
  else
    view_place (v, batch);
}

bool
view_in_order (const struct value *v)
{
  int last = 0;
  if (v->view)
    {
      for (int i = 0; i < v->view->axes; i++)
        if (v->view->order[i] != i)
          return false;
      return true;
    }
  for (int a = 0; a < v->rank; a++)
    if (v->shape[a] != 1)
      {
        if (v->axis[a] < last)
          return false;
        last = v->axis[a];
      }
  return true;
}

static void
check_batch (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  if (c->batch != 1 && value_has_batch (v) && v->axis[0] != 0)
    convert_bad (c, n, "reads %s, whose first axis is not the batch; allowed: the batch first, or one of 1",
                 value_shape (v));
}

void
view_settle (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  if (!v->view && (v->flat || view_in_order (v)))
    return;
  layer_of_elements (c, n, v);
  check_batch (c, n, v);
  const struct value from = *v;
  add_reshape (c, n, v, &from);
}

/* ---- what nodes do ---- */

/* The output of N is V. */
static void
set_output (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  struct value *out = value_out (c, n, 0);
  const struct value old = *out;
  *out = *v;
  out->name = old.name;
  out->uses = old.uses;
  out->node = v->f ? v->node : n;
}

/* Does V exchange groups of its layer's channels and the channels of each, which NEXT writes as a map again? Then NEXT
 * is a shuffle. */
static bool
is_shuffle (struct conversion *c, const struct onnx_node *n, const struct value *v, struct value *next, bool batch)
{
  const struct view *view = v->view;
  bool exchange = view && view->axes >= 2 && value_is_map (view->of)
                  && view->extent[0] * view->extent[1] == value_extent (view->of, 1);
  for (int i = 0; exchange && i < view->axes; i++)
    exchange = view->order[i] == (i == 0 ? 1 : i == 1 ? 0 : i);
  if (!exchange || !view_relabel (view->of, next, batch))
    return false;
  next->map = view->of->map;
  next->layer = layer_begin (c, v->node ? v->node : n, "shuffle", NULL, v->layer);
  layer_key_int (c, "groups", view->extent[0]);
  layer_end (c);
  return true;
}

/* NEXT, whose rank and shape are set, has the elements of V, which may be of another order than its layer's. */
static void
reshape (struct conversion *c, const struct onnx_node *n, struct value *v, struct value *next, bool batch)
{
  layer_of_elements (c, n, v);
  check_batch (c, n, v);
  next->f = NULL;
  next->layer = v->layer;
  next->view = NULL;
  if (is_shuffle (c, n, v, next, batch))
    return;
  for (int a = 0; a < next->rank; a++)
    next->axis[a] = 2 + ONNX_MAX_RANK; /* none of the layer's */
  if (batch)
    next->axis[0] = 0;
  if (!view_in_order (v))
    {
      next->node = v->node ? v->node : n;
      struct value list = *next;
      list.rank = batch + 1;
      list.shape[batch] = 1;
      for (int a = batch; a < next->rank; a++)
        list.shape[batch] *= next->shape[a];
      const bool fits = next->rank - batch <= VIEW_MAX_AXES;
      add_reshape (c, n, fits ? next : &list, v);
      if (fits)
        return;
      next->layer = list.layer;
      next->view = view_of (next, &list, batch);
    }
  else if (next->rank - batch == 1)
    {
      view_place (next, batch);
      next->flat = true;
    }
  else
    next->view = view_of (next, v->view ? v->view->of : v, batch);
}

void
view_reshape (struct conversion *c, const struct onnx_node *n, struct value *v, int rank, const int64_t *shape)
{
  const bool had = value_has_batch (v), first = had && v->axis[0] == 0 && rank && shape[0] == v->shape[0];
  const bool batch = first || (c->batch == 1 && rank && shape[0] == 1);
  if (value_has_margins (v))
    layer_of_elements (c, n, v);
  if (had && !batch && c->batch != 1)
    convert_bad (c, n, "makes %s of %s; allowed: shapes whose first axis is the batch", dims_text (rank, shape),
                 value_shape (v));
  if (v->f && v->uses > 1)
    layer_of_elements (c, n, v);
  struct value next = *v;
  next.rank = rank;
  memcpy (next.shape, shape, (size_t) rank * sizeof *shape);
  const bool same = rank == v->rank && !memcmp (shape, v->shape, (size_t) rank * sizeof *shape);
  const struct value *of = v->view && view_in_order (v) ? v->view->of : v;
  if (same || of->view || (rank - batch == 1 && !of->vector) || (of->flat && of == v)
      || !view_relabel (of, &next, batch))
    {
      if (!same)
        reshape (c, n, v, &next, batch);
    }
  else if (of != v)
    {
      next.view = NULL;
      next.map = of->map;
      next.vector = of->vector;
    }
  set_output (c, n, &next);
}

void
view_transpose (struct conversion *c, const struct onnx_node *n, struct value *v, const int *order)
{
  if (v->f && v->uses > 1)
    layer_of_elements (c, n, v);
  struct value next = *v;
  int before[ONNX_MAX_RANK], axes = 0;
  for (int a = 0; a < v->rank; a++)
    {
      before[a] = axes;
      axes += v->axis[a] != 0;
    }
  struct view *view = v->view ? NEW (struct view) : NULL;
  if (view)
    *view = *v->view;
  axes = 0;
  for (int a = 0; a < v->rank; a++)
    {
      next.shape[a] = v->shape[order[a]];
      next.axis[a] = v->axis[order[a]];
      next.before[a] = v->before[order[a]];
      next.after[a] = v->after[order[a]];
      if (view && next.axis[a])
        view->order[axes++] = v->view->order[before[order[a]]];
    }
  next.view = view;
  set_output (c, n, &next);
}

void
view_reread (struct conversion *c, const struct onnx_node *n, struct value *v, const struct view *view,
           const int64_t shape[ONNX_MAX_RANK])
{
  view_settle (c, n, v);
  layer_of_elements (c, n, v);
  struct value from = *v, next = *v;
  from.view = view;
  memcpy (next.shape, shape, (size_t) v->rank * sizeof *shape);
  next.node = n;
  add_reshape (c, n, &next, &from);
  set_output (c, n, &next);
}

void
view_exchange (struct conversion *c, const struct onnx_node *n, struct value *v, int i, int k)
{
  const char *names = v->map == 3 ? "NCDHW" : "NCHW";
  int64_t shape[VIEW_MAX_AXES];
  struct text order = { 0 };
  for (int a = 1; a < 2 + v->map; a++)
    {
      const int from = a == i ? k : a == k ? i : a;
      text_printf (&order, "%s%c", a > 1 ? ", " : "[", names[from]);
      shape[a - 1] = value_extent (v, a);
    }
  v->layer = layer_begin (c, n, "reshape", NULL, v->layer);
  layer_key_text (c, "order", mem_printf ("%s]", order.s));
  add_list (c, "shape", 1 + v->map, shape);
  layer_end (c);
}

void
view_complete (struct conversion *c, const struct onnx_node *n, struct value *v, bool batch)
{
  view_settle (c, n, v);
  bool complete = true;
  for (int a = 0; a < v->rank; a++)
    complete = complete && v->axis[a] < 2 + v->map && (v->axis[a] || !batch);
  if (complete)
    return;
  layer_of (c, n, v);
  const struct view *view = view_of (v, v, !batch && v->rank && v->axis[0] == 0);
  for (int a = 0; a < v->rank && batch; a++)
    v->axis[a] = 2 + ONNX_MAX_RANK;
  v->view = view;
  view_settle (c, n, v);
}

void
view_to_channels (struct conversion *c, const struct onnx_node *n, struct value *v, int axis)
{
  if (v->axis[axis] == 0)
    convert_bad (c, n, "works along the batch of %s; allowed: other axes, or --set batch-axis=none", value_shape (v));
  layer_of (c, n, v);
  if (v->axis[axis] >= 2 + v->map)
    view_complete (c, n, v, false);
  const int own = v->axis[axis];
  if (own == 1)
    return;
  if (v->vector)
    view_to_map (c, n, v);
  for (int a = 0; a < v->rank; a++)
    v->axis[a] = a == axis ? 1 : v->axis[a] == 1 ? own : v->axis[a];
  view_exchange (c, n, v, 1, own);
}

void
view_to_map (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  const int64_t shape[] = { value_extent (v, 1), 1, 1 };
  layer_of (c, n, v);
  v->layer = layer_begin (c, n, "reshape", NULL, v->layer);
  add_list (c, "shape", 3, shape);
  layer_end (c);
  v->vector = false;
  v->map = 2;
}

void
view_finish (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  bool channel = false;
  for (int a = 0; a < v->rank; a++)
    channel = channel || v->axis[a] == 1;
  if (channel || !v->rank || (v->rank == 1 && v->axis[0] == 0))
    return;
  const struct value from = *v;
  add_reshape (c, n, v, &from);
}
