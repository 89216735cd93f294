/* Operators that join channels of several layers, or take some of one's. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

enum
{
  MAX_JOINED = 256 /* as in a layer of type concat */
};

/* The axis that N works along is that of V's channels? Fatal where it is not, WHAT being what N does. */
static void
check_axis (const struct conversion *c, const struct onnx_node *n, const struct value *v, int axis, const char *what)
{
  if (v->rank < 2 || v->axis[axis] != 1)
    convert_bad (c, n, "%s along axis %d of %s; allowed: along the channels", what, axis, value_shape (v));
}

/* The output I of N is what LAYER has: V with COUNT channels. */
static void
set_channels (struct conversion *c, const struct onnx_node *n, size_t i, const struct value *v, const char *layer,
              int64_t count)
{
  struct value *out = value_out (c, n, i);
  const int axis = value_axis (v, 1);
  const bool vector = v->vector || v->flat;
  value_is_layer (out, layer, v->rank, v->shape);
  memcpy (out->axis, v->axis, sizeof out->axis);
  out->shape[axis] = count;
  out->vector = vector;
}

/* The first input of N, which depends on the network's. */
static struct value *
layer_needed (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = value_needed (c, n, 0);
  if (v->constant)
    convert_bad (c, n, "reads the constant %s; allowed: a layer, or constants alone", weights_shown (v->name));
  return v;
}

static void
convert_concat (struct conversion *c, const struct onnx_node *n)
{
  struct value *first = value_needed (c, n, 0);
  const int rank = first->constant ? first->constant->rank : first->rank;
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", c->model->opset < 4 ? 1 : -1), rank);
  struct text list = { 0 };
  int64_t count = 0;
  if (n->nin > MAX_JOINED)
    convert_bad (c, n, "joins %zu layers; allowed: at most %d", n->nin, MAX_JOINED);
  for (size_t i = 0; i < n->nin; i++)
    {
      struct value *v = value_needed (c, n, i);
      if (v->constant)
        convert_bad (c, n, "joins the constant %s with what depends on the input; allowed: layers",
                     weights_shown (v->name));
      check_axis (c, n, v, axis < v->rank ? axis : 0, "joins");
      bool fits = v->rank == first->rank && !memcmp (v->axis, first->axis, (size_t) v->rank * sizeof *v->axis);
      for (int a = 0; fits && a < v->rank; a++)
        fits = a == axis || v->shape[a] == first->shape[a];
      if (!fits)
        convert_bad (c, n, "joins %s and %s; allowed: equal extents but for the channels'", value_shape (first),
                     value_shape (v));
      text_printf (&list, "%s%s", i ? ", " : "[", layer_of (c, n, v));
      if (v->vector != first->vector)
        convert_bad (c, n, "joins a vector and a map; allowed: layers of equal extents");
      count += v->shape[axis];
    }
  const char *layer = layer_begin (c, n, "concat", NULL, NULL);
  layer_key_text (c, "input", mem_printf ("%s]", list.s));
  layer_end (c);
  set_channels (c, n, 0, first, layer, count);
}

/* The layer of those channels of V that S says; the layer INPUT has V's elements. */
static const char *
layer_slice (struct conversion *c, const struct onnx_node *n, const struct value *v, const char *input,
             const struct slice *s)
{
  const int64_t channels = v->shape[value_axis (v, 1)];
  const char *layer;
  if (s->from == 0 && s->count == channels && s->step == 1)
    return input;
  if (s->step > 0)
    {
      const int64_t end = s->from + (s->count - 1) * s->step + 1;
      layer = layer_begin (c, n, "slice", NULL, input);
      if (s->from)
        layer_key_int (c, "start", s->from);
      if (end < channels)
        layer_key_int (c, "end", end);
      if (s->step > 1)
        layer_key_int (c, "step", s->step);
    }
  else
    {
      struct text list = { 0 };
      for (int64_t i = 0; i < s->count; i++)
        text_printf (&list, "%s%" PRId64, i ? ", " : "[", s->from + i * s->step);
      layer = layer_begin (c, n, "gather", NULL, input);
      layer_key_text (c, "channels", mem_printf ("%s]", list.s));
    }
  layer_end (c);
  return layer;
}

