/* What stands around a map. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

#include "graph/shape.h"

/* Pixels before and behind along each axis of a value. */
struct margins
{
  int64_t before[ONNX_MAX_RANK], after[ONNX_MAX_RANK];
  bool negative;
};

static struct margins
read_margins (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  struct margins m = { 0 };
  const struct onnx_attribute *a = onnx_attribute (n, "pads");
  const struct value *pads = a ? NULL : value_needed (c, n, 1), *axes = a ? NULL : value_in (c, n, 3);
  const size_t count = a ? a->count / 2 : pads->constant ? pads->constant->count / 2 : 0;
  if ((a && a->kind != ONNX_KIND_INTS) || !count || count > (size_t) v->rank
      || (axes && (!axes->constant || axes->constant->count != count)))
    convert_bad (c, n, "has pads that are no constants or do not fit %s; allowed: two for each axis", value_shape (v));
  for (size_t i = 0; i < count; i++)
    {
      const int axis = convert_axis (c, n, axes ? constant_int (axes->constant, i) : (int64_t) i, v->rank);
      const int64_t before = a ? a->ints[i] : constant_int (pads->constant, i);
      const int64_t after = a ? a->ints[count + i] : constant_int (pads->constant, count + i);
      if (before < -SHAPE_MAX_EXTENT || after < -SHAPE_MAX_EXTENT || before > 65536 || after > 65536)
        convert_bad (c, n, "adds %" PRId64 " and %" PRId64 " along axis %d; allowed: -2^20 to 65536", before, after,
                     axis);
      if ((before || after) && v->axis[axis] < 2)
        convert_bad (c, n, "adds %" PRId64 " and %" PRId64 " along axis %d of %s; allowed: around the map", before,
                     after, axis, value_shape (v));
      m.before[axis] = before;
      m.after[axis] = after;
      m.negative = m.negative || before < 0 || after < 0;
    }
  return m;
}

const char *
pad_layer (struct conversion *c, const struct onnx_node *n, int axes, const char *input, const int64_t *before,
           const int64_t *after, const char *mode, double value)
{
  const char *layer = layer_begin (c, n, "pad", NULL, input);
  layer_key_extents (c, "before", before, axes, 0, false);
  layer_key_extents (c, "after", after, axes, 0, false);
  if (strcmp (mode, "constant"))
    layer_key_text (c, "mode", mode);
  else if (value != 0)
    layer_key_real (c, "value", value);
  layer_end (c);
  return layer;
}

/* The layer MODE with M around V. */
static const char *
layer_pad (struct conversion *c, const struct onnx_node *n, const struct value *v, const char *input,
           const struct margins *m, const char *mode, double value)
{
  int64_t before[3] = { 0 }, after[3] = { 0 };
  for (int a = 0; a < v->rank; a++)
    if (v->axis[a] > 1 && v->axis[a] < 2 + v->map)
      {
        before[v->axis[a] - 2] = m->before[a];
        after[v->axis[a] - 2] = m->after[a];
      }
  return pad_layer (c, n, v->map, input, before, after, mode, value);
}

void
pad_settle (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  struct margins m = { 0 };
  memcpy (m.before, v->before, sizeof m.before);
  memcpy (m.after, v->after, sizeof m.after);
  memset (v->before, 0, sizeof v->before);
  memset (v->after, 0, sizeof v->after);
  v->layer = layer_pad (c, v->node ? v->node : n, v, v->layer, &m, "constant", 0);
}

static void
convert_pad (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct value *fill = onnx_attribute (n, "pads") ? NULL : value_in (c, n, 2);
  const char *mode = attribute_text (c, n, "mode", "constant");
  if (fill && (!fill->constant || fill->constant->count != 1))
    convert_bad (c, n, "pads with %s; allowed: a constant number",
                 fill->constant ? value_shape (fill) : "what depends on the input");
  if (strcmp (mode, "constant") && strcmp (mode, "reflect") && strcmp (mode, "edge") && strcmp (mode, "wrap"))
    convert_bad (c, n, "mode %s; allowed: constant, reflect, edge and wrap", mode);
  const double value = fill ? weight_at (fill->constant, 0) : attribute_real (c, n, "value", 0);
  layer_of (c, n, v);
  if (v->vector)
    view_to_map (c, n, v);
  for (int a = 0; a < v->rank; a++)
    if (v->axis[a] >= 2 + v->map)
      view_settle (c, n, v);
  const struct margins m = read_margins (c, n, v);
  set_expression (c, n, v, NULL);
  struct value *out = value_of (c, n->out[0]);
  const bool zeros = !strcmp (mode, "constant") && value == 0 && !m.negative;
  if (!zeros)
    out->layer = layer_pad (c, n, v, v->layer, &m, mode, value);
  out->never_negative = v->never_negative && value >= 0;
  for (int a = 0; a < v->rank; a++)
    {
      out->shape[a] += m.before[a] + m.after[a];
      out->before[a] = zeros ? m.before[a] : 0;
      out->after[a] = zeros ? m.after[a] : 0;
    }
}

const struct operator operators_of_pads[] = { { "Pad", convert_pad }, { 0 } };
