m4_include(<|cuda/cuda.m4|>)m4_dnl
/* ---- copies into shared memory by cp.async and products on the tensor cores, in PTX ---- */

__device__ __forceinline__ unsigned
shared_address (const void *p)
{
  return (unsigned) __cvta_generic_to_shared (p);
}

/* 16, 8, 4 or 2 bytes from FROM to the shared memory TO; zeros unless THERE. Those of 2 bytes are stored at once, the
   others have arrived when copies_wait says so. */
__device__ __forceinline__ void
copy_16 (unsigned to, const void *from, bool there)
{
  asm volatile ("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(to), "l"(from), "r"(there ? 16 : 0) : "memory");
}

/* The same through the first-level cache, for bytes that neighbouring threads read again soon. */
__device__ __forceinline__ void
copy_16_cached (unsigned to, const void *from, bool there)
{
  asm volatile ("cp.async.ca.shared.global [%0], [%1], 16, %2;" :: "r"(to), "l"(from), "r"(there ? 16 : 0) : "memory");
}

__device__ __forceinline__ void
copy_8 (unsigned to, const void *from, bool there)
{
  asm volatile ("cp.async.ca.shared.global [%0], [%1], 8, %2;" :: "r"(to), "l"(from), "r"(there ? 8 : 0) : "memory");
}

__device__ __forceinline__ void
copy_4 (unsigned to, const void *from, bool there)
{
  asm volatile ("cp.async.ca.shared.global [%0], [%1], 4, %2;" :: "r"(to), "l"(from), "r"(there ? 4 : 0) : "memory");
}

IF(HALVES, <|__device__ __forceinline__ void
copy_2 (unsigned to, const void *from, bool there)
{
  const unsigned short v = there ? *(const unsigned short *) from : 0;
  asm volatile ("st.shared.u16 [%0], %1;" :: "r"(to), "h"(v) : "memory");
}
|>)m4_dnl

__device__ __forceinline__ void
copies_commit ()
{
  asm volatile ("cp.async.commit_group;" ::: "memory");
}

/* Wait until all but the last PENDING groups of this thread's copies have arrived. */
template <int PENDING>
__device__ __forceinline__ void
copies_wait ()
{
  asm volatile ("cp.async.wait_group %0;" :: "n"(PENDING) : "memory");
}

/* Four 8 x 8 matrices of halves, or 8 x 4 of floats, with lane l's address that of row l % 8 of matrix l / 8. */
__device__ __forceinline__ void
load_matrices (unsigned r[4], unsigned from)
{
  asm volatile ("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(from) : "memory");
}

/* sum += a b: 16 rows, 8 columns, 32 bytes of each. */
__device__ __forceinline__ void
multiply (float sum[4], const unsigned a[4], const unsigned b[2])
{
  asm volatile ("mma.sync.aligned.m4_ifelse(PRECISION, <|fp16|>, <|m16n8k16.row.col.f32.f16.f16.f32|>,
                  PRECISION, <|bf16|>, <|m16n8k16.row.col.f32.bf16.bf16.f32|>, <|m16n8k8.row.col.f32.tf32.tf32.f32|>)"
                " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
IF(HALVES, <||>, <|
/* Round floats to tf32: the tensor cores would truncate them. */
__device__ __forceinline__ void
round_to_tf32 (unsigned r[4])
{
  #pragma unroll
  for (int i = 0; i < 4; i++)
    asm ("cvt.rna.tf32.f32 %0, %1;" : "=r"(r[i]) : "f"(__uint_as_float (r[i])));
}
|>)m4_dnl

/* N blocks along the grid's second axis are a cluster, which GPUs before sm_90 do not have. */
#if __CUDA_ARCH__ >= 900
#define CLUSTER_OF(n) __cluster_dims__ (1, n, 1)
#else
#define CLUSTER_OF(n)
#endif

/* Wait until all blocks of the cluster are here; what they wrote to shared memory is visible to all. */
__device__ __forceinline__ void
cluster_sync ()
{
#if __CUDA_ARCH__ >= 900
  asm volatile ("barrier.cluster.arrive.aligned;\n barrier.cluster.wait.aligned;" ::: "memory");
#endif
}

/* v += 4 floats at FROM in the shared memory of the cluster's block RANK. */
__device__ __forceinline__ void
add_remote_4 (float v[4], unsigned from, int rank)
{
#if __CUDA_ARCH__ >= 900
  float p, q, r, s;
  asm volatile ("{\n .reg .u32 there;\n mapa.shared::cluster.u32 there, %4, %5;\n"
                " ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [there];\n}"
                : "=f"(p), "=f"(q), "=f"(r), "=f"(s) : "r"(from), "r"(rank) : "memory");
  v[0] += p;
  v[1] += q;
  v[2] += r;
  v[3] += s;
#endif
}
