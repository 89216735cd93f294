/* What rounding costs the pixels that share a tile with a large value: in Winograd's and Strassen's algorithms.
 *
 * An output is y = At (U . (Bt x)), summed over the channels: U the packed weights, At and Bt the transforms. A pixel
 * outside of y's window cancels there, but not in floats. A rounding of a number m spoils it by up to u |m|, u = 2^-24,
 * and y by what y takes of m: for N roundings that is at most N u sum |At| |U| |Bt| |x|, and 4 u sqrt (sum of the
 * squares of what each spoils) when they are independent of each other, which compare.c of verify assumes too. The
 * bound is the lesser of the two; docs/cpu.md, "Outliers", has it in full. */
#ifndef RESCAST_BACKEND_TILE_BOUND_H
#define RESCAST_BACKEND_TILE_BOUND_H

#include <stdlib.h>

#include "graph/graph.h"

/* How much of an output's error tiles are to blame for, for each output channel: when all inputs are up to 1; for a
 * value of 1 at a pixel of all input channels whose tile the output is in; and at one of CHANNEL [channels] alone,
 * [output][channels]. Errors of larger values are as much larger, and several of them add up. */
struct tile_bound
{
  double *ordinary, *pixel, *one;
  const int64_t *channel;
  int channels;
};

/* A network's outlier limit, as its backend has it: a pixel that is larger than the ordinary ones by this factor may
 * cost an output beside it TILE_TOLERANCE of an ordinary output, sqrt (sum of w^2) times an ordinary pixel; the least
 * of all layers. Here the channels of the large pixel add up as independent numbers do: sqrt (sum of squares) of ONE.
 * HUGE_VAL where nothing is made of tiles. */
#define TILE_TOLERANCE 1e-2

static inline void
tile_bound_free (struct tile_bound *b)
{
  free (b->ordinary);
  *b = (struct tile_bound){ 0 };
}

#endif