static void
convert_slice (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = layer_needed (c, n);
  struct slice slices[ONNX_MAX_RANK];
  convert_slices (c, n, v->rank, v->shape, slices);
  const int channels = value_axis (v, 1);
  for (int a = 0; a < v->rank; a++)
    if (a != channels && (slices[a].from || slices[a].count != v->shape[a] || slices[a].step != 1))
      check_axis (c, n, v, a, "takes a part");
  const struct slice *s = &slices[channels];
  if (v->rank < 2 || s->count < 1)
    convert_bad (c, n, "takes %" PRId64 " of %s; allowed: a channel or more", s->count, value_shape (v));
  const char *input = layer_of (c, n, v);
  set_channels (c, n, 0, v, layer_slice (c, n, v, input, s), s->count);
}

/* How many of CHANNELS each of N's outputs has: as given, or equally many, the last one fewer. */
static int64_t *
split_sizes (struct conversion *c, const struct onnx_node *n, int64_t channels)
{
  size_t given = 0;
  const int64_t *list = convert_list (c, n, "split", 1, &given);
  int64_t *sizes = NEW_ARRAY (n->nout + 1, int64_t), sum = 0;
  const int64_t each = ceil_div (channels, (int64_t) n->nout);
  if (value_in (c, n, 1) && !list)
    convert_bad (c, n, "its sizes depend on the network's input; allowed: constants");
  if (list && given != n->nout)
    convert_bad (c, n, "has %zu sizes for %zu outputs; allowed: one for each", given, n->nout);
  for (size_t i = 0; i < n->nout; i++)
    {
      sizes[i] = list ? list[i] : channels - sum < each ? channels - sum : each;
      if (sizes[i] < 1 || sizes[i] > channels - sum)
        convert_bad (c, n, "its output %zu has %" PRId64 " of %" PRId64 " channels; allowed: 1 or more, all in all as "
                     "many as there are", i, sizes[i], channels);
      sum += sizes[i];
    }
  if (sum != channels)
    convert_bad (c, n, "its outputs have %" PRId64 " channels; allowed: the input's %" PRId64, sum, channels);
  return sizes;
}

static void
convert_split (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = layer_needed (c, n);
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", 0), v->rank);
  const int64_t outputs = attribute_int (c, n, "num_outputs", (int64_t) n->nout);
  check_axis (c, n, v, axis, "is cut");
  if (outputs != (int64_t) n->nout || !n->nout)
    convert_bad (c, n, "has %zu outputs and num_outputs %" PRId64 "; allowed: as many", n->nout, outputs);
  const char *input = layer_of (c, n, v);
  const int64_t *sizes = split_sizes (c, n, v->shape[axis]);
  struct slice s = { .step = 1 };
  for (size_t i = 0; i < n->nout; i++, s.from += s.count)
    {
      s.count = sizes[i];
      if (*n->out[i] && value_of (c, n->out[i])->uses)
        set_channels (c, n, i, v, layer_slice (c, n, v, input, &s), s.count);
    }
}

static void
convert_gather (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = layer_needed (c, n);
  const struct value *w = value_needed (c, n, 1);
  if (!w->constant || w->constant->rank != 1 || !w->constant->count || w->constant->count > 65536)
    convert_bad (c, n, "gathers from %s by %s; allowed: a layer's channels by a constant list", value_shape (v),
                 w->constant ? value_shape (w) : "what depends on the input");
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", 0), v->rank);
  check_axis (c, n, v, axis, "gathers");
  struct text list = { 0 };
  for (size_t i = 0; i < w->constant->count; i++)
    {
      const int64_t k = constant_int (w->constant, i), at = k < 0 ? k + v->shape[axis] : k;
      if (at < 0 || at >= v->shape[axis])
        convert_bad (c, n, "index %" PRId64 " of %" PRId64 "; allowed: one that is there", k, v->shape[axis]);
      text_printf (&list, "%s%" PRId64, i ? ", " : "[", at);
    }
  const char *input = layer_of (c, n, v), *layer = layer_begin (c, n, "gather", NULL, input);
  layer_key_text (c, "channels", mem_printf ("%s]", list.s));
  layer_end (c);
  set_channels (c, n, 0, v, layer, (int64_t) w->constant->count);
}

const struct operator operators_of_moves[] = {
  { "Concat", convert_concat }, { "Split", convert_split }, { "Slice", convert_slice }, { "Gather", convert_gather },
  { 0 },
};
