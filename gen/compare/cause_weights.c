/* What may be otherwise with a layer's weights: their axes, and a bias. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

enum
{
  MOST_AXES = 5
};

/* W, of SHAPE, becomes what it would be if its elements were those of the axes in ORDER: axis i of W is their axis
 * ORDER[i]. BACK: what it was before that. */
static void
reorder (double *w, int rank, const int64_t *shape, const int *order, bool back)
{
  int64_t theirs[MOST_AXES], stride[MOST_AXES], count = 1, step = 1;
  for (int i = 0; i < rank; i++)
    {
      theirs[order[i]] = shape[i];
      count *= shape[i];
    }
  for (int i = rank - 1; i >= 0; i--)
    {
      stride[i] = step;
      step *= theirs[i];
    }
  double *from = heap_array ((size_t) count + 1, sizeof *from);
  memcpy (from, w, (size_t) count * sizeof *w);
  for (int64_t i = 0; i < count; i++)
    {
      int64_t rest = i, at = 0;
      for (int a = rank - 1; a >= 0; a--)
        {
          at += rest % shape[a] * stride[order[a]];
          rest /= shape[a];
        }
      w[back ? at : i] = from[back ? i : at];
    }
  free (from);
}

/* Axis I of a filter in our order, output, input, space, is the axis of theirs that the table has, in a filter of two
 * axes in space; for three of them D lies in front of H. */
static const struct
{
  int order[4];
  bool back;
  const char *what;
} orders[] = {
  { { 3, 2, 0, 1 }, false, "the filters' axes are HWIO there, and are taken for OIHW here" },
  { { 2, 3, 0, 1 }, false, "the filters' axes are HWOI there, and are taken for OIHW here" },
  { { 0, 3, 1, 2 }, false, "the filters' axes are OHWI there, and are taken for OIHW here" },
  { { 3, 2, 0, 1 }, true, "the filters' axes are HWIO, and are taken for OIHW there" },
  { { 2, 3, 0, 1 }, true, "the filters' axes are HWOI, and are taken for OIHW there" },
  { { 0, 3, 1, 2 }, true, "the filters' axes are OHWI, and are taken for OIHW there" },
  { { 1, 0, 2, 3 }, false, "the filters' input and output channels are exchanged" },
  { { 1, 0, 2, 3 }, true, "the filters' input and output channels are exchanged there" },
  { { 0, 1, 3, 2 }, false, "the filters' height and width are exchanged" },
};
enum
{
  ORDERS = sizeof orders / sizeof *orders
};

/* The same with an axis D. */
static void
with_depth (const int order[4], int deep[MOST_AXES])
{
  const int at = order[2]; /* D lies in front of H, or of W where that is H's place */
  const int place = order[3] < at ? order[3] : at;
  for (int i = 0; i < 4; i++)
    deep[i < 2 ? i : i + 1] = order[i] + (order[i] >= place);
  deep[2] = place;
}

static void
flip (double *w, int64_t filters, int64_t taps)
{
  for (int64_t f = 0; f < filters; f++)
    for (int64_t i = 0; i < taps / 2; i++)
      {
        const double x = w[f * taps + i];
        w[f * taps + i] = w[f * taps + taps - 1 - i];
        w[f * taps + taps - 1 - i] = x;
      }
}

enum attempt
cause_weight_axes (struct trial *t, int variant)
{
  const struct node *n = trial_node (t);
  const struct param *p = n->weight;
  if ((n->op != OP_CONV && n->op != OP_TRANSPOSED_CONV) || !t->p.weight || p->rank < 4 || variant > ORDERS)
    return ATTEMPT_END;
  if (variant == ORDERS)
    {
      const int64_t taps = n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2];
      flip (t->p.weight, p->shape[0] * p->shape[1], taps);
      t->what = "the filters are turned by 180 degrees there";
      return taps > 1 ? ATTEMPT_TRY : ATTEMPT_SKIP;
    }
  int deep[MOST_AXES];
  with_depth (orders[variant].order, deep);
  t->what = orders[variant].what;
  reorder (t->p.weight, p->rank, p->shape, p->rank == 5 ? deep : orders[variant].order, orders[variant].back);
  return ATTEMPT_TRY;
}

enum attempt
cause_transposed (struct trial *t, int variant)
{
  static const int order[] = { 1, 0 };
  const struct node *n = trial_node (t);
  if (n->op != OP_LINEAR || variant > 1)
    return ATTEMPT_END;
  reorder (t->p.weight, 2, n->weight->shape, order, variant);
  t->what = variant ? "the weight is (outputs, inputs), and is taken for its transpose there"
                    : "the weight is (inputs, outputs) there, and is taken for its transpose here";
  return ATTEMPT_TRY;
}

/* The map that a linear layer's vector was. */
static const struct shape *
flattened (const struct trial *t)
{
  const struct node *n = &t->base->nodes[t->node];
  const struct node *from = graph_producer (t->base, n->in[0]);
  while (from->nin && shape_pixels (&t->base->tensors[from->out].shape) == 1 && from->op != OP_GLOBAL_AVERAGE_POOL
         && from->op != OP_GLOBAL_MAX_POOL && from->op != OP_LINEAR)
    from = graph_producer (t->base, from->in[0]);
  return &t->base->tensors[from->out].shape;
}

/* Channels last where a map becomes a vector: its elements come in another order, or the weight's columns do. */
enum attempt
cause_flatten (struct trial *t, int variant)
{
  const struct node *n = trial_node (t);
  if (n->op != OP_LINEAR || variant > 1)
    return ATTEMPT_END;
  const struct shape *s = flattened (t);
  const int64_t pixels = shape_pixels (s), count = shape_count (s), out = n->weight->shape[0];
  if (pixels < 2 || s->c < 2 || count != n->weight->shape[1])
    return ATTEMPT_END;
  double *from = heap_array ((size_t) (out * count) + 1, sizeof *from);
  memcpy (from, t->p.weight, (size_t) (out * count) * sizeof *from);
  for (int64_t i = 0; i < out * count; i++)
    {
      const int64_t at = i % count;
      const int64_t other = variant ? at % s->c * pixels + at / s->c : at % pixels * s->c + at / pixels;
      t->p.weight[i] = from[i / count * count + other];
    }
  free (from);
  t->what = variant ? "the map is flattened with the channels first there"
                    : "the map is flattened with the channels last there";
  return ATTEMPT_TRY;
}

enum attempt
cause_bias (struct trial *t, int variant)
{
  const struct node *n = trial_node (t);
  if ((n->op != OP_CONV && n->op != OP_TRANSPOSED_CONV && n->op != OP_LINEAR) || !t->p.bias || variant)
    return ATTEMPT_END;
  free (t->p.bias);
  t->p.bias = NULL;
  t->what = "the layer has no bias there";
  return ATTEMPT_TRY;
}
