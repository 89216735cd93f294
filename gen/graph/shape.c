/* Extents of every operator's output. */
#include "shape.h"

#include <inttypes.h>
#include <string.h>

/* More elements than this in one tensor are refused: what templates compute of it stays in 31 bits. */
#define MAX_ELEMENTS INT32_MAX

struct window
shape_window (const int64_t kernel[AXES], const int64_t stride[AXES])
{
  struct window w = { .dilation = { 1, 1, 1 } };
  memcpy (w.kernel, kernel, sizeof w.kernel);
  memcpy (w.stride, stride, sizeof w.stride);
  return w;
}

void
shape_same_padding (struct window *w, const int64_t *in)
{
  for (int a = 0; a < AXES; a++)
    {
      int64_t out = ceil_div (in[a], w->stride[a]);
      int64_t need = (out - 1) * w->stride[a] + (w->kernel[a] - 1) * w->dilation[a] + 1 - in[a];
      if (need < 0)
        need = 0;
      w->pad_lo[a] = need / 2;
      w->pad_hi[a] = need - need / 2;
    }
}

/* A sliding window's output; fatal when the window is larger than the padded input. */
static struct shape
slide (const struct node *n, const struct shape *in)
{
  struct shape s = *in;
  const struct window *w = &n->win;
  for (int a = 0; a < AXES; a++)
    {
      int64_t room = in->dim[a] + w->pad_lo[a] + w->pad_hi[a] - ((w->kernel[a] - 1) * w->dilation[a] + 1);
      if (room < 0)
        fatal_at (n->loc,
                  "layer %s: a window of %" PRId64 " along %c does not fit its input of %s with padding %" PRId64
                  " and %" PRId64,
                  n->name, (w->kernel[a] - 1) * w->dilation[a] + 1, "DHW"[a], shape_text (in), w->pad_lo[a],
                  w->pad_hi[a]);
      s.dim[a] = room / w->stride[a] + 1;
    }
  return s;
}

/* A mirrored map does not repeat its outermost elements, so there is one fewer than the map has. */
static struct shape
padded (const struct node *n, const struct shape *in)
{
  struct shape s = *in;
  const int64_t *lo = n->win.pad_lo, *hi = n->win.pad_hi;
  for (int a = 0; a < AXES; a++)
    {
      const int64_t most = lo[a] > hi[a] ? lo[a] : hi[a], few = in->dim[a] - (n->pad_mode == PAD_REFLECT);
      s.dim[a] = in->dim[a] + lo[a] + hi[a];
      if (s.dim[a] < 1)
        fatal_at (n->loc, "layer %s: padding of %" PRId64 " and %" PRId64 " along %c leaves nothing of %s", n->name,
                  lo[a], hi[a], "DHW"[a], shape_text (in));
      if ((n->pad_mode == PAD_REFLECT || n->pad_mode == PAD_WRAP) && most > few)
        fatal_at (n->loc, "layer %s: padding of %" PRId64 " along %c with what %s has; allowed: at most %" PRId64,
                  n->name, most, "DHW"[a], shape_text (in), few);
    }
  return s;
}

static struct shape
transposed (const struct node *n, const struct shape *in)
{
  struct shape s = *in;
  const struct window *w = &n->win;
  for (int a = 0; a < AXES; a++)
    {
      s.dim[a] = (in->dim[a] - 1) * w->stride[a] + w->kernel[a] - w->pad_lo[a] - w->pad_hi[a];
      if (s.dim[a] < 1)
        fatal_at (n->loc, "layer %s: cropping %" PRId64 " and %" PRId64 " along %c leaves nothing of %" PRId64, n->name,
                  w->pad_lo[a], w->pad_hi[a], "DHW"[a], s.dim[a] + w->pad_lo[a] + w->pad_hi[a]);
    }
  s.c = n->shape_hint.c;
  return s;
}

/* The extent of what is joined; 0: none, since they differ and neither is 1. */
static int64_t
joined_extent (int64_t a, int64_t b)
{
  return a == b || b == 1 ? a : a == 1 ? b : 0;
}

bool
shape_join (const struct shape *a, const struct shape *b, struct shape *to)
{
  *to = *a;
  to->rank = a->rank > b->rank ? a->rank : b->rank;
  to->c = joined_extent (a->c, b->c);
  bool fits = to->c > 0;
  for (int i = 0; i < AXES; i++)
    {
      to->dim[i] = joined_extent (a->dim[i], b->dim[i]);
      fits = fits && to->dim[i] > 0;
    }
  return fits;
}

struct shape
shape_of_param (const struct param *p)
{
  struct shape s = { .rank = p->rank - 1, .c = p->shape[0], .dim = { 1, 1, 1 } };
  for (int i = 1; i < p->rank; i++)
    s.dim[AXES - p->rank + i] = p->shape[i];
  return s;
}

