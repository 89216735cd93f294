m4_divert(-1)
conv_stem_pool.m4's steps: where each is, its copies, its products and the maximum along a row.

STEM_STEP(N): declarations of step N's position: it is step s of a strip, at row ph of the pool, from column on; slot is
that of its first input row in the ring.
m4_define(<|STEM_STEP|>, <|const int turn = $1 / STEM_STEPS, s = $1 % STEM_STEPS, tile = worker + turn * STEM_WORKERS;
      const int ph = tile / STEM_ACROSS % STEM_STRIPS * STEM_STRIP + s<||>MINUS(STEM_LEAD_H);
      const int sample = tile / m4_eval(STEM_ACROSS * STEM_STRIPS);
      const int column = tile % STEM_ACROSS * m4_eval(STEM_PW - STEM_LEAD_W)<||>MINUS(STEM_LEAD_W);
      const int slot = (turn * m4_eval(STEM_ROWS + (STEM_STEPS - 1) * STEM_ADVANCE) + s * STEM_ADVANCE) % STEM_RING;|>)

STEM_COPY_ROWS: the function that issues a step's copies.
m4_define(<|STEM_COPY_ROWS|>,
  <|/* Fetch the rows of step n that no step before it read; rows outside the input are zeros. */
  const auto copy_rows = [&] (int n)
    {
      STEM_STEP(n)
      const int row = (ph * 2<||>PLUS(1 - POOL_PAD_H)) * S_H<||>MINUS(PAD_H);
      const int first = s ? m4_eval(STEM_ROWS - STEM_ADVANCE) : 0;
      const int left = (column * 2<||>PLUS(1 - POOL_PAD_W)) * 2, from = left < 0 ? 0 : left;
      const int bytes = ((left + STEM_PIXELS < IN_COLUMNS ? left + STEM_PIXELS : IN_COLUMNS) - from) * 8;
      const unsigned barrier = full_at + n % STEM_RING_STEPS * 8;
      if (warp == 0)
        {
          const bool there = lane >= first && lane < STEM_ROWS && (unsigned) (row + lane) < IN_H;
          const int rows = __popc (__ballot_sync (0xffffffff, there));
          if (lane == 0)
            barrier_expect (barrier, rows * bytes);
          __syncwarp ();
          if (there)
            copy_bytes (ring_at + (slot + lane) % STEM_RING * STEM_ROW_BYTES + (from - left) * 8,
                        x + ((size_t) sample * IN_H + row + lane) * IN_ROW + from * 4, bytes, barrier);
        }
      if (row + first < 0 || row + STEM_ROWS > IN_H)
        {
          for (int r = first; r < STEM_ROWS; r++)
            if ((unsigned) (row + r) >= IN_H)
              for (int i = thread; i < m4_eval(STEM_ROW_BYTES / 16); i += 128)
                store_zeros (ring_at + (slot + r) % STEM_RING * STEM_ROW_BYTES + i * 16);
          async_proxy_fence ();
        }
    };|>)

STEM_MULTIPLY_ROW(ROW, FROM): a row of the convolution, whose input begins FROM rows behind the step's.
m4_define(<|STEM_MULTIPLY_ROW|>, <|#pragma unroll
      for (int kh = 0; kh < K_H; kh++)
        #pragma unroll
        for (int k = 0; k < m4_eval(STEM_CHUNKS / 2); k++)
          {
            const unsigned row = ring_at + (slot + kh<||>PLUS($2)) % STEM_RING * STEM_ROW_BYTES;
            STEM_MULTIPLY($1, weights_at / 16 + STEM_WEIGHTS_NEXT + kh * m4_eval(STEM_TAP_BYTES / 16) + k * 128,
                          row / 16 + STEM_PIXELS_NEXT + k * 2, kh + k)
          }|>)

PAIRED: is the activation computed from the maximum, of two channels at once? Else it comes before, in floats.
m4_define(<|PAIRED|>, <|m4_ifelse(ACT, <|none|>, 0, ACTIVATION_PAIR(), <||>, 0, 1)|>)
STEM_BIASED(SUM, BIAS): the sum with its bias and, unless PAIRED, the activation.
m4_define(<|STEM_BIASED|>, <|m4_ifelse(ACT, <|none|>, <|$1 + $2|>,
  <|IF(PAIRED, <|$1 + $2|>, <|ACTIVATION(<|($1 + $2)|>)|>)|>)|>)
STEM_ROW_MAXIMUM(ROW): the maxima along W of the windows whose middle is a thread's pixel, for a pair of channels.
m4_define(<|STEM_ROW_MAXIMUM|>, <|unsigned $1_even
            = to_pair (STEM_BIASED($1[j][0], bias), STEM_BIASED($1[j][2], bias_8));
          unsigned $1_odd = to_pair (STEM_BIASED($1[j][1], bias), STEM_BIASED($1[j][3], bias_8));
          IF(STEM_MASKED, <|if ((unsigned) (cw + j * 8) >= CONV_W)
            $1_even = STEM_NOTHING;
          if ((unsigned) (cw + j * 8 + 1) >= CONV_W)
            $1_odd = STEM_NOTHING;|>)
          const unsigned $1_before = __shfl_sync (0xffffffff, $1_odd, (lane & 28) | ((lane + 3) & 3));
          const unsigned $1_max = larger_of (larger_of ($1_even, $1_odd), lane % 4 ? $1_before : $1_left);
          $1_left = $1_before;|>)
m4_divert(0)m4_dnl
