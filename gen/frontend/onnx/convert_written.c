/* Operators that are written out as others, as ONNX defines them: reductions of squares and logarithms, normalisations
 * over any axes, powers of windows, means of several. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

/* ---- nodes of a node ---- */

const char *
written_node (struct conversion *c, const struct onnx_node *n, const char *op, const char *first, const char *second,
              const struct onnx_attribute *attributes, size_t count, const char *result)
{
  struct onnx_node *w = NEW (struct onnx_node);
  *w = *n;
  w->op = op;
  w->in = NEW_ARRAY (2, const char *);
  w->in[0] = first;
  w->in[1] = second ? second : "";
  w->nin = second ? 2 : 1;
  w->out = NEW_ARRAY (1, const char *);
  w->out[0] = result ? result : mem_printf ("%s, %s %zu", n->out[0], op, c->written++);
  w->nout = 1;
  w->attributes = NEW_ARRAY (count + 1, struct onnx_attribute);
  if (count)
    memcpy (w->attributes, attributes, count * sizeof *attributes);
  w->attribute_count = count;
  if (!result)
    value_of (c, w->out[0])->uses = 1;
  convert_node (c, w);
  return w->out[0];
}

/* N's node of the operator OP and no attributes. */
static const char *
apply (struct conversion *c, const struct onnx_node *n, const char *op, const char *first, const char *second,
       const char *result)
{
  return written_node (c, n, op, first, second, NULL, 0, result);
}

const char *
written_constant (struct conversion *c, const struct onnx_node *n, const struct weight *w)
{
  const char *name = mem_printf ("%s, constant %zu", n->out[0], c->written++);
  value_of (c, name)->constant = w;
  return name;
}

const char *
written_number (struct conversion *c, const struct onnx_node *n, double v)
{
  struct weight *w = constant_new (c, DTYPE_F64, 0, NULL);
  constant_set_real (w, 0, v);
  return written_constant (c, n, w);
}

const char *
written_list (struct conversion *c, const struct onnx_node *n, int count, const int64_t *list)
{
  const int64_t extent = count;
  struct weight *w = constant_new (c, DTYPE_I64, 1, &extent);
  for (int i = 0; i < count; i++)
    constant_set_int (w, (size_t) i, list[i]);
  return written_constant (c, n, w);
}

const char *
written_reshape (struct conversion *c, const struct onnx_node *n, const char *name, int rank, const int64_t *shape,
                 const char *result)
{
  return apply (c, n, "Reshape", name, written_list (c, n, rank, shape), result);
}

const char *
written_transpose (struct conversion *c, const struct onnx_node *n, const char *name, int rank, const int64_t *order,
                   const char *result)
{
  const struct onnx_attribute perm = { .name = "perm", .kind = ONNX_KIND_INTS, .ints = order, .count = (size_t) rank };
  return written_node (c, n, "Transpose", name, NULL, &perm, 1, result);
}

/* A layer of its own, where NAME's elements are read again. */
static void
settle (struct conversion *c, const struct onnx_node *n, const char *name)
{
  layer_of_elements (c, n, value_of (c, name));
}

/* ---- reductions ---- */

/* OP, a reduction, of NAME along N's axes; KEEP: they stay, else as N says. */
static const char *
reduce (struct conversion *c, const struct onnx_node *n, const char *op, const char *name, bool keep,
        const char *result)
{
  const struct value *v = value_of (c, name);
  struct onnx_attribute list[2]
      = { { .name = "axes", .kind = ONNX_KIND_INTS }, { .name = "keepdims", .kind = ONNX_KIND_INT, .i = keep } };
  const uint32_t axes = convert_reduced_axes (c, n, v);
  int64_t *axis = NEW_ARRAY (ONNX_MAX_RANK, int64_t);
  for (int a = 0; a < v->rank; a++)
    if (axes >> a & 1)
      axis[list[0].count++] = a;
  list[0].ints = axis;
  list[1].i = keep || attribute_int (c, n, "keepdims", 1);
  return list[0].count ? written_node (c, n, op, name, NULL, list, 2, result)
                       : apply (c, n, "Identity", name, NULL, result);
}

