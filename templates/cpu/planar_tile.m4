m4_divert(-1)
The register tile of convolutions over planes: TILE_OF(PIXELS) defines the function tile_PIXELS. For conv_planar.m4 and
conv_planar_pool.m4, with their parameters.
m4_include(<|cpu/tile.m4|>)
The input has floats; the weights are as the output's elements.
m4_define(<|WEIGHT_ELEMENT|>, OUT_ELEMENT)
m4_define(<|WEIGHT_TYPE|>, <|TYPE_OF(<|WEIGHT|>)|>)
E_OF_BLOCK: the block's place in the vectors behind the weights, which are floats.
m4_define(<|E_OF_BLOCK|>, <|IF(IS_BF16(<|WEIGHT|>), e, w)<||>AT(o, OUT_BLOCKS, BLOCK)|>)
m4_define(<|E_VECTORS|>, <|IF(IS_BF16(<|WEIGHT|>), <|const float *const e = weights;|>)|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))

STEP(PIXELS, Q, OFFSET): one tap.
m4_define(<|STEP|>, <|WEIGHTS_OF(VECTORS, <|$2|>)
              EACH_PIXEL(<|$1|>, <|MULTIPLY_ADD(VECTORS, P, <|p[m4_eval(P * S_W + $3)]|>)|>)
              STEP_END ();|>)
The window's rows are written out from UNROLL 2 on, in braces where the loops of the other axes stay.
m4_define(<|ROWS_IN_LOOPS|>, <|m4_eval(UNROLL == 2 && K_H > 1 && IN_C * K_D > 1)|>)
m4_define(<|EACH_ROW|>, <|IF(UNROLL > 1, <|BRACED(ROWS_IN_LOOPS, <|FOR(<|ROW|>, 0, m4_eval(K_H - 1), <|$1
 |>)|>)|>, <| LOOP(kh, K_H)
$1|>)|>)
m4_define(<|WINDOW_ROW_AT|>, <|IF(UNROLL > 1, <|ADD_OFFSET(ROW * DIL_H * IN_ROW)|>, <|TERM(kh, K_H, m4_dnl
m4_eval(DIL_H * IN_ROW))|>)|>)
m4_define(<|CHANNEL_AT|>, <|IF(WHOLE_TILE, <|ADD_OFFSET(TAP_c * IN_BLOCK)|>, <|AT(c, IN_C, IN_BLOCK)|>)|>)
The axes of a tile that are loops or written out, and whether a row's taps are both.
m4_define(<|ROWS_LOOP|>, <|m4_eval(IN_C * K_D * K_H > 1)|>)

EACH_TAP_OF_ROW(PIXELS): a row of the window, from p on.
m4_define(<|TAPS_WRITTEN_OUT|>, <|FOR(<|TAP|>, 0, m4_eval(K_W - 1), <|BRACED(K_W > 1, <|STEP(<|$1|>, m4_dnl
<|q<||>ADD_OFFSET(BLOCK * TAP)|>, <|DIL_W * TAP|>)|>)
          |>)
          q += m4_eval(BLOCK * K_W);|>)
m4_define(<|EACH_TAP_OF_ROW|>, <|IF(UNROLL || K_W == 1, <|TAPS_WRITTEN_OUT(<|$1|>)|>,
          <|for (int kw = 0; kw < K_W; kw++, m4_ifelse(DIL_W, 1, <|p++|>, <|p += DIL_W|>), q += BLOCK)
            {
              STEP(<|$1|>, q, 0)
            }|>)|>)

TILE_OF(PIXELS)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 output pixels of a row, CHANNELS_TEXT(VECTORS). x: the first pixel's first tap; w: the block's weights;
   e: its place in the vectors behind them<||>R_TEXT.|>)
TILE
tile_$1 (const float *x, const WEIGHT_TYPE *w, const float *e, R_PARAMETER()TYPE_OF(SUMS_TO) *y)
{
  EACH_TILE(<|const WEIGHT_TYPE *q = w<||>V;
      EACH_PIXEL(<|$1|>, <|BIASES(VECTORS, P)|>)
      EACH_TAP(c, IN_C, <|EACH_TAP(kd, K_D, <|EACH_ROW(<|BRACED(ROWS_LOOP, <|const float *p = x<||>CHANNEL_AT()m4_dnl
TAP(kd, K_D, DIL_D * IN_PLANE)WINDOW_ROW_AT;
          EACH_TAP_OF_ROW(<|$1|>)|>)|>)|>)|>)
      EACH_PIXEL(<|$1|>, <|STORE_SUMS(VECTORS, P, <|r<||>ADD_OFFSET(P * BLOCK)|>, <|y<||>ADD_OFFSET(P * BLOCK)|>)|>)|>)
}
|>)
