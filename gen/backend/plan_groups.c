/* Tensors, windows and what else most kernels are told, as groups of parameters. */
#include "plan_groups.h"

#include "backend/backend.h"
#include "graph/shape.h"

struct plan_axes
plan_axes_of (const int64_t v[AXES])
{
  return (struct plan_axes){ v[AXIS_D], v[AXIS_H], v[AXIS_W] };
}

struct plan_tensor
plan_tensor_of (const struct tensor *t)
{
  struct strides s = tensor_strides (t);
  const int64_t *dim = t->shape.dim;
  const int64_t block = t->format.layout == LAYOUT_BLOCKED ? t->format.block : BLOCK;
  return (struct plan_tensor){ .c = t->shape.c,
                               .element = element_type (t->format.element)->name,
                               .blocks = ceil_div (t->shape.c, block),
                               .d = dim[AXIS_D],
                               .h = dim[AXIS_H],
                               .w = dim[AXIS_W],
                               .row = s.row,
                               .plane = s.plane,
                               .block = s.block,
                               .sample = s.sample,
                               .origin = s.origin };
}

struct plan_halo
plan_halo_of (const struct tensor *t)
{
  const int *lo = t->format.halo_lo, *hi = t->format.halo_hi;
  return (struct plan_halo){ { lo[AXIS_D], lo[AXIS_H], lo[AXIS_W] }, { hi[AXIS_D], hi[AXIS_H], hi[AXIS_W] } };
}

struct plan_window
plan_window_of (const struct window *w)
{
  return (struct plan_window){ plan_axes_of (w->kernel), plan_axes_of (w->stride), plan_axes_of (w->dilation),
                               plan_axes_of (w->pad_lo) };
}

static bool
pool_clips (const struct node *n)
{
  return n->count_padding && !(n->divisor > 0)
         && (n->uncounted[AXIS_D] || n->uncounted[AXIS_H] || n->uncounted[AXIS_W]);
}

const char *
pool_kind (const struct node *n)
{
  if (n->op == OP_MAX_POOL)
    return "max";
  return pool_clips (n) ? "average_clipped" : n->count_padding || n->divisor > 0 ? "average" : "average_inside";
}

const char *
norm_mean_name (enum norm_mean m)
{
  return m == MEAN_SUBTRACTED ? "subtracted" : m == MEAN_KEPT ? "kept" : "ignored";
}

double
pool_divisor (const struct node *n)
{
  const int64_t *kernel = n->win.kernel;
  return n->divisor > 0 ? n->divisor : (double) (kernel[AXIS_D] * kernel[AXIS_H] * kernel[AXIS_W]);
}

struct plan_axes
pool_end (const struct node *n, const struct shape *in)
{
  int64_t end[AXES] = { 1, 1, 1 };
  for (int a = 0; a < AXES && pool_clips (n); a++)
    end[a] = in->dim[a] + n->win.pad_hi[a] - n->uncounted[a];
  return plan_axes_of (end);
}

struct plan_io
plan_io_of (const struct graph *g, const struct node *n)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  return (struct plan_io){ g->batch, plan_tensor_of (in), plan_tensor_of (out), plan_halo_of (out) };
}

int64_t
first_tap_at (const struct tensor *t, const struct window *w)
{
  struct strides s = tensor_strides (t);
  return s.origin - w->pad_lo[AXIS_D] * s.plane - w->pad_lo[AXIS_H] * s.row - w->pad_lo[AXIS_W] * s.pixel;
}

struct plan_residual
plan_residual_of (const struct graph *g, int residual)
{
  if (residual < 0)
    return (struct plan_residual){ .element = element_type (ELEMENT_F32)->name, .sample = -1 };
  const struct tensor *t = &g->tensors[residual];
  struct strides s = tensor_strides (t);
  return (struct plan_residual){ element_type (t->format.element)->name, s.row, s.plane, s.block, s.sample, s.origin };
}

/* An operand with elements of type ELEMENT, shape S and distances T, joined with others to the shape TO. */
static struct plan_operand
operand_of (enum element element, const struct shape *s, const struct strides *t, const struct shape *to)
{
  const int64_t *dim = s->dim, *all = to->dim;
  return (struct plan_operand){ .element = element_type (element)->name,
                                .pixel = dim[AXIS_W] == all[AXIS_W] ? t->pixel : 0,
                                .row = dim[AXIS_H] == all[AXIS_H] ? t->row : 0,
                                .plane = dim[AXIS_D] == all[AXIS_D] ? t->plane : 0,
                                .block = s->c == to->c ? t->block : 0,
                                .sample = t->sample,
                                .origin = t->origin,
                                .channels = s->c == to->c };
}

struct plan_operand
plan_first_of (const struct graph *g, const struct node *n)
{
  const struct tensor *t = &g->tensors[n->in[0]];
  const struct strides strides = tensor_strides (t);
  return operand_of (t->format.element, &t->shape, &strides, &g->tensors[n->out].shape);
}

struct plan_operand
plan_second_of (const struct graph *g, const struct node *n)
{
  const struct tensor *out = &g->tensors[n->out];
  if (n->nin > 1)
    {
      const struct tensor *t = &g->tensors[n->in[1]];
      const struct strides strides = tensor_strides (t);
      return operand_of (t->format.element, &t->shape, &strides, &out->shape);
    }
  if (!op_is_binary (n->op) || !n->weight)
    return (struct plan_operand){ .element = element_type (ELEMENT_F32)->name, .sample = -1 };
  const struct shape s = shape_of_param (n->weight);
  const struct tensor_format f = operand_format (g, n);
  const struct strides strides = format_strides (&f, &s);
  struct plan_operand o = operand_of (ELEMENT_F32, &s, &strides, &out->shape);
  o.sample = 0;
  return o;
}

