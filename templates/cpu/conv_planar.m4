m4_divert(-1)
Convolution of an input with few channels, which lies in planes: every tap of every channel in turn, a register tile of
TILE_SIZE pixels of a row by a block of channels. Weights: [out block][channel][tap][output channel of the block].
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>,
  <|OUT_ORIGIN|>, <|OUT_BLOCKS|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>,
  <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|BIAS_AT|>, <|RES_SAMPLE|>)
m4_include(<|cpu/planar_tile.m4|>)
TILES(PIXELS, COUNT): all tiles of that size.
m4_define(<|ADVANCE|>, <|px += m4_eval($1 * S_W), IF(HAS_R, <|pr += m4_eval($1 * BLOCK), |>)py += m4_eval($1 * BLOCK)|>)
m4_define(<|ARGUMENTS|>, <|px, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), E_OF_BLOCK, m4_dnl
IF(HAS_R, <|pr, |>)py|>)
m4_define(<|TILES|>, <|IF($2 > 1, <|for (int j = 0; j < $2; j++, ADVANCE(<|$1|>))|>)
        IF($2, <|tile_$1 (ARGUMENTS);|>)|>)
m4_divert(0)m4_dnl
HEAD
TILE_OF(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(SMALLER)|>)m4_dnl
CLEAR_HALO
PROTOTYPE
  E_VECTORS
  CALL_CLEAR_HALO
  EACH_UNIT(OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      const float *px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)m4_dnl
AT(d, OUT_D, m4_eval(S_D * IN_PLANE))AT(h, OUT_H, m4_eval(S_H * IN_ROW));
      IF(HAS_R, <|const RES_TYPE *pr = residual<||>RES_ROW_AT;|>)
      OUT_TYPE *py = y<||>OUT_ROW_AT;
      TILES(TILE_SIZE, TILE_COUNT)
      IF(TILE_COUNT == 1 && TILE_COUNT1, <|ADVANCE(TILE_SIZE);|>)
      TILES(SMALLER, TILE_COUNT1)
    }
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
