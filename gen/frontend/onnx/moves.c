/* Operators that move elements of constants, gather and join them. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

enum
{
  MAX_LIST = 65536 /* numbers of a list of axes, extents or places */
};

/* How far apart neighbours are along each axis of W. */
static void
strides_of (const struct weight *w, int64_t stride[ONNX_MAX_RANK])
{
  int64_t step = 1;
  for (int a = w->rank - 1; a >= 0; a--)
    {
      stride[a] = step;
      step *= w->shape[a] ? w->shape[a] : 1;
    }
}

static struct weight *
node_transpose (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  int64_t order[ONNX_MAX_RANK], stride[ONNX_MAX_RANK], shape[ONNX_MAX_RANK], by[ONNX_MAX_RANK];
  uint32_t seen = 0;
  if (!attribute_ints (c, n, "perm", (size_t) w->rank, order))
    for (int a = 0; a < w->rank; a++)
      order[a] = w->rank - 1 - a;
  strides_of (w, stride);
  for (int a = 0; a < w->rank; a++)
    {
      const int from = convert_axis (c, n, order[a], w->rank);
      seen |= UINT32_C (1) << from;
      shape[a] = w->shape[from];
      by[a] = stride[from];
    }
  if (seen != (UINT32_C (1) << w->rank) - 1)
    convert_bad (c, n, "perm names an axis twice; allowed: each once");
  return constant_gather (c, w, 0, w->rank, shape, by);
}

static struct weight *
node_gather (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0), *index = constant_in (c, n, 1);
  if (w->rank < 1 || w->rank - 1 + index->rank > ONNX_MAX_RANK)
    convert_bad (c, n, "gathers from %s by %s; allowed: fewer axes", dims_text (w->rank, w->shape),
                 dims_text (index->rank, index->shape));
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", 0), w->rank);
  int64_t shape[ONNX_MAX_RANK];
  size_t outer = 1, inner = dtype_bytes (w->dtype), extent = (size_t) w->shape[axis];
  int rank = 0;
  for (int a = 0; a < axis; a++)
    outer *= (size_t) (shape[rank++] = w->shape[a]);
  for (int a = 0; a < index->rank; a++)
    shape[rank++] = index->shape[a];
  for (int a = axis + 1; a < w->rank; a++)
    inner *= (size_t) (shape[rank++] = w->shape[a]);
  struct weight *to = constant_new (c, w->dtype, rank, shape);
  unsigned char *out = (unsigned char *) to->data;
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0; i < index->count; i++, out += inner)
      {
        const int64_t k = constant_int (index, i), at = k < 0 ? k + (int64_t) extent : k;
        if (at < 0 || at >= (int64_t) extent)
          convert_bad (c, n, "index %" PRId64 " of %zu; allowed: one that is there", k, extent);
        memcpy (out, (const unsigned char *) w->data + (o * extent + (size_t) at) * inner, inner);
      }
  return to;
}

static struct weight *
node_concat (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *first = constant_in (c, n, 0);
  int64_t shape[ONNX_MAX_RANK];
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", 0), first->rank);
  memcpy (shape, first->shape, sizeof shape);
  shape[axis] = 0;
  for (size_t i = 0; i < n->nin; i++)
    {
      const struct weight *w = constant_in (c, n, i);
      bool fits = w->rank == first->rank && w->dtype == first->dtype;
      for (int a = 0; fits && a < w->rank; a++)
        fits = a == axis || w->shape[a] == first->shape[a];
      if (!fits)
        convert_bad (c, n, "joins %s and %s; allowed: equal shapes and types", dims_text (first->rank, first->shape),
                     dims_text (w->rank, w->shape));
      shape[axis] += w->shape[axis];
    }
  struct weight *to = constant_new (c, first->dtype, first->rank, shape);
  unsigned char *out = (unsigned char *) to->data;
  size_t outer = 1, inner = dtype_bytes (first->dtype);
  for (int a = 0; a < first->rank; a++)
    *(a < axis ? &outer : &inner) *= (size_t) (a == axis ? 1 : shape[a]);
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0; i < n->nin; i++)
      {
        const struct weight *w = constant_in (c, n, i);
        const size_t bytes = (size_t) w->shape[axis] * inner;
        memcpy (out, (const unsigned char *) w->data + o * bytes, bytes);
        out += bytes;
      }
  return to;
}