const char *
operator_name (enum op op)
{
  return op_is_binary (op) ? op_name (op) : op_name (OP_ADD);
}

struct plan_pool
plan_pool_of (const struct fused_pool *p)
{
  return (struct plan_pool){ plan_axes_of (p->before.dim), plan_axes_of (p->win.kernel), plan_axes_of (p->win.stride),
                             plan_axes_of (p->win.pad_lo) };
}

struct plan_cut
plan_cut_of (int64_t length, int64_t most)
{
  int64_t pieces = ceil_div (length, most), size = ceil_div (length, pieces), smaller = pieces * size - length;
  return (struct plan_cut){ size, pieces - smaller, smaller };
}

/* The place of one more vector of PADDED channels, in floats, or -1. */
static int64_t
add_vector (bool there, int64_t padded, int64_t *end)
{
  int64_t at = *end;
  *end += there ? padded : 0;
  return there ? at : -1;
}

/* Are weights in such an order factors of sums of products? */
static bool
has_sums (const struct weight_order *order)
{
  return order->move && order != &order_operand;
}

/* A binary operator makes something else of the zeros that pad its operands: quotients of two of them are NaN and
 * powers 1, and what one channel has for all meets them. */
static bool
joins_padding (const struct graph *g, const struct node *n)
{
  const int64_t channels = g->tensors[n->out].shape.c;
  bool one_for_all = n->weight && n->weight->shape[0] < channels;
  for (int i = 0; i < n->nin; i++)
    one_for_all |= g->tensors[n->in[i]].shape.c < channels;
  return op_is_binary (n->op) && (n->op == OP_DIVIDE || n->op == OP_POWER || one_for_all);
}

/* What N subtracts from its inputs' zeros, or multiplies by a NaN that it makes of its channels, is none any more. */
static bool
shifts_padding (const struct node *n)
{
  return n->op == OP_LAYER_NORM;
}

/* Other layers need zeros in the channels that pad the last block. Would something else be there, so that the kernel
 * has to clear them? An activation may make it of 0, and a sum of products where an input is NaN. */
static bool
pads_with_values (const struct graph *g, const struct node *n, const struct weight_order *order)
{
  const struct tensor *t = &g->tensors[n->out];
  bool padded = format_channels (&t->format, &t->shape) > t->shape.c;
  return padded
         && ((has_sums (order) && format_pads_with_zeros (&t->format)) || !activation_keeps_zero (&n->ep.act)
             || joins_padding (g, n) || shifts_padding (n));
}

struct weights_place
weights_alone (const struct graph *g, const struct weight_order *order, int64_t count)
{
  int64_t bytes = count * element_bytes (order_element (order, g));
  return (struct weights_place){ order, count, bytes, round_up (bytes, WEIGHTS_ALIGNMENT), NO_EPILOGUE };
}

struct weights_place
weights_with_epilogue (const struct graph *g, const struct node *n, const struct weight_order *order, int64_t count)
{
  const struct epilogue *ep = &n->ep;
  struct weights_place w = weights_alone (g, order, count);
  int64_t end = ceil_div (w.bytes, (int64_t) sizeof (float)), padded = graph_padded (g, n->out);
  bool own_scale = order == &order_none && ep->scale; /* the others' is part of their weights */
  struct plan_epilogue e = { 0 };
  e.scale_at = add_vector (own_scale, padded, &end);
  e.centre_at = add_vector (own_scale && ep->bias, padded, &end);
  /* Sums of products begin with it. */
  e.bias_at = add_vector (ep->bias || (has_sums (order) && !n->gate), padded, &end);
  e.residual_scale_at = add_vector (ep->residual_scale, padded, &end);
  e.slope_at = add_vector (activation_has_slope (&ep->act), padded, &end);
  e.channel_mask_at = add_vector (pads_with_values (g, n, order), padded, &end);
  e.act = activation_name (&ep->act);
  e.activation = backend_of (g)->activation (&ep->act, "$1", "$2");
  w.total = round_up (end * (int64_t) sizeof (float), WEIGHTS_ALIGNMENT);
  w.ep = e;
  return w;
}

/* Bytes to what stands behind so many floats. */
static int64_t
bytes_of (int64_t floats)
{
  return floats < 0 ? -1 : floats * (int64_t) sizeof (float);
}

struct kernel *
kernel_of_plan (const struct node *n, const struct plan_family *family, void *plan, const struct weights_place *weights)
{
  static const struct weights_place none = { &order_none, 0, 0, 0, NO_EPILOGUE };
  const struct weights_place *w = weights ? weights : &none;
  const struct plan_epilogue *ep = &w->ep;
  struct kernel *k = NEW (struct kernel);
  *k = (struct kernel){ .family = family,
                        .plan = plan,
                        .order = w->order,
                        .weight_bytes = w->bytes,
                        .total_bytes = w->total,
                        .centre_at = bytes_of (ep->centre_at),
                        .bias_at = bytes_of (ep->bias_at),
                        .residual_scale_at = bytes_of (ep->residual_scale_at),
                        .slope_at = bytes_of (ep->slope_at),
                        .channel_mask_at = bytes_of (ep->channel_mask_at),
                        .node = -1,
                        .reason = "the only kernel for this operator",
                        .executed_macs = n->macs };
  return k;
}
