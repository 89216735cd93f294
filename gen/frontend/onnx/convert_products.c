/* Products with constant matrices. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

/* W, of F x M, as M x F; W itself where it is. SCALE: a factor. */
static const struct weight *
matrix (struct conversion *c, const struct weight *w, bool transposed, double scale)
{
  const int64_t shape[2] = { transposed ? w->shape[0] : w->shape[1], transposed ? w->shape[1] : w->shape[0] };
  const int64_t stride[2] = { transposed ? w->shape[1] : 1, transposed ? 1 : w->shape[1] };
  if (transposed && scale == 1)
    return w;
  struct weight *m = constant_gather (c, w, 0, 2, shape, stride);
  if (scale == 1)
    return m;
  struct weight *scaled = constant_new (c, DTYPE_F64, 2, shape);
  for (size_t i = 0; i < m->count; i++)
    constant_set_real (scaled, i, scale * weight_at (m, i));
  return scaled;
}

void
product_along (struct conversion *c, const struct onnx_node *n, struct value *v, int axis, const struct weight *w,
               const struct weight *bias)
{
  v->layer = layer_of_elements (c, n, v);
  view_to_channels (c, n, v, axis);
  if (v->vector)
    view_to_map (c, n, v);
  const int64_t filters = w->shape[1], shape[ONNX_MAX_RANK] = { filters, w->shape[0], 1, 1, 1 };
  v->layer = layer_begin (c, n, "conv", w->name, v->layer);
  layer_key_int (c, "filters", filters);
  layer_key_int (c, "kernel-size", 1);
  layer_key_text (c, "bias", bias ? "true" : "false");
  layer_end (c);
  layer_parameter (c, v->layer, "weight", matrix (c, w, false, 1), 2 + v->map, shape);
  if (bias)
    layer_parameter (c, v->layer, "bias", bias, 1, &filters);
  v->shape[axis] = filters;
}

/* V by the matrix W, V's last axis being the one that is summed over: a convolution of each pixel. */
static void
convert_product_of_pixels (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w)
{
  layer_of_elements (c, n, v);
  struct value r = *v;
  product_along (c, n, &r, r.rank - 1, w, NULL);
  set_expression (c, n, &r, NULL);
}

/* Is V nothing but a vector, of a batch or alone? */
static bool
is_vector (const struct value *v)
{
  return v->rank == 1 || (v->rank == 2 && v->axis[0] == 0 && v->axis[1] == 1);
}

/* V, a vector, by M, of features x V's extent; BIAS, times BETA, or NULL. */
static void
convert_linear (struct conversion *c, const struct onnx_node *n, struct value *v, const struct value *w,
                const struct weight *m, const struct weight *bias, double beta)
{
  const int64_t features = m->shape[0];
  const char *input = layer_of_elements (c, n, v);
  const char *layer = layer_begin (c, n, "linear", w->name, input);
  layer_key_int (c, "features", features);
  layer_key_text (c, "bias", bias ? "true" : "false");
  layer_end (c);
  layer_parameter (c, layer, "weight", m, 2, m->shape);
  if (bias && beta == 1 && bias->count == (size_t) features)
    layer_parameter (c, layer, "bias", bias, 1, &features);
  else if (bias)
    {
      struct weight *b = constant_new (c, DTYPE_F64, 1, &features);
      for (int64_t i = 0; i < features; i++)
        constant_set_real (b, (size_t) i, beta * weight_at (bias, bias->count == 1 ? 0 : (size_t) i));
      layer_parameter (c, layer, "bias", b, 1, &features);
    }
  int64_t shape[2] = { v->shape[0], features };
  struct value *out = value_out (c, n, 0);
  value_is_layer (out, layer, v->rank, v->rank == 1 ? &features : shape);
  memcpy (out->axis, v->axis, sizeof out->axis);
  out->vector = true;
}