const int64_t *
convert_list (struct conversion *c, const struct onnx_node *n, const char *name, size_t i, size_t *count)
{
  const struct onnx_attribute *a = onnx_attribute (n, name);
  const struct value *v = a ? NULL : value_in (c, n, i);
  if (a && a->kind == ONNX_KIND_INTS)
    {
      *count = a->count;
      return a->ints;
    }
  if (!v || !v->constant)
    return NULL;
  *count = v->constant->count;
  if (*count > MAX_LIST)
    convert_bad (c, n, "%s has %zu numbers; allowed: at most %d", name, *count, MAX_LIST);
  int64_t *list = NEW_ARRAY (*count + 1, int64_t);
  for (size_t k = 0; k < *count; k++)
    list[k] = constant_int (v->constant, k);
  return list;
}

/* From FROM to TO in steps of STEP along an axis of so many elements: negative places count from the end, and what is
 * behind one lies at it. */
static struct slice
slice_of (int64_t from, int64_t to, int64_t step, int64_t extent)
{
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1, by = step > 0 ? step : -step;
  from = from < 0 ? from + extent : from;
  to = to < 0 ? to + extent : to;
  from = from < 0 ? 0 : from > high ? high : from;
  to = to < low ? low : to > high ? high : to;
  const int64_t length = step > 0 ? to - from : from - to;
  return (struct slice){ from, length > 0 ? (length + by - 1) / by : 0, step };
}

void
convert_slices (struct conversion *c, const struct onnx_node *n, int rank, const int64_t *shape,
                struct slice list[ONNX_MAX_RANK])
{
  size_t counts[4] = { 0 };
  const int64_t *starts = convert_list (c, n, "starts", 1, &counts[0]);
  const int64_t *ends = convert_list (c, n, "ends", 2, &counts[1]);
  const int64_t *axes = convert_list (c, n, "axes", 3, &counts[2]);
  const int64_t *steps = convert_list (c, n, "steps", 4, &counts[3]);
  bool fits = starts && ends && counts[0] == counts[1] && counts[0] <= (size_t) rank
              && (axes ? counts[2] == counts[0] : !value_in (c, n, 3))
              && (steps ? counts[3] == counts[0] : !value_in (c, n, 4));
  if (!fits)
    convert_bad (c, n, "starts, ends, axes and steps do not fit each other; allowed: constants, equally many");
  for (int a = 0; a < rank; a++)
    list[a] = (struct slice){ 0, shape[a], 1 };
  for (size_t i = 0; i < counts[0]; i++)
    {
      const int a = convert_axis (c, n, axes ? axes[i] : (int64_t) i, rank);
      const int64_t step = steps ? steps[i] : 1;
      if (step == 0 || step > 1 << 30 || step < -(1 << 30))
        convert_bad (c, n, "a step of %" PRId64 "; allowed: any other but 0", step);
      list[a] = slice_of (starts[i], ends[i], step, shape[a]);
    }
}

static struct weight *
node_slice (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  struct slice slices[ONNX_MAX_RANK];
  int64_t shape[ONNX_MAX_RANK], stride[ONNX_MAX_RANK], start = 0;
  convert_slices (c, n, w->rank, w->shape, slices);
  strides_of (w, stride);
  for (int a = 0; a < w->rank; a++)
    {
      shape[a] = slices[a].count;
      start += shape[a] ? slices[a].from * stride[a] : 0;
      stride[a] *= slices[a].step;
    }
  return constant_gather (c, w, (size_t) start, w->rank, shape, stride);
}

