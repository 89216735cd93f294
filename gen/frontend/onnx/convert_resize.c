/* Resize, and Upsample as it was called before. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "graph/shape.h"
#include "resize.h"

enum
{
  MAX_AXES = 3,
  MAX_EXTENT = SHAPE_MAX_EXTENT,
  MAX_ROWS = 65536 /* of a matrix that resamples */
};

/* Along the axes of a layer's map. */
struct resize
{
  int axes;
  int64_t in[MAX_AXES], out[MAX_AXES];
  double scale[MAX_AXES]; /* out / in, or what is given */
  bool by_scale;
  const char *coordinates, *rounding;
};

/* Numbers of N, one for each axis of a value, or for those that `axes` names. */
struct numbers
{
  const struct weight *w;
  const struct onnx_attribute *a;
  size_t at[ONNX_MAX_RANK]; /* of each axis; (size_t) -1: there is none */
};

/* The constant in input I; false: there is none. */
static bool
numbers_in (struct conversion *c, const struct onnx_node *n, const struct value *v, size_t i, struct numbers *list)
{
  const struct value *w = value_in (c, n, i);
  const struct onnx_attribute *axes = onnx_attribute (n, "axes");
  if (axes && axes->kind != ONNX_KIND_INTS)
    convert_bad (c, n, "its axes are no list of integers; allowed: one");
  const size_t count = axes ? axes->count : (size_t) v->rank;
  if (!w || (w->constant && !w->constant->count))
    return false;
  if (!w->constant || w->constant->count != count)
    convert_bad (c, n, "has %s where one number for each axis of %s is needed; allowed: constants",
                 w->constant ? value_shape (w) : "what depends on the input", value_shape (v));
  list->w = w->constant;
  for (size_t k = 0; axes && k < count; k++)
    list->at[convert_axis (c, n, axes->ints[k], v->rank)] = k;
  for (size_t k = 0; !axes && k < count; k++)
    list->at[k] = k;
  return true;
}

/* What the extent of axis A is multiplied by; SIZES: what it becomes, as an extent. */
static double
number_of (const struct numbers *l, int a, bool sizes, int64_t in)
{
  if (l->at[a] == (size_t) -1)
    return sizes ? (double) in : 1;
  return l->a ? l->a->floats[l->at[a]] : weight_at (l->w, l->at[a]);
}

/* With `keep_aspect_ratio_policy` all axes that are resized have the smallest of the scales, or the largest. */
static double
common_scale (struct conversion *c, const struct onnx_node *n, const struct value *v, const struct numbers *l)
{
  const char *policy = attribute_text (c, n, "keep_aspect_ratio_policy", "stretch");
  double scale = 0;
  if (!strcmp (policy, "stretch"))
    return 0;
  for (int a = 0; a < v->rank; a++)
    {
      const double s = number_of (l, a, true, v->shape[a]) / (double) v->shape[a];
      const bool smaller = !strcmp (policy, "not_larger") ? s < scale : s > scale;
      if (l->at[a] != (size_t) -1 && (scale == 0 || smaller))
        scale = s;
    }
  return scale;
}

