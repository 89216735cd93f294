#include "kernel_names.h"

#include <inttypes.h>

/* "64x8x56x56": for names of functions. */
static char *
shape_name (const struct shape *s)
{
  const int64_t *d = s->dim;
  if (s->rank == 0)
    return mem_printf ("%" PRId64, s->c);
  if (s->rank == 2)
    return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64, s->c, d[AXIS_H], d[AXIS_W]);
  return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64 "x%" PRId64, s->c, d[AXIS_D], d[AXIS_H], d[AXIS_W]);
}

char *
window_name (int rank, const int64_t v[AXES])
{
  if (rank == 2)
    return mem_printf ("%" PRId64 "x%" PRId64, v[AXIS_H], v[AXIS_W]);
  return mem_printf ("%" PRId64 "x%" PRId64 "x%" PRId64, v[AXIS_D], v[AXIS_H], v[AXIS_W]);
}

const char *
stride_name (int rank, const int64_t v[AXES])
{
  if (v[AXIS_D] == 1 && v[AXIS_H] == 1 && v[AXIS_W] == 1)
    return "";
  if (v[AXIS_H] == v[AXIS_W] && (rank == 2 || v[AXIS_D] == v[AXIS_H]))
    return mem_printf ("s%" PRId64, v[AXIS_W]);
  return mem_printf ("s%s", window_name (rank, v));
}

static const char *
epilogue_purpose (const struct epilogue *ep)
{
  return mem_printf ("%s%s", ep->residual >= 0 ? ", plus a residual" : "",
                     ep->act.id == ACT_NONE ? "" : mem_printf (", %s", activation_text (&ep->act)));
}

void
name_kernel (struct kernel *k, const struct graph *g, const struct node *n, const char *base, const char *purpose)
{
  const struct shape *out = &g->tensors[n->out].shape, *in = n->nin ? &g->tensors[n->in[0]].shape : out;
  k->function = mem_printf ("%s_%s%s%s%s%s", base, shape_name (in), n->nin && in->c != out->c
                            ? mem_printf ("_%" PRId64, out->c) : "", n->ep.residual >= 0 ? "_res" : "",
                            n->ep.act.id == ACT_NONE ? "" : mem_printf ("_%s", activation_word (&n->ep.act)),
                            n->pool ? "_maxpool" : "");
  k->purpose = mem_printf ("%s: (%s) -> (%s)%s", purpose, shape_text (in), shape_text (out),
                           epilogue_purpose (&n->ep));
}

const char *
pool_purpose (int rank, const struct node *n)
{
  return n->pool ? mem_printf (", then max pool %s", window_name (rank, n->pool->win.kernel)) : "";
}

char *
element_order_name (const struct element_order *r)
{
  struct text t = { 0 };
  text_add (&t, "reshape");
  for (int i = 0; i < r->axes; i++)
    text_printf (&t, "%d", r->order[i]);
  return t.s;
}

char *
pad_name (const struct node *n, int rank, const int64_t to[AXES])
{
  static const char *const modes[] = { "pad", "pad_reflect", "pad_edge", "pad_wrap" };
  return mem_printf ("%s%s", modes[n->pad_mode], window_name (rank, to));
}
