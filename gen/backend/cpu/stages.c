/* A model of Winograd's three stages beside the one that shares.c has of a kernel in one. */
#include "stages.h"

/* What one stage takes beyond its model, by which it is compared: docs/cpu.md, "Three stages". */
#define BEYOND 1.1

/* Of one thread: two waits more are not repaid by less. */
#define LEAST_NS 100000

/* Fewer threads never gained. */
#define FEWEST_THREADS 4

/* A tensor's part that a thread transforms was mostly its own in the layer before, as in shares.c. */
#define OTHERS_PART 0.25

/* The largest share among N threads of COUNT units, as a part of all. */
static double
largest (int64_t count, int64_t n)
{
  return (double) ((count + n - 1) / n) / (double) count;
}

double
stages_ns (const struct stages *s, const struct target_cost *c, int64_t n)
{
  double inputs = largest (s->inputs, n), products = largest (s->products, n), outputs = largest (s->outputs, n);
  double first = s->input_ns + (OTHERS_PART * s->tensor_in_bytes + s->input_bytes) / c->exchange;
  double read = s->weight_bytes / c->stream + (s->input_bytes + s->sum_bytes) / c->exchange;
  double last = s->output_ns + (s->sum_bytes + OTHERS_PART * s->tensor_out_bytes) / c->exchange;
  return inputs * first + products * target_overlap (c, s->product_ns, read) + outputs * last + 2 * c->stage;
}

void
stages_pieces (const struct stages *s, int64_t pieces[STAGES])
{
  pieces[0] = shares_pieces ((double) s->inputs, s->input_ns);
  pieces[1] = shares_pieces ((double) s->products, s->product_ns);
  pieces[2] = shares_pieces ((double) s->outputs, s->output_ns);
}

int
stages_from (const struct stages *s, const struct work *w, const struct target *t)
{
  int from = 0;
  if (shares_ns (w, t, w->panels, 1) < LEAST_NS)
    return 0;
  for (int n = SHARES_THREADS; n >= FEWEST_THREADS; n--)
    {
      if (stages_ns (s, t->cost, n) > BEYOND * shares_least_ns (w, t, n))
        break;
      from = n;
    }
  return from;
}