static struct resize
read_resize (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  const bool old = c->model->opset < 11;
  struct resize r
      = { .axes = v->map,
          .coordinates = old ? "asymmetric" : attribute_text (c, n, "coordinate_transformation_mode", "half_pixel"),
          .rounding = old ? "floor" : attribute_text (c, n, "nearest_mode", "round_prefer_floor") };
  struct numbers l = { .a = !strcmp (n->op, "Upsample") ? onnx_attribute (n, "scales") : NULL };
  for (int a = 0; a < ONNX_MAX_RANK; a++)
    l.at[a] = l.a ? (size_t) a : (size_t) -1;
  r.by_scale = l.a || numbers_in (c, n, v, old ? 1 : 2, &l);
  const bool sizes = !r.by_scale && !old && numbers_in (c, n, v, 3, &l);
  if (l.a ? l.a->kind != ONNX_KIND_FLOATS || l.a->count != (size_t) v->rank : !r.by_scale && !sizes)
    convert_bad (c, n, "has neither scales nor sizes for each axis; allowed: one of them, constants");
  const double common = sizes ? common_scale (c, n, v, &l) : 0;
  for (int i = 0; i < r.axes; i++)
    r.in[i] = r.out[i] = 1, r.scale[i] = 1;
  for (int a = 0; a < v->rank; a++)
    {
      const double x = number_of (&l, a, sizes, v->shape[a]), in = (double) v->shape[a];
      const bool shared = common > 0 && l.at[a] != (size_t) -1;
      const double extent = shared ? rint (common * in) : sizes ? x : floor (in * fmin (fmax (x, 0), MAX_EXTENT));
      const int64_t out = extent >= 1 && extent <= MAX_EXTENT ? (int64_t) extent : 0;
      if (out < 1 || ((v->axis[a] < 2 || v->axis[a] >= 2 + v->map) && out != v->shape[a]))
        convert_bad (c, n, "makes %g of axis %d of %s; allowed: other extents of the map alone", extent, a,
                     value_shape (v));
      if (v->axis[a] < 2 || v->axis[a] >= 2 + v->map)
        continue;
      r.in[v->axis[a] - 2] = v->shape[a];
      r.out[v->axis[a] - 2] = out;
      r.scale[v->axis[a] - 2] = shared ? common : sizes ? x / in : x;
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

/* ", coordinates: asymmetric, rounding: ceil" */
static void
add_coordinates (struct conversion *c, const struct onnx_node *n, const struct resize *r, bool nearest)
{
  static const char *const names[][2] = { { "half_pixel", "half-pixel" },
                                          { "half_pixel_symmetric", "half-pixel-symmetric" },
                                          { "pytorch_half_pixel", "pytorch-half-pixel" },
                                          { "asymmetric", "asymmetric" },
                                          { "align_corners", "align-corners" } };
  static const char *const roundings[][2] = { { "floor", "floor" },
                                              { "ceil", "ceil" },
                                              { "round_prefer_floor", "prefer-floor" },
                                              { "round_prefer_ceil", "prefer-ceil" } };
  const char *coordinates = NULL, *rounding = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    coordinates = strcmp (names[i][0], r->coordinates) ? coordinates : names[i][1];
  for (size_t i = 0; i < sizeof roundings / sizeof *roundings; i++)
    rounding = strcmp (roundings[i][0], r->rounding) ? rounding : roundings[i][1];
  if (!coordinates || (nearest && !rounding))
    convert_bad (c, n, "coordinates %s, %s; allowed: half_pixel, half_pixel_symmetric, pytorch_half_pixel, asymmetric "
                 "and align_corners, each with floor, ceil, round_prefer_floor and round_prefer_ceil",
                 r->coordinates, r->rounding);
  layer_key_text (c, "coordinates", coordinates);
  if (nearest && strcmp (rounding, "floor"))
    layer_key_text (c, "rounding", rounding);
}

/* The part of each axis that is taken, of 1, in R: the constant in input 1. */
static void
read_part (struct conversion *c, const struct onnx_node *n, const struct numbers *l, int axis, struct resampling *r)
{
  const struct value *roi = value_in (c, n, 1);
  const size_t at = l->at[axis];
  if (!roi || !roi->constant || roi->constant->count < 2 || roi->constant->count % 2
      || (at != (size_t) -1 && at >= roi->constant->count / 2))
    convert_bad (c, n, "tf_crop_and_resize has no list of two numbers for each axis; allowed: a constant one");
  r->start = at == (size_t) -1 ? 0 : weight_at (roi->constant, at);
  r->end = at == (size_t) -1 ? 1 : weight_at (roi->constant, at + roi->constant->count / 2);
}

/* N by matrices, along each axis that it changes. */
static void
convert_resampling (struct conversion *c, const struct onnx_node *n, const struct value *v)
{
  const char *mode = attribute_text (c, n, "mode", "nearest");
  struct resampling r
      = { .coordinates = attribute_text (c, n, "coordinate_transformation_mode", "half_pixel"),
          .rounding = attribute_text (c, n, "nearest_mode", "round_prefer_floor"),
          .nearest = !strcmp (mode, "nearest"),
          .is_cubic = !strcmp (mode, "cubic"),
          .antialias = attribute_int (c, n, "antialias", 0) != 0,
          .cubic = attribute_real (c, n, "cubic_coeff_a", -0.75),
          .exclude = attribute_int (c, n, "exclude_outside", 0) != 0,
          .outside = attribute_real (c, n, "extrapolation_value", 0) };
  const bool crops = !strcmp (r.coordinates, "tf_crop_and_resize");
  struct numbers l = { 0 };
  for (int a = 0; a < ONNX_MAX_RANK; a++)
    l.at[a] = (size_t) -1;
  const bool by_scale = numbers_in (c, n, v, 2, &l);
  if (!by_scale && !numbers_in (c, n, v, 3, &l))
    convert_bad (c, n, "has neither scales nor sizes for each axis; allowed: one of them, constants");
  const double common = by_scale ? 0 : common_scale (c, n, v, &l);
  struct value out = *v;
  for (int a = 0; a < v->rank; a++)
    {
      const double x = number_of (&l, a, !by_scale, v->shape[a]), in = (double) v->shape[a];
      const bool shared = common > 0 && l.at[a] != (size_t) -1;
      const double extent = shared ? rint (common * in) : by_scale ? floor (in * fmin (fmax (x, 0), MAX_EXTENT)) : x;
      if (!(extent >= 1 && extent <= MAX_ROWS))
        convert_bad (c, n, "makes %g of axis %d of %s; allowed: 1 to %d", extent, a, value_shape (v), MAX_ROWS);
      r.in = v->shape[a];
      r.out = (int64_t) extent;
      r.scale = shared ? common : by_scale ? x : x / in;
      if (crops)
        read_part (c, n, &l, a, &r);
      if (r.out != r.in || r.scale != 1 || (crops && (r.start != 0 || r.end != 1)))
        resample_axis (c, n, &out, a, &r);
    }
  set_expression (c, n, &out, NULL);
}

static void
convert_resize (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  const char *mode = attribute_text (c, n, "mode", "nearest");
  const bool nearest = !strcmp (mode, "nearest");
  layer_of (c, n, v);
  view_settle (c, n, v);
  if (!strcmp (mode, "cubic") || attribute_int (c, n, "antialias", 0)
      || !strcmp (attribute_text (c, n, "coordinate_transformation_mode", ""), "tf_crop_and_resize"))
    {
      convert_resampling (c, n, v);
      return;
    }
  if (!value_is_map (v))
    convert_bad (c, n, "resizes %s; allowed: (N, C, W), (N, C, H, W) and (N, C, D, H, W)", value_shape (v));
  const struct resize r = read_resize (c, n, v);
  const bool half = !strcmp (r.coordinates, "half_pixel") || !strcmp (r.coordinates, "pytorch_half_pixel");
  const bool corners = !strcmp (r.coordinates, "align_corners");
  if (corners && r.by_scale && !has_exact_scale (&r)) /* ONNX takes the extent that is not rounded */
    {
      convert_resampling (c, n, v);
      return;
    }
  bool single = false; /* of which pytorch_half_pixel takes the first input, as PyTorch does not */
  for (int i = 0; i < r.axes; i++)
    single = single || (!strcmp (r.coordinates, "pytorch_half_pixel") && r.out[i] == 1 && r.in[i] != 1);
  const bool torch = nearest ? is_floor (&r) : (half && !single) || corners;
  if (!nearest && strcmp (mode, "linear"))
    convert_bad (c, n, "mode %s; allowed: nearest, linear and cubic", mode);
  const char *input = layer_of (c, n, v), *layer = layer_begin (c, n, "upsample", NULL, input);
  layer_key_text (c, "mode", nearest ? "nearest" : "linear");
  if (!torch)
    add_coordinates (c, n, &r, nearest);
  else if (!nearest && !corners)
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
  set_expression (c, n, v, NULL);
  struct value *out = value_of (c, n->out[0]);
  out->layer = layer;
  for (int a = 2; a < v->rank; a++)
    out->shape[a] = r.out[v->axis[a] - 2];
}

const struct operator operators_of_resizing[] = { { "Resize", convert_resize }, { "Upsample", convert_resize }, { 0 } };
