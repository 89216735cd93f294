/* Packed numbers that are infinite though every value and every channel's factor was finite: products of the two, what
 * elements of two bytes can't hold, and Winograd's transforms of numbers close to the largest float. */
#include "check.h"

#include <float.h>
#include <math.h>

#include "backend/kernel.h"
#include "graph/check_values.h"

static bool
all_finite (const struct graph *g, const struct node *n, const void *data)
{
  const struct kernel *k = n->kernel;
  const enum element e = order_element (k->order, g);
  for (int64_t i = 0; i < k->weight_bytes / element_bytes (e); i++)
    if (!element_finite (data, i, e))
      return false;
  const int64_t word = (int64_t) sizeof (float);
  for (int64_t i = ceil_div (k->weight_bytes, word); i < k->total_bytes / word; i++)
    if (!element_finite (data, i, ELEMENT_F32))
      return false;
  return true;
}

/* The output channel that element AT of a weight belongs to. */
static size_t
channel_of (const struct graph *g, const struct node *n, size_t at)
{
  const struct weight *t = n->weight->value;
  if (n->op != OP_TRANSPOSED_CONV)
    return at / (t->count / (size_t) g->tensors[n->out].shape.c);
  size_t inner = t->count / (size_t) t->shape[0], out_g = (size_t) t->shape[1];
  size_t in_g = (size_t) t->shape[0] / (size_t) n->groups, group = at / inner / in_g;
  return group * out_g + at % inner / (inner / out_g);
}

/* Fatal when a weight of N's, with its channel's factor, is beyond what kernels multiply. */
static void
explain_weights (const struct graph *g, const struct node *n, const char *file)
{
  bool half = order_element (n->kernel->order, g) == ELEMENT_F16;
  double largest = element_type (half ? ELEMENT_F16 : ELEMENT_F32)->highest;
  const struct weight *t = n->weight ? n->weight->value : NULL;
  for (size_t i = 0; t && i < t->count; i++)
    {
      double v = weight_at (t, i), scale = n->ep.scale ? n->ep.scale[channel_of (g, n, i)] : 1;
      if (!(fabs (v * scale) > largest)) /* a little more is still rounded to it: no matter which one is named */
        continue;
      const char *factor = n->ep.scale ? mem_printf (", multiplied by the batch normalisation's %g,", scale) : "";
      fatal ("%s: %s%s: %g%s is beyond the largest number of %s, %g%s", file, t->name, element_index (t, i), v, factor,
             half ? "fp16" : "fp32", largest, half ? "; --precision bf16, tf32 and fp32 have a larger range" : "");
    }
}

/* Fatal when a channel's factor or term behind N's sums is. */
static void
explain_epilogue (const struct graph *g, const struct node *n, const char *file)
{
  const struct { const double *v; const char *what;
  } vectors[] = {
    { n->ep.bias, "is added to" },
    { n->ep.scale, "multiplies" },
    { n->ep.residual_scale, "multiplies what is added to" },
    { n->ep.slope, "multiplies what is below 0 in" },
  };
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    for (int64_t i = 0; vectors[k].v && i < g->tensors[n->out].shape.c; i++)
      if (!(fabs (vectors[k].v[i]) <= FLT_MAX))
        fatal ("%s: layers %s: the number that biases and normalisations together make, and that %s channel %lld, is "
               "beyond "
               "the largest float, %g",
               file, n->covers, vectors[k].what, (long long) i, FLT_MAX);
}

void
pack_check (const struct graph *g, const struct node *n, const void *data)
{
  if (all_finite (g, n, data))
    return;
  const char *file = g->weights_path ? g->weights_path : g->path;
  explain_weights (g, n, file);
  if (n->gate)
    {
      explain_weights (g, &n->gate->reduce, file);
      explain_weights (g, &n->gate->expand, file);
    }
  if (n->second)
    explain_weights (g, n->second, file);
  explain_epilogue (g, n, file);
  if (n->choice.algorithm != ALGORITHM_DIRECT)
    fatal (
        "%s: layer %s: its weights are too large for the sums that %s algorithm makes of them; --exact is without it",
        file, n->name, n->choice.algorithm == ALGORITHM_WINOGRAD ? "Winograd's" : "Strassen's");
  fatal ("%s: layer %s: its packed weights are beyond the largest float, %g", file, n->name, FLT_MAX);
}
