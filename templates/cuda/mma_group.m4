m4_divert(-1)
mma.m4's products by warpgroups with wgmma of sm_90a, both factors in shared memory. A warpgroup multiplies 64 rows at a
time by up to 256 columns; where the output channels are few, they are the rows (SWAPPED), since then shared memory is
read less often. The products read what cp.async wrote through another proxy, so a fence stands between; with BEHIND,
one k-step's products run while the next one is waited for.
m4_define(<|GROUPS_M|>, m4_eval(THREADS / 128))
m4_define(<|GROUP_PIXELS|>, m4_eval(TILE_M / GROUPS_M))
m4_define(<|GROUP_N|>, IF(SWAPPED, GROUP_PIXELS, TILE_N))
m4_define(<|GROUP_SUMS|>, IF(SWAPPED, m4_eval(TILE_N / 64), m4_eval(GROUP_PIXELS / 64)))
m4_define(<|GROUP_COLUMNS|>, m4_eval(GROUP_N / 8))

m4_define(<|GROUP_PRODUCT|>, <|
  const unsigned long long layout = SWIZZLED;
  const int group = warp / 4;
  const unsigned long long pixels_at = layout | (shared_at + group * m4_eval(GROUP_PIXELS * 128)) >> 4;
  const unsigned long long channels_at = layout | (shared_at + A_BYTES) >> 4;
  float sum[GROUP_SUMS][GROUP_COLUMNS][4];
  #pragma unroll 1
  for (int step = 0, from = 0, to = ahead; step < steps; step++)
    {
      copies_wait<ahead - 1> ();
      IF(BEHIND, <||>, <|WGMMA_WAIT(0)|>)
      asm volatile ("fence.proxy.async.shared::cta;" ::: "memory");
      __syncthreads ();
      WGMMA_FENCE
      #pragma unroll
      for (int slice = 0; slice < 4; slice++)
        #pragma unroll
        for (int i = 0; i < GROUP_SUMS; i++)
          WGMMA_MULTIPLY(GROUP_N, <|sum[i]|>,
                <|IF(SWAPPED, channels_at, pixels_at) + from * m4_eval(STAGE_BYTES / 16) + i * 512 + slice * 2|>,
                <|IF(SWAPPED, pixels_at, channels_at) + from * m4_eval(STAGE_BYTES / 16) + slice * 2|>,
                <|step + slice|>)
      IF(BEHIND, <|WGMMA_COMMIT_AND_WAIT(1)|>, <|WGMMA_COMMIT|>)
      NEXT_STEP
      from = from + 1 < stages ? from + 1 : 0;
    }
  WGMMA_WAIT(0)
  IF(SWAPPED, <|FINISH_SWAPPED|>,
    <|FINISH_TILE(group, GROUPS_M, <|i * 64 + warp % 4 * 16|>, GROUP_SUMS, 0, GROUP_COLUMNS, 1)|>)|>)
m4_divert(0)m4_dnl
