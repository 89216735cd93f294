/* The structs of all families of kernels, from their .def files. */
#ifndef RESCAST_PLAN_FAMILIES_H
#define RESCAST_PLAN_FAMILIES_H

#include "plan.h"

#define PLAN_PASS "pass_struct.h"
#include "groups.def"
#include "families.def"
#undef PLAN_PASS

#endif