static void
convert_gemm (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct value *w = value_needed (c, n, 1), *bias = value_in (c, n, 2);
  const bool turned = attribute_int (c, n, "transA", 0) != 0, transposed = attribute_int (c, n, "transB", 0) != 0;
  const double alpha = attribute_real (c, n, "alpha", 1), beta = attribute_real (c, n, "beta", 1);
  if (v->constant || !w->constant || v->rank != 2 || w->constant->rank != 2
      || w->constant->shape[transposed ? 1 : 0] != v->shape[turned ? 0 : 1])
    convert_bad (c, n, "multiplies %s by %s; allowed: by a constant matrix that fits", value_shape (v),
                 value_shape (w));
  if (bias && !bias->constant)
    {
      /* What depends on the input is added behind the product. */
      const char *product = written_node (c, n, "Gemm", n->in[0], n->in[1], n->attributes, n->attribute_count, NULL);
      const char *factor = written_number (c, n, beta);
      const char *more = beta == 1 ? n->in[2] : written_node (c, n, "Mul", n->in[2], factor, NULL, 0, NULL);
      written_node (c, n, "Add", product, more, NULL, 0, n->out[0]);
      return;
    }
  const int64_t features = w->constant->shape[transposed ? 0 : 1];
  const struct weight *b = bias ? bias->constant : NULL;
  const bool each = !b || b->count == 1 || (b->count == (size_t) features && b->shape[b->rank - 1] == features);
  if (!turned && each && is_vector (v))
    {
      convert_linear (c, n, v, w, matrix (c, w->constant, transposed, alpha), b, beta);
      return;
    }
  static const int64_t exchanged[2] = { 1, 0 };
  const struct weight *m = matrix (c, w->constant, transposed, alpha);
  const char *x = turned ? written_transpose (c, n, n->in[0], 2, exchanged, NULL) : n->in[0];
  const char *by = written_transpose (c, n, written_constant (c, n, m), 2, exchanged, NULL);
  const char *product = written_node (c, n, "MatMul", x, by, NULL, 0, b ? NULL : n->out[0]);
  if (!b)
    return;
  struct weight *scaled = constant_new (c, DTYPE_F64, b->rank, b->shape);
  for (size_t i = 0; i < b->count; i++)
    constant_set_real (scaled, i, beta * weight_at (b, i));
  written_node (c, n, "Add", product, written_constant (c, n, scaled), NULL, 0, n->out[0]);
}

/* ---- products of several matrices ---- */

/* X, (…, M, K), by W, (…, K, L), where both have as many axes: the matrices are groups of a convolution. */
static void
convert_product_of_groups (struct conversion *c, const struct onnx_node *n, const struct value *v,
                           const struct weight *w)
{
  static const int64_t exchanged[3] = { 0, 2, 1 };
  const int rank = v->rank;
  const int64_t m = v->shape[rank - 2], k = v->shape[rank - 1], l = w->shape[rank - 1];
  int64_t full[ONNX_MAX_RANK], groups = 1, shape[3];
  for (int a = 0; a < rank - 2; a++)
    {
      full[a] = v->shape[a] == 1 ? w->shape[a] : v->shape[a];
      if (w->shape[a] != 1 && w->shape[a] != full[a])
        convert_bad (c, n, "multiplies %s by %s; allowed: what fits", value_shape (v), dims_text (rank, w->shape));
      groups *= full[a];
    }
  if (groups > 65536 || groups * k > 65536 || groups * l > 65536)
    convert_bad (c, n, "multiplies by %" PRId64 " matrices; allowed: at most 65536 rows and columns in all", groups);
  full[rank - 2] = m;
  full[rank - 1] = k;
  const char *x = written_node (c, n, "Expand", n->in[0], written_list (c, n, rank, full), NULL, 0, NULL);
  memcpy (shape, (const int64_t[]){ groups, m, k }, sizeof shape);
  x = written_transpose (c, n, written_reshape (c, n, x, 3, shape, NULL), 3, exchanged, NULL);
  memcpy (shape, (const int64_t[]){ 1, groups * k, m }, sizeof shape);
  x = written_reshape (c, n, x, 3, shape, NULL);
  /* (groups, K, L) as (groups L, K, 1) */
  full[rank - 2] = k;
  full[rank - 1] = l;
  const char *by
      = written_node (c, n, "Expand", written_constant (c, n, w), written_list (c, n, rank, full), NULL, 0, NULL);
  memcpy (shape, (const int64_t[]){ groups, k, l }, sizeof shape);
  by = written_transpose (c, n, written_reshape (c, n, by, 3, shape, NULL), 3, exchanged, NULL);
  memcpy (shape, (const int64_t[]){ groups * l, k, 1 }, sizeof shape);
  by = written_reshape (c, n, by, 3, shape, NULL);
  const struct onnx_attribute group = { .name = "group", .kind = ONNX_KIND_INT, .i = groups };
  x = written_node (c, n, "Conv", x, by, &group, 1, NULL);
  memcpy (shape, (const int64_t[]){ groups, l, m }, sizeof shape);
  x = written_transpose (c, n, written_reshape (c, n, x, 3, shape, NULL), 3, exchanged, NULL);
  full[rank - 2] = m;
  written_reshape (c, n, x, rank, full, n->out[0]);
}

