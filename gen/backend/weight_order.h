/* Orders of weights: how kernels read what they multiply. A backend has a table of its own; each order is one function
 * for both directions, so that what is read back, for verify, is by construction where the kernel looks for it. The
 * vectors of the epilogue follow the weights, each padded to blocks of channels. */
#ifndef RESCAST_BACKEND_WEIGHT_ORDER_H
#define RESCAST_BACKEND_WEIGHT_ORDER_H

#include "backend/phases.h"
#include "graph/graph.h"

struct kernel;

/* A node's weights on their way: into its packed ones (dense == NULL), from the parameters, or out of them into dense.
 */
struct weight_move
{
  const struct graph *g;
  const struct node *n;
  const struct kernel *k;
  void *data;     /* the node's first packed number */
  double *dense;  /* (O, I / groups, taps that are left), or NULL */
  double *second; /* (O, I) of the node's second convolution, where there are dense and such a one */
  /* Into elements of 16 bits: what to pack instead of the parameters, elements as dense and second would have them. */
  const void *rounded, *rounded_second;
};

struct weight_order
{
  const char *name; /* unique; layouts are hashed with it */
  /* Move all weights of a node. NULL: they are no factors of sums of products, but order_none's, order_input's or
   * order_norm's. Nor are those of order_operand. */
  void (*move) (const struct weight_move *p);
  /* How many numbers node N's weights are when it is computed by C. NULL: the kernel's plan says so. */
  int64_t (*count) (const struct graph *g, const struct node *n, struct choice c);
  bool precision; /* of the elements of the graph's precision, not floats */
  bool tiles; /* outputs are made of tiles or pairs of pixels, so that a large value costs its neighbours: tile_bound.h
               */
};

/* Of every backend: no weights; mean, then 1 / std, each of the parameter's own size; weight, then bias of a
 * normalisation, each where there is one. */
extern const struct weight_order order_none, order_input, order_norm;
/* … and the constant operand of a binary operator, whose elements lie as operand_format says. */
extern const struct weight_order order_operand;

/* As those of N's output would without a halo, in floats; one channel for all is not filled up to a block. */
struct tensor_format operand_format (const struct graph *g, const struct node *n);
/* How many floats it takes. */
int64_t operand_count (const struct graph *g, const struct node *n);

/* What the weights of order O consist of in G. */
static inline enum element
order_element (const struct weight_order *o, const struct graph *g)
{
  return o->precision ? graph_element (g) : ELEMENT_F32;
}

/* ---- what the functions of orders share ---- */

/* Where N's weights begin among all packed ones, which start at DATA. */
void *node_weights (const struct node *n, const void *data);
/* Packed number AT of the node's, read; and V rounded to it: once, or in tf32 by way of a float. */
double weight_get (const struct weight_move *p, int64_t at);
void weight_put (const struct weight_move *p, int64_t at, double v);
/* Number AT becomes number FROM of ROUNDED, one of the arrays of rounded weights. */
void weight_copy (const struct weight_move *p, int64_t at, const void *rounded, int64_t from);
/* Zero number AT, when packing. */
void weight_pad (const struct weight_move *p, int64_t at);
int64_t taps_left (const struct node *n);
/* The next tap in the order of the window's axes. */
void next_tap (int64_t tap[AXES], const int64_t kernel[AXES]);
/* Weight of output channel O, input channel I of its group, tap (D, H, W) among those left, with the scale folded in.
 */
double conv_weight (const struct node *n, int64_t o, int64_t i, const int64_t tap[AXES]);
/* Move one weight, that of output channel O and input CHANNEL, one of all, which is packed number AT; O beyond the
 * layer's own, or a CHANNEL that is not of O's group, is a zero of the padding. */
void move_conv (const struct weight_move *p, int64_t o, int64_t channel, const int64_t tap[AXES], int64_t at);

/* Of transposed convolutions, whose source is (I, O, D, H, W): where it has the weight of input channel I and output
 * channel O at tap TAP of the phase PH, taps in the order of their inputs; … */
int64_t transposed_at (const struct weight_move *p, const struct phase ph[AXES], int64_t i, int64_t o,
                       const int64_t tap[AXES]);
/* … the one that it has at AT, with the scale of output channel O folded in; … */
double scaled_weight (const struct node *n, int64_t at, int64_t o);
/* … and one such weight moved. */
void move_transposed (const struct weight_move *p, const struct phase ph[AXES], int64_t i, int64_t o,
                      const int64_t tap[AXES], int64_t at);
/* Of a linear layer: the weight of output O and feature FEATURE, as the source counts them. */
void move_linear (const struct weight_move *p, int64_t o, int64_t feature, int64_t at);

#endif
