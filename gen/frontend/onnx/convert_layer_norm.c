/* Layer normalisation over the channels: as one operator, and as exporters of older opsets write it, which is found
 * when its first mean is. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

enum
{
  WINDOW = 32 /* nodes behind the mean among which all others of the normalisation are */
};

/* The layer of V's normalisation, whose last node is LAST; WEIGHT, BIAS: NULL for none. */
static void
layer_norm (struct conversion *c, const struct onnx_node *last, struct value *v, double eps,
            const struct weight *weight, const struct weight *bias)
{
  const int64_t channels = v->shape[value_axis (v, 1)];
  const char *input = layer_of (c, last, v);
  const char *layer = layer_begin (c, last, "layer-norm", weight ? weight->name : NULL, input);
  layer_key_text (c, "affine", weight || bias ? "true" : "false");
  layer_key_real (c, "eps", eps);
  layer_end (c);
  if (weight || bias)
    {
      layer_vector (c, layer, "weight", channels, weight, 1);
      layer_vector (c, layer, "bias", channels, bias, 0);
    }
  set_expression (c, last, v, NULL);
  value_of (c, last->out[0])->layer = layer;
}

/* Are V's axes from FIRST on its channels, and others of extent 1? */
static bool
is_channels (const struct value *v, uint32_t axes)
{
  bool channels = false;
  for (int a = 0; a < v->rank; a++)
    {
      const bool taken = axes >> a & 1;
      if (v->axis[a] == 1 ? !taken : taken && (v->shape[a] != 1 || v->axis[a] == 0))
        return false;
      channels |= v->axis[a] == 1;
    }
  return channels && v->rank > 1;
}

static void
convert_layer_normalization (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const struct value *scale = value_needed (c, n, 1), *bias = value_in (c, n, 2);
  const int first = convert_axis (c, n, attribute_int (c, n, "axis", -1), v->rank);
  uint32_t axes = 0;
  for (int a = first; a < v->rank; a++)
    axes |= UINT32_C (1) << a;
  bool statistics = false;
  for (size_t i = 1; i < n->nout; i++)
    statistics = statistics || (*n->out[i] && value_of (c, n->out[i])->uses);
  if (v->constant || !scale->constant || (bias && !bias->constant))
    convert_bad (c, n, "has factors or terms that are no constants, or nothing else; allowed: constant ones");
  if (statistics || !is_channels (v, axes))
    {
      written_layer_norm (c, n, first);
      return;
    }
  const size_t channels = (size_t) v->shape[value_axis (v, 1)];
  if (scale->constant->count != channels || (bias && bias->constant->count != channels))
    convert_bad (c, n, "has factors or terms that are no %zu constants; allowed: one for each channel", channels);
  layer_norm (c, n, v, attribute_real (c, n, "epsilon", 1e-5), scale->constant, bias ? bias->constant : NULL);
}

/* ---- spelled out ---- */

/* A normalisation that is being looked at: its nodes, by their place among the conversion's. */
struct search
{
  struct conversion *c;
  size_t found[WINDOW];
  size_t count;
};

static const struct onnx_node *
found (const struct search *s)
{
  return s->c->nodes[s->found[s->count - 1]];
}

/* Is the value NAME a constant, also where the node that makes it is yet to come? */
static const struct weight *
constant_of (struct search *s, const char *name)
{
  struct conversion *c = s->c;
  for (size_t i = c->at + 1; !value_of (c, name)->constant && i < c->node_count && i <= c->at + WINDOW; i++)
    if (c->nodes[i] && c->nodes[i]->nout && !c->nodes[i]->nin && !strcmp (c->nodes[i]->out[0], name)
        && constant_node (c, c->nodes[i]))
      c->nodes[i] = NULL;
  return value_of (c, name)->constant;
}

/* The next node that reads NAME is an OP of two operands, or of one? Then it is FOUND. */
static bool
read_by (struct search *s, const char *name, const char *op, size_t operands)
{
  const struct conversion *c = s->c;
  for (size_t i = c->at + 1; i < c->node_count && i <= c->at + WINDOW; i++)
    {
      const struct onnx_node *n = c->nodes[i];
      if (!n || strcmp (n->op, op) || *n->domain || n->nin < operands || n->nout < 1)
        continue;
      bool reads = false;
      for (size_t k = 0; k < operands; k++)
        reads |= !strcmp (n->in[k], name);
      if (reads)
        {
          s->found[s->count++] = i;
          return true;
        }
    }
  return false;
}

