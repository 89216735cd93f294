m4_divert(-1)
cuda_conv_stem.m4's copies: copy_plane asks for the next plane of the filter and the rows of the input that it meets.
m4_define(<|STEM_COPY_PLANE|>, <|COMMENT(<|The planes of the block's tiles, one after the other: the next one to be copied.|>)
  int next_tile = blockIdx.x, next_kd = -1, next = 0;
  const auto copy_plane = [&] (bool weights, bool rows)
    {
      if (next_tile >= STEM_TILES)
        {
          copies_commit ();
          return;
        }
      STEM_TILE(next_tile)
      const int kd = next_kd < 0 ? kd_first : next_kd;
      const unsigned stage = stages_at + next % STEM_STAGES * STEM_STAGE_BYTES, barrier = barriers_at + next % STEM_STAGES * 8;
      IF(STEM_RESIDENT, <||>, <|if (weights)
        {
          STEM_COPY_WEIGHTS(stage, kd)
        }|>)
      if (rows)
        {
          const int at_h = row * S_H<||>ADD_OFFSET(-PAD_H), from = column * 2;
          const int begin = at_h < 0 ? 0 : at_h, end = at_h + STEM_ROWS < IN_H ? at_h + STEM_ROWS : IN_H;
          const int bytes = (from + STEM_PIXELS < IN_COLUMNS ? STEM_PIXELS : IN_COLUMNS - from) * 8;
          if (threadIdx.x < 32)
            {
              if (lane == 0)
                barrier_expect (barrier, end > begin ? (end - begin) * bytes : 0);
              __syncwarp ();
              for (int h = begin + lane; h < end; h += 32)
                copy_bytes (stage + STEM_ROWS_AT + (h - at_h) % S_H * STEM_AREA_BYTES + (h - at_h) / S_H * STEM_ROW_BYTES,
                            x + (((size_t) sample * IN_D + first_plane + kd) * IN_H + h) * IN_ROW + from * 4, bytes, barrier);
            }
          if (at_h < 0 || at_h + STEM_ROWS > IN_H)
            {
              for (int r = 0; r < STEM_ROWS; r++)
                if ((unsigned) (at_h + r) >= IN_H)
                  for (int i = threadIdx.x; i < m4_eval(STEM_ROW_BYTES / 16); i += STEM_THREADS)
                    store_zeros (stage + STEM_ROWS_AT + r % S_H * STEM_AREA_BYTES + r / S_H * STEM_ROW_BYTES + i * 16);
              written_for_engines ();
            }
        }
      next++;
      next_kd = kd + 1;
      if (next_kd == kd_end)
        {
          next_tile += STEM_BLOCKS;
          next_kd = -1;
        }
    };|>)
m4_divert(0)m4_dnl
