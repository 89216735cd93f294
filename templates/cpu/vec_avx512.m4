m4_dnl The vector vocabulary for AVX-512: VL floats.
m4_include(<|cpu/activations.m4|>)m4_dnl
m4_include(<|cpu/bf16.m4|>)m4_dnl
BANNER
#ifndef ISA_GUARD
#define ISA_GUARD

#include <immintrin.h>

#include "NETWORK_NAME<||>_kernels.h"
BF16_NUMBERS()m4_dnl

/* VL: floats in a vector. */
#define VL 16

typedef __m512 vec;

/* p: aligned to the vector's size */
static inline vec
vload (const float *p)
{
  return _mm512_load_ps (p);
}

static inline void
vstore (float *p, vec v)
{
  _mm512_store_ps (p, v);
}

static inline vec
vsplat (float f)
{
  return _mm512_set1_ps (f);
}

BF16(<|/* VL bf16 numbers, which are the upper halves of floats; p: aligned to one of them */
static inline vec
vload_bf16 (const bf16 *p)
{
  return _mm512_castsi512_ps (_mm512_slli_epi32 (_mm512_cvtepu16_epi32 (_mm256_loadu_si256 ((const __m256i *) p)), 16));
}

m4_ifdef(<|VSTORE_BF16|>, <|VSTORE_BF16<||>|>, <|/* To the nearest bf16 numbers, ties to even; NaN stays NaN. */
static inline void
vstore_bf16 (bf16 *p, vec v)
{
  const __m512i bits = _mm512_castps_si512 (v), last = _mm512_srli_epi32 (_mm512_slli_epi32 (bits, 15), 31);
  const __m512i half = _mm512_add_epi32 (last, _mm512_set1_epi32 (0x7fff));
  const __m512i rounded = _mm512_srli_epi32 (_mm512_add_epi32 (bits, half), 16);
  const __m512i w = _mm512_mask_mov_epi32 (_mm512_set1_epi32 (0x7fff), _mm512_cmp_ps_mask (v, v, _CMP_ORD_Q), rounded);
  _mm256_store_si256 ((__m256i *) p, _mm512_cvtepi32_epi16 (w));
}
|>)m4_dnl

/* A block of bf16 numbers as floats */
static inline void
vwiden (float *to, const bf16 *p)
{
  for (int i = 0; i < 32; i += VL)
    vstore (to + i, vload_bf16 (p + i));
}

typedef __m512i pairs;

/* VL pairs of bf16 numbers; p: aligned to their size */
static inline pairs
vpairs (const bf16 *p)
{
  return _mm512_load_si512 (p);
}

/* One pair in all lanes */
static inline pairs
vpair (const bf16 *p)
{
  int pair;
  memcpy (&pair, p, sizeof pair);
  return _mm512_set1_epi32 (pair);
}

/* The first or the second number of each pair */
static inline vec
vfirst (pairs a)
{
  return _mm512_castsi512_ps (_mm512_slli_epi32 (a, 16));
}

static inline vec
vsecond (pairs a)
{
  return _mm512_castsi512_ps (_mm512_and_si512 (a, _mm512_set1_epi32 (-0x10000)));
}

m4_ifdef(<|VDOT|>, <|VDOT<||>|>, <|/* sum + the products of the first and of the second numbers of each pair */
static inline vec
vdot (vec sum, pairs a, pairs b)
{
  sum += vfirst (a) * vfirst (b);
  return sum + vsecond (a) * vsecond (b);
}
|>)m4_dnl

/* Lane l of vspread_pairsG (p, j) is pair j of its group of G numbers. */
#define vspread_pairs2(p, j) vspread_pairs (p, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
#define vspread_pairs4(p, j) \
  vspread_pairs (p, j, j, j, j, 2 + j, 2 + j, 2 + j, 2 + j, 4 + j, 4 + j, 4 + j, 4 + j, 6 + j, 6 + j, 6 + j, 6 + j)
#define vspread_pairs8(p, j) \
  vspread_pairs (p, j, j, j, j, j, j, j, j, 4 + j, 4 + j, 4 + j, 4 + j, 4 + j, 4 + j, 4 + j, 4 + j)
#define vspread_pairs16(p, j) vpair ((p) + 2 * (j))
#define vspread_pairs(p, ...) \
  _mm512_permutexvar_epi32 (_mm512_setr_epi32 (__VA_ARGS__), \
                            _mm512_castsi256_si512 (_mm256_load_si256 ((const __m256i *) (p))))

|>)m4_dnl
/* Lane l of vspreadG (p, j) is lane j of its group of G, l / G * G + j. */
#define vspread2(p, j) _mm512_permute_ps (vload (p), (j) ? 0xf5 : 0xa0)
#define vspread4(p, j) _mm512_permute_ps (vload (p), (j) * 0x55)
#define vspread8(p, j) _mm512_mask_blend_ps (0xff00, vsplat ((p)[j]), vsplat ((p)[8 + (j)]))

/* NaN where either is: maxps gives its second operand then, which keeps a's; where b is NaN it is not asked. */
static inline vec
vmax (vec a, vec b)
{
  return _mm512_mask_max_ps (b, _mm512_cmp_ps_mask (b, b, _CMP_ORD_Q), b, a);
}

/* NaN stays NaN: the second operand is the result then. */
static inline vec
vrelu (vec a)
{
  return _mm512_max_ps (_mm512_setzero_ps (), a);
}

static inline vec
vprelu (vec a, vec slope)
{
  return _mm512_mask_mov_ps (a * slope, _mm512_cmp_ps_mask (a, _mm512_setzero_ps (), _CMP_GT_OQ), a);
}
MATH(<|
/* NaN where either is */
static inline vec
vmin (vec a, vec b)
{
  return _mm512_mask_min_ps (b, _mm512_cmp_ps_mask (b, b, _CMP_ORD_Q), b, a);
}

/* In each lane a where c > 0, else b. */
static inline vec
vpositive (vec c, vec a, vec b)
{
  return _mm512_mask_mov_ps (b, _mm512_cmp_ps_mask (c, _mm512_setzero_ps (), _CMP_GT_OQ), a);
}

static inline vec
vabs (vec a)
{
  return _mm512_andnot_ps (vsplat (-0.0f), a);
}

/* |a| with b's sign */
static inline vec
vcopysign (vec a, vec b)
{
  return _mm512_or_ps (vabs (a), _mm512_and_ps (vsplat (-0.0f), b));
}

/* a * b, never in one rounding with what is added to it: every target gives the same bits. */
static inline vec
vproduct (vec a, vec b)
{
  vec product = a * b;
  __asm__ ("" : "+v" (product));
  return product;
}

/* To the nearest integer, ties to even. */
static inline vec
vround (vec a)
{
  return _mm512_roundscale_ps (a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* 2^n of an integer from -126 to 127 */
static inline vec
vpow2 (vec n)
{
  return _mm512_castsi512_ps (_mm512_slli_epi32 (_mm512_cvtps_epi32 (n + vsplat (127)), 23));
}
ACTIVATIONS()|>)
m4_ifdef(<|TILES|>, <|TILES<||>|>)m4_dnl
#endif
