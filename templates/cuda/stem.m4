m4_divert(-1)
What the two kernels for the first layer on sm_90a have in common. The input has four channels and two bytes an element,
so that the outputs along a row, at stride 2, begin 16 bytes apart: a row as it lies in memory is, in shared memory,
wgmma's factor without swizzle, whose rows of 16 bytes follow each other (8 of them: 128 bytes) and whose next 8 terms
are the next 16 bytes. Rows overlap, and nothing is gathered. The other factor are 64 output channels: [tap][8
terms][channel].

STEM_N: pixels of a product. STEM_CHUNKS: 16 bytes of a filter's row. STEM_GROUPS: groups of four warps.
m4_define(<|STEM_TAP_BYTES|>, m4_eval(STEM_CHUNKS * 1024))
m4_define(<|STEM_OPERAND|>, <|m4_ifelse($1, 0, <||>, <|, |>)%$1|>)
STEM_MULTIPLY(SUM, WEIGHTS, PIXELS, ADD): all that wgmma takes at once; WEIGHTS, PIXELS: addresses by 16 with
STEM_…_NEXT, the lower halves of descriptors, in whose upper halves is that 8 rows are 128 bytes.
m4_define(<|STEM_SUM|>, <|m4_ifelse($2, 0, <||>, <|, |>)"+f"($1[m4_eval($2 / 4)][m4_eval($2 % 4)])|>)
m4_define(<|STEM_MULTIPLY|>, <|asm volatile ("{\n .reg .pred add;\n .reg .b64 weights, pixels;\n setp.ne.b32 add, %m4_eval(STEM_N / 2 + 2), 0;\n"
              " mov.b64 weights, {%m4_eval(STEM_N / 2), 8};\n mov.b64 pixels, {%m4_eval(STEM_N / 2 + 1), 8};\n"
              " wgmma.mma_async.sync.aligned.m64n<||>STEM_N<||>k16.f32.m4_ifelse(PRECISION, <|fp16|>, <|f16.f16|>, <|bf16.bf16|>) {FOR(<|r|>, 0, m4_eval(STEM_N / 2 - 1), <|STEM_OPERAND(r)|>)}, "
              "weights, pixels, add, 1, 1, 0, 0;\n}"
              : FOR(<|r|>, 0, m4_eval(STEM_N / 2 - 1), <|STEM_SUM(<|$1|>, r)|>)
              : "r"($2), "r"($3), "r"($4));|>)
The next 8 terms lie 1024 bytes on, of pixels 16.
m4_define(<|STEM_WEIGHTS_NEXT|>, m4_eval(64 << 16))
m4_define(<|STEM_PIXELS_NEXT|>, m4_eval(1 << 16))

m4_define(<|STEM_WEIGHT_BYTES|>, m4_eval(K_H * STEM_TAP_BYTES))
STEM_WEIGHTS(PLANE): where the filter's plane lies, for the block's 64 channels.
m4_define(<|STEM_WEIGHTS|>, <|(const ELEMENT *) w + (blockIdx.y<||>IF(K_D > 1, <| * K_D + $1|>)) * m4_eval(STEM_WEIGHT_BYTES / 2)|>)

STEM_CHANNELS: the two channels that a thread has of each sum, their biases and slopes; first_c: the first one of the
warp.
m4_define(<|STEM_CHANNELS|>, <|const int c = first_c + lane / 4;
  const float bias = c < OUT_C ? w[SHIFT_AT + c] : 0, bias_8 = c + 8 < OUT_C ? w[SHIFT_AT + 8 + c] : 0;<||>IF(SLOPE_AT >= 0, <|
  const float slope = c < OUT_C ? w[SLOPE_AT + c] : 0, slope_8 = c + 8 < OUT_C ? w[SLOPE_AT + 8 + c] : 0;|>)|>)

STEM_WAIT(SUM, …): for all products; no sum is read before.
m4_define(<|STEM_WAIT|>, <|asm volatile ("wgmma.wait_group.sync.aligned 0;" ::: "memory");
      #pragma unroll
      for (int r = 0; r < m4_eval(STEM_N / 2); r++)
        asm volatile ("" : STEM_HOLD(r, $@) :: "memory");|>)
m4_define(<|STEM_HOLD|>, <|"+f"($2[$1 / 4][$1 % 4])<||>m4_ifelse(<|$3|>, <||>, <||>, <|, STEM_HOLD($1, m4_shift(m4_shift($@)))|>)|>)
m4_divert(0)m4_dnl
