m4_divert(-1)
TMA_KERNEL: the kernel of tma.m4 and halo.m4 around the copies, products and epilogue that they define.
m4_define(<|TMA_KERNEL|>, <|COMMENT(<|PURPOSE|>)
extern "C" __global__ void m4_dnl
IF(TMA_CLUSTER > 1, <|CLUSTER_OF (TMA_CLUSTER) |>)__launch_bounds__ (m4_eval(TMA_CONSUMERS + 32), TMA_BLOCKS)
FUNCTION (const ELEMENT *, const ELEMENT *, const float *__restrict__ w, Y_TYPE *TMA_Y<||>MORE_ARGUMENTS)
{
  extern __shared__ __align__ (1024) unsigned char shared[];
  const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
  const int first_pixel = blockIdx.x<||>IF(TMA_N_TILES > 1, <| / TMA_N_TILES|>) * TMA_TILE_PIXELS;
  const int first_channel = IF(TMA_N_TILES > 1, <|blockIdx.x % TMA_N_TILES * TMA_CHANNELS|>, 0);
  TMA_CONTENTS
  const unsigned shared_at = shared_address (shared)<||>IF(Y_WIDE == 0, <|, tile_at = shared_at + TMA_TILE_AT|>);
  const unsigned full_at = shared_at + TMA_BARRIERS_AT, empty_at = full_at + m4_eval(8 * TMA_STAGES);
  const unsigned residual_at = empty_at + m4_eval(8 * TMA_STAGES);
  TMA_MORE_BARRIERS
  IF(TMA_CLUSTER > 1, <|const int rank = blockIdx.y, first_step = rank * TMA_STEPS / TMA_CLUSTER;
  const int steps = (rank + 1) * TMA_STEPS / TMA_CLUSTER - first_step;|>,
  <|const int steps = TMA_STEPS;|>)
  if (thread == 0)
    {
      for (int s = 0; s < TMA_STAGES; s++)
        {
          barrier_init (full_at + 8 * s, 1);
          barrier_init (empty_at + 8 * s, m4_eval(TMA_GROUPS * 4));
        }
      barrier_init (residual_at, 1);
      TMA_INIT_BARRIERS
      barrier_init_fence ();
    }
  __syncthreads ();
  IF(TMA_CLUSTER > 1, <|cluster_arrive ();|>)
  if (warp == m4_eval(TMA_GROUPS * 4))
    {
      TMA_COPY
      IF(TMA_CLUSTER > 1, <|cluster_wait ();
      cluster_arrive ();
      cluster_wait ();|>)
    }
  else
    {
      IF(TMA_GROUPS > 1 || TMA_CLUSTER > 1 || Y_WIDE == 0, <|const int group = warp / 4;|>)
      TMA_EPILOGUE_VECTORS
      TMA_PRODUCT
      TMA_FINISH
    }
}|>)
m4_divert(0)m4_dnl
