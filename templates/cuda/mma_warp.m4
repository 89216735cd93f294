m4_divert(-1)
mma.m4's products by warps with mma.sync: a warp has WARP_M rows x WARP_N columns.
m4_define(<|WARP_M|>, m4_eval(TILE_M / WARPS_M))
m4_define(<|WARP_N|>, m4_eval(TILE_N / WARPS_N))
m4_define(<|M_SUMS|>, m4_eval(WARP_M / 16))
m4_define(<|N_SUMS|>, m4_eval(WARP_N / 8))

NEXT_STEP: start the copies of the k-step that comes so many steps, ahead, after the present one.
m4_define(<|NEXT_STEP|>, <|if (step + ahead < steps)
        {
          {
            COPY_A(first_step + step + ahead, to)
          }
          {
            COPY_B(first_step + step + ahead, to)
          }
        }
      copies_commit ();
      to = to + 1 < stages ? to + 1 : 0;|>)

m4_define(<|WARP_PRODUCT|>, <|
  const int warp_n = warp % WARPS_N, warp_m = warp / WARPS_N % WARPS_M;
  IF(WARPS_K > 1, <|const int warp_k = warp / m4_eval(WARPS_N * WARPS_M);|>)
  const unsigned a_at = shared_at + (warp_m * WARP_M + lane % 16) * 128;
  const unsigned b_at = shared_at + A_BYTES + (warp_n * WARP_N + lane / 16 * 8 + lane % 8) * 128;
  float sum[M_SUMS][N_SUMS][4] = {};
  #pragma unroll 1
  for (int step = 0, from = 0, to = ahead; step < steps; step++)
    {
      copies_wait<ahead - 1> ();
      __syncthreads ();
      NEXT_STEP
      #pragma unroll
      for (int part = 0; part < m4_eval(4 / WARPS_K); part++)
        {
          const int slice = IF(WARPS_K > 1, <|part * WARPS_K + warp_k|>, part);
          const int a_chunk = ((slice * 2 + lane / 16) ^ lane % 8) * 16;
          const int b_chunk = ((slice * 2 + lane / 8 % 2) ^ lane % 8) * 16;
          unsigned a[M_SUMS][4], b[m4_eval(N_SUMS * 2)];
          #pragma unroll
          for (int i = 0; i < M_SUMS; i++)
            load_matrices (a[i], a_at + from * STAGE_BYTES + i * 2048 + a_chunk);
          #pragma unroll
          for (int j = 0; j < N_SUMS; j += 2)
            load_matrices (b + 2 * j, b_at + from * STAGE_BYTES + j * 1024 + b_chunk);
          IF(ELEMENT_BYTES == 4, <|#pragma unroll
          for (int i = 0; i < M_SUMS; i++)
            round_to_tf32 (a[i]);|>)
          #pragma unroll
          for (int i = 0; i < M_SUMS; i++)
            #pragma unroll
            for (int j = 0; j < N_SUMS; j++)
              multiply (sum[i][j], a[i], b + 2 * j);
        }
      from = from + 1 < stages ? from + 1 : 0;
    }
  FINISH_TILE(warp_m, WARPS_M, <|i * 16|>, M_SUMS, <|warp_n * WARP_N|>, N_SUMS, WARPS_K)|>)
m4_divert(0)m4_dnl
