/* What networks take from <math.h>, for compilers without a C library: square roots, rounded as IEEE 754 has it, by an
 * instruction where the CPU has one. */
#ifndef RESCAST_BARE_MATH_H
#define RESCAST_BARE_MATH_H

#include <stdint.h>

#undef INFINITY
#define INFINITY __builtin_inff ()

#if defined __SSE2__ || defined __aarch64__ || (__ARM_FP & 8) || __riscv_flen >= 64
#define sqrt(x) __builtin_sqrt (x)
#else
#define sqrt(x) rescast_sqrt (x)
#endif
#if defined __SSE2__ || defined __aarch64__ || (__ARM_FP & 4) || __riscv_flen >= 32
#define sqrtf(x) __builtin_sqrtf (x)
#else
#define sqrtf(x) rescast_sqrtf (x)
#endif

/* The root of X, 1 <= X / 2^BITS < 4, times 2^BITS, digit by digit; no root lies half-way between two numbers. */
static inline uint64_t
rescast_root (uint64_t x, int bits)
{
  uint64_t root = 0, twice = 0;
  x <<= 1;
  for (uint64_t digit = (uint64_t) 1 << (bits + 1); digit; digit >>= 1, x <<= 1)
    if (twice + digit <= x)
      {
        x -= twice + digit;
        twice += 2 * digit;
        root += digit;
      }
  return (root + 1) >> 1;
}

/* The root of a finite number above 0 whose bits are X, of which FRACTION are the fraction's and BIAS is the exponent's
 * bias. */
static inline uint64_t
rescast_root_of_bits (uint64_t x, int fraction, int bias)
{
  const uint64_t one = (uint64_t) 1 << fraction;
  int exponent = (int) (x >> fraction);
  x &= one - 1;
  if (exponent)
    x |= one;
  else
    exponent = 1;
  for (; x < one; exponent--)
    x <<= 1;
  exponent -= bias;
  if (exponent % 2)
    {
      x <<= 1;
      exponent--;
    }
  return ((uint64_t) (exponent / 2 + bias) << fraction) + rescast_root (x, fraction) - one;
}

static inline float
rescast_sqrtf (float x)
{
  union { float f; uint32_t bits; } u = { x };
  if (!(x > 0) || u.bits == 0x7f800000)
    return x < 0 ? (x - x) / (x - x) : x;
  u.bits = (uint32_t) rescast_root_of_bits (u.bits, 23, 127);
  return u.f;
}

static inline double
rescast_sqrt (double x)
{
  union { double f; uint64_t bits; } u = { x };
  if (!(x > 0) || u.bits == UINT64_C (0x7ff0000000000000))
    return x < 0 ? (x - x) / (x - x) : x;
  u.bits = rescast_root_of_bits (u.bits, 52, 1023);
  return u.f;
}

#endif
