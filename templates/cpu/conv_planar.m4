m4_divert(-1)
Convolution of an input with few channels, which lies in planes: every tap of every channel in turn, a register tile of
TILE_SIZE pixels of a row by 16 channels. Weights: [out block][channel][tap][16].
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|TILE_SIZE|>,
  <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SHIFT_AT|>, <|RES_SAMPLE|>)
m4_include(<|cpu/planar_tile.m4|>)
m4_define(<|ADVANCE|>, <|px += m4_eval($1 * S_W), IF(RES_SAMPLE >= 0, <|pr += m4_eval($1 * 16), |>)py += m4_eval($1 * 16)|>)
TILES(PIXELS, COUNT): all tiles of that size.
m4_define(<|TILES|>, <|IF($2, <|for (int j = 0; j < $2; j++, ADVANCE(<|$1|>))
        tile_$1 (px, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), w<||>AT(o, OUT_BLOCKS, 16), IF(RES_SAMPLE >= 0, <|pr, |>)py);|>)|>)
m4_divert(0)m4_dnl
HEAD
TILE_OF(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(SMALLER)|>)m4_dnl
CLEAR_HALO
PROTOTYPE
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
