m4_dnl The vector vocabulary for AVX-512: VL floats.
m4_include(<|cpu/activations.m4|>)m4_dnl
m4_include(<|cpu/bf16.m4|>)m4_dnl
m4_dnl COUPLES(HALF, I): lo: the even couples of vectors I and I + 1, in turn; hi: the odd ones.
m4_define(<|COUPLES|>, <|_mm512_castpd_ps (_mm512_unpack$1_pd (c$2, c<||>m4_eval($2 + 1)))|>)m4_dnl
m4_dnl TURN(HALVES, LANES, I, K): vectors I and K of what vturn makes of HALVES 0 to 3, whose LANES they are.
m4_define(<|TURN|>, <|a = _mm512_shuffle_f32x4 ($1<||>0, $1<||>1, $2), b = _mm512_shuffle_f32x4 ($1<||>2, $1<||>3, $2);
  v[$3] = _mm512_shuffle_f32x4 (a, b, 0x88), v[$4] = _mm512_shuffle_f32x4 (a, b, 0xdd);|>)m4_dnl
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
m4_ifelse(LAYS_OUT, 1, <|
/* Eight vectors of eight couples of floats: couple k of vector i becomes couple i of vector k. */
static inline void
vturn (vec v[8])
{
  FOR(<|I|>, 0, 7, <|const __m512d c<||>I = _mm512_castps_pd (v[I]);
  |>)FOR(<|I|>, 0, 3, <|const vec even<||>I = COUPLES(lo, m4_eval(2 * I)), odd<||>I = COUPLES(hi, m4_eval(2 * I));
  |>)vec a, b;
  TURN(even, 0x44, 0, 2)
  TURN(even, 0xee, 4, 6)
  TURN(odd, 0x44, 1, 3)
  TURN(odd, 0xee, 5, 7)
}

/* Lane l becomes float order[l] of the 32 of a and b. */
static inline vec
vpick (const int *order, vec a, vec b)
{
  return _mm512_permutex2var_ps (a, _mm512_loadu_si512 (order), b);
}
|>)m4_dnl
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
|>)WITH_PRODUCT(<|
/* a * b, never in one rounding with what is added to it: every target gives the same bits. */
static inline vec
vproduct (vec a, vec b)
{
  vec product = a * b;
  __asm__ ("" : "+v" (product));
  return product;
}
|>)MATH(<|
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
USES(<|vsqrt, vlog, vpow|>, <|
static inline vec
vsqrt (vec a)
{
  return _mm512_sqrt_ps (a);
}
|>)USES(<|vlog, vpow|>, <|
/* The integer n for which a / 2^n is from the root of 1/2 to that of 2; a is a normal number above 0. */
static inline vec
vexponent (vec a)
{
  const __m512i above = _mm512_sub_epi32 (_mm512_castps_si512 (a), _mm512_set1_epi32 (0x3f3504f3));
  return _mm512_cvtepi32_ps (_mm512_srai_epi32 (above, 23));
}
|>)ACTIVATIONS()|>)
m4_ifdef(<|TILES|>, <|TILES<||>|>)m4_dnl
#endif
