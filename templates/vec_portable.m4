m4_dnl The vector vocabulary in the compiler's vector extensions: VL floats, whole-vector operations only.
BANNER
#ifndef ISA_GUARD
#define ISA_GUARD

#include <math.h>
#include <string.h>

#include "runtime/rescast.h"

/* VL: floats in a vector. A block of 16 channels is 16 / VL vectors. */
#if defined __AVX__
#define VL 8
#else
#define VL 4
#endif

/* Between the steps of a register tile: gcc would merge the loads of several steps and spill the sums to make room. */
#define STEP_END() __asm__ volatile ("" : : : "memory")

/* A tile of its own: inlined into a loop it would lose registers to values that the compiler moves out of the loop. */
#define TILE static __attribute__ ((noinline)) void

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

/* The kernels. x, residual, y: tensors' first bytes, halos included; w: the node's packed weights; thread t of n. */
#define KERNEL(name)                                                                                                  \
  void name (const float *restrict x, const float *restrict residual, const float *restrict w, float *restrict y,     \
             int t, int n)

/* The same with scratch memory for thread 0; the others have theirs on the stack. */
#define SCRATCH_KERNEL(name)                                                                                          \
  void name (const float *restrict x, const float *restrict residual, const float *restrict w, float *restrict y,     \
             float *restrict scratch, int t, int n)

KERNEL_PROTOTYPES
#undef KERNEL
#undef SCRATCH_KERNEL

#endif