/* log (sum (exp (x))), the largest one subtracted first. */
static void
reduce_log_sum_exp (struct conversion *c, const struct onnx_node *n)
{
  const char *x = n->in[0];
  settle (c, n, x);
  const char *most = reduce (c, n, "ReduceMax", x, true, NULL), *last = NULL;
  settle (c, n, most);
  const char *e = apply (c, n, "Exp", apply (c, n, "Sub", x, most, NULL), NULL, NULL);
  const char *sum = apply (c, n, "Log", reduce (c, n, "ReduceSum", e, true, NULL), NULL, NULL);
  const bool keep = attribute_int (c, n, "keepdims", 1) != 0;
  last = apply (c, n, "Add", sum, most, keep ? n->out[0] : NULL);
  if (keep)
    return;
  /* All of them have extent 1 now, so that they go by a shape. */
  const struct value *v = value_of (c, x);
  const uint32_t axes = convert_reduced_axes (c, n, v);
  int64_t shape[ONNX_MAX_RANK];
  int rank = 0;
  for (int a = 0; a < v->rank; a++)
    if (!(axes >> a & 1))
      shape[rank++] = v->shape[a];
  written_reshape (c, n, last, rank, shape, n->out[0]);
}

/* What is done with each element, with their sum, or NULL. */
static void
convert_reduction (struct conversion *c, const struct onnx_node *n)
{
  const char *what = n->op + strlen ("Reduce"), *x = n->in[0];
  const bool squares = !strcmp (what, "L2") || !strcmp (what, "SumSquare");
  if (value_needed (c, n, 0)->constant)
    convert_bad (c, n, "reduces a constant; allowed: what depends on the network's input");
  if (!strcmp (what, "LogSumExp"))
    {
      reduce_log_sum_exp (c, n);
      return;
    }
  if (squares)
    {
      settle (c, n, x);
      x = apply (c, n, "Mul", x, x, NULL);
    }
  else if (!strcmp (what, "L1"))
    x = apply (c, n, "Abs", x, NULL, NULL);
  const char *after = !strcmp (what, "L2") ? "Sqrt" : !strcmp (what, "LogSum") ? "Log" : NULL;
  const char *sum = reduce (c, n, "ReduceSum", x, false, after ? NULL : n->out[0]);
  if (after)
    apply (c, n, after, sum, NULL, n->out[0]);
}

/* ---- normalisations ---- */

/* NAME less its mean along COUNT axes, divided by its deviation, where EPS is added to the variance or else to that: as
 * RESULT. The mean and 1 / deviation as MEAN and FACTOR, unless these are NULL. */
static void
normalise (struct conversion *c, const struct onnx_node *n, const char *name, const struct onnx_attribute *axes,
           double eps, bool to_variance, const char *mean_name, const char *factor_name, const char *result)
{
  const struct onnx_attribute list[2] = { *axes, { .name = "keepdims", .kind = ONNX_KIND_INT, .i = 1 } };
  settle (c, n, name);
  const char *mean = written_node (c, n, "ReduceMean", name, NULL, list, 2, mean_name);
  settle (c, n, mean);
  const char *difference = apply (c, n, "Sub", name, mean, NULL);
  settle (c, n, difference);
  const char *variance
      = written_node (c, n, "ReduceMean", apply (c, n, "Mul", difference, difference, NULL), NULL, list, 2, NULL);
  const char *e = written_number (c, n, eps);
  const char *deviation = to_variance ? apply (c, n, "Sqrt", apply (c, n, "Add", variance, e, NULL), NULL, NULL)
                                      : apply (c, n, "Add", apply (c, n, "Sqrt", variance, NULL, NULL), e, NULL);
  settle (c, n, deviation);
  if (factor_name)
    apply (c, n, "Reciprocal", deviation, NULL, factor_name);
  apply (c, n, "Div", difference, deviation, result);
}

void
written_layer_norm (struct conversion *c, const struct onnx_node *n, int first)
{
  const struct value *v = value_of (c, n->in[0]);
  const bool bias = n->nin > 2 && *n->in[2];
  struct onnx_attribute axes = { .name = "axes", .kind = ONNX_KIND_INTS };
  int64_t *list = NEW_ARRAY (ONNX_MAX_RANK, int64_t);
  for (int a = first; a < v->rank; a++)
    list[axes.count++] = a;
  axes.ints = list;
  const char *out[3] = { NULL, NULL, NULL };
  for (size_t i = 0; i < 3 && i < n->nout; i++)
    out[i] = *n->out[i] && value_of (c, n->out[i])->uses ? n->out[i] : NULL;
  const char *normal = mem_printf ("%s, normalised", n->out[0]);
  value_of (c, normal)->uses = 1;
  normalise (c, n, n->in[0], &axes, attribute_real (c, n, "epsilon", 1e-5), true, out[1], out[2], normal);
  if (!out[0])
    return;
  const char *scaled = apply (c, n, "Mul", normal, n->in[1], bias ? NULL : out[0]);
  if (bias)
    apply (c, n, "Add", scaled, n->in[2], out[0]);
}

