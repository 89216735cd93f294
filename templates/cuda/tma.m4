m4_divert(-1)
Implicit GEMM on sm_90a with tiles moved by TMA. The last warp of a thread block is the producer, which issues all
copies; the warpgroups before it are consumers. The rows of wgmma are output channels and its columns pixels, so that
few channels fill it, too. A block's tile is TMA_GROUPS_N times 64 channels x TMA_GROUPS_M times TMA_PIXELS pixels, of
which each warpgroup has 64 x TMA_PIXELS. A k-step is 64 channels of a tap: 128 bytes of each row of weights and of each
pixel, in im2col mode, where taps outside are zeros; both in the 128-byte swizzle. TMA_STAGES k-steps are in shared
memory or in flight; one mbarrier per stage says that it is full, another one that all warps have multiplied it.
Split-K: the TMA_CLUSTER blocks of a cluster share K.

X_RANK, SECOND_RANK: the ranks of the tensor maps of the inputs: 2: pixels one behind the other, 4: of images, 5: of
volumes. TMA_TILE_AT, TMA_SUMS_AT, TMA_BARRIERS_AT: offsets in shared memory.
require(<|TMA_PIXELS|>, <|TMA_GROUPS_M|>, <|TMA_GROUPS_N|>, <|TMA_STAGES|>, <|TMA_CLUSTER|>, <|TMA_BLOCKS|>,
  <|TMA_N_TILES|>, <|X_RANK|>, <|SECOND_RANK|>, <|TMA_TILE_AT|>, <|TMA_SUMS_AT|>, <|TMA_BARRIERS_AT|>)
m4_define(<|TMA_GROUPS|>, m4_eval(TMA_GROUPS_M * TMA_GROUPS_N))
m4_define(<|TMA_CONSUMERS|>, m4_eval(TMA_GROUPS * 128))
m4_define(<|TMA_TILE_PIXELS|>, m4_eval(TMA_GROUPS_M * TMA_PIXELS))
m4_define(<|TMA_CHANNELS|>, m4_eval(TMA_GROUPS_N * 64))
m4_define(<|TMA_WEIGHT_BYTES|>, m4_eval(TMA_CHANNELS * 128))
m4_define(<|TMA_STAGE_BYTES|>, m4_eval(TMA_WEIGHT_BYTES + TMA_TILE_PIXELS * 128))
m4_define(<|TMA_STEPS|>, m4_eval(DEPTH / 64))
m4_define(<|TMA_COLUMNS|>, m4_eval(TMA_PIXELS / 8))
m4_define(<|TMA_HAS_RESIDUAL|>, m4_eval(RES_SAMPLE >= 0))

What halo.m4 has in other ways: a comment on shared memory, the name of the output, more mbarriers.
m4_define(<|TMA_CONTENTS|>, <|COMMENT(<|Shared memory: stages of TMA_CHANNELS rows of weights and
     TMA_TILE_PIXELS pixels, 128 bytes of each; the tile of results; mbarriers.|>)|>)
m4_define(<|TMA_Y|>, <|IF(Y_WIDE, <|__restrict__ y|>)|>)
m4_define(<|TMA_MORE_BARRIERS|>, <||>)
m4_define(<|TMA_INIT_BARRIERS|>, <||>)

NEXT_STAGE: on to the next stage of the ring; parity is that of the mbarrier phase which is waited for.
m4_define(<|NEXT_STAGE|>, <|if (++stage == TMA_STAGES)
                {
                  stage = 0;
                  parity ^= 1;
                }|>)
RELEASE_STAGE_BEFORE: tell the producer that this warp has multiplied the stage before the present one.
m4_define(<|RELEASE_STAGE_BEFORE|>,
  <|barrier_arrive (empty_at + 8 * (stage ? stage - 1 : m4_eval(TMA_STAGES - 1)));|>)
WEIGHTS_DESCRIPTOR, PIXELS_DESCRIPTOR(OFFSET): declarations of wgmma's descriptors of the warpgroup's rows in the first
stage; OFFSET: where pixels begin in shared memory.
m4_define(<|WEIGHTS_DESCRIPTOR|>, <|const unsigned long long weights_at
        = layout | (shared_at<||>IF(TMA_GROUPS_N > 1, <| + group % TMA_GROUPS_N * 8192|>)) >> 4;|>)
m4_define(<|PIXELS_DESCRIPTOR|>, <|const unsigned long long pixels_at
        = layout | (shared_at + $1<||>m4_dnl
IF(TMA_GROUPS_M > 1, <| + group / TMA_GROUPS_N * m4_eval(TMA_PIXELS * 128)|>)) >> 4;|>)

TMA_PRODUCT: a consumer's products.
m4_define(<|TMA_PRODUCT|>, <|const unsigned long long layout = SWIZZLED;
      WEIGHTS_DESCRIPTOR
      PIXELS_DESCRIPTOR(TMA_WEIGHT_BYTES)
      float sum[TMA_COLUMNS][4];
      #pragma unroll 1
      for (int step = 0, stage = 0, parity = 0; step < steps; step++)
        {
          barrier_wait (full_at + 8 * stage, parity);
          WGMMA_FENCE
          #pragma unroll
          for (int slice = 0; slice < 4; slice++)
            WGMMA_MULTIPLY(TMA_PIXELS, sum, <|weights_at + stage * m4_eval(TMA_STAGE_BYTES / 16) + slice * 2|>,
                           <|pixels_at + stage * m4_eval(TMA_STAGE_BYTES / 16) + slice * 2|>, <|step + slice|>)
          WGMMA_COMMIT_AND_WAIT(1)
          if (step > 0 && lane == 0) /* the k-step before has been multiplied */
            RELEASE_STAGE_BEFORE
          NEXT_STAGE
        }
      WGMMA_WAIT(0)|>)
m4_divert(0)m4_dnl
