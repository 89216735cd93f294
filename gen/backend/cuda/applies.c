/* What the tensor cores' kernels can compute. */
#include "applies.h"

#include "backend/phases.h"

/* Bits for the taps of a window, in one word. */
#define MOST_TAP_BITS 32

bool
conv_mma_applies (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape;
  return g->precision != PRECISION_FP32 && n->win.kernel[0] + n->win.kernel[1] + n->win.kernel[2] <= MOST_TAP_BITS
         && (n->groups == 1 || in->c / n->groups >= 4);
}

bool
stem_mma_applies (const struct graph *g, const struct node *n)
{
  const int input = g->nodes[0].out;
  return n->op == OP_CONV && n->in[0] == input && n->ep.residual != input && graph_uses (g, input) == 1
         && n->groups == 1 && g->tensors[input].shape.c <= 4 && n->win.dilation[AXIS_W] == 1
         && n->win.pad_lo[AXIS_W] >= 0 && conv_mma_applies (g, n);
}

/* Scores need more digits than bf16 and tf32 have: a softmax turns a small error of a large score into a large one. */
bool
linear_mma_applies (const struct graph *g, const struct node *n)
{
  return g->precision == PRECISION_FP16 && g->tensors[n->in[0]].shape.rank == 0;
}

bool
transposed_mma_applies (const struct graph *g, const struct node *n)
{
  int64_t bits = 0;
  for (int a = 0; a < AXES; a++)
    bits += phases_most_taps (&n->win, a, g->tensors[n->out].shape.dim[a]);
  return g->precision != PRECISION_FP32 && bits <= MOST_TAP_BITS;
}
