m4_divert(-1)
conv_stem.m4's copies by its producer warp. STEM_COPY_WEIGHTS: the mbarriers and the first planes of the weights; the
other planes follow one by one, after the rows that are needed before them.
m4_define(<|STEM_COPY_WEIGHTS|>, <|unsigned issued = 0; /* a bit for each plane of weights */
  const auto copy_weights = [&] (int kd)
    {
      if (lane == 0 && !(issued >> kd & 1))
        {
          barrier_expect (weights_full_at + kd * 8, STEM_WEIGHT_BYTES);
          copy_bytes (shared_at + kd * STEM_WEIGHT_BYTES, STEM_WEIGHTS(kd), STEM_WEIGHT_BYTES,
                      weights_full_at + kd * 8);
        }
      issued |= 1U << kd;
    };
  if (warp == m4_eval(STEM_GROUPS * 4))
    {
      if (lane == 0)
        {
          for (int i = 0; i < STEM_STAGES; i++)
            {
              barrier_init (full_at + 8 * i, 1);
              barrier_init (empty_at + 8 * i, 4);
            }
          for (int i = 0; i < K_D; i++)
            barrier_init (weights_full_at + 8 * i, 1);
          IF(STEM_GROUPS > 1, <|barrier_init (turns_at, 4);
          barrier_init (turns_at + 8, 4);|>)
          barrier_init_fence ();
        }
      STEM_PLANES((int) blockIdx.x)
      for (int kd = kd_first; kd < kd_end && kd < kd_first + 2; kd++)
        copy_weights (kd);
    }|>)
STEM_COPY_PLANES: the input's rows, plane by plane of the filter, for all of the block's tiles.
m4_define(<|STEM_COPY_PLANES|>, <|int n = 0;
      #pragma unroll 1
      for (int tile = blockIdx.x; tile < STEM_TILES; tile += STEM_BLOCKS)
        {
          STEM_TILE(tile)
          STEM_PLANES(tile)
          const int at_h = row * S_H<||>MINUS(PAD_H), from = column * 2;
          const int begin = at_h < 0 ? 0 : at_h, end = at_h + STEM_ROWS < IN_H ? at_h + STEM_ROWS : IN_H;
          const int bytes = (from + STEM_PIXELS < IN_COLUMNS ? STEM_PIXELS : IN_COLUMNS - from) * 8;
          #pragma unroll 1
          for (int kd = kd_first; kd < kd_end; kd++, n++)
            {
              const unsigned stage = stages_at + n % STEM_STAGES * STEM_STAGE_BYTES;
              const unsigned full = full_at + n % STEM_STAGES * 8;
              if (n >= STEM_STAGES)
                barrier_wait (empty_at + n % STEM_STAGES * 8, (n / STEM_STAGES + 1) % 2);
              if (at_h < 0 || at_h + STEM_ROWS > IN_H)
                {
                  #pragma unroll 1
                  for (int r = 0; r < STEM_ROWS; r++)
                    if ((unsigned) (at_h + r) >= IN_H)
                      #pragma unroll 1
                      for (int i = lane; i < m4_eval(STEM_ROW_BYTES / 16); i += 32)
                        store_zeros (stage + r % S_H * STEM_AREA_BYTES + r / S_H * STEM_ROW_BYTES + i * 16);
                  async_proxy_fence ();
                  __syncwarp ();
                }
              if (lane == 0)
                barrier_expect (full, end > begin ? (end - begin) * bytes : 0);
              __syncwarp ();
              #pragma unroll 1
              for (int h = begin + lane; h < end; h += 32)
                copy_bytes (stage + (h - at_h) % S_H * STEM_AREA_BYTES + (h - at_h) / S_H * STEM_ROW_BYTES,
                            x + (((size_t) sample * IN_D + first_plane + kd) * IN_H + h) * IN_ROW + from * 4,
                            bytes, full);
              #pragma unroll 1
              for (int i = kd; i < kd_end && i < kd + 3; i++)
                copy_weights (i);
            }
        }|>)
m4_divert(0)m4_dnl
