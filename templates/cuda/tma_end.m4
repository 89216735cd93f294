m4_divert(-1)
The end of tma.m4's tile. A thread has, of each 8 pixels, two neighbours at two channels, 8 apart. Bias, residual and
activation are applied there; then matrices of 8 x 8 are transposed on their way into a tile of 128 bytes a pixel, which the
copy engine takes to the output. The residual came to that same tile the other way round. In a cluster, each block first sends
the others their pixels' parts of the sums and finishes its own pixels.
m4_define(<|TMA_OUT_PIXELS|>, m4_eval(TMA_PIXELS / TMA_CLUSTER))
m4_define(<|TMA_OUT_COLUMNS|>, m4_eval(TMA_OUT_PIXELS / 8))
m4_define(<|TMA_GROUP_TILE|>, <|tile_at<||>IF(TMA_GROUPS > 1, <| + group * m4_eval(TMA_OUT_PIXELS * 128)|>)|>)
m4_define(<|TMA_FIRST_CHANNEL|>, <|first_channel<||>IF(TMA_GROUPS_N > 1, <| + group % TMA_GROUPS_N * 64|>)|>)
m4_define(<|TMA_FIRST_OUTPUT|>, <|first_pixel<||>IF(TMA_GROUPS_M > 1, <| + group / TMA_GROUPS_N * TMA_PIXELS|>)<||>IF(TMA_CLUSTER > 1, <| + rank * TMA_OUT_PIXELS|>)|>)
TMA_PAIR(NAME, AT): the two channels' elements of an epilogue's vector.
m4_define(<|TMA_PAIR|>, <|const float $1[2] = { IF(OUT_C % TMA_CHANNELS, <|channel < OUT_C ? w[$2 + channel] : 0, channel + 8 < OUT_C ? w[$2 + channel + 8] : 0|>, <|w[$2 + channel], w[$2 + channel + 8]|>) };|>)
m4_define(<|TMA_EPILOGUE_VECTORS|>, <|const int channel = TMA_FIRST_CHANNEL + warp % 4 * 16 + lane / 4;
      TMA_PAIR(shift, SHIFT_AT)
      IF(RESIDUAL_SCALE_AT >= 0, <|TMA_PAIR(residual_scale, RESIDUAL_SCALE_AT)|>)
      IF(SLOPE_AT >= 0, <|TMA_PAIR(slope, SLOPE_AT)|>)|>)
m4_define(<|TMA_ACTIVATE|>, <|ACTIVATE_WITH(<|$1|>, <|slope[$2]|>)|>)

TMA_EXCHANGE: v: the sums of this block's pixels.
m4_define(<|TMA_EXCHANGE|>, <|const unsigned sums_at = shared_at + TMA_SUMS_AT + (group * m4_eval(TMA_COLUMNS * 128) + thread % 128) * 16;
      cluster_await (); /* all blocks run */
      #pragma unroll
      for (int j = 0; j < TMA_COLUMNS; j++)
        send_4 (sums_at + IF(TMA_OUT_COLUMNS > 1, <|(rank * TMA_OUT_COLUMNS + j % TMA_OUT_COLUMNS) * 2048, j / TMA_OUT_COLUMNS|>, <|rank * 2048, j|>), sum[j]);
      cluster_arrive ();
      cluster_await (); /* all parts have come */
      float v[TMA_OUT_COLUMNS][4] = {};
      #pragma unroll
      for (int r = 0; r < TMA_CLUSTER; r++)
        #pragma unroll
        for (int j = 0; j < TMA_OUT_COLUMNS; j++)
          add_4 (v[j], sums_at + (r * TMA_OUT_COLUMNS + j) * 2048);|>)

m4_define(<|TMA_FINISH|>, <|IF(TMA_CLUSTER > 1, <|TMA_EXCHANGE|>, <|float (*const v)[4] = sum;|>)
      IF(Y_WIDE, <|TMA_STORE_FLOATS|>, <|TMA_STORE|>)|>)
TMA_STORE: as elements, through the tile.
m4_define(<|TMA_STORE|>, <|IF(TMA_HAS_RESIDUAL, <|barrier_wait (residual_at, 0);|>)
      IF(TMA_TILE_AT == 0, <|group_wait (15, TMA_WORKERS); /* the tile lies where the stages were */|>)
      const unsigned at = TMA_GROUP_TILE + (lane / 16 * 8 + lane % 8) * 128 + ((warp % 4 * 2 + lane / 8 % 2) ^ lane % 8) * 16;
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
TMA_STORE_COLUMNS(MATRICES): of 8 pixels at 16 channels, or of 16.
m4_define(<|TMA_STORE_COLUMNS|>, <|unsigned pairs[$1];
          IF(TMA_HAS_RESIDUAL, <|load_across_$1 (pairs, at + j * 1024);|>)
          #pragma unroll
          for (int q = 0; q < $1; q++)
            {
              float lo = v[j + q / 2][q % 2 * 2] + shift[q % 2], hi = v[j + q / 2][q % 2 * 2 + 1] + shift[q % 2];
              IF(TMA_HAS_RESIDUAL, <|lo += to_float ((unsigned short) pairs[q])<||>IF(RESIDUAL_SCALE_AT >= 0, <| * residual_scale[q % 2]|>);
              hi += to_float ((unsigned short) (pairs[q] >> 16))<||>IF(RESIDUAL_SCALE_AT >= 0, <| * residual_scale[q % 2]|>);|>)
              TMA_ACTIVATE(lo, <|q % 2|>)
              TMA_ACTIVATE(hi, <|q % 2|>)
              pairs[q] = to_pair (lo, hi);
            }
          store_across_$1 (at + j * 1024, pairs);|>)
TMA_STORE_TILE, TMA_LOAD_RESIDUAL: a group's tile; conv_halo.m4 has its own.
m4_ifdef(<|TMA_STORE_TILE|>, <||>, <|m4_define(<|TMA_STORE_TILE|>, <|written_for_engines ();
      group_wait (1 + group, 128);
      if (thread % 128 == 0)
        store_matrix (&y_map, TMA_FIRST_CHANNEL, TMA_FIRST_OUTPUT, TMA_GROUP_TILE);|>)
m4_define(<|TMA_LOAD_RESIDUAL|>, <|copy_matrix (TMA_GROUP_TILE, &residual_map, TMA_FIRST_CHANNEL, TMA_FIRST_OUTPUT, residual_at);|>)|>)
TMA_STORE_FLOATS: scores.
m4_define(<|TMA_STORE_FLOATS|>, <|#pragma unroll
      for (int j = 0; j < TMA_OUT_COLUMNS; j++)
        #pragma unroll
        for (int q = 0; q < 4; q++)
          {
            const int pixel = TMA_FIRST_OUTPUT + j * 8 + lane % 4 * 2 + q % 2, c = channel + q / 2 * 8;
            float s = v[j][q] + shift[q / 2];
            TMA_ACTIVATE(s, <|q / 2|>)
            if (pixel < PIXEL_COUNT && c < OUT_C)
              y[(size_t) pixel * OUT_C + c] = s;
          }|>)
m4_divert(0)m4_dnl
