/* What networks take from <math.h>, for compilers without a C library. */
#ifndef RESCAST_BARE_MATH_H
#define RESCAST_BARE_MATH_H

#include <float.h>
#include <stdint.h>

#define INFINITY __builtin_inff ()

#if (defined __arm__ && !(__ARM_FP & 4)) || (defined __riscv && !defined __riscv_flen)
/* No instruction for it: digit by digit, the nearest float, as IEEE 754 has it. */
static inline float
sqrtf (float x)
{
  union { float f; uint32_t bits; } u = { x };
  if (!(x > 0) || x > FLT_MAX)
    return x < 0 ? (x - x) / (x - x) : x;
  int exponent = (int) (u.bits >> 23);
  uint32_t left = u.bits & 0x7fffff, root = 0, rest = 0;
  if (exponent)
    left |= 0x800000;
  else
    exponent = 1;
  for (; left < 0x800000; exponent--)
    left <<= 1;
  exponent -= 127;
  if (exponent & 1)
    left <<= 1;
  /* 25 bits of the root, the last one of which is for rounding */
  uint64_t number = (uint64_t) left << 25;
  for (int i = 48; i >= 0; i -= 2)
    {
      rest = rest << 2 | (uint32_t) (number >> i & 3);
      uint32_t trial = root << 2 | 1;
      root <<= 1;
      if (rest >= trial)
        rest -= trial, root |= 1;
    }
  u.bits = ((uint32_t) ((exponent >> 1) + 127) << 23) + (((root + 1) >> 1) - 0x800000);
  return u.f;
}
#else
#define sqrtf(x) __builtin_sqrtf (x)
#endif

#endif
