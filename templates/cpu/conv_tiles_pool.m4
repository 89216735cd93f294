m4_divert(-1)
A first layer in bf16 by tile products, in 2-D, and the max pool behind it (strip_pool.m4). Weights as conv_tiles.m4's.
LINES: the rows of the convolution that a strip of pooled rows reaches.
require(<|LINES|>, <|CONV_W|>)
m4_include(<|cpu/tile_blocks.m4|>)
m4_include(<|cpu/strip_pool.m4|>)
m4_define(<|LIMITED|>, 0)
m4_define(<|PREFETCHES|>, 0)
The last tile of a strip that has fewer rows may be none.
m4_define(<|PARTIAL|>, m4_eval(PIXEL_TILES > 1))
m4_define(<|TILE_INPUTS|>, <|IF(PLANE_TILES > 1, <| + tile_inputs (IF(PARTIAL && M > 0, m4_dnl
<|smaller (TILE_NUMBER, tiles - 1)|>, <|TILE_NUMBER|>))|>)|>)
m4_define(<|CONVOLVE_ARGUMENTS|>, <|w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), e<||>AT(o, OUT_BLOCKS, BLOCK)|>)
m4_divert(0)m4_dnl
HEAD
TILE_FUNCTIONS
/* So many rows of the convolution, from the first taps at px on, to y. */
static void
convolve (const bf16 *px, const bf16 *pw, const float *e, bf16 *y, int rows)
{
  IF(PLANE_TILES > 1, <|const int tiles = rows<||>BY(LINE_TILES);|>, <|if (!rows)
    return;|>)
  BEGIN_BLOCKS
  IF(PLANE_BLOCKS > 1, <|for (int g = 0; g<||>BY(PIXEL_TILES) < tiles; g++)|>, IF(PLANE_TILES > 1, <|if (tiles > 0)|>))
    BRACED(PLANE_TILES > 1, <|TILES_OF_BLOCK<||>m4_dnl
      const struct block now = { .sums = done.sums, .e = e, .y = y, .tile = BLOCK_TILE };
      MAKE_BLOCK(<||>)|>)
  END_BLOCKS
}
POOL_FUNCTION
CLEAR_HALO
PROTOTYPE
POOL_SHARES
}
