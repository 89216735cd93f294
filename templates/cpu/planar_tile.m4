m4_divert(-1)
The register tile of convolutions over planes: TILE_OF(PIXELS) defines the function tile_PIXELS. For conv_planar.m4 and
conv_planar_pool.m4, with their parameters.
m4_include(<|cpu/tile.m4|>)

STEP(PIXELS, Q, OFFSET): one tap.
m4_define(<|STEP|>, <|WEIGHTS_OF(VECTORS, <|$2|>)FOR(<|P|>, 0, $1 - 1, <|
              MULTIPLY_ADD(VECTORS, P, <|p[m4_eval(P * S_W + $3)]|>)|>)
              STEP_END ();|>)
The window's rows are written out from UNROLL 2 on.
m4_define(<|EACH_ROW|>, <|IF(UNROLL > 1, <|{
FOR(<|ROW|>, 0, m4_eval(K_H - 1), <|$1
 |>)
}|>, <|LOOP(kh, K_H) 
$1|>)|>)
m4_define(<|ROW_AT|>, <|IF(UNROLL > 1, <|ADD_OFFSET(ROW * DIL_H * IN_ROW)|>, <|TERM(kh, K_H, m4_eval(DIL_H * IN_ROW))|>)|>)
m4_define(<|PLANE_AT|>, <|IF(WHOLE_TILE, <|ADD_OFFSET(TAP_c * IN_BLOCK)|>, <|AT(c, IN_C, IN_BLOCK)|>)|>)

TILE_OF(PIXELS)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 output pixels of a row, CHANNELS_TEXT(VECTORS). x: the first pixel's first tap; w: the block's weights; e: its place in
   the vectors behind them<||>IF(RES_SAMPLE >= 0, <|; r: the residual|>).|>)
TILE
tile_$1 (const float *x, const float *w, const float *e, R_PARAMETER()float *y)
{
  VECTOR_LOOP()
    {
      const float *q = w<||>V();FOR(<|P|>, 0, $1 - 1, <|
      BIASES(VECTORS, P)|>)
      EACH_TAP(c, IN_C, <|EACH_TAP(kd, K_D, <|EACH_ROW(<|m4_dnl
        {
          const float *p = x<||>PLANE_AT<||>TAP(kd, K_D, DIL_D * IN_PLANE)<||>ROW_AT;
          IF(UNROLL, <|FOR(<|TAP|>, 0, m4_eval(K_W - 1), <|{
            STEP(<|$1|>, <|q<||>ADD_OFFSET(16 * TAP)|>, <|DIL_W * TAP|>)
          }
          |>)
          q += m4_eval(16 * K_W);|>, <|for (int kw = 0; kw < K_W; kw++, p += DIL_W, q += 16)
            {
              STEP(<|$1|>, q, 0)
            }|>)
        }|>)|>)|>)FOR(<|P|>, 0, $1 - 1, <|STORE_SUMS(VECTORS, P, <|r<||>ADD_OFFSET(P * 16)|>, <|y<||>ADD_OFFSET(P * 16)|>)|>)
    }
}
|>)
m4_define(<|SMALLER|>, <|m4_eval(TILE_SIZE - 1)|>)
