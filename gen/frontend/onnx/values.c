/* Values by name, attributes by name, and how a node is refused. */
#include "convert.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- refusals ---- */

void
convert_refuse (const struct conversion *c, const char *fmt, ...)
{
  va_list args, again;
  va_start (args, fmt);
  va_copy (again, args);
  const int length = vsnprintf (NULL, 0, fmt, args);
  va_end (args);
  const size_t bytes = length < 0 ? 1 : (size_t) length + 1;
  char *what = mem_alloc (bytes);
  vsnprintf (what, bytes, fmt, again);
  va_end (again);
  if (!c->reading)
    fatal ("%s: %s", c->model->file.path, what);
  c->reading->why = what;
  longjmp (c->reading->refused, 1);
}

void
convert_bad (const struct conversion *c, const struct onnx_node *n, const char *fmt, ...)
{
  char what[1024];
  va_list args;
  va_start (args, fmt);
  vsnprintf (what, sizeof what, fmt, args);
  va_end (args);
  const char *name = *n->name ? n->name : n->nout ? n->out[0] : "";
  convert_refuse (c, "node %s (%s%s%s, opset %" PRId64 "): %s", weights_shown (name), weights_shown (n->domain),
                  *n->domain ? "." : "", weights_shown (n->op), c->model->opset, what);
}

/* ---- values ---- */

struct value *
value_of (struct conversion *c, const char *name)
{
  void **slot = table_slot (c->values, name);
  if (!*slot)
    {
      struct value *v = NEW (struct value);
      v->name = name;
      *slot = v;
    }
  return *slot;
}

struct value *
value_in (struct conversion *c, const struct onnx_node *n, size_t i)
{
  if (i >= n->nin || !*n->in[i])
    return NULL;
  struct value *v = value_of (c, n->in[i]);
  if (!v->constant && !v->layer)
    convert_bad (c, n, "its input %s is made by no node before it; allowed: nodes in an order in which they can run",
                 weights_shown (n->in[i]));
  /* What moves elements looks at views itself. */
  static const char *const movers[]
      = { "Reshape",  "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Shape", "Size", "InstanceNormalization",
          "Identity", "Dropout",   "Cast",    "CastLike" };
  bool moves = !v->view;
  for (size_t k = 0; k < sizeof movers / sizeof *movers; k++)
    moves = moves || !strcmp (n->op, movers[k]);
  if (!moves)
    view_settle (c, n, v);
  return v;
}

struct value *
value_needed (struct conversion *c, const struct onnx_node *n, size_t i)
{
  struct value *v = value_in (c, n, i);
  if (!v)
    convert_bad (c, n, "has no input %zu; the operator needs one", i);
  return v;
}

struct value *
value_out (struct conversion *c, const struct onnx_node *n, size_t i)
{
  if (i >= n->nout)
    convert_bad (c, n, "has no output %zu; the operator has one", i);
  struct value *v = value_of (c, n->out[i]);
  if (v->constant || v->layer)
    convert_bad (c, n, "its output %s is another node's, too; allowed: a name of its own", weights_shown (n->out[i]));
  return v;
}

const char *
value_shape (const struct value *v)
{
  return v->constant ? dims_text (v->constant->rank, v->constant->shape) : dims_text (v->rank, v->shape);
}

int
value_axis (const struct value *v, int i)
{
  int a = 0;
  while (a < v->rank - 1 && v->axis[a] != i)
    a++;
  return a;
}

bool
value_in_order (const struct value *v)
{
  for (int i = 0; i < v->rank; i++)
    if (v->axis[i] != i)
      return false;
  return true;
}

bool
value_has_margins (const struct value *v)
{
  for (int i = 0; i < v->rank; i++)
    if (v->before[i] || v->after[i])
      return true;
  return false;
}

int64_t
value_extent (const struct value *v, int i)
{
  const int a = v->rank ? value_axis (v, i) : 0;
  return v->rank && v->axis[a] == i ? v->shape[a] : 1;
}

bool
value_has_batch (const struct value *v)
{
  return v->rank && v->axis[value_axis (v, 0)] == 0;
}

bool
value_is_map (const struct value *v)
{
  bool map = v->rank > 2 && !v->vector && !v->flat && !v->view && v->axis[0] == 0 && v->axis[1] == 1;
  for (int a = 2; map && a < v->rank; a++)
    map = v->axis[a] > v->axis[a - 1] && v->axis[a] < 2 + v->map;
  return map;
}

void
value_is_layer (struct value *v, const char *layer, int rank, const int64_t *shape)
{
  v->layer = layer;
  v->view = NULL;
  v->rank = rank;
  v->map = rank > 4 ? 3 : 2;
  for (int i = 0; i < rank; i++)
    {
      v->shape[i] = shape[i];
      v->axis[i] = i == 2 && rank == 3 ? 3 : i;
    }
}

/* ---- attributes ---- */

static const struct onnx_attribute *
attribute_of (const struct conversion *c, const struct onnx_node *n, const char *name, enum onnx_kind kind,
              const char *allowed)
{
  const struct onnx_attribute *a = onnx_attribute (n, name);
  if (a && a->kind != kind)
    convert_bad (c, n, "the attribute %s is no %s; allowed: one", name, allowed);
  return a;
}

int64_t
attribute_int (const struct conversion *c, const struct onnx_node *n, const char *name, int64_t fallback)
{
  const struct onnx_attribute *a = attribute_of (c, n, name, ONNX_KIND_INT, "integer");
  return a ? a->i : fallback;
}

double
attribute_real (const struct conversion *c, const struct onnx_node *n, const char *name, double fallback)
{
  const struct onnx_attribute *a = attribute_of (c, n, name, ONNX_KIND_FLOAT, "number");
  return a ? a->f : fallback;
}

const char *
attribute_text (const struct conversion *c, const struct onnx_node *n, const char *name, const char *fallback)
{
  const struct onnx_attribute *a = attribute_of (c, n, name, ONNX_KIND_TEXT, "text");
  return a ? a->s : fallback;
}

bool
attribute_ints (const struct conversion *c, const struct onnx_node *n, const char *name, size_t count, int64_t *to)
{
  const struct onnx_attribute *a = attribute_of (c, n, name, ONNX_KIND_INTS, "list of integers");
  if (!a)
    return false;
  if (a->count != count)
    convert_bad (c, n, "the attribute %s has %zu numbers; allowed: %zu", name, a->count, count);
  memcpy (to, a->ints, count * sizeof *to);
  return true;
}

int
convert_axis (const struct conversion *c, const struct onnx_node *n, int64_t axis, int rank)
{
  if (axis < -rank || axis >= rank)
    convert_bad (c, n, "axis %" PRId64 " of %d; allowed: %d to %d", axis, rank, -rank, rank - 1);
  return (int) (axis < 0 ? axis + rank : axis);
}

uint32_t
convert_axes (struct conversion *c, const struct onnx_node *n, size_t i, int rank)
{
  const struct onnx_attribute *a = attribute_of (c, n, "axes", ONNX_KIND_INTS, "list of integers");
  const struct value *v = a ? NULL : value_in (c, n, i);
  uint32_t bits = 0;
  if (v && !v->constant)
    convert_bad (c, n, "its axes depend on the network's input; allowed: constants");
  const size_t count = a ? a->count : v ? v->constant->count : 0;
  for (size_t k = 0; k < count; k++)
    bits |= UINT32_C (1) << convert_axis (c, n, a ? a->ints[k] : constant_int (v->constant, k), rank);
  return bits;
}
