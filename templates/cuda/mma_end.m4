m4_divert(-1)
The end of mma.m4's tile: the sums go through shared memory, so that a thread has 8 channels of a pixel, to which it
adds bias and residual, applies the activation and stores 16 bytes. ROUNDS: that many parts of the tile's rows, one
after the other, where shared memory does not hold all sums.

Groups of 8 sums of a round.
m4_define(<|EIGHTS|>, m4_eval(PART_ROWS * TILE_N / 8))
ITEMS: the head of a loop over a thread's groups e of a round. ITEM: which pixel and channels e is.
m4_define(<|ITEMS|>, <|IF(CLUSTER > 1,
        <|for (int e = rank * EIGHTS / parts + thread, last = (rank + 1) * EIGHTS / parts; e < last; e += THREADS)|>,
        <|for (int e = thread; e < EIGHTS; e += THREADS)|>)|>)
m4_define(<|ITEM|>, <|const int r = e / m4_eval(TILE_N / 8), n = e % m4_eval(TILE_N / 8) * 8, o = first_n + n;
          const int m = first_m + IF(ROUNDS > 1, <|r / (PART_ROWS / strips) * (TILE_M / strips)
                                  + round * (PART_ROWS / strips) + r % (PART_ROWS / strips)|>, r);|>)

COPY_RESIDUAL: prefetch the residual at the beginning; each thread reads what it copied itself.
m4_define(<|COPY_RESIDUAL|>, <|IF(STAGES_AT, <|#pragma unroll
  for (int round = 0; round < ROUNDS; round++)
    #pragma unroll
    ITEMS
      {
        ITEM
        const bool there = m < PIXEL_COUNT && o < COLUMNS;
        RESULT(m)
        copy_16 (shared_address (shared + (round * EIGHTS + e) * 16),
                 residual + (there ? pixel * OUT_C + OUT_FIRST + o : 0), there);
      }|>)|>)

STORE_CHANNELS: the epilogue of v, 8 channels from c on, or as many as there are, and their store.
m4_define(<|RESIDUAL_8|>, <|IF(STAGES_AT, <|(const ELEMENT *) (shared + (round * EIGHTS + e) * 16)|>,
  <|residual + pixel * OUT_C + c|>)|>)
m4_define(<|STORE_CHANNELS|>, <|IF(OUT_C % 8 == 0 && COLUMNS % 8 == 0 && Y_WIDE == 0, <|m4_dnl
IF(RES_SAMPLE >= 0, <|float more[8];
          load_8 (more, RESIDUAL_8);
          |>)#pragma unroll
          for (int q = 0; q < 8; q++)
            {
              float s = v[q] + w[BIAS_AT + c + q];
              IF(RES_SAMPLE >= 0, <|s += more[q]<||>m4_dnl
IF(RESIDUAL_SCALE_AT >= 0, <| * w[RESIDUAL_SCALE_AT + c + q]|>);|>)
              ACTIVATE_ONE(s, <|c + q|>)
              v[q] = s;
            }
          store_8 (y + pixel * OUT_C + c, v);|>, <|#pragma unroll
          for (int q = 0; q < 8; q++)
            if (o + q < COLUMNS)
              {
                float s = v[q] + w[BIAS_AT + c + q];
                FINISH(s, <|c + q|>, <|pixel * OUT_C + c + q|>)
                y[pixel * OUT_C + c + q] = YSTORED(s);
              }|>)|>)

ADD_PARTS(PARTS, ADD): v from a cluster's block p: ADD is done for each of its PARTS partial sums.
m4_define(<|ADD_PARTS|>, <|
            #pragma unroll
            for (int k = 0; k < $1; k++)
              {
                const unsigned there = shared_at + ((k * PART_ROWS + r) * PITCH + n) * 4;
                $2
              }|>)
ADD_PARTS_HERE(PARTS): v from this block's partial sums.
m4_define(<|ADD_PARTS_HERE|>, <|#pragma unroll
          for (int k = 0; k < $1; k++)
            #pragma unroll
            for (int q = 0; q < 8; q++)
              v[q] += partial_sums[(k * PART_ROWS + r) * PITCH + n + q];|>)
