/* Resize, and Upsample as it was called before. */
#include "convert.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum
{
  MAX_AXES = 3,
  MAX_EXTENT = 65536
};

struct resize
{
  int axes;
  int64_t in[MAX_AXES], out[MAX_AXES];
  double scale[MAX_AXES]; /* out / in, or what is given */
  bool by_scale;
  const char *coordinates, *rounding;
};

/* The constant in input I with one number for each axis of V, the batch and the channels included; NULL: there is none.
 */
static const struct weight *
numbers_in (struct conversion *c, const struct onnx_node *n, const struct value *v, size_t i)
{
  const struct value *w = value_in (c, n, i);
  if (!w || (w->constant && !w->constant->count))
    return NULL;
  if (!w->constant || w->constant->count != (size_t) v->rank)
    convert_bad (c, n, "has %s where one number for each axis of %s is needed; allowed: constants",
                 w->constant ? value_shape (w) : "what depends on the input", value_shape (v));
  return w->constant;
}

static struct resize
read_resize (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  const bool upsample = !strcmp (n->op, "Upsample"), old = c->model->opset < 11;
  struct resize r
      = { .axes = v->rank - 2,
          .coordinates = old ? "asymmetric" : attribute_text (c, n, "coordinate_transformation_mode", "half_pixel"),
          .rounding = old ? "floor" : attribute_text (c, n, "nearest_mode", "round_prefer_floor") };
  const struct onnx_attribute *a = upsample ? onnx_attribute (n, "scales") : NULL;
  const struct weight *scales = a ? NULL : numbers_in (c, n, v, old ? 1 : 2);
  const struct weight *sizes = old || scales ? NULL : numbers_in (c, n, v, 3);
  if (a ? a->kind != ONNX_KIND_FLOATS || a->count != (size_t) v->rank : !scales && !sizes)
    convert_bad (c, n, "has neither scales nor sizes for each axis; allowed: one of them, constants");
  r.by_scale = !sizes;
  for (int i = 0; i < v->rank; i++)
    {
      const double scale = a ? a->floats[i] : scales ? weight_at (scales, (size_t) i) : 0;
      const int64_t out = sizes ? constant_int (sizes, (size_t) i)
                                : (int64_t) floor ((double) v->shape[i] * fmin (fmax (scale, 0), 65536));
      if (out < 1 || out > MAX_EXTENT || (i < 2 && out != v->shape[i]))
        convert_bad (c, n, "makes %" PRId64 " of axis %d of %s; allowed: other extents of the map alone", out, i,
                     value_shape (v));
      if (i < 2)
        continue;
      r.in[i - 2] = v->shape[i];
      r.out[i - 2] = out;
      r.scale[i - 2] = sizes ? (double) out / (double) v->shape[i] : scale;
    }
  return r;
}

/* Where the output I of an axis lies among the inputs. */
static double
place (const struct resize *r, int axis, int64_t i)
{
  const double x = (double) i, scale = r->scale[axis];
  if (!strcmp (r->coordinates, "asymmetric"))
    return x / scale;
  if (!strcmp (r->coordinates, "align_corners"))
    return r->out[axis] > 1 ? x * (double) (r->in[axis] - 1) / (double) (r->out[axis] - 1) : 0;
  if (!strcmp (r->coordinates, "pytorch_half_pixel") && r->out[axis] == 1)
    return 0;
  return (x + 0.5) / scale - 0.5;
}

/* Is each output the input floor (i / scale), as rescast's nearest has it? */
static bool
is_floor (const struct resize *r)
{
  for (int a = 0; a < r->axes; a++)
    for (int64_t i = 0; i < r->out[a]; i++)
      {
        const double x = place (r, a, i);
        double at = !strcmp (r->rounding, "floor")               ? floor (x)
                    : !strcmp (r->rounding, "ceil")              ? ceil (x)
                    : !strcmp (r->rounding, "round_prefer_ceil") ? floor (x + 0.5)
                                                                 : ceil (x - 0.5);
        at = fmin (fmax (at, 0), (double) (r->in[a] - 1));
        if (at != fmin (floor ((double) i / r->scale[a]), (double) (r->in[a] - 1)))
          return false;
      }
  return true;
}

static bool
has_exact_scale (const struct resize *r)
{
  for (int a = 0; a < r->axes; a++)
    if (r->scale[a] * (double) r->in[a] != (double) r->out[a])
      return false;
  return true;
}

static void
convert_resize (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const char *mode = attribute_text (c, n, "mode", "nearest");
  const bool nearest = !strcmp (mode, "nearest");
  if (v->rank < 4 || v->rank > 5 || v->vector || !value_in_order (v))
    convert_bad (c, n, "resizes %s; allowed: (N, C, H, W) and (N, C, D, H, W)", value_shape (v));
  const struct resize r = read_resize (c, n, v);
  const bool half = !strcmp (r.coordinates, "half_pixel") || !strcmp (r.coordinates, "pytorch_half_pixel");
  const bool corners = !strcmp (r.coordinates, "align_corners");
  if (!nearest && strcmp (mode, "linear"))
    convert_bad (c, n, "mode %s; allowed: nearest and linear", mode);
  if (attribute_int (c, n, "antialias", 0) || (!nearest && !half && !corners) || (nearest && !is_floor (&r)))
    convert_bad (
        c, n,
        "mode %s with coordinates %s, %s; allowed: linear with half_pixel or align_corners, nearest that rounds down",
        mode, r.coordinates, r.rounding);
  const char *input = layer_of (c, n, v), *layer = layer_begin (c, n, "upsample", NULL, input);
  layer_key_text (c, "mode", nearest ? "nearest" : "linear");
  if (!nearest && !corners)
    layer_key_text (c, "align-corners", "false");
  if (r.by_scale && !has_exact_scale (&r))
    {
      struct text t = { 0 };
      for (int a = 0; a < r.axes; a++)
        text_printf (&t, "%s%.17g", a ? ", " : "[", r.scale[a]);
      layer_key_text (c, "scale", mem_printf ("%s]", t.s));
    }
  else
    layer_key_extents (c, "output-size", r.out, r.axes, 0, false);
  layer_end (c);
  int64_t shape[ONNX_MAX_RANK] = { v->shape[0], v->shape[1] };
  memcpy (shape + 2, r.out, (size_t) r.axes * sizeof *shape);
  value_is_layer (value_out (c, n, 0), layer, v->rank, shape);
}

const struct operator operators_of_resizing[] = { { "Resize", convert_resize }, { "Upsample", convert_resize }, { 0 } };
