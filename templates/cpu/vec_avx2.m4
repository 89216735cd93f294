m4_dnl The vector vocabulary for AVX2 and FMA: VL floats.
m4_include(<|cpu/activations.m4|>)m4_dnl
m4_include(<|cpu/bf16.m4|>)m4_dnl
BANNER
#ifndef ISA_GUARD
#define ISA_GUARD

#include <immintrin.h>

#include "NETWORK_NAME<||>_kernels.h"
BF16_NUMBERS()m4_dnl

/* VL: floats in a vector. */
#define VL 8

typedef __m256 vec;

/* p: aligned to the vector's size */
static inline vec
vload (const float *p)
{
  return _mm256_load_ps (p);
}

static inline void
vstore (float *p, vec v)
{
  _mm256_store_ps (p, v);
}

static inline vec
vsplat (float f)
{
  return _mm256_set1_ps (f);
}

BF16(<|/* VL bf16 numbers, which are the upper halves of floats; p: aligned to one of them */
static inline vec
vload_bf16 (const bf16 *p)
{
  return _mm256_castsi256_ps (_mm256_slli_epi32 (_mm256_cvtepu16_epi32 (_mm_loadu_si128 ((const __m128i *) p)), 16));
}

/* To the nearest bf16 numbers, ties to even; NaN stays NaN. */
static inline void
vstore_bf16 (bf16 *p, vec v)
{
  const __m256i bits = _mm256_castps_si256 (v), last = _mm256_srli_epi32 (_mm256_slli_epi32 (bits, 15), 31);
  const __m256i half = _mm256_add_epi32 (last, _mm256_set1_epi32 (0x7fff));
  const __m256i rounded = _mm256_srli_epi32 (_mm256_add_epi32 (bits, half), 16);
  const __m256i is_nan = _mm256_castps_si256 (_mm256_cmp_ps (v, v, _CMP_UNORD_Q));
  const __m256i w = _mm256_blendv_epi8 (rounded, _mm256_set1_epi32 (0x7fff), is_nan);
  _mm_store_si128 ((__m128i *) p, _mm_packus_epi32 (_mm256_castsi256_si128 (w), _mm256_extracti128_si256 (w, 1)));
}

/* A block of bf16 numbers as floats */
static inline void
vwiden (float *to, const bf16 *p)
{
  for (int i = 0; i < 32; i += VL)
    vstore (to + i, vload_bf16 (p + i));
}

typedef __m256i pairs;

/* VL weights as floats */
static inline vec
vload_weights (const bf16 *p)
{
  return vload_bf16 (p);
}

/* VL pairs of bf16 numbers; p: aligned to their size */
static inline pairs
vpairs (const bf16 *p)
{
  return _mm256_load_si256 ((const __m256i *) p);
}

/* One pair in all lanes */
static inline pairs
vpair (const bf16 *p)
{
  int pair;
  memcpy (&pair, p, sizeof pair);
  return _mm256_set1_epi32 (pair);
}

/* The first or the second number of each pair */
static inline vec
vfirst (pairs a)
{
  return _mm256_castsi256_ps (_mm256_slli_epi32 (a, 16));
}

static inline vec
vsecond (pairs a)
{
  return _mm256_castsi256_ps (_mm256_and_si256 (a, _mm256_set1_epi32 (-0x10000)));
}

/* sum + the products of the first and of the second numbers of each pair */
static inline vec
vdot (vec sum, pairs a, pairs b)
{
  sum += vfirst (a) * vfirst (b);
  return sum + vsecond (a) * vsecond (b);
}

/* Lane l of vspread_pairsG (p, j) is pair j of its group of G numbers; p: the group's place where G >= VL. */
#define vspread_pairs2(p, j) vspread_pairs (p, 0, 0, 1, 1, 2, 2, 3, 3)
#define vspread_pairs4(p, j) vspread_pairs (p, j, j, j, j, 2 + j, 2 + j, 2 + j, 2 + j)
#define vspread_pairs8(p, j) vpair ((p) + 2 * (j))
#define vspread_pairs16(p, j) vpair ((p) + 2 * (j))
#define vspread_pairs(p, ...) \
  _mm256_permutevar8x32_epi32 (_mm256_castsi128_si256 (_mm_load_si128 ((const __m128i *) (p))), \
                               _mm256_setr_epi32 (__VA_ARGS__))

|>)m4_dnl
/* Lane l of vspreadG (p, j) is lane j of its group of G, l / G * G + j. p: the group's place where G >= VL. */
#define vspread2(p, j) _mm256_permute_ps (vload (p), (j) ? 0xf5 : 0xa0)
#define vspread4(p, j) _mm256_permute_ps (vload (p), (j) * 0x55)
#define vspread8(p, j) vsplat ((p)[j])

/* NaN where either is: maxps gives its second operand then, which keeps a's; where b is NaN, all bits are set. */
static inline vec
vmax (vec a, vec b)
{
  return _mm256_or_ps (_mm256_max_ps (b, a), _mm256_cmp_ps (b, b, _CMP_UNORD_Q));
}

/* NaN stays NaN: the second operand is the result then. */
static inline vec
vrelu (vec a)
{
  return _mm256_max_ps (_mm256_setzero_ps (), a);
}

static inline vec
vprelu (vec a, vec slope)
{
  return _mm256_blendv_ps (a * slope, a, _mm256_cmp_ps (a, _mm256_setzero_ps (), _CMP_GT_OQ));
}
MATH(<|
/* NaN where either is */
static inline vec
vmin (vec a, vec b)
{
  return _mm256_or_ps (_mm256_min_ps (b, a), _mm256_cmp_ps (b, b, _CMP_UNORD_Q));
}

/* In each lane a where c > 0, else b. */
static inline vec
vpositive (vec c, vec a, vec b)
{
  return _mm256_blendv_ps (b, a, _mm256_cmp_ps (c, _mm256_setzero_ps (), _CMP_GT_OQ));
}

static inline vec
vabs (vec a)
{
  return _mm256_andnot_ps (vsplat (-0.0f), a);
}

/* |a| with b's sign */
static inline vec
vcopysign (vec a, vec b)
{
  return _mm256_or_ps (vabs (a), _mm256_and_ps (vsplat (-0.0f), b));
}
|>)WITH_PRODUCT(<|
/* a * b, never in one rounding with what is added to it: every target gives the same bits. */
static inline vec
vproduct (vec a, vec b)
{
  vec product = a * b;
  __asm__ ("" : "+x" (product));
  return product;
}
|>)MATH(<|
/* To the nearest integer, ties to even. */
static inline vec
vround (vec a)
{
  return _mm256_round_ps (a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* 2^n of an integer from -126 to 127 */
static inline vec
vpow2 (vec n)
{
  return _mm256_castsi256_ps (_mm256_slli_epi32 (_mm256_cvtps_epi32 (n + vsplat (127)), 23));
}
USES(<|vsqrt, vlog, vpow|>, <|
static inline vec
vsqrt (vec a)
{
  return _mm256_sqrt_ps (a);
}
|>)USES(<|vlog, vpow|>, <|
/* The integer n for which a / 2^n is from the root of 1/2 to that of 2; a is a normal number above 0. */
static inline vec
vexponent (vec a)
{
  const __m256i above = _mm256_sub_epi32 (_mm256_castps_si256 (a), _mm256_set1_epi32 (0x3f3504f3));
  return _mm256_cvtepi32_ps (_mm256_srai_epi32 (above, 23));
}
|>)ACTIVATIONS()|>)
#endif
