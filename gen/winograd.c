/* Interpolation points 0, ±a, ±b, infinity. With a² = 1/2 and b² = 2 the largest factor is small and rounding errors stay
 * near a direct convolution's. */
#include "winograd.h"

#define A 0.70710678118654752440
#define B 1.41421356237309504880

struct winograd
winograd_matrices (int m)
{
  static const struct winograd one = { 1, { { 1 } }, { { 1 } } };
  static const struct winograd two = { 4, { { 1, 0, 0 }, { .5, .5, .5 }, { .5, -.5, .5 }, { 0, 0, 1 } },
                                       { { 1, 0, 0, 0 }, { 0, 1, -1, 0 }, { 0, 0, 0, 1 } } };
  if (m < 4)
    return m == 1 ? one : two;
  struct winograd w = { 6, { { 1, 0, 0 }, { 1, A, .5 }, { 1, -A, .5 }, { 1, B, 2 }, { 1, -B, 2 }, { 0, 0, 1 } },
                        { { 1 }, { 0, -.75 / A, .75 / A }, { 0, 0, 0, 0, 0, 1 } } };
  for (int k = 0; k < 3; k++)
    {
      w.g[1][k] /= -1.5;
      w.g[2][k] /= -1.5;
      w.g[3][k] /= 6;
      w.g[4][k] /= 6;
    }
  return w;
}
