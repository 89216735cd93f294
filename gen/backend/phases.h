/* A transposed convolution as one small dense convolution per output phase.
 *
 * With stride s and cropping p, output o takes input i through tap k where o + p = i·s + k. Of the outputs
 * f, f + s, f + 2s, … every one takes the same taps, and the next one takes inputs one further: a dense convolution of
 * stride 1. Nothing is scattered and no zero is multiplied. */
#ifndef RESCAST_KERNELS_PHASES_H
#define RESCAST_KERNELS_PHASES_H

#include "graph/graph.h"

struct phase
{
  int64_t count;     /* outputs: f, f + s, … */
  int64_t taps;      /* 0: they get the bias alone */
  int64_t first;     /* input that the first output's first tap reads; before 0: in the halo */
  int64_t first_tap; /* in the source's filter; the following ones are s lower each */
};

/* Phases of axis A with OUT outputs. */
int64_t phase_count (const struct window *w, int a, int64_t out);
struct phase phase_of (const struct window *w, int a, int64_t out, int64_t f);
int64_t phases_most_taps (const struct window *w, int a, int64_t out);

/* Winograd's F(m, 3) along an axis whose phases have at most three taps: all phases share tiles of m + 2 inputs. Tile i
 * begins at input first + m * i; its outputs are those whose first tap, of three with zeros added, is there or up to
 * m - 1 inputs further. */
struct phase_tiles
{
  int64_t first, count;
};

struct phase_tiles phase_tiles (const struct window *w, int a, int64_t out, int64_t m);

/* A phase in these tiles. */
struct phase_in_tiles
{
  int64_t start;     /* its first output: inputs behind the first tile's beginning */
  int64_t zeros;     /* in front of its taps; others behind them make three */
  int64_t from, end; /* transformed positions of m + 2 where its filter is not zero: from 0 or 1 to m + 1 or m + 2 */
};

struct phase_in_tiles phase_in_tiles (struct phase p, struct phase_tiles t, int64_t m);

#endif