FINISH_ITEMS(PARTS): from partial sums in shared memory to results; a template that pools has its own.
m4_ifdef(<|FINISH_ITEMS|>, <||>, <|m4_define(<|FINISH_ITEMS|>, <|#pragma unroll 1
      ITEMS
        {
          ITEM
          if (m >= PIXEL_COUNT || o >= COLUMNS)
            continue;
          RESULT(m)
          const int c = OUT_FIRST + o;
          float v[8] = {};
          IF(CLUSTER > 1, <|
#if __CUDA_ARCH__ >= 900
          for (int p = 0; p < CLUSTER; p++)
            ADD_PARTS($1, <|add_remote_4 (v, there, p);
                add_remote_4 (v + 4, there + 16, p);|>)
#else
          ADD_PARTS_HERE($1)
#endif|>, <|ADD_PARTS_HERE($1)|>)
          STORE_CHANNELS
        }|>)|>)

FINISH_TILE(STRIP, STRIPS, ROW_IN_STRIP, SUMS, COLUMN, COLUMN_SUMS, PARTS): the end of a warp whose sums are those of
strip STRIP of STRIPS strips of rows: sum[i] begins at the strip's row ROW_IN_STRIP, sum[i][0] at COLUMN. The block has
PARTS partial sums of each result.
m4_define(<|FINISH_TILE|>, <|
  copies_wait<0> ();
  dependency_trigger ();
  float *const partial_sums = (float *) (shared<||>PLUS(STAGES_AT));
  #pragma unroll
  for (int round = 0; round < ROUNDS; round++)
    {
      __syncthreads ();
      #pragma unroll
      for (int i = 0; i < m4_eval($4 / ROUNDS); i++)
        #pragma unroll
        for (int j = 0; j < $6; j++)
          {
            const float *const s = sum[round * m4_eval($4 / ROUNDS) + i][j];
            const int row = $1 * m4_eval(PART_ROWS / $2) + $3 + lane / 4, column = $5 + j * 8 + lane % 4 * 2;
            float *const to = partial_sums + IF($7 > 1, <|(warp_k * PART_ROWS + row)|>, row) * PITCH + column;
            *(float2 *) to = make_float2 (s[0], s[1]);
            *(float2 *) (to + m4_eval(8 * PITCH)) = make_float2 (s[2], s[3]);
          }
      IF(CLUSTER > 1, <|cluster_sync ();|>)
      __syncthreads ();
      FINISH_ITEMS($7)
      IF(CLUSTER > 1, <|cluster_sync (); /* the others have read this block's part */|>)
    }|>)
FINISH_SWAPPED: the same for a warpgroup whose sums have the channels as rows.
m4_define(<|FINISH_SWAPPED|>, <|
  copies_wait<0> ();
  dependency_trigger ();
  float *const partial_sums = (float *) (shared<||>PLUS(STAGES_AT));
  IF(STAGES_AT, <|const int round = 0;|>)
  __syncthreads ();
  #pragma unroll
  for (int i = 0; i < GROUP_SUMS; i++)
    #pragma unroll
    for (int j = 0; j < GROUP_COLUMNS; j++)
      {
        const float *const s = sum[i][j];
        const int pixel = group * GROUP_PIXELS + j * 8 + lane % 4 * 2, channel = i * 64 + warp % 4 * 16 + lane / 4;
        float *const to = partial_sums + pixel * PITCH + channel;
        to[0] = s[0];
        to[PITCH] = s[1];
        to[8] = s[2];
        to[m4_eval(PITCH + 8)] = s[3];
      }
  IF(CLUSTER > 1, <|cluster_sync ();|>)
  __syncthreads ();
  FINISH_ITEMS(1)
  IF(CLUSTER > 1, <|cluster_sync ();|>)|>)
m4_divert(0)m4_dnl
