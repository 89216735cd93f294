m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_define(<|TEMPLATE|>, <|cuda/head.m4 and others beside it|>)m4_dnl
BANNER
/* The kernels for NVIDIA GPUs, for nvcc and for NVRTC. Tensors are N, D, H, W, C without gaps; all extents are
   literals.

   Every kernel has the arguments x: its input, residual: what its epilogue adds, w: its layer's weights, y: its output.
   The caller's arrays, which the first kernel reads and the last one writes, are N, C, D, H, W. */
m4_ifelse(PRECISION, <|fp16|>, <|
/* Tensors' elements are IEEE's binary16. */
__device__ __forceinline__ float
to_float (unsigned short element)
{
  float f;
  asm ("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(element));
  return f;
}

/* Rounded to nearest, ties to even; infinite from 65520 on. */
__device__ __forceinline__ unsigned short
to_element (float f)
{
  unsigned short element;
  asm ("cvt.rn.f16.f32 %0, %1;" : "=h"(element) : "f"(f));
  return element;
}
|>, PRECISION, <|bf16|>, <|
/* Tensors' elements are bfloat16, the upper halves of floats. */
__device__ __forceinline__ float
to_float (unsigned short element)
{
  return __uint_as_float ((unsigned) element << 16);
}

/* Rounded to nearest, ties to even. */
__device__ __forceinline__ unsigned short
to_element (float f)
{
  unsigned short element;
  asm ("cvt.rn.bf16.f32 %0, %1;" : "=h"(element) : "f"(f));
  return element;
}
|>)m4_dnl

/* The larger one, NaN where either is NaN: fmaxf would return the other one. */
__device__ __forceinline__ float
larger (float a, float b)
{
  float f;
  asm ("max.NaN.f32 %0, %1, %2;" : "=f"(f) : "f"(a), "f"(b));
  return f;
}

m4_ifelse(m4_index(ACTIVATION_WORDS, <|smaller|>), -1, <||>, <|
/* The smaller one, NaN where either is. */
__device__ __forceinline__ float
smaller (float a, float b)
{
  float f;
  asm ("min.NaN.f32 %0, %1, %2;" : "=f"(f) : "f"(a), "f"(b));
  return f;
}
|>)m4_dnl

/* 8 neighbouring channels. */
__device__ __forceinline__ void
load_8 (float v[8], const ELEMENT *p)
{
IF(HALVES, <|  const uint4 u = *(const uint4 *) p;
  const unsigned pairs[4] = { u.x, u.y, u.z, u.w };
  #pragma unroll
  for (int i = 0; i < 4; i++)
    {
      v[2 * i] = to_float ((unsigned short) pairs[i]);
      v[2 * i + 1] = to_float ((unsigned short) (pairs[i] >> 16));
    }
|>, <|  const float4 lo = *(const float4 *) p, hi = *(const float4 *) (p + 4);
  v[0] = lo.x;
  v[1] = lo.y;
  v[2] = lo.z;
  v[3] = lo.w;
  v[4] = hi.x;
  v[5] = hi.y;
  v[6] = hi.z;
  v[7] = hi.w;
|>)m4_dnl
}

__device__ __forceinline__ void
store_8 (ELEMENT *p, const float v[8])
{
IF(HALVES, <|  unsigned pairs[4];
  #pragma unroll
  for (int i = 0; i < 4; i++)
    pairs[i] = to_element (v[2 * i]) | (unsigned) to_element (v[2 * i + 1]) << 16;
  *(uint4 *) p = make_uint4 (pairs[0], pairs[1], pairs[2], pairs[3]);
|>, <|  *(float4 *) p = make_float4 (v[0], v[1], v[2], v[3]);
  *(float4 *) (p + 4) = make_float4 (v[4], v[5], v[6], v[7]);
|>)m4_dnl
}

/* By this kernel the runtime recognises code for sm_90a, where launches have other shapes. */
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
extern "C" __global__ void
NETWORK_NAME<||>_cuda_is_for_sm_90a ()
{
}
#endif

/* Programmatic dependent launch: a kernel may start before the one in front of it has ended. Wait until it has. */
__device__ __forceinline__ void
dependency_wait ()
{
#if __CUDA_ARCH__ >= 900
  asm volatile ("griddepcontrol.wait;" ::: "memory");
#endif
}

/* Let the next kernel start once all blocks have called this. */
__device__ __forceinline__ void
dependency_trigger ()
{
#if __CUDA_ARCH__ >= 900
  asm volatile ("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}
