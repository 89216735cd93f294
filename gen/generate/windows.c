/* Which networks are run over large volumes, and what their windows' voxels weigh. */
#include "windows.h"

#include <math.h>

static const struct shape *
input_of (const struct graph *g)
{
  return &g->tensors[g->nodes[0].out].shape;
}

static const struct shape *
output_of (const struct graph *g)
{
  return &g->tensors[g->nodes[g->node_count - 1].out].shape;
}

bool
windows_possible (const struct graph *g)
{
  const struct shape *in = input_of (g), *out = output_of (g);
  if (in->rank == 0 || (out->rank > 0 && out->rank != in->rank))
    return false;
  for (int axis = 0; out->rank > 0 && axis < AXES; axis++)
    if (out->dim[axis] % in->dim[axis] != 0 && in->dim[axis] % out->dim[axis] != 0)
      return false;
  return true;
}

/* The gaussian of a window of IN voxels, whose standard deviation is an eighth of that, at OUT places: those of voxels
 * that lie nearest. */
static const char *
factors (int64_t in, int64_t out)
{
  struct text t = { 0 };
  const double sigma = 0.125 * (double) in;
  for (int64_t i = 0; i < out; i++)
    {
      const double x = (double) ((2 * i + 1) * in / (2 * out)) - (double) (in - 1) / 2;
      text_printf (&t, "%s%.9g", i == 0 ? "" : i % 7 == 0 ? ",\n  " : ", ",
                   (double) (float) exp (-x * x / (2 * sigma * sigma)));
    }
  return t.s;
}

void
windows_params (struct params *p, const struct graph *g)
{
  static const char *const names[] = { "GAUSSIAN_D", "GAUSSIAN_H", "GAUSSIAN_W" };
  const bool possible = windows_possible (g), is_map = possible && output_of (g)->rank > 0;
  params_int (p, "WITH_WINDOWS", possible);
  for (int axis = 0; axis < AXES; axis++)
    params_verbatim (p, names[axis], is_map ? factors (input_of (g)->dim[axis], output_of (g)->dim[axis]) : "");
}
