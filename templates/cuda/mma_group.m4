m4_divert(-1)
mma.m4's products by groups of four warps: wgmma of sm_90a, both factors in shared memory. A group multiplies 64 rows at
a time by up to 256 columns; where the output channels are few, it is they that are the rows (SWAPPED), since then shared
memory is read less often. The products read what copies wrote, so a fence stands between; with BEHIND, one step's products
run while the next is waited for.
m4_define(<|GROUPS_M|>, m4_eval(THREADS / 128))
m4_define(<|GROUP_PIXELS|>, m4_eval(TILE_M / GROUPS_M))
m4_define(<|GROUP_N|>, IF(SWAPPED, GROUP_PIXELS, TILE_N))
m4_define(<|GROUP_SUMS|>, IF(SWAPPED, m4_eval(TILE_N / 64), m4_eval(GROUP_PIXELS / 64)))
m4_define(<|GROUP_COLUMNS|>, m4_eval(GROUP_N / 8))
m4_define(<|LAST_SUM|>, m4_eval(GROUP_N / 2 - 1))
m4_define(<|OPERAND|>, <|m4_ifelse($1, 0, <||>, <|, |>)%$1|>)
m4_define(<|SUM_OPERAND|>, <|m4_ifelse($1, 0, <||>, <|, |>)"+f"(sum[i][m4_eval($1 / 4)][m4_eval($1 % 4)])|>)
m4_define(<|GROUP_MULTIPLY|>, <|asm volatile ("{\n .reg .pred add;\n setp.ne.b32 add, %m4_eval(GROUP_N / 2 + 2), 0;\n"
              " wgmma.mma_async.sync.aligned.m64n<||>GROUP_N<||>k16.f32.m4_ifelse(PRECISION, <|fp16|>, <|f16.f16|>, <|bf16.bf16|>) {FOR(<|r|>, 0, LAST_SUM, <|OPERAND(r)|>)}, "
              "%m4_eval(GROUP_N / 2), %m4_eval(GROUP_N / 2 + 1), add, 1, 1, 0, 0;\n}"
              : FOR(<|r|>, 0, LAST_SUM, <|SUM_OPERAND(r)|>)
              : "l"($1), "l"($2), "r"($3));|>)

A matrix in shared memory: rows of 128 bytes, swizzled, 8 of them 1024 bytes apart from the next 8.
m4_define(<|GROUP_PRODUCT|>, <|
  const unsigned long long layout = 1ULL << 62 | 64ULL << 32 | 1 << 16;
  const int group = warp / 4;
  const unsigned long long pixels_at = layout | (shared_at + group * m4_eval(GROUP_PIXELS * 128)) >> 4;
  const unsigned long long channels_at = layout | (shared_at + A_BYTES) >> 4;
  float sum[GROUP_SUMS][GROUP_COLUMNS][4];
  #pragma unroll 1
  for (int step = 0, from = 0, to = ahead; step < steps; step++)
    {
      copies_wait<ahead - 1> ();
IF(BEHIND, <||>, <|      asm volatile ("wgmma.wait_group.sync.aligned 0;" ::: "memory");
|>)m4_dnl
      asm volatile ("fence.proxy.async.shared::cta;" ::: "memory");
      __syncthreads ();
      asm volatile ("wgmma.fence.sync.aligned;" ::: "memory");
      #pragma unroll
      for (int slice = 0; slice < 4; slice++)
        #pragma unroll
        for (int i = 0; i < GROUP_SUMS; i++)
          GROUP_MULTIPLY(<|IF(SWAPPED, channels_at, pixels_at) + from * m4_eval(STAGE_BYTES / 16) + i * 512 + slice * 2|>,
                         <|IF(SWAPPED, pixels_at, channels_at) + from * m4_eval(STAGE_BYTES / 16) + slice * 2|>, <|step + slice|>)
      asm volatile ("wgmma.commit_group.sync.aligned;IF(BEHIND, <|\n wgmma.wait_group.sync.aligned 1;|>)" ::: "memory");
      NEXT_STEP
      from = from + 1 < stages ? from + 1 : 0;
    }
  asm volatile ("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  IF(SWAPPED, <|FINISH_SWAPPED|>, <|FINISH_TILE(group, GROUPS_M, <|i * 64 + warp % 4 * 16|>, GROUP_SUMS, 0, GROUP_COLUMNS, 1)|>)|>)
m4_divert(0)m4_dnl
