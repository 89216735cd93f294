m4_divert(-1)
What the two kernels for the first layer on sm_90a have in common. The input has four channels and two bytes an element, so
that the outputs along a row, at stride 2, begin 16 bytes apart: a row as it lies in memory is, in shared memory, wgmma's
factor without swizzle, whose rows of 16 bytes follow each other (8 of them: 128 bytes) and whose next 8 terms are the
next 16 bytes. Rows overlap, and nothing is gathered. The other factor are 64 output channels: [tap][8 terms][channel].

STEM_N: pixels of a product. STEM_CHUNKS: 16 bytes of a filter's row. STEM_GROUPS: groups of four warps.
m4_define(<|STEM_TAP_BYTES|>, m4_eval(STEM_CHUNKS * 1024))
m4_define(<|STEM_OPERAND|>, <|m4_ifelse($1, 0, <||>, <|, |>)%$1|>)
STEM_MULTIPLY(SUM, WEIGHTS, PIXELS, ADD): all that wgmma takes at once; WEIGHTS, PIXELS: addresses by 16.
m4_define(<|STEM_SUM|>, <|m4_ifelse($2, 0, <||>, <|, |>)"+f"($1[m4_eval($2 / 4)][m4_eval($2 % 4)])|>)
m4_define(<|STEM_MULTIPLY|>, <|asm volatile ("{\n .reg .pred add;\n setp.ne.b32 add, %m4_eval(STEM_N / 2 + 2), 0;\n"
              " wgmma.mma_async.sync.aligned.m64n<||>STEM_N<||>k16.f32.m4_ifelse(PRECISION, <|fp16|>, <|f16.f16|>, <|bf16.bf16|>) {FOR(<|r|>, 0, m4_eval(STEM_N / 2 - 1), <|STEM_OPERAND(r)|>)}, "
              "%m4_eval(STEM_N / 2), %m4_eval(STEM_N / 2 + 1), add, 1, 1, 0, 0;\n}"
              : FOR(<|r|>, 0, m4_eval(STEM_N / 2 - 1), <|STEM_SUM(<|$1|>, r)|>)
              : "l"(channels_layout | ($2)), "l"(pixels_layout | ($3)), "r"($4));|>)
m4_define(<|STEM_LAYOUTS|>, <|COMMENT(<|8 rows are 128 bytes; the next 8 terms lie 16 bytes on, of the weights 1024.|>)
  const unsigned long long pixels_layout = 8ULL << 32 | 1 << 16, channels_layout = 8ULL << 32 | 64 << 16;|>)

STEM_COPY_WEIGHTS(TO, PLANE): the filter's plane, for the block's 64 channels.
m4_define(<|STEM_COPY_WEIGHTS|>, <|for (int e = threadIdx.x; e < m4_eval(K_H * STEM_CHUNKS * 64); e += STEM_THREADS)
    {
      const int o = e / 2 % 64, chunk = e / 128 * 2 + e % 2, kh = chunk / STEM_CHUNKS, k = chunk % STEM_CHUNKS * 8;
      const bool there = first_c + o < MATRIX_ROWS<||>IF(SPAN < STEM_CHUNKS * 8, <| && k < SPAN|>);
      copy_16 ($1 + chunk * 1024 + o * 16,
               (const ELEMENT *) w + (there ? (first_c + o) * m4_eval(K_D * K_H * SPAN) + m4_ifelse($2, 0, <||>, <|$2 * m4_eval(K_H * SPAN) + |>)kh * SPAN + k : 0), there);
    }
  copies_commit ();|>)

STEM_CHANNELS: the two channels that a thread has of each sum, their biases and slopes.
m4_define(<|STEM_CHANNELS|>, <|const int c = first_c + warp * 16 + lane / 4;
  const float bias = c < OUT_C ? w[SHIFT_AT + c] : 0, bias_8 = c + 8 < OUT_C ? w[SHIFT_AT + 8 + c] : 0;<||>m4_ifelse(ACT, <|prelu|>, <|
  const float slope = c < OUT_C ? w[SLOPE_AT + c] : 0, slope_8 = c + 8 < OUT_C ? w[SLOPE_AT + 8 + c] : 0;|>)|>)

STEM_WAIT(SUM, …): for all products; no sum is read before.
m4_define(<|STEM_WAIT|>, <|asm volatile ("wgmma.wait_group.sync.aligned 0;" ::: "memory");
      #pragma unroll
      for (int r = 0; r < m4_eval(STEM_N / 2); r++)
        asm volatile ("" : STEM_HOLD(r, $@) :: "memory");|>)
m4_define(<|STEM_HOLD|>, <|"+f"($2[$1 / 4][$1 % 4])<||>m4_ifelse(<|$3|>, <||>, <||>, <|, STEM_HOLD($1, m4_shift(m4_shift($@)))|>)|>)
m4_divert(0)m4_dnl