static void
convert_mean_variance (struct conversion *c, const struct onnx_node *n)
{
  static const int64_t usual[] = { 0, 2, 3 };
  const struct onnx_attribute *given = onnx_attribute (n, "axes");
  const struct onnx_attribute axes = { .name = "axes", .kind = ONNX_KIND_INTS, .ints = usual, .count = 3 };
  if (value_needed (c, n, 0)->constant || (given && given->kind != ONNX_KIND_INTS))
    convert_bad (c, n, "normalises a constant or along no list of axes; allowed: what depends on the input");
  normalise (c, n, n->in[0], given ? given : &axes, 1e-9, false, NULL, NULL, n->out[0]);
}

/* x / (bias + alpha * mean)^beta, the mean being that of the squares of SIZE channels around each, of which those that
 * are not there count as 0. A pool takes it, of the channels as a map's rows. */
static void
convert_lrn (struct conversion *c, const struct onnx_node *n)
{
  const struct value *v = value_needed (c, n, 0);
  const int64_t size = attribute_int (c, n, "size", 1);
  if (v->constant || v->rank < 3 || v->axis[0] != 0 || size < 1 || size > 65536)
    convert_bad (c, n, "normalises %" PRId64 " channels of %s; allowed: 1 or more of a map", size, value_shape (v));
  int64_t shape[ONNX_MAX_RANK], pixels = 1;
  for (int a = 0; a < v->rank; a++)
    {
      shape[a] = v->shape[a];
      pixels *= a > 1 ? v->shape[a] : 1;
    }
  const int rank = v->rank;
  const int64_t plane[4] = { shape[0], 1, shape[1], pixels }, kernel[2] = { size, 1 };
  const int64_t pads[4] = { (size - 1) / 2, 0, size / 2, 0 };
  const struct onnx_attribute list[3]
      = { { .name = "kernel_shape", .kind = ONNX_KIND_INTS, .ints = kernel, .count = 2 },
          { .name = "pads", .kind = ONNX_KIND_INTS, .ints = pads, .count = 4 },
          { .name = "count_include_pad", .kind = ONNX_KIND_INT, .i = 1 } };
  settle (c, n, n->in[0]);
  const char *squares = apply (c, n, "Mul", n->in[0], n->in[0], NULL);
  const char *mean
      = written_node (c, n, "AveragePool", written_reshape (c, n, squares, 4, plane, NULL), NULL, list, 3, NULL);
  const char *back = written_reshape (c, n, mean, rank, shape, NULL);
  const char *scaled = apply (c, n, "Mul", back, written_number (c, n, attribute_real (c, n, "alpha", 1e-4)), NULL);
  const char *sum = apply (c, n, "Add", scaled, written_number (c, n, attribute_real (c, n, "bias", 1)), NULL);
  const char *power = apply (c, n, "Pow", sum, written_number (c, n, attribute_real (c, n, "beta", 0.75)), NULL);
  apply (c, n, "Div", n->in[0], power, n->out[0]);
}

/* ---- powers of windows ---- */