/* Of all inputs, and of the constant where there is one. */
static struct shape
joined (const struct graph *g, const struct node *n)
{
  struct shape all = g->tensors[n->in[0]].shape;
  for (int i = 1; i < n->nin + (n->weight != NULL); i++)
    {
      const struct shape first = all, s = i < n->nin ? g->tensors[n->in[i]].shape : shape_of_param (n->weight);
      if (!shape_join (&first, &s, &all))
        fatal_at (n->loc,
                  "layer %s: %s of %s (%s) and %s (%s): along each axis the extents must be equal, or one of them 1",
                  n->name, op_name (n->op), g->tensors[n->in[0]].name, shape_text (&first),
                  i < n->nin ? g->tensors[n->in[i]].name : n->weight->name, shape_text (&s));
    }
  return all;
}

static void
check_conv (const struct node *n, const struct shape *in)
{
  if (in->c % n->groups || n->shape_hint.c % n->groups)
    fatal_at (n->loc, "layer %s: %" PRId64 " groups must divide its %" PRId64 " input channels and its %" PRId64
              " filters", n->name, n->groups, in->c, n->shape_hint.c);
}

static struct shape
reshaped (const struct node *n, const struct shape *in)
{
  int64_t read = 1;
  for (int i = 0; i < n->read.axes && read <= MAX_ELEMENTS; i++)
    read *= n->read.extent[i];
  if (read != shape_count (in))
    fatal_at (n->loc, "layer %s: cannot read %s (%" PRId64 " elements) as %s (%" PRId64 ")", n->name, shape_text (in),
              shape_count (in), dims_text (n->read.axes, n->read.extent), read);
  if (shape_count (&n->shape_hint) != shape_count (in))
    fatal_at (n->loc, "layer %s: cannot reshape %s (%" PRId64 " elements) to %s (%" PRId64 ")", n->name,
              shape_text (in), shape_count (in), shape_text (&n->shape_hint), shape_count (&n->shape_hint));
  return n->shape_hint;
}

/* The channels that are chosen of inputs whose maps are equal. */
static struct shape
chosen (const struct graph *g, const struct node *n)
{
  struct shape s = g->tensors[n->in[0]].shape;
  for (int i = 1; i < n->nin; i++)
    {
      const struct tensor *t = &g->tensors[n->in[i]];
      if (s.rank != t->shape.rank || memcmp (s.dim, t->shape.dim, sizeof s.dim))
        fatal_at (n->loc, "layer %s: cannot join channels of %s (%s) and %s (%s): all extents but the channels' "
                  "must be equal", n->name, g->tensors[n->in[0]].name, shape_text (&s), t->name,
                  shape_text (&t->shape));
    }
  s.c = n->shape_hint.c;
  return s;
}

static struct shape
infer (const struct graph *g, const struct node *n)
{
  const struct shape *in = n->nin ? &g->tensors[n->in[0]].shape : NULL;
  struct shape s;
  switch (n->op)
    {
    case OP_INPUT:
      return n->shape_hint;
    case OP_CONV:
      check_conv (n, in);
      s = slide (n, in);
      s.c = n->shape_hint.c;
      return s;
    case OP_TRANSPOSED_CONV:
      return transposed (n, in);
    case OP_MAX_POOL:
    case OP_AVERAGE_POOL:
      return slide (n, in);
    case OP_PAD:
      return padded (n, in);
    case OP_SUBSAMPLE:
      s = *in;
      for (int a = 0; a < AXES; a++)
        s.dim[a] = ceil_div (in->dim[a], n->win.stride[a]);
      s.c = n->shape_hint.c;
      return s;
    case OP_UPSAMPLE:
      s = n->shape_hint;
      s.c = in->c;
      s.rank = in->rank;
      return s;
    case OP_GLOBAL_AVERAGE_POOL:
    case OP_GLOBAL_MAX_POOL:
      return (struct shape){ .c = in->c, .dim = { 1, 1, 1 } };
    case OP_LINEAR:
    case OP_SQUEEZE:
      return (struct shape){ .c = n->shape_hint.c, .dim = { 1, 1, 1 } };
    case OP_RESHAPE:
      return reshaped (n, in);
    case OP_CHANNELS:
      return chosen (g, n);
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_MAXIMUM:
    case OP_MINIMUM:
    case OP_POWER:
      return joined (g, n);
    default:
      return *in;
    }
}

struct shape
shape_infer (const struct graph *g, const struct node *n)
{
  struct shape s = infer (g, n);
  if (s.c * (double) s.dim[0] * (double) s.dim[1] * (double) s.dim[2] * (double) g->batch > (double) MAX_ELEMENTS)
    fatal_at (n->loc, "layer %s: its output of %s, batch %" PRId64 ", has 2^31 elements or more; allowed: fewer",
              n->name, shape_text (&s), g->batch);
  return s;
}

double
shape_macs (const struct graph *g, const struct node *n, const struct shape *out)
{
  const struct shape *in = n->nin ? &g->tensors[n->in[0]].shape : NULL;
  double taps = 1;
  for (int a = 0; a < AXES; a++)
    taps *= (double) n->win.kernel[a];
  if (n->op == OP_CONV)
    return (double) shape_count (out) * taps * (double) (in->c / n->groups);
  if (n->op == OP_TRANSPOSED_CONV)
    return (double) shape_count (in) * taps * (double) out->c;
  if (n->op == OP_LINEAR)
    return (double) shape_count (in) * (double) out->c;
  return 0;
}
