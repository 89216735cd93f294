m4_define(<|TEMPLATE|>, <|cuda_*.m4|>)m4_dnl
BANNER
/* The kernels for NVIDIA GPUs, for nvcc and for NVRTC. Tensors are N, D, H, W, C without gaps; all extents are literals.

   Every kernel has the same arguments: x: its input, residual: what its epilogue adds, w: its layer's weights, y: its
   output. Arrays of the caller's, which the first one reads and the last one writes, are N, C, D, H, W. */
m4_ifelse(PRECISION, <|fp16|>, <|
/* Tensors consist of IEEE's binary16. */
static __device__ __forceinline__ float
to_float (unsigned short element)
{
  float f;
  asm ("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(element));
  return f;
}

/* To nearest, ties to even; infinite from 65520 on. */
static __device__ __forceinline__ unsigned short
to_element (float f)
{
  unsigned short element;
  asm ("cvt.rn.f16.f32 %0, %1;" : "=h"(element) : "f"(f));
  return element;
}
|>, PRECISION, <|bf16|>, <|
/* Tensors consist of bfloat16, the upper halves of floats. */
static __device__ __forceinline__ float
to_float (unsigned short element)
{
  return __uint_as_float ((unsigned) element << 16);
}

/* To nearest, ties to even. */
static __device__ __forceinline__ unsigned short
to_element (float f)
{
  unsigned short element;
  asm ("cvt.rn.bf16.f32 %0, %1;" : "=h"(element) : "f"(f));
  return element;
}
|>)m4_dnl
