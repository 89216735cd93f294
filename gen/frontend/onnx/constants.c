/* Constants: their elements, and the operators that make, move and gather them, so that the arithmetic of shapes which
 * exporters write into a graph is done here. */
#include "convert.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

bool
constant_is_real (const struct weight *w)
{
  return w->dtype == DTYPE_F16 || w->dtype == DTYPE_BF16 || w->dtype == DTYPE_F32 || w->dtype == DTYPE_F64;
}

int64_t
constant_int (const struct weight *w, size_t i)
{
  const unsigned char *p = (const unsigned char *) w->data + i * dtype_bytes (w->dtype);
  uint64_t bits = 0;
  if (constant_is_real (w))
    {
      const double v = weight_at (w, i);
      return isnan (v) ? 0 : v >= 0x1p63 ? INT64_MAX : v <= -0x1p63 ? INT64_MIN : (int64_t) v;
    }
  const size_t bytes = dtype_bytes (w->dtype);
  for (size_t k = bytes; k-- > 0;)
    bits = bits << 8 | p[k];
  if (w->dtype == DTYPE_U64 && bits > INT64_MAX)
    return INT64_MAX;
  if (w->dtype == DTYPE_U8 || w->dtype == DTYPE_U16 || w->dtype == DTYPE_U32 || w->dtype == DTYPE_BOOL || bytes == 8)
    return (int64_t) bits;
  const uint64_t sign = UINT64_C (1) << (8 * bytes - 1);
  return (int64_t) ((bits ^ sign) - sign);
}

struct weight *
constant_new (struct conversion *c, enum dtype dtype, int rank, const int64_t *shape)
{
  struct weight *w = NEW (struct weight);
  size_t bytes = dtype_bytes (dtype);
  *w = (struct weight){ .name = "", .dtype = dtype, .rank = rank, .count = 1 };
  for (int i = 0; i < rank; i++)
    {
      w->shape[i] = shape[i];
      if (shape[i] < 0 || !mul_size (bytes, (size_t) shape[i], &bytes) || bytes > c->budget)
        convert_refuse (c, "its constants take more memory than a file of %zu bytes may ask for; allowed: those of a "
                        "network", c->model->file.bytes);
      w->count *= (size_t) shape[i];
    }
  c->budget -= bytes;
  w->data = mem_alloc (bytes ? bytes : 1);
  return w;
}

static void
set_bytes (struct weight *w, size_t i, uint64_t bits)
{
  const size_t bytes = dtype_bytes (w->dtype);
  unsigned char *p = (unsigned char *) w->data + i * bytes;
  for (size_t k = 0; k < bytes; k++)
    p[k] = (unsigned char) (bits >> 8 * k);
}

void
constant_set_int (struct weight *w, size_t i, int64_t v)
{
  set_bytes (w, i, (uint64_t) v);
}

void
constant_set_real (struct weight *w, size_t i, double v)
{
  uint64_t bits;
  const float narrow = (float) v;
  uint32_t low;
  memcpy (&bits, &v, sizeof bits);
  memcpy (&low, &narrow, sizeof low);
  set_bytes (w, i, w->dtype == DTYPE_F64 ? bits : low);
}

/* ---- what several operators do with them ---- */

/* The elements of FROM at START and STRIDE elements apart along each axis, as a constant of that shape. */
struct weight *
constant_gather (struct conversion *c, const struct weight *from, size_t start, int rank, const int64_t *shape,
                 const int64_t *stride)
{
  struct weight *to = constant_new (c, from->dtype, rank, shape);
  const size_t size = dtype_bytes (from->dtype);
  int64_t at[ONNX_MAX_RANK] = { 0 };
  const unsigned char *data = from->data;
  unsigned char *out = (unsigned char *) to->data;
  for (size_t i = 0; i < to->count; i++)
    {
      int64_t place = (int64_t) start;
      for (int a = 0; a < rank; a++)
        place += at[a] * stride[a];
      memcpy (out + i * size, data + (size_t) place * size, size);
      for (int a = rank - 1; a >= 0 && ++at[a] == shape[a]; a--)
        at[a] = 0;
    }
  return to;
}

/* The same elements in another shape. */
struct weight *
constant_reshaped (const struct weight *from, int rank, const int64_t *shape)
{
  struct weight *to = NEW (struct weight);
  *to = *from;
  to->rank = rank;
  memmove (to->shape, shape, (size_t) rank * sizeof *shape);
  return to;
}

const struct weight *
constant_in (struct conversion *c, const struct onnx_node *n, size_t i)
{
  const struct value *v = value_needed (c, n, i);
  return v->constant;
}

/* ---- making them ---- */

