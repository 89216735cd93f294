m4_divert(-1)
A convolution on sm_90a whose tiles the copy engine moves (TMA): one warp asks for them, groups of four warps multiply. Rows
of wgmma are output channels, its columns are pixels, so that few channels fill it too. A block's tile is TMA_GROUPS_N times
64 channels x TMA_GROUPS_M times TMA_PIXELS pixels, a group of warps has 64 x TMA_PIXELS of it. In a step it gets 64 channels
of a tap: 128 bytes of each pixel, gathered as a window's position asks (im2col: taps outside are zeros), and of each row
of weights, the 16 bytes at k being at k ^ row % 8. TMA_STAGES steps are in shared memory or under way; a barrier of each says
that it is full, another that all have multiplied it. The TMA_CLUSTER blocks of a cluster share the terms of a sum.

X_RANK, SECOND_RANK: of the maps of the inputs: 2: pixels one behind the other, 4 and 5: of an image, of a volume.
require(<|TMA_PIXELS|>, <|TMA_GROUPS_M|>, <|TMA_GROUPS_N|>, <|TMA_STAGES|>, <|TMA_CLUSTER|>, <|TMA_BLOCKS|>, <|TMA_N_TILES|>,
  <|X_RANK|>, <|SECOND_RANK|>, <|TMA_TILE_AT|>, <|TMA_SUMS_AT|>, <|TMA_BARRIERS_AT|>)
m4_define(<|TMA_GROUPS|>, m4_eval(TMA_GROUPS_M * TMA_GROUPS_N))
m4_define(<|TMA_WORKERS|>, m4_eval(TMA_GROUPS * 128))
m4_define(<|TMA_TILE_PIXELS|>, m4_eval(TMA_GROUPS_M * TMA_PIXELS))
m4_define(<|TMA_CHANNELS|>, m4_eval(TMA_GROUPS_N * 64))
m4_define(<|TMA_WEIGHT_BYTES|>, m4_eval(TMA_CHANNELS * 128))
m4_define(<|TMA_STAGE_BYTES|>, m4_eval(TMA_WEIGHT_BYTES + TMA_TILE_PIXELS * 128))
m4_define(<|TMA_STEPS|>, m4_eval(DEPTH / 64))
m4_define(<|TMA_COLUMNS|>, m4_eval(TMA_PIXELS / 8))
m4_define(<|TMA_STEP|>, <|IF(TMA_CLUSTER > 1, <|first_step + $1|>, <|$1|>)|>)
m4_define(<|TMA_HAS_RESIDUAL|>, m4_eval(RES_SAMPLE >= 0))

m4_define(<|NEXT_STAGE|>, <|if (++stage == TMA_STAGES)
                {
                  stage = 0;
                  parity ^= 1;
                }|>)
m4_define(<|TMA_OPERAND|>, <|m4_ifelse($1, 0, <||>, <|, |>)%$1|>)
m4_define(<|TMA_SUM_OPERAND|>, <|m4_ifelse($1, 0, <||>, <|, |>)"+f"(sum[m4_eval($1 / 4)][m4_eval($1 % 4)])|>)
m4_define(<|TMA_MULTIPLY|>, <|asm volatile ("{\n .reg .pred add;\n setp.ne.b32 add, %m4_eval(TMA_PIXELS / 2 + 2), 0;\n"
                        " wgmma.mma_async.sync.aligned.m64n<||>TMA_PIXELS<||>k16.f32.m4_ifelse(PRECISION, <|fp16|>, <|f16.f16|>, <|bf16.bf16|>) {FOR(<|r|>, 0, m4_eval(TMA_PIXELS / 2 - 1), <|TMA_OPERAND(r)|>)}, "
                        "%m4_eval(TMA_PIXELS / 2), %m4_eval(TMA_PIXELS / 2 + 1), add, 1, 1, 0, 0;\n}"
                        : FOR(<|r|>, 0, m4_eval(TMA_PIXELS / 2 - 1), <|TMA_SUM_OPERAND(r)|>)
                        : "l"($1), "l"($2), "r"($3));|>)