/* N with operands of other shapes, of as many elements; the result has the extents SHAPE. */
static void
convert_as (struct conversion *c, const struct onnx_node *n, const char *x, const char *by, int rank,
            const int64_t *shape)
{
  written_reshape (c, n, written_node (c, n, "MatMul", x, by, NULL, 0, NULL), rank, shape, n->out[0]);
}

/* V (…, M, K) by W (…, K, L), or by vectors, which lack an axis that the result then lacks, too. */
static void
convert_product (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w)
{
  int64_t own[ONNX_MAX_RANK], of_w[ONNX_MAX_RANK], result[ONNX_MAX_RANK];
  const int rank = v->rank > w->rank ? v->rank : w->rank;
  if (w->rank == 1)
    {
      of_w[0] = w->shape[0];
      of_w[1] = 1;
      convert_as (c, n, n->in[0], written_reshape (c, n, n->in[1], 2, of_w, NULL), v->rank - 1, v->shape);
      return;
    }
  if (v->rank == 1)
    {
      own[0] = 1;
      own[1] = v->shape[0];
      memcpy (result, w->shape, sizeof result);
      result[w->rank - 2] = w->shape[w->rank - 1];
      convert_as (c, n, written_reshape (c, n, n->in[0], 2, own, NULL), n->in[1], w->rank - 1, result);
      return;
    }
  for (int a = 0; a < rank; a++)
    {
      own[a] = a < rank - v->rank ? 1 : v->shape[a - (rank - v->rank)];
      of_w[a] = a < rank - w->rank ? 1 : w->shape[a - (rank - w->rank)];
    }
  if (v->rank != w->rank)
    {
      const char *x = v->rank < rank ? written_reshape (c, n, n->in[0], rank, own, NULL) : n->in[0];
      const char *by = w->rank < rank ? written_reshape (c, n, n->in[1], rank, of_w, NULL) : n->in[1];
      written_node (c, n, "MatMul", x, by, NULL, 0, n->out[0]);
      return;
    }
  convert_product_of_groups (c, n, v, w);
}

static void
convert_matmul (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct value *by = value_needed (c, n, 1);
  const struct weight *w = by->constant;
  const int rank = v->constant ? 0 : v->rank;
  if (!w || !rank || !w->rank || w->shape[w->rank > 1 ? w->rank - 2 : 0] != v->shape[rank - 1])
    convert_bad (c, n, "multiplies %s by %s; allowed: a layer by constant matrices that fit", value_shape (v),
                 value_shape (by));
  bool single = w->rank > 1 && rank + 1 >= w->rank;
  for (int a = 0; a < w->rank - 2; a++)
    single = single && w->shape[a] == 1;
  if (!single || (w->rank > 2 && rank < w->rank))
    {
      convert_product (c, n, v, w);
      return;
    }
  const int64_t *shape = w->shape + w->rank - 2;
  const struct weight *m = constant_reshaped (w, 2, shape);
  if (is_vector (v))
    convert_linear (c, n, v, by, matrix (c, m, false, 1), NULL, 1);
  else
    convert_product_of_pixels (c, n, v, m);
}

const struct operator operators_of_products[] = { { "Gemm", convert_gemm }, { "MatMul", convert_matmul }, { 0 } };
