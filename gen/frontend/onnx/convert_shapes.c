/* Operators that move elements, ask for shapes and reduce maps. */
#include "convert.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- shapes ---- */

static void
convert_shape_of (struct conversion *c, const struct onnx_node *n)
{
  const struct value *v = value_needed (c, n, 0);
  const int rank = v->constant ? v->constant->rank : v->rank;
  const int64_t *shape = v->constant ? v->constant->shape : v->shape;
  int64_t from = attribute_int (c, n, "start", 0), to = attribute_int (c, n, "end", rank);
  from = from < -rank ? 0 : from < 0 ? from + rank : from > rank ? rank : from;
  to = to < -rank ? 0 : to < 0 ? to + rank : to > rank ? rank : to;
  const int64_t count = to > from ? to - from : 0;
  struct weight *w = constant_new (c, DTYPE_I64, 1, &count);
  for (int64_t i = 0; i < count; i++)
    constant_set_int (w, (size_t) i, shape[from + i]);
  value_out (c, n, 0)->constant = w;
}

static int64_t
elements (const struct value *v)
{
  int64_t count = 1;
  for (int a = 0; a < v->rank; a++)
    count *= v->shape[a];
  return count;
}

int
convert_shape (struct conversion *c, const struct onnx_node *n, int rank, const int64_t *shape, int64_t count,
               int64_t to[ONNX_MAX_RANK])
{
  const struct value *v = value_needed (c, n, 1);
  const bool zero = attribute_int (c, n, "allowzero", 0) != 0;
  int64_t known = 1;
  int open = -1, made = v->constant ? (int) (v->constant->count < 99 ? v->constant->count : 99) : 0;
  if (!v->constant || v->constant->rank != 1 || made > ONNX_MAX_RANK)
    convert_bad (c, n, "makes a shape that is no constant list of at most %d numbers; allowed: one", ONNX_MAX_RANK);
  for (int a = 0; a < made; a++)
    {
      to[a] = constant_int (v->constant, (size_t) a);
      if (to[a] == 0 && !zero && a < rank)
        to[a] = shape[a];
      if (to[a] == -1 && open < 0)
        open = a;
      else if (to[a] < 0 || (to[a] && known > INT64_MAX / to[a]))
        convert_bad (c, n, "makes an extent of %" PRId64 "; allowed: 0 or more, and one -1", to[a]);
      else
        known *= to[a];
    }
  if (open >= 0)
    to[open] = known ? count / known : 0;
  if ((open >= 0 ? known * to[open] : known) != count)
    convert_bad (c, n, "makes %s of %" PRId64 " elements; allowed: as many", dims_text (made, to), count);
  return made;
}

/* The output of N is V, a map or one written in other extents, written in those of SHAPE. */
static void
set_other_extents (struct conversion *c, const struct onnx_node *n, struct value *v, int rank, const int64_t *shape)
{
  const int64_t *map = v->map_rank ? v->map : v->shape;
  const int map_rank = v->map_rank ? v->map_rank : v->rank;
  const bool back = rank == map_rank && !memcmp (shape, map, (size_t) rank * sizeof *shape);
  if (v->swapped)
    {
      /* (N, groups, channels of each, …) with the two exchanged. */
      const int64_t groups = v->shape[2];
      if (!back)
        convert_bad (c, n, "makes %s of %s; allowed: %s behind a shuffle of its channels", dims_text (rank, shape),
                     value_shape (v), dims_text (map_rank, map));
      v->layer = layer_begin (c, n, "shuffle", NULL, v->layer);
      layer_key_int (c, "groups", groups);
      layer_end (c);
    }
  set_expression (c, n, v, NULL);
  struct value *out = value_of (c, n->out[0]);
  out->swapped = false;
  out->map_rank = back ? 0 : map_rank;
  memmove (out->map, map, (size_t) map_rank * sizeof *map);
  value_is_layer (out, v->layer, rank, shape);
}

/* May V be written in any extents whose first one is the batch? */
static bool
is_map_in_order (const struct value *v)
{
  return v->map_rank || (v->rank >= 4 && !v->vector && !v->flat && value_in_order (v) && !value_has_margins (v));
}

