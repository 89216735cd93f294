/* Operators that join layers, cut them or take parts of them, along any axis but the batch. Kernels do this with
 * channels: another axis changes places with them first, and the values' axes say so. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

enum
{
  MAX_JOINED = 256 /* as in a layer of type concat */
};

/* The output I of N is R. */
static struct value *
set_result (struct conversion *c, const struct onnx_node *n, size_t i, const struct value *r)
{
  struct value *out = value_out (c, n, i);
  const struct value old = *out;
  *out = *r;
  out->name = old.name;
  out->uses = old.uses;
  out->never_negative = false;
  return out;
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

/* ---- joining ---- */

/* What Concat joins: layers, with constants in front of all and behind. */
struct joined
{
  int axis;
  size_t first, end;     /* the inputs that are layers */
  int64_t before, after; /* elements of the constants along the axis */
};

static struct joined
read_joined (struct conversion *c, const struct onnx_node *n)
{
  struct joined j = { .end = n->nin };
  if (!n->nin || n->nin > MAX_JOINED)
    convert_bad (c, n, "joins %zu layers; allowed: 1 to %d", n->nin, MAX_JOINED);
  while (j.first + 1 < n->nin && value_needed (c, n, j.first)->constant)
    j.first++;
  while (j.end > j.first + 1 && value_needed (c, n, j.end - 1)->constant)
    j.end--;
  const struct value *v = value_needed (c, n, j.first);
  j.axis = convert_axis (c, n, attribute_int (c, n, "axis", c->model->opset < 4 ? 1 : -1), v->rank);
  for (size_t i = 0; i < n->nin; i++)
    {
      const struct weight *w = value_needed (c, n, i)->constant;
      if (!w)
        continue;
      if (i >= j.first && i < j.end)
        convert_bad (c, n, "joins the constant %s between what depends on the input; allowed: in front or behind",
                     weights_shown (n->in[i]));
      bool fits = w->rank == v->rank;
      for (int a = 0; fits && a < v->rank; a++)
        fits = a == j.axis || (w->shape[a] == v->shape[a] && (v->axis[a] != 0 || c->batch == 1));
      if (!fits)
        convert_bad (c, n, "joins %s and the constant %s; allowed: equal extents but along the axis", value_shape (v),
                     dims_text (w->rank, w->shape));
      *(i < j.first ? &j.before : &j.after) += w->shape[j.axis];
    }
  return j;
}

/* R, what the layers are joined to, with the constants in front and behind: zeros there first, then they are added. */
static void
add_constants (struct conversion *c, const struct onnx_node *n, const struct joined *j, struct value *r)
{
  const char *name = mem_printf ("%s, joined", n->out[0]);
  struct value *padded = value_of (c, name);
  if (r->vector)
    view_to_map (c, n, r);
  r->shape[j->axis] += j->before + j->after;
  r->layer = layer_begin (c, n, "subsample", NULL, r->layer);
  layer_key_int (c, "channels", r->shape[j->axis]);
  if (j->before)
    layer_key_int (c, "zeros-before", j->before);
  layer_end (c);
  *padded = *r;
  padded->name = name;
  padded->uses = 1;
  struct weight *all = constant_new (c, DTYPE_F64, r->rank, r->shape);
  size_t inner = 1, row = (size_t) r->shape[j->axis], at = 0;
  for (int a = j->axis + 1; a < r->rank; a++)
    inner *= (size_t) r->shape[a];
  for (size_t i = 0; i < n->nin; i++)
    {
      const struct weight *w = value_needed (c, n, i)->constant;
      const int64_t layers = i == j->first ? r->shape[j->axis] - j->before - j->after : 0;
      const size_t extent = (size_t) (w ? w->shape[j->axis] : layers);
      for (size_t k = 0; w && k < w->count; k++)
        constant_set_real (all, (k / (extent * inner) * row + at) * inner + k % (extent * inner), weight_at (w, k));
      at += extent;
    }
  written_node (c, n, "Add", name, written_constant (c, n, all), NULL, 0, n->out[0]);
}

/* The input I of N with the axis AXIS as the channels; its axes are to be those of FIRST, unless that is NULL. */
static struct value
operand (struct conversion *c, const struct onnx_node *n, size_t i, int axis, const struct value *first)
{
  struct value *v = value_needed (c, n, i);
  layer_of (c, n, v);
  struct value r = *v;
  view_to_channels (c, n, &r, axis);
  if (first && (r.rank != first->rank || memcmp (r.axis, first->axis, (size_t) r.rank * sizeof *r.axis)))
    {
      view_settle (c, n, v);
      r = *v;
      view_to_channels (c, n, &r, axis);
    }
  if (first && r.vector && !first->vector)
    view_to_map (c, n, &r);
  bool fits = !first
              || (r.rank == first->rank && r.map == first->map && r.vector == first->vector
                  && !memcmp (r.axis, first->axis, (size_t) r.rank * sizeof *r.axis));
  for (int a = 0; first && fits && a < r.rank; a++)
    fits = a == axis || r.shape[a] == first->shape[a];
  if (!fits)
    convert_bad (c, n, "joins %s and %s; allowed: equal extents but along the axis", value_shape (first),
                 value_shape (&r));
  return r;
}

static void
convert_concat (struct conversion *c, const struct onnx_node *n)
{
  const struct joined j = read_joined (c, n);
  struct text list = { 0 };
  int64_t count = 0;
  bool vectors = true, plain = true;
  for (size_t i = j.first; i < j.end; i++)
    {
      struct value *v = value_needed (c, n, i);
      layer_of (c, n, v);
      vectors = vectors && v->vector;
      plain = plain && v->rank == value_of (c, n->in[j.first])->rank
              && !memcmp (v->axis, value_of (c, n->in[j.first])->axis, (size_t) v->rank * sizeof *v->axis);
    }
  for (size_t i = j.first; i < j.end && !plain; i++)
    view_settle (c, n, value_needed (c, n, i));
  struct value first = operand (c, n, j.first, j.axis, NULL);
  if (first.vector && !vectors)
    view_to_map (c, n, &first);
  for (size_t i = j.first; i < j.end; i++)
    {
      const struct value r = i == j.first ? first : operand (c, n, i, j.axis, &first);
      text_printf (&list, "%s%s", list.n ? ", " : "[", r.layer);
      count += r.shape[j.axis];
    }
  struct value r = first;
  r.shape[j.axis] = count;
  if (n->nin == 1 || j.end - j.first > 1)
    {
      r.layer = layer_begin (c, n, "concat", NULL, NULL);
      layer_key_text (c, "input", mem_printf ("%s]", list.s));
      layer_end (c);
    }
  if (j.before || j.after)
    add_constants (c, n, &j, &r);
  else
    set_result (c, n, 0, &r);
}

/* ---- taking a part ---- */

/* R, whose axis AXIS is that of the channels, with those that S says. */
static void
slice_channels (struct conversion *c, const struct onnx_node *n, struct value *r, int axis, const struct slice *s)
{
  if (s->step > 0)
    {
      const int64_t end = s->from + (s->count - 1) * s->step + 1;
      r->layer = layer_begin (c, n, "slice", NULL, r->layer);
      if (s->from)
        layer_key_int (c, "start", s->from);
      if (end < r->shape[axis])
        layer_key_int (c, "end", end);
      if (s->step > 1)
        layer_key_int (c, "step", s->step);
    }
  else
    {
      struct text list = { 0 };
      for (int64_t i = 0; i < s->count; i++)
        text_printf (&list, "%s%" PRId64, i ? ", " : "[", s->from + i * s->step);
      r->layer = layer_begin (c, n, "gather", NULL, r->layer);
      layer_key_text (c, "channels", mem_printf ("%s]", list.s));
    }
  layer_end (c);
}

/* R with those elements along its axis AXIS that S says: a map is cropped, by a pad below 0. */
static void
take_slice (struct conversion *c, const struct onnx_node *n, struct value *r, int axis, const struct slice *s)
{
  const int own = r->axis[axis];
  if (s->from == 0 && s->count == r->shape[axis] && s->step == 1)
    return;
  if (s->count < 1)
    convert_bad (c, n, "takes %" PRId64 " of %s along axis %d; allowed: an element or more", s->count, value_shape (r),
                 axis);
  if (own > 1 && own < 2 + r->map && s->step == 1 && !r->vector)
    {
      int64_t before[3] = { 0 }, after[3] = { 0 };
      before[own - 2] = -s->from;
      after[own - 2] = s->from + s->count - r->shape[axis];
      r->layer = pad_layer (c, n, r->map, r->layer, before, after, "constant", 0);
    }
  else
    {
      view_to_channels (c, n, r, axis);
      slice_channels (c, n, r, axis, s);
    }
  r->shape[axis] = s->count;
}

static void
convert_slice (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = layer_needed (c, n);
  struct slice slices[ONNX_MAX_RANK];
  convert_slices (c, n, v->rank, v->shape, slices);
  layer_of (c, n, v);
  struct value r = *v;
  for (int a = 0; a < v->rank; a++)
    take_slice (c, n, &r, a, &slices[a]);
  set_result (c, n, 0, &r);
}

/* How many of EXTENT elements each of N's outputs has: as given, or equally many, the last one fewer. */
static int64_t *
split_sizes (struct conversion *c, const struct onnx_node *n, int64_t extent)
{
  size_t given = 0;
  const int64_t *list = convert_list (c, n, "split", 1, &given);
  int64_t *sizes = NEW_ARRAY (n->nout + 1, int64_t), sum = 0;
  const int64_t each = ceil_div (extent, (int64_t) n->nout);
  if (value_in (c, n, 1) && !list)
    convert_bad (c, n, "its sizes depend on the network's input; allowed: constants");
  if (list && given != n->nout)
    convert_bad (c, n, "has %zu sizes for %zu outputs; allowed: one for each", given, n->nout);
  for (size_t i = 0; i < n->nout; i++)
    {
      sizes[i] = list ? list[i] : extent - sum < each ? extent - sum : each;
      if (sizes[i] < 1 || sizes[i] > extent - sum)
        convert_bad (c, n,
                     "its output %zu has %" PRId64 " of %" PRId64 " elements; allowed: 1 or more, all in all as "
                     "many as there are",
                     i, sizes[i], extent);
      sum += sizes[i];
    }
  if (sum != extent)
    convert_bad (c, n, "its outputs have %" PRId64 " elements; allowed: the input's %" PRId64, sum, extent);
  return sizes;
}

static void
convert_split (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = layer_needed (c, n);
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", 0), v->rank);
  const int64_t outputs = attribute_int (c, n, "num_outputs", (int64_t) n->nout);
  if (outputs != (int64_t) n->nout || !n->nout)
    convert_bad (c, n, "has %zu outputs and num_outputs %" PRId64 "; allowed: as many", n->nout, outputs);
  layer_of (c, n, v);
  const int64_t *sizes = split_sizes (c, n, v->shape[axis]);
  struct slice s = { .step = 1 };
  for (size_t i = 0; i < n->nout; i++, s.from += s.count)
    {
      struct value r = *v;
      s.count = sizes[i];
      if (!*n->out[i] || !value_of (c, n->out[i])->uses)
        continue;
      take_slice (c, n, &r, axis, &s);
      set_result (c, n, i, &r);
    }
}

static void
convert_gather (struct conversion *c, const struct onnx_node *n)
{
  struct value *v = layer_needed (c, n);
  const struct value *places = value_needed (c, n, 1);
  const struct weight *w = places->constant;
  if (!w || !w->count || w->count > 65536 || v->rank - 1 + w->rank > ONNX_MAX_RANK)
    convert_bad (c, n, "gathers from %s by %s; allowed: by a constant of at most 65536 places", value_shape (v),
                 w ? value_shape (places) : "what depends on the input");
  const int axis = convert_axis (c, n, attribute_int (c, n, "axis", 0), v->rank);
  struct text list = { 0 };
  for (size_t i = 0; i < w->count; i++)
    {
      const int64_t k = constant_int (w, i), at = k < 0 ? k + v->shape[axis] : k;
      if (at < 0 || at >= v->shape[axis])
        convert_bad (c, n, "index %" PRId64 " of %" PRId64 "; allowed: one that is there", k, v->shape[axis]);
      text_printf (&list, "%s%" PRId64, i ? ", " : "[", at);
    }
  layer_of (c, n, v);
  struct value r = *v;
  view_to_channels (c, n, &r, axis);
  r.layer = layer_begin (c, n, "gather", NULL, r.layer);
  layer_key_text (c, "channels", mem_printf ("%s]", list.s));
  layer_end (c);
  r.shape[axis] = (int64_t) w->count;
  if (w->rank == 1)
    {
      set_result (c, n, 0, &r);
      return;
    }
  /* The axis has as many extents as there are in the list of places. */
  int64_t shape[ONNX_MAX_RANK];
  int rank = 0;
  for (int a = 0; a < r.rank; a++)
    for (int k = 0; k < (a == axis ? w->rank : 1); k++)
      shape[rank++] = a == axis ? w->shape[k] : r.shape[a];
  const char *name = mem_printf ("%s, gathered", n->out[0]);
  struct value *gathered = value_of (c, name);
  *gathered = r;
  gathered->name = name;
  gathered->uses = 1;
  written_reshape (c, n, name, rank, shape, n->out[0]);
}

const struct operator operators_of_moves[] = {
  { "Concat", convert_concat },
  { "Split", convert_split },
  { "Slice", convert_slice },
  { "Gather", convert_gather },
  { 0 },
};
