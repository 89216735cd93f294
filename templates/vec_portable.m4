m4_dnl The vector vocabulary in the compiler's vector extensions: VL floats, whole-vector operations only.
BANNER
#ifndef ISA_GUARD
#define ISA_GUARD

#include "NETWORK_NAME<||>_kernels.h"

/* VL: floats in a vector. A block of 16 channels is 16 / VL vectors. */
#if defined __AVX__
#define VL 8
#else
#define VL 4
#endif

typedef float vec __attribute__ ((vector_size (4 * VL), may_alias));
typedef int mask __attribute__ ((vector_size (4 * VL), may_alias));

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
  return (vec){ 0 } + f;
}

/* m ? a : b, lane by lane */
static inline vec
vselect (mask m, vec a, vec b)
{
  return (vec) ((m & (mask) a) | (~m & (mask) b));
}

static inline vec
vmax (vec a, vec b)
{
  return vselect (a > b, a, b);
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

#endif
