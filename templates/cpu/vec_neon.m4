m4_dnl The vector vocabulary for 64-bit ARM's Advanced SIMD: VL floats.
m4_include(<|cpu/activations.m4|>)m4_dnl
m4_include(<|cpu/bf16.m4|>)m4_dnl
BANNER
#ifndef ISA_GUARD
#define ISA_GUARD

#include <arm_neon.h>

#include "NETWORK_NAME<||>_kernels.h"
BF16_NUMBERS()m4_dnl

/* VL: floats in a vector. */
#define VL 4

typedef float32x4_t vec;

/* p: aligned to the vector's size */
static inline vec
vload (const float *p)
{
  return vld1q_f32 (p);
}

static inline void
vstore (float *p, vec v)
{
  vst1q_f32 (p, v);
}

static inline vec
vsplat (float f)
{
  return vdupq_n_f32 (f);
}

BF16(<|/* VL bf16 numbers, which are the upper halves of floats; p: aligned to one of them */
static inline vec
vload_bf16 (const bf16 *p)
{
  return vreinterpretq_f32_u32 (vshll_n_u16 (vld1_u16 (p), 16));
}

/* To the nearest bf16 numbers, ties to even; NaN stays NaN. */
static inline void
vstore_bf16 (bf16 *p, vec v)
{
  const uint32x4_t bits = vreinterpretq_u32_f32 (v), last = vandq_u32 (vshrq_n_u32 (bits, 16), vdupq_n_u32 (1));
  const uint32x4_t rounded = vaddq_u32 (bits, vaddq_u32 (last, vdupq_n_u32 (0x7fff)));
  vst1_u16 (p, vshrn_n_u32 (vbslq_u32 (vceqq_f32 (v, v), rounded, vdupq_n_u32 (0x7fff0000)), 16));
}

/* A block of bf16 numbers as floats */
static inline void
vwiden (float *to, const bf16 *p)
{
  for (int i = 0; i < 32; i += VL)
    vstore (to + i, vload_bf16 (p + i));
}

typedef uint32x4_t pairs;

/* VL weights as floats */
static inline vec
vload_weights (const bf16 *p)
{
  return vload_bf16 (p);
}

/* VL pairs of bf16 numbers */
static inline pairs
vpairs (const bf16 *p)
{
  return vreinterpretq_u32_u16 (vld1q_u16 (p));
}

/* One pair in all lanes */
static inline pairs
vpair (const bf16 *p)
{
  uint32_t pair;
  memcpy (&pair, p, sizeof pair);
  return vdupq_n_u32 (pair);
}

/* The first or the second number of each pair */
static inline vec
vfirst (pairs a)
{
  return vreinterpretq_f32_u32 (vshlq_n_u32 (a, 16));
}

static inline vec
vsecond (pairs a)
{
  return vreinterpretq_f32_u32 (vandq_u32 (a, vdupq_n_u32 (0xffff0000)));
}

/* sum + the products of the first and of the second numbers of each pair */
static inline vec
vdot (vec sum, pairs a, pairs b)
{
  sum += vfirst (a) * vfirst (b);
  return sum + vsecond (a) * vsecond (b);
}

/* Lane l of vspread_pairsG (p, j) is pair j of its group of G numbers; p: the group's place where G >= VL. */
#define vspread_pairs2(p, j) \
  vreinterpretq_u32_u16 (vcombine_u16 (vreinterpret_u16_u32 (vdup_lane_u32 (vreinterpret_u32_u16 (vld1_u16 (p)), 0)), \
                                       vreinterpret_u16_u32 (vdup_lane_u32 (vreinterpret_u32_u16 (vld1_u16 (p)), 1))))
#define vspread_pairs4(p, j) vpair ((p) + 2 * (j))
#define vspread_pairs8(p, j) vpair ((p) + 2 * (j))
#define vspread_pairs16(p, j) vpair ((p) + 2 * (j))

|>)m4_dnl
/* Lane l of vspreadG (p, j) is lane j of its group of G, l / G * G + j. p: the group's place where G >= VL. */
#define vspread2(p, j) ((j) ? vtrn2q_f32 (vload (p), vload (p)) : vtrn1q_f32 (vload (p), vload (p)))
#define vspread4(p, j) vsplat ((p)[j])
#define vspread8(p, j) vsplat ((p)[j])

/* NaN where either is: so is fmax. */
static inline vec
vmax (vec a, vec b)
{
  return vmaxq_f32 (a, b);
}

/* NaN stays NaN. */
static inline vec
vrelu (vec a)
{
  return vmaxq_f32 (a, vdupq_n_f32 (0));
}

static inline vec
vprelu (vec a, vec slope)
{
  return vbslq_f32 (vcgtq_f32 (a, vdupq_n_f32 (0)), a, a * slope);
}
MATH(<|
/* NaN where either is */
static inline vec
vmin (vec a, vec b)
{
  return vminq_f32 (a, b);
}

/* In each lane a where c > 0, else b. */
static inline vec
vpositive (vec c, vec a, vec b)
{
  return vbslq_f32 (vcgtq_f32 (c, vdupq_n_f32 (0)), a, b);
}

static inline vec
vabs (vec a)
{
  return vabsq_f32 (a);
}

/* |a| with b's sign */
static inline vec
vcopysign (vec a, vec b)
{
  return vbslq_f32 (vdupq_n_u32 (1u << 31), b, a);
}
|>)WITH_PRODUCT(<|
/* a * b, never in one rounding with what is added to it: every target gives the same bits. */
static inline vec
vproduct (vec a, vec b)
{
  vec product = a * b;
  __asm__ ("" : "+w" (product));
  return product;
}
|>)MATH(<|
/* To the nearest integer, ties to even. */
static inline vec
vround (vec a)
{
  return vrndnq_f32 (a);
}

/* 2^n of an integer from -126 to 127 */
static inline vec
vpow2 (vec n)
{
  return vreinterpretq_f32_s32 (vshlq_n_s32 (vcvtq_s32_f32 (n + vsplat (127)), 23));
}
USES(<|vsqrt, vlog, vpow|>, <|
static inline vec
vsqrt (vec a)
{
  return vsqrtq_f32 (a);
}
|>)USES(<|vlog, vpow|>, <|
/* The integer n for which a / 2^n is from the root of 1/2 to that of 2; a is a normal number above 0. */
static inline vec
vexponent (vec a)
{
  const int32x4_t above = vsubq_s32 (vreinterpretq_s32_f32 (a), vdupq_n_s32 (0x3f3504f3));
  return vcvtq_f32_s32 (vshrq_n_s32 (above, 23));
}
|>)ACTIVATIONS()|>)
#endif
