m4_dnl The vector vocabulary in the compiler's vector extensions: VL floats, whole-vector operations only.
m4_include(<|cpu/activations.m4|>)m4_dnl
m4_include(<|cpu/bf16.m4|>)m4_dnl
m4_define(<|NEEDS_BITS|>, <|m4_ifelse(ELEMENT, <|bf16|>, <|$1|>, <|MATH(<|$1|>)|>)|>)m4_dnl
BANNER
#ifndef ISA_GUARD
#define ISA_GUARD

#include "NETWORK_NAME<||>_kernels.h"
BF16_NUMBERS()m4_dnl

#if defined __GNUC__ && !defined __clang__
#if defined __STRICT_ANSI__ && __GCC_IEC_559 > 0 && (__FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)
#error "with -std=c11, gcc computes floats as wider types on this CPU: use -std=gnu11 or -fexcess-precision=fast"
#endif
/* Vectors are passed to static functions alone: no other code has to agree on how. */
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

/* VL: floats in a vector. A block of 16 channels is 16 / VL vectors. */
#if defined __AVX__
#define VL 8
#else
#define VL 4
#endif

typedef float vec __attribute__ ((vector_size (4 * VL), may_alias));
typedef int mask __attribute__ ((vector_size (4 * VL), may_alias));
NEEDS_BITS(<|typedef unsigned bits __attribute__ ((vector_size (4 * VL), may_alias));
|>)m4_dnl
BF16(<|typedef bf16 halves __attribute__ ((vector_size (2 * VL), may_alias));
typedef bits pairs;
typedef unsigned pair __attribute__ ((may_alias));
|>)m4_dnl

/* p: aligned to the vector's size */
static inline vec
vload (const float *p)
{
  return *(const vec *) p;
}

static inline void
vstore (float *p, vec v)
{
  *(vec *) p = v;
}

static inline vec
vsplat (float f)
{
#if VL == 8
  return (vec){ f, f, f, f, f, f, f, f };
#else
  return (vec){ f, f, f, f };
#endif
}

BF16(<|/* VL bf16 numbers, which are the upper halves of floats; p: aligned to one of them */
static inline vec
vload_bf16 (const bf16 *p)
{
  halves upper;
  memcpy (&upper, p, sizeof upper);
  return (vec) (__builtin_convertvector (upper, bits) << 16);
}

/* A block of bf16 numbers as floats */
static inline void
vwiden (float *to, const bf16 *p)
{
  for (int i = 0; i < 32; i += VL)
    vstore (to + i, vload_bf16 (p + i));
}

/* A pair has its first number in its lower half, as weights are stored on every machine; big-endian memory has the
   first of two inputs in front, in the upper half. */
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define pair_of(a) ((a) << 16 | (a) >> 16)
#else
#define pair_of(a) (a)
#endif

/* VL pairs of weights; p: aligned to their size */
static inline pairs
vpairs (const bf16 *p)
{
  return *(const pairs *) p;
}

/* VL weights as floats, as vload_bf16 reads inputs */
static inline vec
vload_weights (const bf16 *p)
{
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  bf16 weights[VL];
  for (int l = 0; l < VL; l += 2)
    {
      weights[l] = p[l + 1];
      weights[l + 1] = p[l];
    }
  p = weights;
#endif
  return vload_bf16 (p);
}

/* One pair of inputs in all lanes */
static inline pairs
vpair (const bf16 *p)
{
  return pair_of (*(const pair *) p) - (pairs){ 0 };
}

/* The first or the second number of each pair */
static inline vec
vfirst (pairs a)
{
  return (vec) (a << 16);
}

static inline vec
vsecond (pairs a)
{
  return (vec) (a & 0xffff0000);
}

/* sum + the products of the first and of the second numbers of each pair */
static inline vec
vdot (vec sum, pairs a, pairs b)
{
  sum += vfirst (a) * vfirst (b);
  return sum + vsecond (a) * vsecond (b);
}

/* Lane l of vspread_pairsG (p, j) is pair j of its group of G numbers; p: the group's place where G >= VL. */
#define vspread_pairs2(p, j) vspread_pairs (p, 2, j)
#define vspread_pairs4(p, j) vspread_pairs (p, 4, j)
#define vspread_pairs8(p, j) vspread_pairs (p, 8, j)
#define vspread_pairs16(p, j) vpair ((p) + 2 * (j))
#define vspread_pairs(p, g, j) ((g) < VL ? (pairs){ pair_lanes (p, g, j) } : vpair ((p) + 2 * (j)))
#define pair_lane(p, l, g, j) pair_of (((const pair *) (p))[(l) / (g) * ((g) / 2) + (j)])
#define pair_lanes4(p, l, g, j) \
  pair_lane (p, l, g, j), pair_lane (p, l + 1, g, j), pair_lane (p, l + 2, g, j), pair_lane (p, l + 3, g, j)
#if VL == 4
#define pair_lanes(p, g, j) pair_lanes4 (p, 0, g, j)
#elif VL == 8
#define pair_lanes(p, g, j) pair_lanes4 (p, 0, g, j), pair_lanes4 (p, 4, g, j)
#else
#define pair_lanes(p, g, j) \
  pair_lanes4 (p, 0, g, j), pair_lanes4 (p, 4, g, j), pair_lanes4 (p, 8, g, j), pair_lanes4 (p, 12, g, j)
#endif

|>)m4_dnl
/* Lane l of vspreadG (p, j) is lane j of its group of G, l / G * G + j. p: the group's place where G >= VL. */
#define vspread2(p, j) vspread (p, 2, j)
#define vspread4(p, j) vspread (p, 4, j)
#define vspread8(p, j) vspread (p, 8, j)
#define vspread(p, g, j) ((g) < VL ? vshuffle (vload (p), lanes (g, j)) : vsplat ((p)[j]))
#define lane(l, g, j) ((l) / (g) * (g) + (j)) % VL
#define lanes4(l, g, j) lane (l, g, j), lane (l + 1, g, j), lane (l + 2, g, j), lane (l + 3, g, j)
#if VL == 4
#define lanes(g, j) lanes4 (0, g, j)
#elif VL == 8
#define lanes(g, j) lanes4 (0, g, j), lanes4 (4, g, j)
#else
#define lanes(g, j) lanes4 (0, g, j), lanes4 (4, g, j), lanes4 (8, g, j), lanes4 (12, g, j)
#endif
#if defined __clang__
#define vshuffle(a, ...) __builtin_shufflevector (a, a, __VA_ARGS__)
#else
#define vshuffle(a, ...) __builtin_shuffle (a, (mask){ __VA_ARGS__ })
#endif

