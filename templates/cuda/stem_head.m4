m4_include(<|cuda/cuda.m4|>)m4_dnl
/* ---- the first layer on sm_90a: bulk copies of the input's rows, which wgmma reads as they are ---- */
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
/* BYTES from FROM to shared memory, by TMA; all three are multiples of 16. */
__device__ __forceinline__ void
copy_bytes (unsigned to, const void *from, int bytes, unsigned barrier)
{
  asm volatile ("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];"
                :: "r"(to), "l"(from), "r"(bytes), "r"(barrier) : "memory");
}

__device__ __forceinline__ void
store_zeros (unsigned to)
{
  asm volatile ("st.shared.v4.u32 [%0], {%1, %1, %1, %1};" :: "r"(to), "r"(0) : "memory");
}

/* store_transposed_2 of two matrices in variables of their own. */
__device__ __forceinline__ void
store_transposed_pair (unsigned to, unsigned first, unsigned second)
{
  const unsigned both[2] = { first, second };
  store_transposed_2 (to, both);
}

/* The larger ones of two pairs of elements, NaN where either is. */
__device__ __forceinline__ unsigned
larger_of (unsigned a, unsigned b)
{
  unsigned pair;
  asm ("max.NaN.m4_ifelse(PRECISION, <|fp16|>, f16x2, bf16x2) %0, %1, %2;" : "=r"(pair) : "r"(a), "r"(b));
  return pair;
}
#endif
