/* The filter transforms of Winograd's F(m, 3) and F(3, 4), and stems of stride 2 as convolutions of stride 1. */
#ifndef RESCAST_KERNELS_WINOGRAD_H
#define RESCAST_KERNELS_WINOGRAD_H

#include "graph/graph.h"

enum
{
  WINOGRAD_TAPS = 4, /* at most, and the lengths of rows below */
  WINOGRAD_SIDE = 6,
  WINOGRAD_OUTPUTS = 4
};

/* The matrix G, side x taps, and a left inverse of it, for reading packed weights back. */
struct winograd
{
  int side;
  double g[WINOGRAD_SIDE][WINOGRAD_TAPS], inverse[WINOGRAD_TAPS][WINOGRAD_SIDE];
};

/* M: outputs of a tile, 2 or 4, or 3 for F(3, 4); 1 for an axis that is not transformed. templates/cpu/winograd_transform.m4
 * has the other two matrices as code, winograd_data as numbers. */
struct winograd winograd_matrices (int m);

/* The transforms of a tile's inputs and sums, side x side and m x side: y = At ((G g) . (Bt d)). ROUNDINGS: the most
 * that any number meets on its way through each of them, the rounding of a coefficient included. */
struct winograd_data
{
  int side, m;
  double bt[WINOGRAD_SIDE][WINOGRAD_SIDE], at[WINOGRAD_OUTPUTS][WINOGRAD_SIDE];
  int input_roundings, output_roundings;
};

struct winograd_data winograd_data (int m);

/* Along an axis of stride 2, tap 2 i + p is tap i of phase p, the inputs 2 j + p; over the phases the stride is 1. Phases are
 * channels, in the order [D phase][H phase][W phase][input channel]. */
struct polyphase
{
  int64_t phases[AXES]; /* 2, or 1 for none */
  int64_t taps[AXES];   /* of a phase; phase 1 may have one less */
  bool shorter[AXES];   /* … it has: at infinity, where a filter's last tap is, there is nothing of it to multiply */
  int tile[AXES];       /* outputs of a tile; 1: no transform, */
  int side[AXES];       /* … and its positions */
  int64_t channels;     /* of all phases together */
};

/* Convolution N as P; false when it is none of stride 2 along H and W with 3 or 4 taps in a phase. */
bool polyphase_of (const struct graph *g, const struct node *n, struct polyphase *p);
/* Is convolution N, the only kind of reader of an input in planes, one that may be computed so, and wide enough? */
bool stem_winograd_applies (const struct graph *g, const struct node *n, struct polyphase *p);
/* Of channel C of all phases, is anything multiplied at the position AT of a transformed tile? */
bool polyphase_has (const struct polyphase *p, int64_t c, const int at[AXES]);
/* How many of the channels that is, summed over the positions of the faces before FACE (along D). */
int64_t polyphase_depth (const struct polyphase *p, int face);

#endif