static struct weight *
node_unsqueeze (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  int64_t shape[ONNX_MAX_RANK];
  size_t count = 0;
  const int64_t *axes = convert_list (c, n, "axes", 1, &count);
  if (!axes || count > ONNX_MAX_RANK || w->rank + (int64_t) count > ONNX_MAX_RANK)
    convert_bad (c, n, "adds %zu axes to %d; allowed: at most %d in all", count, w->rank, ONNX_MAX_RANK);
  const int rank = w->rank + (int) count;
  uint32_t added = 0;
  for (size_t i = 0; i < count; i++)
    added |= UINT32_C (1) << convert_axis (c, n, axes[i], rank);
  for (int a = 0, from = 0; a < rank; a++)
    shape[a] = added >> a & 1 || from == w->rank ? 1 : w->shape[from++];
  return constant_reshaped (w, rank, shape);
}

static struct weight *
node_squeeze (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  const uint32_t axes = convert_axes (c, n, 1, w->rank);
  int64_t shape[ONNX_MAX_RANK];
  int rank = 0;
  for (int a = 0; a < w->rank; a++)
    {
      const bool out = axes ? axes >> a & 1 : w->shape[a] == 1;
      if (out && w->shape[a] != 1)
        convert_bad (c, n, "takes out axis %d of %s; allowed: one of extent 1", a, dims_text (w->rank, w->shape));
      if (!out)
        shape[rank++] = w->shape[a];
    }
  return constant_reshaped (w, rank, shape);
}

static struct weight *
node_reshape (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  int64_t shape[ONNX_MAX_RANK];
  const int rank = convert_shape (c, n, w->rank, w->shape, (int64_t) w->count, shape);
  return constant_reshaped (w, rank, shape);
}

static struct weight *
node_flatten (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  const int64_t given = attribute_int (c, n, "axis", 1);
  const int axis = given == w->rank ? w->rank : convert_axis (c, n, given, w->rank);
  int64_t shape[2] = { 1, 1 };
  for (int a = 0; a < w->rank; a++)
    shape[a >= axis] *= w->shape[a];
  return constant_reshaped (w, 2, shape);
}

static struct weight *
node_expand (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0), *extents = constant_in (c, n, 1);
  int64_t shape[ONNX_MAX_RANK], stride[ONNX_MAX_RANK], own[ONNX_MAX_RANK];
  const int given = (int) (extents->count < ONNX_MAX_RANK + 1 ? extents->count : ONNX_MAX_RANK + 1);
  const int rank = given > w->rank ? given : w->rank;
  if (rank > ONNX_MAX_RANK)
    convert_bad (c, n, "makes %d axes; allowed: at most %d", rank, ONNX_MAX_RANK);
  strides_of (w, own);
  for (int a = 0; a < rank; a++)
    {
      const int from = a - (rank - w->rank), wanted = a - (rank - given);
      const int64_t have = from < 0 ? 1 : w->shape[from],
                    want = wanted < 0 ? 1 : constant_int (extents, (size_t) wanted);
      if (have != want && have != 1 && want != 1)
        convert_bad (c, n, "makes %" PRId64 " of %" PRId64 "; allowed: of 1", want, have);
      shape[a] = have == 1 ? want : have;
      stride[a] = have == 1 ? 0 : own[from];
    }
  return constant_gather (c, w, 0, rank, shape, stride);
}

static const struct
{
  const char *op;
  struct weight *(*make) (struct conversion *c, const struct onnx_node *n);
} movers[] = {
  { "Transpose", node_transpose }, { "Gather", node_gather },       { "Concat", node_concat },
  { "Slice", node_slice },         { "Unsqueeze", node_unsqueeze }, { "Squeeze", node_squeeze },
  { "Reshape", node_reshape },     { "Expand", node_expand },       { "Flatten", node_flatten },
};

struct weight *
constant_moved (struct conversion *c, const struct onnx_node *n)
{
  for (size_t i = 0; i < sizeof movers / sizeof *movers; i++)
    if (!strcmp (movers[i].op, n->op))
      return movers[i].make (c, n);
  return NULL;
}
