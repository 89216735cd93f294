/* The groups of parameters that most plans of kernels have: gen/plan/group. */
#ifndef RESCAST_BACKEND_CPU_PLAN_GROUPS_H
#define RESCAST_BACKEND_CPU_PLAN_GROUPS_H

#include "backend/kernel.h"

struct plan_axes plan_axes_of (const int64_t v[AXES]);
struct plan_tensor plan_tensor_of (const struct tensor *t);
struct plan_halo plan_halo_of (const struct tensor *t);
struct plan_window plan_window_of (const struct window *w);

/* The kernel of node N with a plan of FAMILY, which is filled in already; as yet without a name. */
struct kernel *kernel_of_plan (const struct node *n, const struct plan_family *family, void *plan);

#endif
