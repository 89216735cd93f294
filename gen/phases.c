/* Phases of a transposed convolution. */
#include "phases.h"

#include <assert.h>

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