/* The constant that the found node has beside NAME; NULL: none. */
static const struct weight *
constant_beside (struct search *s, const char *name)
{
  const struct onnx_node *n = found (s);
  return constant_of (s, n->in[!strcmp (n->in[0], name)]);
}

static int
uses_of (const struct search *s, const char *name)
{
  return value_of (s->c, name)->uses;
}

/* The mean over V's channels that N is? */
static bool
is_mean (struct search *s, const struct onnx_node *n, const struct value *v)
{
  if (n->nin > 1 && *n->in[1] && !constant_of (s, n->in[1]))
    return false;
  return attribute_int (s->c, n, "keepdims", 1) && is_channels (v, convert_axes (s->c, n, 1, v->rank));
}

static bool
has_number (const struct weight *w, double *number)
{
  *number = w && w->count == 1 ? weight_at (w, 0) : 0;
  return w && w->count == 1;
}

/* The squares of DIFFERENCE, as a power or as a product: found. */
static bool
find_squares (struct search *s, const char *difference)
{
  double two;
  if (read_by (s, difference, "Pow", 2))
    return !strcmp (found (s)->in[0], difference) && has_number (constant_beside (s, difference), &two) && two == 2
           && uses_of (s, difference) == 2;
  return read_by (s, difference, "Mul", 2) && !strcmp (found (s)->in[0], found (s)->in[1])
         && uses_of (s, difference) == 3;
}

/* The nodes from the differences to their quotients by the deviation are those behind the mean N of V; *EPS. */
static bool
find_quotients (struct search *s, const struct onnx_node *n, const struct value *v, double *eps)
{
  const char *mean = n->out[0];
  if (uses_of (s, mean) != 1 || !read_by (s, mean, "Sub", 2) || strcmp (found (s)->in[0], v->name))
    return false;
  const char *difference = found (s)->out[0];
  if (!find_squares (s, difference) || uses_of (s, found (s)->out[0]) != 1
      || !read_by (s, found (s)->out[0], "ReduceMean", 1) || !is_mean (s, found (s), v)
      || uses_of (s, found (s)->out[0]) != 1)
    return false;
  const char *variance = found (s)->out[0];
  if (!read_by (s, variance, "Add", 2) || !has_number (constant_beside (s, variance), eps) || *eps < 0
      || uses_of (s, found (s)->out[0]) != 1 || !read_by (s, found (s)->out[0], "Sqrt", 1)
      || uses_of (s, found (s)->out[0]) != 1)
    return false;
  const char *deviation = found (s)->out[0];
  return read_by (s, deviation, "Div", 2) && !strcmp (found (s)->in[0], difference);
}

/* A constant for each channel that OP joins with what was found last, which nothing else reads: found then. */
static const struct weight *
find_vector (struct search *s, const struct value *v, const char *op)
{
  const char *name = found (s)->out[0];
  if (uses_of (s, name) != 1 || !read_by (s, name, op, 2))
    return NULL;
  const struct weight *w = constant_beside (s, name);
  if (w && per_channel (v, w))
    return w;
  s->count--;
  return NULL;
}

bool
convert_layer_norm_from (struct conversion *c, const struct onnx_node *n, struct value *v)
{
  struct search s = { .c = c };
  double eps;
  if (strcmp (n->op, "ReduceMean") || v->constant || !is_mean (&s, n, v) || !find_quotients (&s, n, v, &eps))
    return false;
  const struct weight *weight = find_vector (&s, v, "Mul"), *bias = find_vector (&s, v, "Add");
  const struct onnx_node *last = found (&s);
  layer_norm (c, last, v, eps, weight, bias);
  for (size_t i = 0; i < s.count; i++)
    c->nodes[s.found[i]] = NULL;
  return true;
}

const struct operator operators_of_layer_norm[] = { { "LayerNormalization", convert_layer_normalization }, { 0 } };
