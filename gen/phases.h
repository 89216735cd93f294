/* A transposed convolution as one small dense convolution per output phase.
 *
 * With stride s and cropping p, output o takes input i through tap k where o + p = i·s + k. Of the outputs
 * f, f + s, f + 2s, … every one takes the same taps, and the next one takes inputs one further: a dense convolution of
 * stride 1. Nothing is scattered and no zero is multiplied. */
#ifndef RESCAST_PHASES_H
#define RESCAST_PHASES_H

#include "graph.h"

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

#endif
