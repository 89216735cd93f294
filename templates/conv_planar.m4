m4_divert(-1)
Convolution of an input with few channels, which lies in planes: every tap of every channel in turn, a register tile of
TILE_SIZE pixels of a row by 16 channels. Weights: [out block][channel][tap][16].
m4_define(<|TEMPLATE|>, <|conv_planar.m4|>)
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|TILE_SIZE|>,
  <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SHIFT_AT|>, <|RES_SAMPLE|>)
m4_define(<|A|>, <|a$1_$2|>)
m4_define(<|R_PARAMETER|>, <|IF(RES_SAMPLE >= 0, <|const float *r, |>)|>)

TILE_OF(PIXELS)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 output pixels of a row, 16 channels. x: the first pixel's first tap; w: the block's weights; e: its place in
   the vectors behind them<||>IF(RES_SAMPLE >= 0, <|; r: the residual|>).|>)
TILE
tile_$1 (const float *x, const float *w, const float *e, R_PARAMETER()float *y)
{
  for (int v = 0; v < 16; v += 2 * VL)
    {
      const float *q = w + v;FOR(<|P|>, 0, $1 - 1, <|
      vec A(P, 0) = vload (e + SHIFT_AT + v), A(P, 1) = vload (e + SHIFT_AT + VL + v);|>)
      LOOP(c, IN_C)
      LOOP(kd, K_D)
      LOOP(kh, K_H)
        {
          const float *p = x<||>AT(c, IN_C, IN_BLOCK)<||>TERM(kd, K_D, m4_eval(DIL_D * IN_PLANE))<||>TERM(kh, K_H, m4_eval(DIL_H * IN_ROW));
          for (int kw = 0; kw < K_W; kw++, p += DIL_W, q += 16)
            {
              vec w0 = vload (q), w1 = vload (q + VL);FOR(<|P|>, 0, $1 - 1, <|
              A(P, 0) += p[m4_eval(P * S_W)] * w0, A(P, 1) += p[m4_eval(P * S_W)] * w1;|>)
              STEP_END ();
            }
        }FOR(<|P|>, 0, $1 - 1, <|FOR(<|V|>, 0, 1, <|
      EPILOGUE(A(P, V), <|e + v<||>VECTOR(V)|>, <|r<||>ADD_OFFSET(P * 16) + v<||>VECTOR(V)|>)
      vstore (y<||>ADD_OFFSET(P * 16) + v<||>VECTOR(V), A(P, V));|>)|>)
    }
}
|>)
m4_define(<|ADVANCE|>, <|px += m4_eval($1 * S_W), IF(RES_SAMPLE >= 0, <|pr += m4_eval($1 * 16), |>)py += m4_eval($1 * 16)|>)
TILES(PIXELS, COUNT): all tiles of that size.
m4_define(<|TILES|>, <|IF($2, <|for (int j = 0; j < $2; j++, ADVANCE(<|$1|>))
        tile_$1 (px, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), w<||>AT(o, OUT_BLOCKS, 16), IF(RES_SAMPLE >= 0, <|pr, |>)py);|>)|>)
m4_define(<|SMALLER|>, <|m4_eval(TILE_SIZE - 1)|>)
m4_divert(0)m4_dnl
HEAD
TILE_OF(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(SMALLER)|>)m4_dnl
CLEAR_HALO
PROTOTYPE
{
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, OUT_D, OUT_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, h, OUT_H, d, OUT_D, o, OUT_BLOCKS, s, BATCH)m4_dnl
const float *px = x<||>ADD_OFFSET(IN_START)<||>AT(s, BATCH, IN_SAMPLE)<||>AT(d, OUT_D, m4_eval(S_D * IN_PLANE))<||>AT(h, OUT_H, m4_eval(S_H * IN_ROW));
      IF(RES_SAMPLE >= 0, <|const float *pr = residual<||>ADD_OFFSET(RES_ORIGIN)<||>AT(s, BATCH, RES_SAMPLE)<||>AT(o, OUT_BLOCKS, RES_BLOCK)<||>AT(d, OUT_D, RES_PLANE)<||>AT(h, OUT_H, RES_ROW);|>)
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(o, OUT_BLOCKS, OUT_BLOCK)<||>AT(d, OUT_D, OUT_PLANE)<||>AT(h, OUT_H, OUT_ROW);
      TILES(TILE_SIZE, TILE_COUNT)
      TILES(SMALLER, TILE_COUNT1)
    }
  IF(RES_SAMPLE < 0, <|UNUSED(residual)|>)
}
