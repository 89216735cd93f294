/* CPUs as a backend. */
#include "backend/backend.h"
#include "backend/targets.h"
#include "emit_cpu.h"
#include "pack/parts.h"
#include "select.h"
#include "winograd.h"

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
  return !better_apart (g, conv)
         && pool->kernel[AXIS_H] * g->tensors[conv->out].shape.dim[AXIS_W] * 16 <= MOST_RING_FLOATS;
}

static struct kernels *
select_for (struct graph *g, const struct targets *all)
{
  const struct cpu_targets targets = targets_of_cpu (all);
  return select_kernels (g, &targets);
}

static bool
spreads (const struct graph *g, const struct node *n)
{
  if (n->kernel->packing == PACK_CONV_BLOCKED) /* groups that share blocks, too many for conv_gathered */
    return n->groups > 1
           && (g->tensors[n->in[0]].shape.c / n->groups % BLOCK || g->tensors[n->out].shape.c / n->groups % BLOCK);
  return packs_tiles (n->kernel->packing);
}

static enum element
floats (const struct graph *g, const struct kernel *k)
{
  (void) g, (void) k;
  return ELEMENT_F32;
}

static const char *
weights_order (const struct graph *g)
{
  (void) g;
  return mem_printf ("cpu-%sx%d", element_type (ELEMENT_F32)->name, BLOCK);
}

const struct backend cpu_backend = {
  .alignment = ALIGNMENT,
  .absent = "CPU lacks it",
  .takes_pool = takes_pool,
  .select = select_for,
  .activation = activation_vector,
  .spreads = spreads,
  .pass_weights = pass_blocks,
  .weights_order = weights_order,
  .weights_element = floats,
  .emit = emit_cpu,
  .start = 10,
  .library = "library",
};