/* The output of N is V with other extents: with axes of extent 1 more or less, or as one vector of all elements. */
static void
set_shape (struct conversion *c, const struct onnx_node *n, struct value *v, int rank, const int64_t *shape)
{
  bool ones = rank >= 2 && v->rank >= 2, single = true;
  for (int a = 2; a < rank; a++)
    ones = ones && shape[a] == 1;
  for (int a = 0; a < v->rank; a++)
    single = single && (v->axis[a] < 2 || v->shape[a] == 1);
  if (rank < 2 || v->rank < 2 || shape[0] != v->shape[value_axis (v, 0)] || value_has_margins (v))
    convert_bad (c, n, "makes %s of %s; allowed: shapes whose first axis is the batch", dims_text (rank, shape),
                 value_shape (v));
  const bool same = rank == v->rank && !memcmp (shape, v->shape, (size_t) rank * sizeof *shape);
  if (rank > 2 && shape[0] == v->shape[0] && is_map_in_order (v)
      && (v->map_rank || (!(rank == v->rank && !memcmp (shape, v->shape, (size_t) rank * sizeof *shape))
                          && !(ones && single))))
    {
      layer_of_elements (c, n, v);
      set_other_extents (c, n, v, rank, shape);
      return;
    }
  const bool vector = rank == 2 && !v->vector, ordered = value_in_order (v) || single;
  if (!same && !(ones && single) && !(vector && ordered))
    convert_bad (c, n, "makes %s of %s; allowed: a vector of all elements of a map in order", dims_text (rank, shape),
                 value_shape (v));
  const struct expression *f = v->f;
  if (f && v->uses > 1)
    layer_of_elements (c, n, v);
  set_expression (c, n, v, v->f);
  struct value *out = value_of (c, n->out[0]);
  if (same)
    return;
  if (vector && v->f)
    out->layer = layer_of_elements (c, n, v);
  out->f = vector ? NULL : out->f;
  out->flat = v->flat || vector;
  value_is_layer (out, out->layer, rank, shape);
}

/* Does W count from 0 to COUNT - 1? */
static bool
counts_to (const struct weight *w, int64_t count)
{
  if (!w || w->count != (size_t) count || constant_is_real (w))
    return false;
  for (int64_t i = 0; i < count; i++)
    if (constant_int (w, (size_t) i) != i)
      return false;
  return true;
}

/* N makes one axis of V's, of which a Gather takes all elements in order, in another shape: exporters write views with
 * strides so. Then both are converted. */
static bool
convert_strided (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  size_t at = c->at + 1;
  while (at < c->node_count && at < c->at + 8
         && !(c->nodes[at] && c->nodes[at]->nin == 2 && !strcmp (c->nodes[at]->op, "Gather")
              && !strcmp (c->nodes[at]->in[0], n->out[0])))
    at++;
  const struct onnx_node *gather = at < c->node_count && at < c->at + 8 ? c->nodes[at] : NULL;
  if (!gather || attribute_int (c, gather, "axis", 0) || value_of (c, n->out[0])->uses != 1)
    return false;
  const struct weight *w = value_of (c, gather->in[1])->constant;
  if (!counts_to (w, elements (v)))
    return false;
  set_shape (c, gather, v, w->rank, w->shape);
  c->nodes[at] = NULL;
  return true;
}

static void
convert_reshape (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  int64_t shape[ONNX_MAX_RANK];
  const int rank = convert_shape (c, n, v->rank, v->shape, elements (v), shape);
  if (rank == 1 && convert_strided (c, n, v))
    return;
  set_shape (c, n, v, rank, shape);
}

static void
convert_flatten (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const int64_t given = attribute_int (c, n, "axis", 1), axis = given < 0 ? given + v->rank : given;
  const int64_t shape[2] = { v->shape[0], v->shape[0] ? elements (v) / v->shape[0] : 0 };
  if (axis != 1)
    convert_bad (c, n, "axis %" PRId64 "; allowed: 1, behind the batch", given);
  set_shape (c, n, v, 2, shape);
}

static void
convert_squeeze (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const uint32_t axes = convert_axes (c, n, 1, v->rank);
  int64_t shape[ONNX_MAX_RANK];
  int rank = 0;
  for (int a = 0; a < v->rank; a++)
    if (axes ? !(axes >> a & 1) : v->shape[a] != 1 || a == 0)
      shape[rank++] = v->shape[a];
    else if (v->shape[a] != 1)
      convert_bad (c, n, "takes out axis %d of %s; allowed: one of extent 1", a, value_shape (v));
  set_shape (c, n, v, rank, shape);
}

static void
convert_unsqueeze (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  int64_t shape[ONNX_MAX_RANK];
  int rank = v->rank, from = 0;
  uint32_t axes = 0;
  /* How many axes there will be says how negative ones count. */
  for (int more = 1; rank + more <= ONNX_MAX_RANK && !axes; more++)
    {
      const uint32_t bits = convert_axes (c, n, 1, rank + more);
      int count = 0;
      for (int a = 0; a < ONNX_MAX_RANK; a++)
        count += bits >> a & 1;
      if (count == more)
        axes = bits;
    }
  if (!axes)
    convert_bad (c, n, "adds no axes to %s that can be told; allowed: a constant list", value_shape (v));
  for (int a = 0; a < ONNX_MAX_RANK; a++)
    rank += axes >> a & 1;
  for (int a = 0; a < rank; a++)
    shape[a] = axes >> a & 1 ? 1 : v->shape[from++];
  set_shape (c, n, v, rank, shape);
}

