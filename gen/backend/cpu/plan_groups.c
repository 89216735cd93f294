/* Tensors, windows and what else most kernels are told, as groups of parameters. */
#include "plan_groups.h"

#include "select_parts.h"

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
  return (struct plan_tensor){ .c = t->shape.c, .blocks = blocks (t->shape.c), .d = dim[AXIS_D], .h = dim[AXIS_H],
                               .w = dim[AXIS_W], .row = s.row, .plane = s.plane, .block = s.block, .sample = s.sample,
                               .origin = s.origin };
}

struct plan_halo
plan_halo_of (const struct tensor *t)
{
  const int *lo = t->halo_lo, *hi = t->halo_hi;
  return (struct plan_halo){ { lo[AXIS_D], lo[AXIS_H], lo[AXIS_W] }, { hi[AXIS_D], hi[AXIS_H], hi[AXIS_W] } };
}

struct plan_window
plan_window_of (const struct window *w)
{
  return (struct plan_window){ plan_axes_of (w->kernel), plan_axes_of (w->stride), plan_axes_of (w->dilation),
                               plan_axes_of (w->pad_lo) };
}

struct kernel *
kernel_of_plan (const struct node *n, const struct plan_family *family, void *plan)
{
  struct kernel *k = NEW (struct kernel);
  k->family = family;
  k->plan = plan;
  k->param_cap = 128;
  k->params = NEW_ARRAY ((size_t) k->param_cap, struct kernel_param);
  k->node = -1;
  k->centre_at = k->shift_at = k->residual_scale_at = k->slope_at = k->channel_mask_at = -1;
  k->reason = "the only kernel for this operator";
  k->executed_macs = n->macs;
  return k;
}
