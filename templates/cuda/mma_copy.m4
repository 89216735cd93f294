m4_divert(-1)
mma.m4's copies: what a thread asks for of the inputs and of the weights of a step.

WEIGHTS_AT(ROW, K): 16 bytes of weights, as elements from the first.
m4_define(<|WEIGHTS_AT|>, <|IF(TOGETHER > 1, <|$1 / TOGETHER * m4_eval(DEPTH * TOGETHER) + $1 % TOGETHER * UNIT + $2 * TOGETHER|>, <|$1 * DEPTH + $2|>)|>)

COPY_A(STEP, STAGE), COPY_B
m4_define(<|COPY_A|>, <|{
      const int k = ($1) * STEP + chunk * UNIT;
      IF(SECOND_C, <|if (k >= FIRST_DEPTH)
        {
          #pragma unroll
          for (int i = 0; i < A_COPIES; i++)
            IF(TILE_M % APART, <|if (copy_row + i * APART < TILE_M)|>)
              {
                const bool there = second[i] >= 0<||>m4_ifelse(MAY_END, 1, <| && k < DEPTH|>);
                copy_16 (shared_at + (($2) * STAGE_BYTES + i * m4_eval(APART * 128)) + copy_at,
                         residual + (there ? second[i] + k - FIRST_DEPTH : 0), there);
              }
        }
      else
        {|>)
      IF(TAP_COUNT > 1, <|const int tap = k / SPAN, c = k % SPAN;|>, <|const int c = k;|>)
      FIND_TAP(IF(TAP_COUNT > 1, tap, 0))
      #pragma unroll
      for (int i = 0; i < A_COPIES; i++)
        IF(TILE_M % APART, <|if (copy_row + i * APART < TILE_M)|>)
          {
            const bool there = IS_INSIDE<||>m4_ifelse(MAY_END, 1, <| && k < DEPTH|>);
            const ELEMENT *const from = x + (there ? origin[i] + offset + c : 0);
            COPY_UNIT(<|shared_at + (($2) * STAGE_BYTES + i * m4_eval(APART * 128)) + copy_at|>)
          }
      IF(SECOND_C, })
    }|>)
m4_ifdef(<|IS_INSIDE|>, <||>, <|m4_define(<|IS_INSIDE|>, <|IF(PADDED, <|(inside[i] >> kw & inside[i] >> (kh + K_W) & inside[i] >> (kd + m4_eval(K_W + K_H)) & 1)|>,
  <|inside[i]|>)|>)|>)
m4_define(<|COPY_UNIT|>, <|IF(COPY_WIDTH == UNIT, <|copy_16<||>IF(TAP_COUNT > 1, _cached) ($1, from, there);|>,
  <|#pragma unroll
            for (int j = 0; j < UNIT; j += COPY_WIDTH)
              {
                const bool in_tap = there && c + j < CHANNELS;
                copy_<||>m4_eval(COPY_WIDTH * ELEMENT_BYTES) ($1 + j * ELEMENT_BYTES, in_tap ? from + j : x, in_tap);
              }|>)|>)
m4_define(<|COPY_B|>, <|{
      const int k = ($1) * STEP + chunk * UNIT;
      #pragma unroll
      for (int i = 0; i < B_COPIES; i++)
        IF(TILE_N % APART, <|if (copy_row + i * APART < TILE_N)|>)
          {
            const int row = first_n + copy_row + i * APART;
            const bool there = row < MATRIX_ROWS<||>m4_ifelse(MAY_END, 1, <| && k < DEPTH|>);
            copy_16 (shared_at + (($2) * STAGE_BYTES + A_BYTES + i * m4_eval(APART * 128)) + copy_at,
                     matrix + (there ? WEIGHTS_AT(row, k) : 0), there);
          }
    }|>)
m4_divert(0)m4_dnl