m4_define(<|TMA_PRODUCT|>, <|const unsigned long long layout = 1ULL << 62 | 64ULL << 32 | 1 << 16;
      const unsigned long long weights_at = layout | (shared_at<||>IF(TMA_GROUPS_N > 1, <| + group % TMA_GROUPS_N * 8192|>)) >> 4;
      const unsigned long long pixels_at = layout | (shared_at + TMA_WEIGHT_BYTES<||>IF(TMA_GROUPS_M > 1, <| + group / TMA_GROUPS_N * m4_eval(TMA_PIXELS * 128)|>)) >> 4;
      float sum[TMA_COLUMNS][4];
      #pragma unroll 1
      for (int step = 0, stage = 0, parity = 0; step < steps; step++)
        {
          barrier_wait (full_at + 8 * stage, parity);
          asm volatile ("wgmma.fence.sync.aligned;" ::: "memory");
          #pragma unroll
          for (int slice = 0; slice < 4; slice++)
            TMA_MULTIPLY(<|weights_at + stage * m4_eval(TMA_STAGE_BYTES / 16) + slice * 2|>,
                         <|pixels_at + stage * m4_eval(TMA_STAGE_BYTES / 16) + slice * 2|>, <|step + slice|>)
          asm volatile ("wgmma.commit_group.sync.aligned;\n wgmma.wait_group.sync.aligned 1;" ::: "memory");
          if (step > 0 && lane == 0) /* the step before has been multiplied */
            barrier_arrive (empty_at + 8 * (stage ? stage - 1 : m4_eval(TMA_STAGES - 1)));
          NEXT_STAGE
        }
      asm volatile ("wgmma.wait_group.sync.aligned 0;" ::: "memory");|>)

What halo.m4 has in other ways.
m4_define(<|TMA_CONTENTS|>, <|COMMENT(<|Stages of TMA_CHANNELS rows of weights and TMA_TILE_PIXELS pixels, 128 bytes of each; the tile of results; barriers.|>)|>)
m4_define(<|TMA_Y|>, <|IF(Y_WIDE, <|__restrict__ y|>)|>)
m4_define(<|TMA_MORE_BARRIERS|>, <||>)
m4_define(<|TMA_INIT_BARRIERS|>, <||>)

m4_define(<|TMA_KERNEL|>, <|COMMENT(<|PURPOSE|>)
extern "C" __global__ void IF(TMA_CLUSTER > 1, <|CLUSTER_OF (TMA_CLUSTER) |>)__launch_bounds__ (m4_eval(TMA_WORKERS + 32), TMA_BLOCKS)
FUNCTION (const ELEMENT *, const ELEMENT *, const float *__restrict__ w, Y_TYPE *TMA_Y<||>MORE_ARGUMENTS)
{
  extern __shared__ __align__ (1024) unsigned char shared[];
  const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
  const int first_pixel = blockIdx.x<||>IF(TMA_N_TILES > 1, <| / TMA_N_TILES|>) * TMA_TILE_PIXELS, first_channel = IF(TMA_N_TILES > 1, <|blockIdx.x % TMA_N_TILES * TMA_CHANNELS|>, 0);
  TMA_CONTENTS
  const unsigned shared_at = shared_address (shared)<||>IF(Y_WIDE == 0, <|, tile_at = shared_at + TMA_TILE_AT|>);
  const unsigned full_at = shared_at + TMA_BARRIERS_AT, empty_at = full_at + m4_eval(8 * TMA_STAGES), residual_at = empty_at + m4_eval(8 * TMA_STAGES);
  TMA_MORE_BARRIERS
  IF(TMA_CLUSTER > 1, <|const int rank = blockIdx.y;
  const int first_step = rank * TMA_STEPS / TMA_CLUSTER, steps = (rank + 1) * TMA_STEPS / TMA_CLUSTER - first_step;|>, <|
  const int steps = TMA_STEPS;|>)
  if (thread == 0)
    {
      for (int s = 0; s < TMA_STAGES; s++)
        {
          barrier_init (full_at + 8 * s, 1);
          barrier_init (empty_at + 8 * s, m4_eval(TMA_GROUPS * 4));
        }
      barrier_init (residual_at, 1);
      TMA_INIT_BARRIERS
      barriers_are_ready ();
    }
  __syncthreads ();
  IF(TMA_CLUSTER > 1, <|cluster_arrive ();|>)
  if (warp == m4_eval(TMA_GROUPS * 4))
    {
      TMA_COPY
      IF(TMA_CLUSTER > 1, <|cluster_await ();
      cluster_arrive ();
      cluster_await ();|>)
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
