m4_divert(-1)
The end of tma.m4's tile. A thread has, of every 8 pixels, two neighbours at two channels that are 8 apart, to which it
applies bias, residual and activation. stmatrix transposes the results into a tile of 128 bytes a pixel in shared
memory, which TMA stores. The residual came to that same tile by TMA and is read by ldmatrix. Split-K: each block of a
cluster first sends the others its partial sums of their pixels, then finishes its own pixels.
m4_define(<|TMA_OUT_PIXELS|>, m4_eval(TMA_PIXELS / TMA_CLUSTER))
m4_define(<|TMA_OUT_COLUMNS|>, m4_eval(TMA_OUT_PIXELS / 8))
m4_define(<|TMA_GROUP_TILE|>, <|tile_at<||>IF(TMA_GROUPS > 1, <| + group * m4_eval(TMA_OUT_PIXELS * 128)|>)|>)
m4_define(<|TMA_FIRST_CHANNEL|>, <|first_channel<||>IF(TMA_GROUPS_N > 1, <| + group % TMA_GROUPS_N * 64|>)|>)
m4_define(<|TMA_FIRST_OUTPUT|>, <|first_pixel<||>m4_dnl
IF(TMA_GROUPS_M > 1, <| + group / TMA_GROUPS_N * TMA_PIXELS|>)<||>IF(TMA_CLUSTER > 1, <| + rank * TMA_OUT_PIXELS|>)|>)

TMA_EPILOGUE_VECTORS: declarations of what the epilogue needs for the thread's two channels. TMA_PAIR(NAME, AT): one of
these vectors.
m4_define(<|TMA_PAIR|>, <|const float $1[2] = { IF(OUT_C % TMA_CHANNELS,
        <|channel < OUT_C ? w[$2 + channel] : 0, channel + 8 < OUT_C ? w[$2 + channel + 8] : 0|>,
        <|w[$2 + channel], w[$2 + channel + 8]|>) };|>)
m4_define(<|TMA_EPILOGUE_VECTORS|>, <|const int channel = TMA_FIRST_CHANNEL + warp % 4 * 16 + lane / 4;
      TMA_PAIR(bias, BIAS_AT)
      IF(RESIDUAL_SCALE_AT >= 0, <|TMA_PAIR(residual_scale, RESIDUAL_SCALE_AT)|>)
      IF(SLOPE_AT >= 0, <|TMA_PAIR(slope, SLOPE_AT)|>)|>)
m4_define(<|TMA_ACTIVATE|>, <|ACTIVATE_WITH(<|$1|>, <|slope[$2]|>)|>)

TMA_EXCHANGE: v: the sums of this block's pixels, from all blocks of the cluster.
m4_define(<|TMA_EXCHANGE|>, <|const unsigned sums_at
        = shared_at + TMA_SUMS_AT + (group * m4_eval(TMA_COLUMNS * 128) + thread % 128) * 16;
      cluster_wait (); /* all blocks run */
      #pragma unroll
      for (int j = 0; j < TMA_COLUMNS; j++)
        store_remote_4 (sums_at + IF(TMA_OUT_COLUMNS > 1,
                <|(rank * TMA_OUT_COLUMNS + j % TMA_OUT_COLUMNS) * 2048, j / TMA_OUT_COLUMNS|>,
                <|rank * 2048, j|>), sum[j]);
      cluster_arrive ();
      cluster_wait (); /* all partial sums have come */
      float v[TMA_OUT_COLUMNS][4] = {};
      #pragma unroll
      for (int r = 0; r < TMA_CLUSTER; r++)
        #pragma unroll
        for (int j = 0; j < TMA_OUT_COLUMNS; j++)
          add_4 (v[j], sums_at + (r * TMA_OUT_COLUMNS + j) * 2048);|>)