/* m ? a : b, lane by lane */
static inline vec
vselect (mask m, vec a, vec b)
{
  return (vec) ((m & (mask) a) | (~m & (mask) b));
}

BF16(<|/* To the nearest bf16 numbers, ties to even; NaN stays NaN. */
static inline void
vstore_bf16 (bf16 *p, vec v)
{
  const bits rounded = (bits) v + ((bits) v >> 16 & 1) + 0x7fff, is_number = (bits) (v == v);
  *(halves *) p = __builtin_convertvector (((rounded & is_number) | (0x7fff0000 & ~is_number)) >> 16, halves);
}

|>)m4_dnl
/* NaN where either is */
static inline vec
vmax (vec a, vec b)
{
  return vselect ((b > a) | (b != b), b, a);
}

/* NaN stays NaN */
static inline vec
vrelu (vec a)
{
  return (vec) (~(a < 0) & (mask) a);
}

static inline vec
vprelu (vec a, vec slope)
{
  return vselect (a > 0, a, a * slope);
}
MATH(<|
/* NaN where either is */
static inline vec
vmin (vec a, vec b)
{
  return vselect ((b < a) | (b != b), b, a);
}

/* In each lane a where c > 0, else b. */
static inline vec
vpositive (vec c, vec a, vec b)
{
  return vselect (c > 0, a, b);
}

static inline vec
vabs (vec a)
{
  return (vec) ((mask) a & ~(mask) vsplat (-0.0f));
}

/* |a| with b's sign */
static inline vec
vcopysign (vec a, vec b)
{
  return vselect ((mask) vsplat (-0.0f), b, vabs (a));
}
|>)WITH_PRODUCT(<|
/* Keep a in a register or in memory as floats, so that no later operation is made one with what it is a result of. */
static inline vec
vrounded (vec a)
{
#if (VL == 4 && defined __SSE__) || (VL == 8 && defined __AVX__)
  __asm__ ("" : "+x" (a));
#elif VL == 4 && defined __aarch64__
  __asm__ ("" : "+w" (a));
#else
  __asm__ ("" : "+m" (a));
#endif
  return a;
}

/* a * b, never in one rounding with what is added to it: every target gives the same bits. */
static inline vec
vproduct (vec a, vec b)
{
  return vrounded (a * b);
}
|>)MATH(<|
/* To the nearest integer, ties to even; |a| up to 2^22. */
static inline vec
vround (vec a)
{
  return vrounded (a + vsplat (0x1.8p23f)) - vsplat (0x1.8p23f);
}

/* 2^n of an integer from -126 to 127: the sum's last bits are n + 127. */
static inline vec
vpow2 (vec n)
{
  return (vec) ((bits) vrounded (n + vsplat (0x1.8p23f + 127)) << 23);
}
USES(<|vsqrt, vlog, vpow|>, <|
static inline vec
vsqrt (vec a)
{
  for (int i = 0; i < VL; i++)
    a[i] = sqrtf (a[i]);
  return a;
}
|>)USES(<|vlog, vpow|>, <|
/* The integer n for which a / 2^n is from the root of 1/2 to that of 2; a is a normal number above 0. n becomes the
   last bits of 1.5 * 2^23 + n. */
static inline vec
vexponent (vec a)
{
  const mask n = ((mask) a - (mask) vsplat (0x1.6a09e6p-1f)) >> 23;
  return (vec) (n + (mask) vsplat (0x1.8p23f)) - vsplat (0x1.8p23f);
}
|>)ACTIVATIONS()|>)
#endif
