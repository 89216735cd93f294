/* The matrices of Winograd's F(m, 3) and F(3, 4), and the polyphase decomposition, which makes a stem of stride 2 a
 * convolution of stride 1. */
#ifndef RESCAST_KERNELS_WINOGRAD_H
#define RESCAST_KERNELS_WINOGRAD_H

#include "graph/graph.h"

enum
{
  WINOGRAD_TAPS = 4, /* the largest sizes, by which the arrays below are declared */
  WINOGRAD_SIDE = 6,
  WINOGRAD_OUTPUTS = 4
};

/* The matrix G, side x taps, and a left inverse of it, for reading packed weights back. */
struct winograd
{
  int side;
  double g[WINOGRAD_SIDE][WINOGRAD_TAPS], inverse[WINOGRAD_TAPS][WINOGRAD_SIDE];
};

/* The filter's matrices for tiles of M outputs: 2 or 4 for F(m, 3), 3 for F(3, 4), 1 for an axis that is not
 * transformed. The matrices B and A are code in templates/cpu/winograd_transform.m4, and numbers in winograd_data. */
struct winograd winograd_matrices (int m);

/* The transposed matrices that transform a tile's inputs (side x side) and its sums (m x side): y = At ((G g) . (Bt
 * d)). A value is rounded at most so many times in each of the transforms, the rounding of a coefficient included. */
struct winograd_data
{
  int side, m;
  double bt[WINOGRAD_SIDE][WINOGRAD_SIDE], at[WINOGRAD_OUTPUTS][WINOGRAD_SIDE];
  int input_roundings, output_roundings;
};

struct winograd_data winograd_data (int m);

/* The polyphase decomposition of a convolution of stride 2. Phase p of an axis has the inputs 2 j + p; tap 2 i + p of
 * the filter is tap i of that phase. Each phase counts as further channels, in the order [D phase][H phase][W
 * phase][input channel], and the convolution over all of them has stride 1. */
struct polyphase
{
  int64_t phases[AXES]; /* 2, or 1 for none */
  int64_t taps[AXES];   /* of a phase; phase 1 may have one less */
  bool shorter[AXES];   /* phase 1 has one less: its transformed filter is 0 at the point infinity */
  int tile[AXES];       /* outputs of a tile; 1: this axis is not transformed */
  int side[AXES];       /* positions of a transformed tile */
  int64_t channels;     /* of all phases together */
};

/* Fill *P with N's polyphase decomposition. False unless the stride is 2 along H and W and each phase has 3 or 4 taps.
 */
bool polyphase_of (const struct graph *g, const struct node *n, struct polyphase *p);
/* May the stem N be computed by Winograd over its phases? It has to have such a decomposition and to be wide enough. */
bool stem_winograd_applies (const struct graph *g, const struct node *n, struct polyphase *p);
/* Is the transformed filter of channel C, counted over all phases, nonzero at the position AT of a tile? */
bool polyphase_has (const struct polyphase *p, int64_t c, const int at[AXES]);
/* The number of such pairs of a channel and a position in the faces before FACE, a face being all positions of one
 * place along D. */
int64_t polyphase_depth (const struct polyphase *p, int face);

#endif
