m4_divert(-1)
mma.m4's copies: a thread's part of the inputs and of the weights of a k-step.

WEIGHTS_AT(ROW, K): the offset of 16 bytes of weights in elements; TOGETHER rows are interleaved.
m4_define(<|WEIGHTS_AT|>, <|IF(TOGETHER > 1,
  <|$1 / TOGETHER * m4_eval(DEPTH * TOGETHER) + $1 % TOGETHER * UNIT + $2 * TOGETHER|>, <|$1 * DEPTH + $2|>)|>)
STAGE_AT(STAGE, OFFSET, I): where the thread's row number I of a stage goes in shared memory.
m4_define(<|STAGE_AT|>,
  <|shared_at + ($1 * STAGE_BYTES + m4_ifelse($2, 0, <||>, <|$2 + |>)$3 * m4_eval(APART * 128)) + copy_at|>)
AND_BEFORE_END: " && k < DEPTH" where the last k-step reaches beyond K.
m4_define(<|AND_BEFORE_END|>, <|m4_ifelse(MAY_END, 1, <| && k < DEPTH|>)|>)
ROW_GUARD(ROWS): a condition where the tile's rows end within a thread's.
m4_define(<|ROW_GUARD|>, <|IF($1 % APART, <|if (copy_row + i * APART < $1)|>)|>)

IS_INSIDE: does the tap at kw, kh, kd lie inside the input?
m4_ifdef(<|IS_INSIDE|>, <||>, <|m4_define(<|IS_INSIDE|>, <|IF(PADDED,
  <|(inside[i] >> kw & inside[i] >> (kh + K_W) & inside[i] >> (kd + m4_eval(K_W + K_H)) & 1)|>, <|inside[i]|>)|>)|>)
COPY_UNIT(TO): 16 bytes of inputs, as wide at once as the alignment of the tap's channels allows.
m4_define(<|COPY_UNIT|>, <|IF(COPY_WIDTH == UNIT, <|copy_16<||>IF(TAP_COUNT > 1, _cached) ($1, from, there);|>,
  <|#pragma unroll
            for (int j = 0; j < UNIT; STEPPED(j, COPY_WIDTH))
              {
                const bool in_tap = there && c + j < CHANNELS;
                copy_<||>m4_eval(COPY_WIDTH * ELEMENT_BYTES) ($1 + j * ELEMENT_BYTES, in_tap ? from + j : x, in_tap);
              }|>)|>)

COPY_TAPS(STAGE): the inputs of the convolution's own taps.
m4_define(<|COPY_TAPS|>, <|IF(TAP_COUNT > 1, <|const int tap = k / SPAN, c = k % SPAN;|>, <|const int c = k;|>)
      FIND_TAP(IF(TAP_COUNT > 1, tap, 0))
      #pragma unroll
      for (int i = 0; i < A_COPIES; i++)
        ROW_GUARD(TILE_M)
          {
            const bool there = IS_INSIDE<||>AND_BEFORE_END;
            const ELEMENT *const from = x + (there ? origin[i] + offset + c : 0);
            COPY_UNIT(<|STAGE_AT($1, 0, i)|>)
          }|>)
COPY_SECOND(STAGE): those of the shortcut's convolution.
m4_define(<|COPY_SECOND|>, <|#pragma unroll
          for (int i = 0; i < A_COPIES; i++)
            ROW_GUARD(TILE_M)
              {
                const bool there = second[i] >= 0<||>AND_BEFORE_END;
                copy_16 (STAGE_AT($1, 0, i), residual + (there ? second[i] + k - FIRST_DEPTH : 0), there);
              }|>)

COPY_A(STEP, STAGE), COPY_B(STEP, STAGE): inputs and weights of a k-step, in a block of their own.
m4_define(<|COPY_A|>, <|const int k = ($1) * STEP + chunk * UNIT;
      IF(SECOND_C, <|if (k >= FIRST_DEPTH)
        {
          COPY_SECOND($2)
        }
      else
        {
          COPY_TAPS($2)
        }|>, <|COPY_TAPS($2)|>)|>)
m4_define(<|COPY_B|>, <|const int k = ($1) * STEP + chunk * UNIT;
      #pragma unroll
      for (int i = 0; i < B_COPIES; i++)
        ROW_GUARD(TILE_N)
          {
            const int row = first_n + copy_row + i * APART;
            const bool there = row < MATRIX_ROWS<||>AND_BEFORE_END;
            copy_16 (STAGE_AT($2, A_BYTES, i), matrix + (there ? WEIGHTS_AT(row, k) : 0), there);
          }|>)
m4_divert(0)m4_dnl
