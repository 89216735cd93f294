m4_include(<|cuda/cuda.m4|>)m4_dnl
/* ---- mbarriers, fences and matrices of sm_90a, in PTX ---- */
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
/* mbarriers in shared memory: a phase of one ends when ARRIVALS threads and all announced bytes have arrived. */
__device__ __forceinline__ void
barrier_init (unsigned barrier, int arrivals)
{
  asm volatile ("mbarrier.init.shared::cta.b64 [%0], %1;" :: "r"(barrier), "r"(arrivals) : "memory");
}

/* Make initialised mbarriers visible to TMA and to the cluster. */
__device__ __forceinline__ void
barrier_init_fence ()
{
  asm volatile ("fence.mbarrier_init.release.cluster;\n fence.proxy.async.shared::cta;" ::: "memory");
}

/* Arrive, and announce BYTES of copies to the present phase. */
__device__ __forceinline__ void
barrier_expect (unsigned barrier, unsigned bytes)
{
  asm volatile ("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" :: "r"(barrier), "r"(bytes) : "memory");
}

__device__ __forceinline__ void
barrier_arrive (unsigned barrier)
{
  asm volatile ("mbarrier.arrive.shared::cta.b64 _, [%0];" :: "r"(barrier) : "memory");
}

/* Wait for the end of the phase with this PARITY; phases have 0, 1, 0, … */
__device__ __forceinline__ void
barrier_wait (unsigned barrier, unsigned parity)
{
  unsigned over;
  do
    asm volatile ("{\n .reg .pred over;\n mbarrier.try_wait.parity.shared::cta.b64 over, [%1], %2;\n"
                  " selp.u32 %0, 1, 0, over;\n}"
                  : "=r"(over) : "r"(barrier), "r"(parity) : "memory");
  while (!over);
}

/* Wait until THREADS of the block, in whole warps, have come to the named barrier NAME. */
__device__ __forceinline__ void
named_barrier_sync (int name, int threads)
{
  asm volatile ("bar.sync %0, %1;" :: "r"(name), "r"(threads) : "memory");
}

/* Make what this thread has written to shared memory visible to TMA and wgmma. */
__device__ __forceinline__ void
async_proxy_fence ()
{
  asm volatile ("fence.proxy.async.shared::cta;" ::: "memory");
}

/* 4 or 2 matrices of 8 x 8 elements, transposed; lane l has the address of row l % 8 of matrix l / 8. */
__device__ __forceinline__ void
load_transposed_4 (unsigned r[4], unsigned from)
{
  asm volatile ("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(from) : "memory");
}

__device__ __forceinline__ void
load_transposed_2 (unsigned r[2], unsigned from)
{
  asm volatile ("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
                : "=r"(r[0]), "=r"(r[1]) : "r"(from) : "memory");
}

__device__ __forceinline__ void
store_transposed_4 (unsigned to, const unsigned r[4])
{
  asm volatile ("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1, %2, %3, %4};"
                :: "r"(to), "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3]) : "memory");
}

__device__ __forceinline__ void
store_transposed_2 (unsigned to, const unsigned r[2])
{
  asm volatile ("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [%0], {%1, %2};"
                :: "r"(to), "r"(r[0]), "r"(r[1]) : "memory");
}

/* Two elements in one word, the first one in the lower half. */
__device__ __forceinline__ unsigned
to_pair (float first, float second)
{
  unsigned pair;
  asm ("cvt.rn.m4_ifelse(PRECISION, <|fp16|>, <|f16x2|>, <|bf16x2|>).f32 %0, %1, %2;"
       : "=r"(pair) : "f"(second), "f"(first));
  return pair;
}

#endif
