/* CPUs as a backend. */
#include "cpu.h"

#include "backend/decision.h"
#include "backend/targets.h"
#include "emit_cpu.h"
#include "emit_targets.h"
#include "orders.h"
#include "pairs.h"
#include "select.h"
#include "stack.h"
#include "target.h"
#include "tiled.h"
#include "tune_cpu.h"
#include "wisdom.h"

/* A cache line. */
#define ALIGNMENT 64

/* The rows that a fused kernel keeps on its stack, in floats: a window of pooled rows, 16 channels wide. */
#define MOST_RING_FLOATS 32768

/* In 3-D Winograd saves more than storing and reading back the convolution's result costs. */
static bool
better_apart (const struct graph *g, const struct node *conv)
{
  struct polyphase p;
  return conv->win.kernel[AXIS_D] > 1 && stem_winograd_applies (g, conv, &p);
}

static bool
takes_pool (const struct graph *g, const struct node *conv, const struct window *pool)
{
  if (pairs_input_block (g))
    return pairs_pool_applies (g, conv, pool);
  return !better_apart (g, conv)
         && pool->kernel[AXIS_H] * g->tensors[conv->out].shape.dim[AXIS_W] * 16 <= MOST_RING_FLOATS;
}

static struct kernels *
select_for (struct graph *g, const struct targets *all)
{
  const struct cpu_targets targets = targets_of_cpu (all, g->precision);
  return select_kernels (g, &targets);
}

/* A k-step's numbers behind its last tap are multiplied by 0, and so are those of other groups in its tile. */
static bool
spreads_in_steps (const struct graph *g, const struct node *n)
{
  return n->kernel->order == &cpu_pairs_order ? n->win.kernel[AXIS_W] % pairs_taps (g, n) != 0
                                              : n->kernel->family == &cpu_conv_tiles_grouped_family;
}

static bool
spreads (const struct graph *g, const struct node *n)
{
  if (spreads_in_steps (g, n))
    return true;
  const struct weight_order *order = n->kernel->order;
  if (order == &cpu_blocked_order
      || order == &cpu_pairs_order) /* groups that share blocks, too many for conv_gathered */
    return n->groups > 1
           && (g->tensors[n->in[0]].shape.c / n->groups % graph_block (g)
               || g->tensors[n->out].shape.c / n->groups % graph_block (g));
  return order->tiles;
}

static void
list_targets (struct targets *t)
{
  for (int i = 0; i < isa_count; i++)
    {
      struct backend_target *added = targets_add (t, isa_table[i].name, isa_table[i].description, &cpu_backend);
      added->cpu = &isa_table[i];
      added->precisions = isa_table[i].precisions;
      added->usual = isa_table[i].usual;
      added->portable = i == isa_count - 1;
    }
}

/* A cache line, which is a row of a matrix unit's tiles too. */
static int64_t
block_of (const struct graph *g)
{
  return ALIGNMENT / element_bytes (graph_element (g));
}

static const char *
section_order (const struct graph *g)
{
  return mem_printf ("cpu-%sx%d", element_type (graph_element (g))->name, (int) graph_block (g));
}

static int
considered (const struct graph *g, const struct node *n, struct considered *list, int most)
{
  const struct decision *d = n->decision;
  int count = 0;
  (void) g;
  for (int i = 0; d && i < d->count && count < most; i++)
    list[count++] = (struct considered){ .text = choice_text (d->list[i].choice),
                                         .ms = d->list[i].ms,
                                         .weight_bytes = d->list[i].weight_floats * (int64_t) sizeof (float),
                                         .measured = d->measured,
                                         .chosen = choice_equal (d->list[i].choice, n->choice) };
  return count;
}

/* As the cost model has them: maps come from the last-level cache, where the layer before has left them, or from as
 * far as weights do. */
static struct rates
rates (const struct kernels *ks)
{
  const struct target_cost *c = ks->target->cost;
  const double cache = c->reread > c->stream ? c->reread : c->stream;
  return (struct rates){ .macs = c->macs, .tensors = cache, .weights = c->stream, .kept = c->free };
}

const struct backend cpu_backend = {
  .list_targets = list_targets,
  .precisions = 1U << PRECISION_FP32 | 1U << PRECISION_BF16,
  .alignment = ALIGNMENT,
  .absent = "CPU lacks it",
  .block = block_of,
  .blocks_apart = true,
  .takes_pool = takes_pool,
  .takes_gate = true,
  .select = select_for,
  .activation = activation_vector,
  .spreads = spreads,
  .tile_bound = cpu_tile_bound,
  .outlier_limit = cpu_outlier_limit,
  .section_order = section_order,
  .emit = emit_cpu,
  .add_targets = cpu_add_targets,
  .wisdom_of_files = wisdom_of_files,
  .considered = considered,
  .rates = rates,
  .stack_bytes = stack_bytes,
  .start = 10,
  .library = "library",
  .tune = tune_cpu,
};
