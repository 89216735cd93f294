m4_divert(-1)
What the two kernels for the first layer on sm_90a have in common. The input has four channels and two bytes an element,
so that the outputs along a row, at stride 2, begin 16 bytes apart: a row as it lies in memory is, in shared memory,
wgmma's factor without swizzle, whose rows of 16 bytes follow each other (8 of them: 128 bytes) and whose next 8 terms
are the next 16 bytes. Rows overlap, and nothing is gathered. The other factor are 64 output channels: [tap][8
terms][channel].

STEM_N: pixels of a product. STEM_CHUNKS: 16 bytes of a filter's row, so many. STEM_GROUPS: consumer warpgroups.
m4_define(<|STEM_TAP_BYTES|>, m4_eval(STEM_CHUNKS * 1024))
STEM_MULTIPLY(SUM, WEIGHTS, PIXELS, ADD): wgmma on 16 terms of a filter's row. WEIGHTS, PIXELS: the lower halves of
descriptors: an address by 16, plus STEM_…_NEXT; their upper halves say that 8 rows are 128 bytes.
m4_define(<|STEM_MULTIPLY|>, <|asm volatile ("{\n .reg .pred add;\n .reg .b64 weights, pixels;\n"
              " setp.ne.b32 add, %m4_eval(STEM_N / 2 + 2), 0;\n"
              " mov.b64 weights, {%m4_eval(STEM_N / 2), 8};\n mov.b64 pixels, {%m4_eval(STEM_N / 2 + 1), 8};\n"
              " wgmma.mma_async.sync.aligned.m64n<||>STEM_N<||>k16.WGMMA_TYPES"
              " {OPERAND_LIST(0, m4_eval(STEM_N / 2 - 1))}, "
              "weights, pixels, add, 1, 1, 0, 0;\n}"
              : SUM_LIST(<|$1|>, m4_eval(STEM_N / 2))
              : "r"($2), "r"($3), "r"($4));|>)
The next 8 terms of weights lie 1024 bytes on, those of pixels 16.
m4_define(<|STEM_WEIGHTS_NEXT|>, m4_eval(64 << 16))
m4_define(<|STEM_PIXELS_NEXT|>, m4_eval(1 << 16))

m4_define(<|STEM_WEIGHT_BYTES|>, m4_eval(K_H * STEM_TAP_BYTES))
STEM_WEIGHTS(PLANE): the weights of the filter's plane, for the block's 64 channels.
m4_define(<|STEM_WEIGHTS|>, <|(const ELEMENT *) w + IF(K_D > 1, <|(blockIdx.y * K_D + $1)|>, blockIdx.y)<||>m4_dnl
 * m4_eval(STEM_WEIGHT_BYTES / 2)|>)

STEM_CHANNELS: declarations of the two channels that a thread has of each sum, c and c + 8, their biases and slopes;
first_c: the first channel of the warp.
m4_define(<|STEM_VECTOR|>, <|const float $1 = c < OUT_C ? w[$2 + c] : 0, $1_8 = c + 8 < OUT_C ? w[$2 + 8 + c] : 0;|>)
m4_define(<|STEM_CHANNELS|>, <|const int c = first_c + lane / 4;
  STEM_VECTOR(bias, BIAS_AT)
  IF(SLOPE_AT >= 0, <|STEM_VECTOR(slope, SLOPE_AT)|>)|>)

STEM_WAIT(SUM, …): wait for all products; the compiler must not read a sum before.
m4_define(<|STEM_HOLD|>, <|"+f"($2[$1 / 4][$1 % 4])<||>m4_dnl
m4_ifelse(<|$3|>, <||>, <||>, <|, STEM_HOLD($1, m4_shift(m4_shift($@)))|>)|>)
m4_define(<|STEM_WAIT|>, <|WGMMA_WAIT(0)
      #pragma unroll
      for (int r = 0; r < m4_eval(STEM_N / 2); r++)
        asm volatile ("" : STEM_HOLD(r, $@) :: "memory");|>)
m4_divert(0)m4_dnl
