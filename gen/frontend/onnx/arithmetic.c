/* Arithmetic with constants: elementwise with broadcasting, and reductions. Numbers without a point are worked out as
 * 64-bit integers, the others in double and rounded as the tensor's type says. */
#include "convert.h"

#include <math.h>
#include <string.h>

/* What one operator does with two elements, or with one. */
struct arithmetic
{
  const char *op;
  int inputs;
  double (*real) (double a, double b);
  int64_t (*integer) (int64_t a, int64_t b);
  bool logical; /* the result is true or false */
};

/* clang-format off */
static double real_add (double a, double b) { return a + b; }
static double real_sub (double a, double b) { return a - b; }
static double real_mul (double a, double b) { return a * b; }
static double real_div (double a, double b) { return a / b; }
static double real_equal (double a, double b) { return a == b; }
static double real_less (double a, double b) { return a < b; }
static double real_greater (double a, double b) { return a > b; }
static double real_less_equal (double a, double b) { return a <= b; }
static double real_greater_equal (double a, double b) { return a >= b; }
static double real_and (double a, double b) { return a != 0 && b != 0; }
static double real_or (double a, double b) { return a != 0 || b != 0; }
static double real_not (double a, double b) { (void) b; return a == 0; }
static double real_neg (double a, double b) { (void) b; return -a; }
static double real_abs (double a, double b) { (void) b; return fabs (a); }
static double real_sqrt (double a, double b) { (void) b; return sqrt (a); }
static double real_exp (double a, double b) { (void) b; return exp (a); }
static double real_log (double a, double b) { (void) b; return log (a); }
static double real_floor (double a, double b) { (void) b; return floor (a); }
static double real_ceil (double a, double b) { (void) b; return ceil (a); }
static double real_reciprocal (double a, double b) { (void) b; return 1 / a; }

