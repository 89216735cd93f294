/* Networks in the notation of He et al., Table 1. Blocks of a stage are residual: batch normalisation behind every
 * convolution, ReLU between them and behind the addition, a projection on the shortcut where the shape changes, the
 * stride in the block's first convolution, as in the paper. */
#include <inttypes.h>
#include <string.h>

#include "build.h"
#include "graph/shape.h"
#include "builders.h"
#include "frontend/options/table_notation.h"

static int
conv_bn (struct graph *g, const struct options *o, const char *name, int in, const struct table_conv *c,
         const int64_t stride[AXES])
{
  struct conv_spec spec = { .filters = c->filters, .groups = c->groups, .init = WEIGHT_INIT_HE };
  memcpy (spec.kernel, c->kernel, sizeof spec.kernel);
  memcpy (spec.stride, stride, sizeof spec.stride);
  for (int a = 0; a < AXES; a++)
    {
      spec.pad_lo[a] = (c->kernel[a] - 1) / 2;
      spec.pad_hi[a] = c->kernel[a] / 2;
    }
  int x = build_conv (g, mem_printf ("%s.conv", name), in, &spec, c->loc);
  return build_batch_norm (g, mem_printf ("%s.bn", name), x, o->eps, 1, c->loc);
}

static int
pool (struct graph *g, int in, const struct table_stage *t, int number)
{
  struct window w = shape_window (t->convs[0].kernel, t->stride);
  for (int a = 0; a < AXES; a++)
    {
      w.pad_lo[a] = (w.kernel[a] - 1) / 2;
      w.pad_hi[a] = (w.kernel[a] - 1) / 2;
    }
  enum op op = t->kind == TABLE_MAX_POOL ? OP_MAX_POOL : OP_AVERAGE_POOL;
  return build_pool (g, mem_printf ("pool%d", number), in, op, w, false, t->loc);
}

static int
residual_block (struct graph *g, const struct options *o, const struct table_stage *t, const char *name, int in,
                const int64_t stride[AXES])
{
  static const int64_t ones[AXES] = { 1, 1, 1 };
  int x = in, last = t->conv_count;
  for (int k = 0; k < last; k++)
    {
      x = conv_bn (g, o, mem_printf ("%s.%d", name, k + 1), x, &t->convs[k], k ? ones : stride);
      if (k + 1 < last)
        x = build_relu (g, mem_printf ("%s.%d.relu", name, k + 1), x);
    }
  int skip = in;
  if (!shape_equal (&g->tensors[in].shape, &g->tensors[x].shape))
    {
      struct table_conv c = { .loc = t->loc, .kernel = { 1, 1, 1 }, .filters = t->convs[last - 1].filters };
      g->on_shortcut = true;
      skip = conv_bn (g, o, mem_printf ("%s.shortcut", name), in, &c, stride);
      g->on_shortcut = false;
    }
  x = build_add (g, mem_printf ("%s.add", name), x, skip, t->loc);
  return build_relu (g, mem_printf ("%s.relu", name), x);
}

static int
residual_stage (struct graph *g, const struct options *o, const struct table_stage *t, int number, int x)
{
  static const int64_t ones[AXES] = { 1, 1, 1 };
  for (int64_t b = 0; b < t->repeat; b++)
    {
      g->stage = number;
      g->block = (int) b + 1;
      x = residual_block (g, o, t, mem_printf ("conv%d_%" PRId64, number + 1, b + 1), x, b ? ones : t->stride);
      g->stage = 0;
    }
  return x;
}

struct graph *
build_table (const struct options *o)
{
  struct graph *g = graph_new (o->name, o->path, o->batch);
  int rank = o->input_size.count - 1, convs = 0, pools = 0, stages = 0;
  struct shape s = { .rank = rank, .c = o->input_size.v[0], .dim = { 1, 1, 1 } };
  memcpy (s.dim + AXES - rank, o->input_size.v + 1, (size_t) rank * sizeof *s.dim);
  g->loc = o->input_size.loc;
  int x = build_input (g, s);
  for (int i = 0; i < o->table->count; i++)
    {
      const struct table_stage *t = &o->table->stages[i];
      g->loc = t->loc;
      if (t->kind == TABLE_CONV)
        {
          const char *name = mem_printf (convs ? "conv1%c" : "conv1", 'a' + convs);
          x = build_relu (g, mem_printf ("%s.relu", name), conv_bn (g, o, name, x, &t->convs[0], t->stride));
          convs++;
        }
      else if (t->kind == TABLE_MAX_POOL || t->kind == TABLE_AVERAGE_POOL)
        x = pool (g, x, t, ++pools);
      else if (t->kind == TABLE_BLOCKS)
        x = residual_stage (g, o, t, ++stages, x);
    }
  x = build_global_pool (g, "avgpool", x, OP_GLOBAL_AVERAGE_POOL);
  x = build_linear (g, "fc", x, o->num_classes, WEIGHT_INIT_HE, g->loc);
  build_output (g, build_softmax (g, "softmax", x, false));
  return g;
}
