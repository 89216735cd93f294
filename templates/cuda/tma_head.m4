m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
COPY_PIXELS(RANK, COORDINATES, OFFSETS, DECLARED, DECLARED_OFFSETS, PLACEHOLDERS, OFFSET_PLACEHOLDERS, OPERANDS): the
function copy_pixels_RANK; the last three are those of the PTX.
m4_define(<|COPY_PIXELS|>, <|/* 64 channels, from C on, of a tile of pixels in im2col mode: of the
   window's positions from ($2n) on, in their order, each at the tap that is $3 away. */
__device__ __forceinline__ void
copy_pixels_$1 (unsigned to, const struct tensor_map *map, int c, $4int n, $5unsigned barrier)
{
  asm volatile ("cp.async.bulk.tensor.$1d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes"
                " [%0], [%1, {$6}], [%2], {$7};"
                :: "r"(to), "l"(map), "r"(barrier), "r"(c), $8 : "memory");
}
|>)
m4_divert(0)m4_dnl
/* ---- TMA of sm_90, in PTX ---- */

/* A tensor map, made by the driver: where a tensor is, its extents, the tile of one copy. */
struct __align__ (64) tensor_map
{
  unsigned long long words[16];
};

#ifdef __CUDA_ARCH_FEAT_SM90_ALL
/* Fetch the map itself, which a copy will use soon. */
__device__ __forceinline__ void
prefetch_map (const struct tensor_map *map)
{
  asm volatile ("prefetch.tensormap [%0];" :: "l"(map) : "memory");
}

/* A tile of a matrix, from column C and row ROW on, to shared memory; zeros outside. BARRIER counts its bytes. */
__device__ __forceinline__ void
copy_matrix (unsigned to, const struct tensor_map *map, int c, int row, unsigned barrier)
{
  asm volatile ("cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes"
                " [%0], [%1, {%3, %4}], [%2];"
                :: "r"(to), "l"(map), "r"(barrier), "r"(c), "r"(row) : "memory");
}

COPY_PIXELS(4, <|w, h, |>, <|(off_w, off_h)|>, <|int w, int h, |>, <|int off_w, int off_h, |>, <|%3, %4, %5, %6|>,
  <|%7, %8|>, <|"r"(w), "r"(h), "r"(n), "h"((short) off_w), "h"((short) off_h)|>)
COPY_PIXELS(5, <|w, h, d, |>, <|(off_w, off_h, off_d)|>, <|int w, int h, int d, |>,
  <|int off_w, int off_h, int off_d, |>, <|%3, %4, %5, %6, %7|>, <|%8, %9, %10|>,
  <|"r"(w), "r"(h), "r"(d), "r"(n),
                   "h"((short) off_w), "h"((short) off_h), "h"((short) off_d)|>)
/* A tile of a matrix from shared memory; complete when this returns. Nothing is written outside the matrix. */
__device__ __forceinline__ void
store_matrix (const struct tensor_map *map, int c, int row, unsigned from)
{
  asm volatile ("cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%0, {%2, %3}], [%1];\n"
                " cp.async.bulk.commit_group;\n cp.async.bulk.wait_group 0;"
                :: "l"(map), "r"(from), "r"(c), "r"(row) : "memory");
}

/* 16 bytes from shared memory to global memory. */
__device__ __forceinline__ void
store_16 (void *to, unsigned from)
{
  uint4 v;
  asm volatile ("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];"
                : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(from) : "memory");
  *(uint4 *) to = v;
}

/* The cluster's barrier in two halves: this block arrives; all have arrived, and what they sent is visible. */
__device__ __forceinline__ void
cluster_arrive ()
{
  asm volatile ("barrier.cluster.arrive.release.aligned;" ::: "memory");
}

__device__ __forceinline__ void
cluster_wait ()
{
  asm volatile ("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

/* 4 floats to TO in the shared memory of the cluster's block RANK. */
__device__ __forceinline__ void
store_remote_4 (unsigned to, int rank, const float v[4])
{
  asm volatile ("{\n .reg .u32 there;\n mapa.shared::cluster.u32 there, %0, %1;\n"
                " st.shared::cluster.v4.f32 [there], {%2, %3, %4, %5};\n}"
                :: "r"(to), "r"(rank), "f"(v[0]), "f"(v[1]), "f"(v[2]), "f"(v[3]) : "memory");
}

/* v += 4 floats at FROM in shared memory. */
__device__ __forceinline__ void
add_4 (float v[4], unsigned from)
{
  float p, q, r, s;
  asm volatile ("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
                : "=f"(p), "=f"(q), "=f"(r), "=f"(s) : "r"(from) : "memory");
  v[0] += p;
  v[1] += q;
  v[2] += r;
  v[3] += s;
}
#endif