/* Sums and products of what a hostile file has wrap around. */
static int64_t integer_add (int64_t a, int64_t b) { return (int64_t) ((uint64_t) a + (uint64_t) b); }
static int64_t integer_sub (int64_t a, int64_t b) { return (int64_t) ((uint64_t) a - (uint64_t) b); }
static int64_t integer_mul (int64_t a, int64_t b) { return (int64_t) ((uint64_t) a * (uint64_t) b); }
static int64_t integer_div (int64_t a, int64_t b) { return b == 0 ? 0 : b == -1 ? integer_sub (0, a) : a / b; }
static int64_t integer_mod (int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : (a % b + b) % b; }
static int64_t integer_equal (int64_t a, int64_t b) { return a == b; }
static int64_t integer_less (int64_t a, int64_t b) { return a < b; }
static int64_t integer_greater (int64_t a, int64_t b) { return a > b; }
static int64_t integer_less_equal (int64_t a, int64_t b) { return a <= b; }
static int64_t integer_greater_equal (int64_t a, int64_t b) { return a >= b; }
static int64_t integer_and (int64_t a, int64_t b) { return a && b; }
static int64_t integer_or (int64_t a, int64_t b) { return a || b; }
static int64_t integer_not (int64_t a, int64_t b) { (void) b; return !a; }
static int64_t integer_neg (int64_t a, int64_t b) { (void) b; return integer_sub (0, a); }
static int64_t integer_abs (int64_t a, int64_t b) { return a < 0 ? integer_neg (a, b) : a; }
static int64_t integer_min (int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t integer_max (int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t integer_same (int64_t a, int64_t b) { (void) b; return a; }
/* clang-format on */

static const struct arithmetic operators[] = {
  { "Add", 2, real_add, integer_add, false },
  { "Sub", 2, real_sub, integer_sub, false },
  { "Mul", 2, real_mul, integer_mul, false },
  { "Div", 2, real_div, integer_div, false },
  { "Mod", 2, fmod, integer_mod, false },
  { "Pow", 2, pow, NULL, false },
  { "Min", 2, fmin, integer_min, false },
  { "Max", 2, fmax, integer_max, false },
  { "Equal", 2, real_equal, integer_equal, true },
  { "Less", 2, real_less, integer_less, true },
  { "Greater", 2, real_greater, integer_greater, true },
  { "LessOrEqual", 2, real_less_equal, integer_less_equal, true },
  { "GreaterOrEqual", 2, real_greater_equal, integer_greater_equal, true },
  { "And", 2, real_and, integer_and, true },
  { "Or", 2, real_or, integer_or, true },
  { "Not", 1, real_not, integer_not, true },
  { "Neg", 1, real_neg, integer_neg, false },
  { "Abs", 1, real_abs, integer_abs, false },
  { "Sqrt", 1, real_sqrt, NULL, false },
  { "Exp", 1, real_exp, NULL, false },
  { "Log", 1, real_log, NULL, false },
  { "Floor", 1, real_floor, integer_same, false },
  { "Ceil", 1, real_ceil, integer_same, false },
  { "Reciprocal", 1, real_reciprocal, NULL, false },
};

/* The shape of A and B, or of three, stretched over each other; fatal where they do not fit. */
static int
broadcast (const struct conversion *c, const struct onnx_node *n, const struct weight *const *list, int count,
           int64_t shape[ONNX_MAX_RANK])
{
  int rank = 0;
  for (int i = 0; i < count; i++)
    rank = list[i]->rank > rank ? list[i]->rank : rank;
  for (int a = 0; a < rank; a++)
    {
      shape[a] = 1;
      for (int i = 0; i < count; i++)
        {
          const int own = a - (rank - list[i]->rank);
          const int64_t extent = own < 0 ? 1 : list[i]->shape[own];
          if (extent != 1 && shape[a] != 1 && extent != shape[a])
            convert_bad (c, n, "joins %s and %s; allowed: shapes that fit", dims_text (list[0]->rank, list[0]->shape),
                         dims_text (list[i]->rank, list[i]->shape));
          shape[a] = extent != 1 ? extent : shape[a];
        }
    }
  return rank;
}

/* Which element of W belongs to the place AT of a broadcast shape. */
static size_t
element (const struct weight *w, int rank, const int64_t *at)
{
  size_t i = 0;
  for (int a = 0; a < w->rank; a++)
    i = i * (size_t) w->shape[a] + (w->shape[a] == 1 ? 0 : (size_t) at[a + rank - w->rank]);
  return i;
}

static void
step (int64_t *at, int rank, const int64_t *shape)
{
  for (int a = rank - 1; a >= 0 && ++at[a] == shape[a]; a--)
    at[a] = 0;
}

static struct weight *
elementwise (struct conversion *c, const struct onnx_node *n, const struct arithmetic *o,
             const struct weight *const *in)
{
  int64_t shape[ONNX_MAX_RANK], at[ONNX_MAX_RANK] = { 0 };
  const int rank = broadcast (c, n, in, o->inputs, shape);
  const struct weight *a = in[0], *b = in[o->inputs - 1];
  const bool real = constant_is_real (a) || constant_is_real (b) || !o->integer;
  const enum dtype dtype = o->logical                                       ? DTYPE_BOOL
                           : !real                                          ? DTYPE_I64
                           : a->dtype == DTYPE_F64 || b->dtype == DTYPE_F64 ? DTYPE_F64
                                                                            : DTYPE_F32;
  struct weight *to = constant_new (c, dtype, rank, shape);
  for (size_t i = 0; i < to->count; i++, step (at, rank, shape))
    {
      const size_t p = element (a, rank, at), q = element (b, rank, at);
      if (!real)
        constant_set_int (to, i, o->integer (constant_int (a, p), constant_int (b, q)));
      else if (o->logical)
        constant_set_int (to, i, o->real (weight_at (a, p), weight_at (b, q)) != 0);
      else
        constant_set_real (to, i, o->real (weight_at (a, p), weight_at (b, q)));
    }
  return to;
}

static struct weight *
node_where (struct conversion *c, const struct onnx_node *n)
{
  const struct weight *in[3] = { constant_in (c, n, 0), constant_in (c, n, 1), constant_in (c, n, 2) };
  int64_t shape[ONNX_MAX_RANK], at[ONNX_MAX_RANK] = { 0 };
  const int rank = broadcast (c, n, in, 3, shape);
  const bool real = constant_is_real (in[1]);
  struct weight *to = constant_new (c, real ? DTYPE_F32 : DTYPE_I64, rank, shape);
  for (size_t i = 0; i < to->count; i++, step (at, rank, shape))
    {
      const struct weight *w = in[weight_at (in[0], element (in[0], rank, at)) != 0 ? 1 : 2];
      if (real)
        constant_set_real (to, i, weight_at (w, element (w, rank, at)));
      else
        constant_set_int (to, i, constant_int (w, element (w, rank, at)));
    }
  return to;
}

/* Over all axes or some: sums, products, the largest, the smallest, the mean. */
static struct weight *
reduction (struct conversion *c, const struct onnx_node *n, const char *what)
{
  const struct weight *w = constant_in (c, n, 0);
  const uint32_t given = convert_axes (c, n, 1, w->rank), axes = given ? given : (UINT32_C (1) << w->rank) - 1;
  const bool keep = attribute_int (c, n, "keepdims", 1) != 0, real = constant_is_real (w);
  int64_t shape[ONNX_MAX_RANK], whole[ONNX_MAX_RANK], at[ONNX_MAX_RANK] = { 0 };
  int rank = 0;
  double count = 1;
  /* What is read counts as memory, so that a file cannot have the same elements added up again and again. */
  if (w->count > c->budget)
    convert_bad (c, n, "adds up more than a file of %zu bytes may ask for; allowed: what a network has",
                 c->model->file.bytes);
  c->budget -= w->count;
  for (int a = 0; a < w->rank; a++)
    {
      const bool reduced = axes >> a & 1;
      whole[a] = reduced ? 1 : w->shape[a];
      count *= reduced ? (double) w->shape[a] : 1;
      if (keep || !reduced)
        shape[rank++] = whole[a];
    }
  struct weight *to = constant_new (c, real ? DTYPE_F32 : DTYPE_I64, rank, shape), map = *to;
  double *sums = NEW_ARRAY (to->count + 1, double);
  bool *seen = NEW_ARRAY (to->count + 1, bool);
  map.rank = w->rank;
  memcpy (map.shape, whole, sizeof whole);
  for (size_t i = 0; i < w->count; i++, step (at, w->rank, w->shape))
    {
      const size_t k = element (&map, w->rank, at);
      const double v = weight_at (w, i), old = sums[k];
      sums[k] = !seen[k]                 ? v
                : !strcmp (what, "Prod") ? old * v
                : !strcmp (what, "Max")  ? fmax (old, v)
                : !strcmp (what, "Min")  ? fmin (old, v)
                                         : old + v;
      seen[k] = true;
    }
  for (size_t k = 0; k < to->count; k++)
    {
      const double v = !strcmp (what, "Mean") ? sums[k] / count : sums[k];
      if (real)
        constant_set_real (to, k, v);
      else
        constant_set_int (to, k, fabs (v) < 0x1p62 ? (int64_t) v : 0);
    }
  return to;
}

struct weight *
arithmetic_node (struct conversion *c, const struct onnx_node *n)
{
  static const char *const reductions[] = { "Sum", "Prod", "Max", "Min", "Mean" };
  if (!strcmp (n->op, "Where"))
    return node_where (c, n);
  for (size_t i = 0; !strncmp (n->op, "Reduce", 6) && i < sizeof reductions / sizeof *reductions; i++)
    if (!strcmp (n->op + 6, reductions[i]))
      return reduction (c, n, reductions[i]);
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
    {
      const struct arithmetic *o = &operators[i];
      if (strcmp (o->op, n->op))
        continue;
      const struct weight *in[2] = { constant_in (c, n, 0) };
      in[1] = o->inputs == 2 ? constant_in (c, n, 1) : in[0];
      struct weight *to = elementwise (c, n, o, in);
      for (size_t k = 2; k < n->nin; k++) /* Min and Max have any number */
        {
          const struct weight *next[2] = { to, constant_in (c, n, k) };
          to = elementwise (c, n, o, next);
        }
      return to;
    }
  return NULL;
}
