/* Parameters with values that leave nothing trivial to fold: every one is random, variances are positive. */
#ifndef RESCAST_TESTS_RANDOM_PARAMS_H
#define RESCAST_TESTS_RANDOM_PARAMS_H

#include <math.h>
#include <string.h>

#include "graph.h"
#include "init.h"

static inline void
random_param (struct param *p, uint64_t seed)
{
  struct random r = random_seed (seed, p->name);
  struct weight *w = NEW (struct weight);
  *w = (struct weight){ .name = p->name, .dtype = DTYPE_F64, .rank = p->rank, .count = 1 };
  for (int i = 0; i < p->rank; i++)
    {
      w->shape[i] = p->shape[i];
      w->count *= (size_t) p->shape[i];
    }
  double *v = NEW_ARRAY (w->count, double), fan_in = p->rank > 1 ? (double) w->count / (double) p->shape[0] : 1;
  bool positive = strstr (p->name, "running_var") || strstr (p->name, "input.std");
  for (size_t i = 0; i < w->count; i++)
    v[i] = positive ? 0.5 + 1.5 * random_uniform (&r) : (2 * random_uniform (&r) - 1) * sqrt (3 / fan_in);
  w->data = v;
  p->value = w;
}

static inline void
random_params (struct graph *g, uint64_t seed)
{
  for (int i = 0; i < g->param_count; i++)
    random_param (g->params[i], seed);
}

#endif
