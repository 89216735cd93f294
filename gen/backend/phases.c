/* Phases of a transposed convolution. */
#include "backend/phases.h"

#include <assert.h>

/* of Winograd's filters */
#define TAPS 3

int64_t
phase_count (const struct window *w, int a, int64_t out)
{
  return w->stride[a] < out ? w->stride[a] : out;
}

struct phase
phase_of (const struct window *w, int a, int64_t out, int64_t f)
{
  assert (w->pad_lo[a] >= 0 && w->dilation[a] == 1);
  int64_t s = w->stride[a], quotient = (f + w->pad_lo[a]) / s, rest = (f + w->pad_lo[a]) % s;
  struct phase p = { .count = ceil_div (out - f, s) };
  p.taps = rest < w->kernel[a] ? ceil_div (w->kernel[a] - rest, s) : 0;
  p.first = quotient - p.taps + 1;
  p.first_tap = rest + s * (p.taps - 1);
  return p;
}

int64_t
phases_most_taps (const struct window *w, int a, int64_t out)
{
  int64_t most = 0;
  for (int64_t f = 0; f < phase_count (w, a, out); f++)
    {
      struct phase p = phase_of (w, a, out, f);
      most = p.taps > most ? p.taps : most;
    }
  return most;
}

/* The input that the first of a phase's three taps meets: FIRST if zeros in front of its own can make it so. */
static int64_t
window_begin (struct phase p, int64_t first)
{
  return p.taps && p.first - (TAPS - p.taps) > first ? p.first - (TAPS - p.taps) : first;
}

struct phase_tiles
phase_tiles (const struct window *w, int a, int64_t out, int64_t m)
{
  struct phase_tiles t = { .first = INT64_MAX };
  int64_t end = INT64_MIN;
  for (int64_t f = 0; f < phase_count (w, a, out); f++)
    {
      struct phase p = phase_of (w, a, out, f);
      if (p.taps && p.first < t.first)
        t.first = p.first;
    }
  for (int64_t f = 0; f < phase_count (w, a, out); f++)
    {
      struct phase p = phase_of (w, a, out, f);
      int64_t behind = window_begin (p, t.first) + p.count;
      end = behind > end ? behind : end;
    }
  t.count = ceil_div (end - t.first, m);
  return t;
}

struct phase_in_tiles
phase_in_tiles (struct phase p, struct phase_tiles t, int64_t m)
{
  int64_t begin = window_begin (p, t.first);
  struct phase_in_tiles r = { .start = begin - t.first };
  if (!p.taps)
    return r;
  r.zeros = p.first - begin;
  /* at the points 0 and infinity a filter's value is its first and its last coefficient */
  r.from = r.zeros > 0;
  r.end = m + 2 - (r.zeros + p.taps < TAPS);
  return r;
}
