m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_define(<|COPY_PIXELS|>, <|/* … of the pixels from the place ($2n) of a window on, in its order; the tap is $3 away from it. */
__device__ __forceinline__ void
copy_pixels_$1 (unsigned to, const struct tensor_map *map, int c, $4int n, $5unsigned barrier)
{
  asm volatile ("cp.async.bulk.tensor.$1d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes [%0], [%1, {$6}], [%2], {$7};"
                :: "r"(to), "l"(map), "r"(barrier), "r"(c), $8 : "memory");
}
|>)m4_dnl
/* ---- the copy engine of sm_90, in PTX ---- */

/* Made by the driver: where a tensor is, its extents, the tile of one copy. */
struct __align__ (64) tensor_map
{
  unsigned long long words[16];
};

#ifdef __CUDA_ARCH_FEAT_SM90_ALL
/* The copy engine will use this map. */
__device__ __forceinline__ void
map_prefetch (const struct tensor_map *map)
{
  asm volatile ("prefetch.tensormap [%0];" :: "l"(map) : "memory");
}

/* A tile of a matrix from column C and ROW on; zeros outside. */
__device__ __forceinline__ void
copy_matrix (unsigned to, const struct tensor_map *map, int c, int row, unsigned barrier)
{
  asm volatile ("cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];"
                :: "r"(to), "l"(map), "r"(barrier), "r"(c), "r"(row) : "memory");
}

COPY_PIXELS(4, <|w, h, |>, <|(off_w, off_h)|>, <|int w, int h, |>, <|int off_w, int off_h, |>, <|%3, %4, %5, %6|>, <|%7, %8|>, <|"r"(w), "r"(h), "r"(n), "h"((short) off_w), "h"((short) off_h)|>)
COPY_PIXELS(5, <|w, h, d, |>, <|(off_w, off_h, off_d)|>, <|int w, int h, int d, |>, <|int off_w, int off_h, int off_d, |>, <|%3, %4, %5, %6, %7|>, <|%8, %9, %10|>,
  <|"r"(w), "r"(h), "r"(d), "r"(n),
                   "h"((short) off_w), "h"((short) off_h), "h"((short) off_d)|>)
/* A tile back to a matrix, which is whole when this returns; nothing is written outside. */
__device__ __forceinline__ void
store_matrix (const struct tensor_map *map, int c, int row, unsigned from)
{
  asm volatile ("cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%0, {%2, %3}], [%1];\n"
                " cp.async.bulk.commit_group;\n cp.async.bulk.wait_group 0;"
                :: "l"(map), "r"(from), "r"(c), "r"(row) : "memory");
}

/* 16 bytes from shared memory to TO. */
__device__ __forceinline__ void
store_16 (void *to, unsigned from)
{
  uint4 v;
  asm volatile ("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(from) : "memory");
  *(uint4 *) to = v;
}

/* The cluster's blocks: this one has come here; all others, too, and what they sent. */
__device__ __forceinline__ void
cluster_arrive ()
{
  asm volatile ("barrier.cluster.arrive.release.aligned;" ::: "memory");
}

__device__ __forceinline__ void
cluster_await ()
{
  asm volatile ("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

/* 4 floats to the place TO in the shared memory of the cluster's block RANK. */
__device__ __forceinline__ void
send_4 (unsigned to, int rank, const float v[4])
{
  asm volatile ("{\n .reg .u32 there;\n mapa.shared::cluster.u32 there, %0, %1;\n"
                " st.shared::cluster.v4.f32 [there], {%2, %3, %4, %5};\n}"
                :: "r"(to), "r"(rank), "f"(v[0]), "f"(v[1]), "f"(v[2]), "f"(v[3]) : "memory");
}

/* v += the 4 floats at FROM. */
__device__ __forceinline__ void
add_4 (float v[4], unsigned from)
{
  float p, q, r, s;
  asm volatile ("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(p), "=f"(q), "=f"(r), "=f"(s) : "r"(from) : "memory");
  v[0] += p;
  v[1] += q;
  v[2] += r;
  v[3] += s;
}
#endif