TMA_STORE_COLUMNS(MATRICES): 2: 8 pixels at 16 channels, 4: 16 pixels.
m4_define(<|TMA_SCALED|>, <|IF(RESIDUAL_SCALE_AT >= 0, <| * residual_scale[q % 2]|>)|>)
m4_define(<|TMA_STORE_COLUMNS|>, <|unsigned pairs[$1];
          IF(TMA_HAS_RESIDUAL, <|load_transposed_$1 (pairs, at + j * 1024);|>)
          #pragma unroll
          for (int q = 0; q < $1; q++)
            {
              float lo = v[j + q / 2][q % 2 * 2] + bias[q % 2], hi = v[j + q / 2][q % 2 * 2 + 1] + bias[q % 2];
              IF(TMA_HAS_RESIDUAL, <|lo += to_float ((unsigned short) pairs[q])<||>TMA_SCALED;
              hi += to_float ((unsigned short) (pairs[q] >> 16))<||>TMA_SCALED;|>)
              TMA_ACTIVATE(lo, <|q % 2|>)
              TMA_ACTIVATE(hi, <|q % 2|>)
              pairs[q] = to_pair (lo, hi);
            }
          store_transposed_$1 (at + j * 1024, pairs);|>)
TMA_STORE_TILE, TMA_LOAD_RESIDUAL: a warpgroup's tile; halo.m4 has its own.
m4_ifdef(<|TMA_STORE_TILE|>, <||>, <|m4_define(<|TMA_STORE_TILE|>, <|async_proxy_fence ();
      named_barrier_sync (1 + group, 128);
      if (thread % 128 == 0)
        store_matrix (&y_map, TMA_FIRST_CHANNEL, TMA_FIRST_OUTPUT, TMA_GROUP_TILE);|>)
m4_define(<|TMA_LOAD_RESIDUAL|>,
  <|copy_matrix (TMA_GROUP_TILE, &residual_map, TMA_FIRST_CHANNEL, TMA_FIRST_OUTPUT, residual_at);|>)|>)
TMA_STORE: results as elements, through the tile.
m4_define(<|TMA_STORE|>, <|IF(TMA_HAS_RESIDUAL, <|barrier_wait (residual_at, 0);|>)
      IF(TMA_TILE_AT == 0, <|named_barrier_sync (15, TMA_CONSUMERS); /* the tile lies where the stages were */|>)
      const unsigned at = TMA_GROUP_TILE + (lane / 16 * 8 + lane % 8) * 128
                          + ((warp % 4 * 2 + lane / 8 % 2) ^ lane % 8) * 16;
      IF(TMA_OUT_COLUMNS > 1, <|#pragma unroll
      for (int j = 0; j + 1 < TMA_OUT_COLUMNS; j += 2)
        {
          TMA_STORE_COLUMNS(4)
        }|>)
      IF(TMA_OUT_COLUMNS % 2, <|{
          const int j = m4_eval(TMA_OUT_COLUMNS - 1);
          TMA_STORE_COLUMNS(2)
        }|>)
      TMA_STORE_TILE|>)
TMA_STORE_FLOATS: results as floats, which scores are.
m4_define(<|TMA_STORE_FLOATS|>, <|#pragma unroll
      for (int j = 0; j < TMA_OUT_COLUMNS; j++)
        #pragma unroll
        for (int q = 0; q < 4; q++)
          {
            const int pixel = TMA_FIRST_OUTPUT + j * 8 + lane % 4 * 2 + q % 2, c = channel + q / 2 * 8;
            float s = v[j][q] + bias[q / 2];
            TMA_ACTIVATE(s, <|q / 2|>)
            if (pixel < PIXEL_COUNT && c < OUT_C)
              y[(size_t) pixel * OUT_C + c] = s;
          }|>)

TMA_FINISH: from a consumer's sums to results.
m4_define(<|TMA_FINISH|>, <|IF(TMA_CLUSTER > 1, <|TMA_EXCHANGE|>, <|float (*const v)[4] = sum;|>)
      IF(Y_WIDE, <|TMA_STORE_FLOATS|>, <|TMA_STORE|>)|>)
m4_divert(0)m4_dnl
