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

/* V, a map whose channels stand last, by the matrix W: a convolution of each pixel. */
static void
convert_product_of_pixels (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w)
{
  const int64_t filters = w->shape[1], shape[ONNX_MAX_RANK] = { filters, w->shape[0], 1, 1, 1 };
  const char *input = layer_of_elements (c, n, v);
  const char *layer = layer_begin (c, n, "conv", w->name, input);
  layer_key_int (c, "filters", filters);
  layer_key_int (c, "kernel-size", 1);
  layer_key_text (c, "bias", "false");
  layer_end (c);
  layer_parameter (c, layer, "weight", matrix (c, w, false, 1), v->rank, shape);
  set_expression (c, n, v, NULL);
  struct value *out = value_of (c, n->out[0]);
  out->layer = layer;
  out->shape[v->rank - 1] = filters;
}

static void
convert_linear (struct conversion *c, const struct onnx_node *n, bool transposed, double alpha, double beta)
{
  struct value *v = value_needed (c, n, 0);
  const struct value *w = value_needed (c, n, 1), *bias = value_in (c, n, 2);
  if (v->constant || !w->constant || v->rank != 2 || w->constant->rank != 2
      || w->constant->shape[transposed ? 1 : 0] != v->shape[1])
    convert_bad (c, n, "multiplies %s by %s; allowed: a vector by a constant matrix", value_shape (v), value_shape (w));
  const int64_t features = w->constant->shape[transposed ? 0 : 1];
  if (bias && (!bias->constant || (bias->constant->count != (size_t) features && bias->constant->count != 1)))
    convert_bad (c, n, "adds %s to %" PRId64 " features; allowed: a constant, one for each", value_shape (bias),
                 features);
  const char *input = layer_of_elements (c, n, v);
  const char *layer = layer_begin (c, n, "linear", w->name, input);
  layer_key_int (c, "features", features);
  layer_key_text (c, "bias", bias ? "true" : "false");
  layer_end (c);
  const struct weight *m = matrix (c, w->constant, transposed, alpha);
  layer_parameter (c, layer, "weight", m, 2, m->shape);
  if (bias && beta == 1 && bias->constant->count == (size_t) features)
    layer_parameter (c, layer, "bias", bias->constant, 1, &features);
  else if (bias)
    {
      struct weight *b = constant_new (c, DTYPE_F64, 1, &features);
      for (int64_t i = 0; i < features; i++)
        constant_set_real (b, (size_t) i,
                           beta * weight_at (bias->constant, bias->constant->count == 1 ? 0 : (size_t) i));
      layer_parameter (c, layer, "bias", b, 1, &features);
    }
  const int64_t shape[2] = { v->shape[0], features };
  struct value *out = value_out (c, n, 0);
  value_is_layer (out, layer, 2, shape);
  out->vector = true;
}

static void
convert_gemm (struct conversion *c, const struct onnx_node *n)
{
  if (attribute_int (c, n, "transA", 0))
    convert_bad (c, n, "transposes its first input; allowed: transA 0");
  convert_linear (c, n, attribute_int (c, n, "transB", 0) != 0, attribute_real (c, n, "alpha", 1),
                  attribute_real (c, n, "beta", 1));
}

static void
convert_matmul (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct weight *w = value_needed (c, n, 1)->constant;
  if (!v->constant && v->rank > 3 && !v->vector && v->axis[v->rank - 1] == 1 && w && w->rank == 2
      && w->shape[0] == v->shape[v->rank - 1])
    {
      convert_product_of_pixels (c, n, v, w);
      return;
    }
  convert_linear (c, n, false, 1, 1);
}

const struct operator operators_of_products[] = { { "Gemm", convert_gemm }, { "MatMul", convert_matmul }, { 0 } };
