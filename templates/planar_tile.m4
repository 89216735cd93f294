m4_divert(-1)
The register tile of convolutions over planes: TILE_OF(PIXELS) defines the function tile_PIXELS. For conv_planar.m4 and
conv_planar_pool.m4, with their parameters.
m4_include(<|tile.m4|>)
m4_define(<|R_PARAMETER|>, <|IF(RES_SAMPLE >= 0, <|const float *r, |>)|>)

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
      LOOP(c, IN_C)
      LOOP(kd, K_D)
      LOOP(kh, K_H)
        {
          const float *p = x<||>AT(c, IN_C, IN_BLOCK)<||>TERM(kd, K_D, m4_eval(DIL_D * IN_PLANE))<||>TERM(kh, K_H, m4_eval(DIL_H * IN_ROW));
          for (int kw = 0; kw < K_W; kw++, p += DIL_W, q += 16)
            {
              WEIGHTS_OF(VECTORS, q)FOR(<|P|>, 0, $1 - 1, <|
              MULTIPLY_ADD(VECTORS, P, <|p[m4_eval(P * S_W)]|>)|>)
              STEP_END ();
            }
        }FOR(<|P|>, 0, $1 - 1, <|STORE_SUMS(VECTORS, P, <|r<||>ADD_OFFSET(P * 16)|>, <|y<||>ADD_OFFSET(P * 16)|>)|>)
    }
}
|>)
m4_define(<|SMALLER|>, <|m4_eval(TILE_SIZE - 1)|>)