/* The elements of a window or, with GlobalLpPool, of a map: (sum |x|^p)^(1/p). */
static void
convert_lp_pool (struct conversion *c, const struct onnx_node *n)
{
  const struct value *v = value_needed (c, n, 0);
  const bool global = !strcmp (n->op, "GlobalLpPool");
  const int64_t p = attribute_int (c, n, "p", 2);
  double count = 1;
  if (v->constant || p < 1 || p > 64)
    convert_bad (c, n, "p of %" PRId64 "; allowed: 1 to 64, of what depends on the network's input", p);
  struct onnx_attribute *list = NEW_ARRAY (n->attribute_count + 1, struct onnx_attribute);
  const struct onnx_attribute *kernel = onnx_attribute (n, "kernel_shape");
  if (n->attribute_count)
    memcpy (list, n->attributes, n->attribute_count * sizeof *list);
  list[n->attribute_count] = (struct onnx_attribute){ .name = "count_include_pad", .kind = ONNX_KIND_INT, .i = 1 };
  for (size_t i = 0; !global && kernel && kernel->kind == ONNX_KIND_INTS && i < kernel->count; i++)
    count *= (double) kernel->ints[i];
  for (int a = 2; global && a < v->rank; a++)
    count *= (double) v->shape[a];
  if (attribute_int (c, n, "ceil_mode", 0))
    convert_bad (c, n, "ceil_mode 1; allowed: 0");
  settle (c, n, n->in[0]);
  const char *size = p == 2 ? n->in[0] : apply (c, n, "Abs", n->in[0], NULL, NULL);
  const char *power = p == 1 ? size : apply (c, n, "Pow", size, written_number (c, n, (double) p), NULL);
  const char *mean = global ? apply (c, n, "GlobalAveragePool", power, NULL, NULL)
                            : written_node (c, n, "AveragePool", power, NULL, list, n->attribute_count + 1, NULL);
  const char *sum = apply (c, n, "Mul", mean, written_number (c, n, count), p == 1 ? n->out[0] : NULL);
  if (p != 1)
    apply (c, n, "Pow", sum, written_number (c, n, 1 / (double) p), n->out[0]);
}

/* ---- others ---- */

static void
convert_mean_of (struct conversion *c, const struct onnx_node *n)
{
  struct onnx_node sum = *n;
  const char *name = mem_printf ("%s, sum", n->out[0]);
  sum.op = "Sum";
  sum.out = &name;
  value_of (c, name)->uses = 1;
  convert_node (c, &sum);
  apply (c, n, "Mul", name, written_number (c, n, 1 / (double) n->nin), n->out[0]);
}

/* V plus zeros of the shape that it is stretched to. */
static void
convert_expand (struct conversion *c, const struct onnx_node *n)
{
  const struct value *v = value_needed (c, n, 0), *w = value_needed (c, n, 1);
  int64_t shape[ONNX_MAX_RANK], own[ONNX_MAX_RANK];
  if (v->constant || !w->constant || w->constant->rank != 1 || w->constant->count > ONNX_MAX_RANK)
    convert_bad (c, n, "is stretched to %s; allowed: a constant list of at most %d numbers",
                 w->constant ? value_shape (w) : "what depends on the input", ONNX_MAX_RANK);
  const int given = (int) w->constant->count, rank = given > v->rank ? given : v->rank, rank_of_v = v->rank;
  bool stretched = false;
  for (int a = 0; a < rank; a++)
    {
      own[a] = a < rank - rank_of_v ? 1 : v->shape[a - (rank - rank_of_v)];
      const int64_t to = a < rank - given ? 1 : constant_int (w->constant, (size_t) (a - (rank - given)));
      if (to < 1 || (to != 1 && own[a] != 1 && to != own[a]))
        convert_bad (c, n, "makes %" PRId64 " of %" PRId64 " elements; allowed: of 1", to, own[a]);
      shape[a] = to == 1 ? own[a] : to;
      stretched = stretched || shape[a] != own[a];
    }
  const char *x
      = rank == rank_of_v ? n->in[0] : written_reshape (c, n, n->in[0], rank, own, stretched ? NULL : n->out[0]);
  if (stretched)
    apply (c, n, "Add", x, written_constant (c, n, constant_new (c, DTYPE_F32, rank, shape)), n->out[0]);
  else if (rank == rank_of_v)
    apply (c, n, "Identity", x, NULL, n->out[0]);
}

const struct operator operators_written[] = { { "ReduceL1", convert_reduction },
                                              { "ReduceL2", convert_reduction },
                                              { "ReduceLogSum", convert_reduction },
                                              { "ReduceLogSumExp", convert_reduction },
                                              { "ReduceSumSquare", convert_reduction },
                                              { "MeanVarianceNormalization", convert_mean_variance },
                                              { "LRN", convert_lrn },
                                              { "LpPool", convert_lp_pool },
                                              { "GlobalLpPool", convert_lp_pool },
                                              { "Mean", convert_mean_of },
                                              { "Expand", convert_expand },
                                              { 0 } };