/* V is a map whose channels are written as groups by channels of each: to exchange the two is a shuffle. */
static void
shuffle_groups (struct conversion *c, const struct onnx_node *n, const struct value *v, const int64_t *order)
{
  bool exchange = v->rank >= 3 && !v->swapped && v->shape[1] * v->shape[2] == v->map[1];
  for (int a = 0; a < v->rank; a++)
    exchange = exchange && convert_axis (c, n, order[a], v->rank) == (a == 1 ? 2 : a == 2 ? 1 : a);
  if (!exchange)
    convert_bad (c, n, "turns %s, written as %s; allowed: to exchange groups of channels and the channels of each",
                 dims_text (v->map_rank, v->map), value_shape (v));
  set_expression (c, n, v, NULL);
  struct value *out = value_of (c, n->out[0]);
  out->shape[1] = v->shape[2];
  out->shape[2] = v->shape[1];
  out->swapped = true;
}

static void
convert_transpose (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  int64_t order[ONNX_MAX_RANK];
  uint32_t seen = 0;
  if (!attribute_ints (c, n, "perm", (size_t) v->rank, order))
    for (int a = 0; a < v->rank; a++)
      order[a] = v->rank - 1 - a;
  if (v->map_rank)
    {
      shuffle_groups (c, n, v, order);
      return;
    }
  const struct value from = *v;
  if (v->f && v->uses > 1)
    layer_of_elements (c, n, v);
  struct value *out = value_out (c, n, 0);
  const struct value old = *out;
  *out = *v;
  out->name = old.name;
  out->uses = old.uses;
  for (int a = 0; a < v->rank; a++)
    {
      const int axis = convert_axis (c, n, order[a], v->rank);
      seen |= UINT32_C (1) << axis;
      out->shape[a] = from.shape[axis];
      out->axis[a] = from.axis[axis];
      out->before[a] = from.before[axis];
      out->after[a] = from.after[axis];
    }
  if (seen != (UINT32_C (1) << v->rank) - 1)
    convert_bad (c, n, "perm names an axis twice; allowed: each once");
}

/* ---- zeros around a map ---- */

static void
convert_pad (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct onnx_attribute *a = onnx_attribute (n, "pads");
  const struct value *pads = a ? NULL : value_needed (c, n, 1), *axes = a ? NULL : value_in (c, n, 3);
  const struct value *fill = a ? NULL : value_in (c, n, 2);
  const char *mode = attribute_text (c, n, "mode", "constant");
  const size_t count = a ? a->count / 2 : pads->constant ? pads->constant->count / 2 : 0;
  if (strcmp (mode, "constant") || attribute_real (c, n, "value", 0) != 0
      || (fill && (!fill->constant || fill->constant->count != 1 || weight_at (fill->constant, 0) != 0)))
    convert_bad (c, n, "pads with other numbers than 0, mode %s; allowed: constant 0", mode);
  if ((a && a->kind != ONNX_KIND_INTS) || !count || count > (size_t) v->rank
      || (axes && (!axes->constant || axes->constant->count != count)))
    convert_bad (c, n, "has pads that are no constants or do not fit %s; allowed: two for each axis", value_shape (v));
  layer_of (c, n, v);
  set_expression (c, n, v, NULL);
  struct value *out = value_of (c, n->out[0]);
  out->never_negative = v->never_negative;
  for (size_t i = 0; i < count; i++)
    {
      const int axis = convert_axis (c, n, axes ? constant_int (axes->constant, i) : (int64_t) i, v->rank);
      const int64_t before = a ? a->ints[i] : constant_int (pads->constant, i);
      const int64_t after = a ? a->ints[count + i] : constant_int (pads->constant, count + i);
      if (before < 0 || after < 0 || before > 65536 || after > 65536)
        convert_bad (c, n, "adds %" PRId64 " and %" PRId64 " along axis %d; allowed: 0 to 65536", before, after, axis);
      out->before[axis] = before;
      out->after[axis] = after;
      out->shape[axis] += before + after;
    }
}

/* ---- reductions ---- */

static void
convert_reduce (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  if (convert_layer_norm_from (c, n, v))
    return;
  const uint32_t axes = convert_axes (c, n, 1, v->rank);
  uint32_t map = 0;
  for (int a = 0; a < v->rank; a++)
    map |= (uint32_t) (v->axis[a] > 1) << a;
  if (axes != map || v->vector)
    convert_bad (c, n, "reduces other axes of %s than its map's; allowed: all of the map's", value_shape (v));
  convert_global_pool (c, n, v, !strcmp (n->op, "ReduceMax"), attribute_int (c, n, "keepdims", 1) != 0);
}

const struct operator operators_of_shapes[] = {
  { "Shape", convert_shape_of },  { "Reshape", convert_reshape },     { "Flatten", convert_flatten },
  { "Squeeze", convert_squeeze }, { "Unsqueeze", convert_unsqueeze }, { "Transpose", convert_transpose },
  { "Pad", convert_pad },         { "ReduceMean", convert_reduce },   { "ReduceMax", convert_reduce },       { 0 }
};
