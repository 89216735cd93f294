m4_divert(-1)
A first layer in bf16, in 2-D, and the max pool behind it (strip_pool.m4). Register tiles and weights are as
conv_pairs.m4 has them.
require(<|OUT_C|>, <|OUT_BLOCKS|>, <|OUT_BLOCK_WEIGHTS|>, <|TILE_SIZE|>, <|CONV_W|>)
m4_define(<|TILE_COUNT1|>, 0)
m4_include(<|cpu/pairs_tile.m4|>)
m4_include(<|cpu/pairs_steps.m4|>)
m4_include(<|cpu/strip_pool.m4|>)
m4_define(<|PREFETCH_WEIGHTS|>, <||>)
m4_define(<|STEP_PARAMETERS|>, <||>)
The last block of outputs may have a register tile of its own.
m4_define(<|OWN_LAST|>, <|m4_eval(HALF_EMPTY && OUT_BLOCKS > 1)|>)
m4_define(<|ARGUMENTS|>, <|(px, w, e, &at, y)|>)
m4_define(<|CONVOLVE_ARGUMENTS|>, <|IF(OWN_LAST, <|o, |>)w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), m4_dnl
e<||>AT(o, OUT_BLOCKS, BLOCK)|>)
m4_divert(0)m4_dnl
HEAD

STEP_TABLES<||>m4_dnl
PIXELS_TYPE()m4_dnl
ALL_TILES()m4_dnl
FIND_PIXELS(CONV_W, CONV_ROW, 1)
/* So many rows of the convolution, from the first taps at px on, to y. */
static void
convolve (const IN_TYPE *px, IF(OWN_LAST, <|int o, |>)const bf16 *w, const float *e, bf16 *y, int rows)
{
  const int pixels = rows * CONV_W;
  for (int p = 0; p < pixels; p += TILE_SIZE)
    {
      struct pixels at;
      find_pixels (&at, p, TILE_SIZE, pixels);
      CALL(TILE_SIZE)
    }
}
POOL_FUNCTION
CLEAR_HALO
PROTOTYPE
POOL_SHARES
}