static struct weight *
node_constant (struct conversion *c, const struct onnx_node *n)
{
  const struct onnx_attribute *a;
  struct weight *w = NULL;
  const int64_t one = 1;
  if ((a = onnx_attribute (n, "value")) && a->kind == ONNX_KIND_TENSOR && a->tensor)
    w = constant_reshaped (a->tensor, a->tensor->rank, a->tensor->shape);
  else if ((a = onnx_attribute (n, "value_int")) && a->kind == ONNX_KIND_INT)
    constant_set_int (w = constant_new (c, DTYPE_I64, 0, &one), 0, a->i);
  else if ((a = onnx_attribute (n, "value_float")) && a->kind == ONNX_KIND_FLOAT)
    constant_set_real (w = constant_new (c, DTYPE_F32, 0, &one), 0, a->f);
  else if (((a = onnx_attribute (n, "value_ints")) && a->kind == ONNX_KIND_INTS)
           || ((a = onnx_attribute (n, "value_floats")) && a->kind == ONNX_KIND_FLOATS))
    {
      const int64_t count = (int64_t) a->count;
      w = constant_new (c, a->ints ? DTYPE_I64 : DTYPE_F32, 1, &count);
      for (size_t i = 0; i < a->count; i++)
        if (a->ints)
          constant_set_int (w, i, a->ints[i]);
        else
          constant_set_real (w, i, a->floats[i]);
    }
  else
    convert_bad (c, n,
                 "has no value that is a dense tensor or numbers; allowed: value, value_int, value_ints, value_float, "
                 "value_floats");
  return w;
}

static struct weight *
node_constant_of_shape (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *extents = constant_in (c, n, 0);
  const struct onnx_attribute *a = onnx_attribute (n, "value");
  const struct weight *value
      = a && a->kind == ONNX_KIND_TENSOR && a->tensor && a->tensor->count == 1 ? a->tensor : NULL;
  int64_t shape[ONNX_MAX_RANK], still[ONNX_MAX_RANK] = { 0 };
  if (extents->count > ONNX_MAX_RANK)
    convert_bad (c, n, "makes %zu axes; allowed: at most %d", extents->count, ONNX_MAX_RANK);
  for (size_t i = 0; i < extents->count; i++)
    shape[i] = constant_int (extents, i);
  if (!value)
    return constant_new (c, DTYPE_F32, (int) extents->count, shape);
  return constant_gather (c, value, 0, (int) extents->count, shape, still);
}

static struct weight *
node_range (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w[3] = { constant_in (c, n, 0), constant_in (c, n, 1), constant_in (c, n, 2) };
  for (int i = 0; i < 3; i++)
    if (w[i]->count != 1)
      convert_bad (c, n, "start, limit and delta are no numbers; allowed: one each");
  const bool real = constant_is_real (w[0]);
  const double start = weight_at (w[0], 0), delta = weight_at (w[2], 0);
  const double length = ceil ((weight_at (w[1], 0) - start) / delta);
  if (!(fabs (length) <= 1 << 24))
    convert_bad (c, n, "makes %g numbers; allowed: at most 2^24", length);
  const int64_t count = length > 0 ? (int64_t) length : 0;
  struct weight *to = constant_new (c, real ? DTYPE_F32 : DTYPE_I64, 1, &count);
  for (int64_t i = 0; i < count; i++)
    if (real)
      constant_set_real (to, (size_t) i, start + (double) i * delta);
    else
      constant_set_int (to, (size_t) i, (int64_t) (start + (double) i * delta));
  return to;
}

static struct weight *
node_cast (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  const int64_t to = attribute_int (c, n, "to", 0);
  const bool real = to == ONNX_FLOAT || to == ONNX_FLOAT16 || to == ONNX_BFLOAT16 || to == ONNX_DOUBLE;
  if (!real && to != ONNX_INT64 && to != ONNX_INT32 && to != ONNX_BOOL)
    convert_bad (c, n, "casts to %s; allowed: floats, int32, int64 and bool", onnx_type_name (to));
  struct weight *r = constant_new (c, to == ONNX_DOUBLE ? DTYPE_F64 : real ? DTYPE_F32 : DTYPE_I64, w->rank, w->shape);
  for (size_t i = 0; i < w->count; i++)
    if (real)
      constant_set_real (r, i, weight_at (w, i));
    else
      constant_set_int (r, i, to == ONNX_BOOL ? weight_at (w, i) != 0 : constant_int (w, i));
  return r;
}

static struct weight *
node_same (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *w = constant_in (c, n, 0);
  return constant_reshaped (w, w->rank, w->shape);
}

static struct weight *
node_size (struct conversion *c, const struct onnx_node *n)
{
  struct weight *w = constant_new (c, DTYPE_I64, 0, NULL);
  constant_set_int (w, 0, (int64_t) constant_in (c, n, 0)->count);
  return w;
}

static const struct
{
  const char *op;
  struct weight *(*make) (struct conversion *c, const struct onnx_node *n);
} makers[] = {
  { "Constant", node_constant }, { "ConstantOfShape", node_constant_of_shape },
  { "Identity", node_same },     { "Dropout", node_same },
  { "Cast", node_cast },         { "CastLike", node_same },
  { "Range", node_range },       { "Size", node_size },
};

bool
constant_node (struct conversion *c, const struct onnx_node *n)
{
  struct weight *made = NULL;
  for (size_t i = 0; !made && i < sizeof makers / sizeof *makers; i++)
    if (!strcmp (makers[i].op, n->op))
      made = makers[i].make (c, n);
  made = made ? made : constant_moved (c, n);
  made = made ? made : arithmetic_node (c, n);
  if (made)
    value_out (c, n, 0)->constant = made;
  return made != NULL;
}
