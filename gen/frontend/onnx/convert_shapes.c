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
    if (__builtin_mul_overflow (count, v->shape[a], &count))
      return INT64_MAX; /* which no layer has: the graph says so */
  return count;
}

static void
convert_size (struct conversion *c, const struct onnx_node *n)
{
  struct weight *w = constant_new (c, DTYPE_I64, 0, NULL);
  constant_set_int (w, 0, elements (value_needed (c, n, 0)));
  value_out (c, n, 0)->constant = w;
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
  view_reshape (c, gather, v, w->rank, w->shape);
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
  view_reshape (c, n, v, rank, shape);
}

static void
convert_flatten (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const int64_t given = attribute_int (c, n, "axis", 1);
  const int axis = given == v->rank ? v->rank : convert_axis (c, n, given, v->rank);
  int64_t shape[2] = { 1, 1 };
  for (int a = 0; a < v->rank; a++)
    shape[a >= axis] *= v->shape[a];
  view_reshape (c, n, v, 2, shape);
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
  view_reshape (c, n, v, rank, shape);
}

static void
convert_unsqueeze (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  int64_t shape[ONNX_MAX_RANK];
  int rank = v->rank, from = 0;
  /* How many axes there will be says how negative ones count. */
  const struct onnx_attribute *list = onnx_attribute (n, "axes");
  const struct value *given = list ? NULL : value_needed (c, n, 1);
  const size_t count = list ? list->count : given->constant ? given->constant->count : 0;
  if (!count || (size_t) rank + count > ONNX_MAX_RANK)
    convert_bad (c, n, "adds no axes to %s that can be told; allowed: a constant list", value_shape (v));
  const uint32_t axes = convert_axes (c, n, 1, rank + (int) count);
  for (int a = 0; a < ONNX_MAX_RANK; a++)
    rank += axes >> a & 1;
  for (int a = 0; a < rank; a++)
    shape[a] = axes >> a & 1 ? 1 : v->shape[from++];
  view_reshape (c, n, v, rank, shape);
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
  int axes[ONNX_MAX_RANK];
  for (int a = 0; a < v->rank; a++)
    {
      axes[a] = convert_axis (c, n, order[a], v->rank);
      seen |= UINT32_C (1) << axes[a];
    }
  if (seen != (UINT32_C (1) << v->rank) - 1)
    convert_bad (c, n, "perm names an axis twice; allowed: each once");
  view_transpose (c, n, v, axes);
}

/* Blocks of pixels to channels, or back: both are one reading of the elements. */
static void
convert_depth (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const bool to_space = !strcmp (n->op, "DepthToSpace");
  const char *mode = attribute_text (c, n, "mode", "DCR");
  const int64_t block = attribute_int (c, n, "blocksize", 0);
  if (strcmp (mode, "DCR") && strcmp (mode, "CRD"))
    convert_bad (c, n, "mode %s; allowed: DCR and CRD", mode);
  const bool blocks_first = !strcmp (mode, "DCR");
  if (v->rank != 4 || v->axis[0] != 0 || block < 1 || block > 256)
    convert_bad (c, n, "moves blocks of %" PRId64 " of %s; allowed: 1 to 256 of (N, C, H, W)", block, value_shape (v));
  const int64_t *s = v->shape, square = block * block;
  if (to_space ? s[1] % square : s[2] % block || s[3] % block)
    convert_bad (c, n, "moves blocks of %" PRId64 " of %s; allowed: what they divide", block, value_shape (v));
  if (to_space)
    {
      const int64_t shape[ONNX_MAX_RANK] = { s[0], s[1] / square, s[2] * block, s[3] * block };
      const struct view first = { NULL, 5, { block, block, shape[1], s[2], s[3] }, { 2, 3, 0, 4, 1 } };
      const struct view last = { NULL, 5, { shape[1], block, block, s[2], s[3] }, { 0, 3, 1, 4, 2 } };
      view_reread (c, n, v, blocks_first ? &first : &last, shape);
      return;
    }
  const int64_t shape[ONNX_MAX_RANK] = { s[0], s[1] * square, s[2] / block, s[3] / block };
  struct view view = { .axes = 5, .extent = { s[1], shape[2], block, shape[3], block }, .order = { 2, 4, 0, 1, 3 } };
  if (!blocks_first)
    memcpy (view.order, (const int[]){ 0, 2, 4, 1, 3 }, 5 * sizeof *view.order);
  view_reread (c, n, v, &view, shape);
}

const struct operator operators_of_shapes[] = { { "Shape", convert_shape_of },      { "Size", convert_size },
                                                { "Reshape", convert_reshape },     { "Flatten", convert_flatten },
                                                { "Squeeze", convert_squeeze },     { "Unsqueeze", convert_unsqueeze },
                                                { "Transpose", convert_transpose }, { "DepthToSpace", convert_depth },
                                                { "SpaceToDepth", convert_depth },  { 0 } };
