/* The GPU's kernels that copy channels. */
#include <assert.h>

#include "applies.h"
#include "backend/kernel_names.h"
#include "graph/channels.h"
#include "select_cuda_families.h"

enum
{
  TOGETHER = 8 /* channels that one thread copies where it can */
};

/* Can all channels be copied TOGETHER neighbours at a time? */
static bool
in_groups (const struct graph *g, const struct node *n)
{
  int count;
  const struct channel_run *runs = channel_runs (n, &count);
  for (int k = 0; k < n->nin; k++)
    if (g->tensors[n->in[k]].shape.c % TOGETHER)
      return false;
  for (int i = 0; i < count; i++)
    if (runs[i].from % TOGETHER || runs[i].count % TOGETHER)
      return false;
  return true;
}

struct cuda_kernel *
select_channels_cuda (const struct graph *g, const struct node *n)
{
  const struct shape *out = &g->tensors[n->out].shape;
  const int64_t each = in_groups (g, n) ? TOGETHER : 1, rows = out->c / each;
  const int64_t count = g->batch * shape_pixels (out) * rows;
  struct launch_shapes launch = cuda_launch_each (count);
  struct cuda_channels *p = plan_new (&cuda_channels_family);
  assert (n->nin <= 2);
  *p = (struct cuda_channels){ plan_gpu_of (g, n, CUDA_THREADS), n->nin > 1 ? g->tensors[n->in[1]].shape.c : 0, each,
                               plan_table_new (rows, 2, 0), count };
  int64_t *i = (int64_t *) p->sources.i;
  for (int64_t row = 0; row < rows; row++)
    {
      i[2 * row] = n->sources[row * each].input;
      i[2 * row + 1] = n->sources[row * each].channel;
    }
  struct cuda_kernel *k = cuda_kernel_new (n, &cuda_channels_family, p, NULL, &launch);
  name_kernel (&k->base, g, n, "channels", n->type);
  return k;
}
