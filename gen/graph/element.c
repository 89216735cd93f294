/* Rounding to elements of two bytes. */
#include "element.h"

#include <float.h>
#include <math.h>

#include "../../runtime/rescast.h"

int
element_of (enum precision p)
{
  return p == PRECISION_FP16 ? RESCAST_FLOAT16 : p == PRECISION_BF16 ? RESCAST_BFLOAT16 : RESCAST_FLOAT32;
}

/* Read as an integer, the bits of positive elements count them: each power of two has as many as there are steps to the
 * next one, and the smallest ones are at equal steps too. */
uint16_t
element_bits (double v, enum precision p)
{
  const bool fp16 = p == PRECISION_FP16;
  const int digits = fp16 ? 11 : 8, least_step = fp16 ? -24 : -133, infinite = fp16 ? 0x7c00 : 0x7f80;
  const uint16_t sign = signbit (v) ? 0x8000 : 0;
  int exponent;
  if (isnan (v))
    return 0x7fff;
  if (v == 0 || fabs (v) > FLT_MAX)
    return (uint16_t) (sign | (v == 0 ? 0 : infinite));
  frexp (v, &exponent);
  int step = exponent - digits > least_step ? exponent - digits : least_step;
  double bits = nearbyint (ldexp (fabs (v), -step)) + ldexp (step - least_step, digits - 1);
  return (uint16_t) (sign | (bits < infinite ? (int) bits : infinite));
}
