m4_dnl The vector vocabulary for AVX-512 with products of pairs of bf16 numbers.
m4_define(<|VSTORE_BF16|>, <|m4_dnl
/* To the nearest bf16 numbers, ties to even; NaN stays NaN, and a number below 2^-126 becomes 0. */
static inline void
vstore_bf16 (bf16 *p, vec v)
{
  _mm256_store_si256 ((__m256i *) p, (__m256i) _mm512_cvtneps_pbh (v));
}
|>)m4_dnl
m4_ifdef(<|WIDENS_PAIRS|>, <||>, <|m4_define(<|VDOT|>, <|m4_dnl
/* sum + the products of the first and of the second numbers of each pair. What is below 2^-126, a number or a sum,
   counts as 0. */
static inline vec
vdot (vec sum, pairs a, pairs b)
{
  return _mm512_dpbf16_ps (sum, (__m512bh) a, (__m512bh) b);
}
|>)|>)m4_dnl
m4_include(<|cpu/vec_avx512.m4|>)m4_dnl
