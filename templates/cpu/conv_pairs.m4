m4_divert(-1)
Convolution in bf16, any window, stride, dilation and padding, in 2-D and 3-D, dense or in groups of whole blocks. A
register tile (pairs_tile.m4) is TILE_SIZE pixels of a plane in reading order; k-steps: pairs_steps.m4.
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>, <|OUT_C|>, <|OUT_BLOCKS|>,
  <|OUT_BLOCK_WEIGHTS|>, <|GROUPED|>, <|FIRST_BLOCK|>, <|STEPS|>, <|STEP_AT|>, <|STEP_PAIRS|>, <|SOME_STEPS|>,
  <|PLANE_STEPS|>, <|X_PIXEL|>, <|X_LINE|>, <|X_PLANE|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|BIAS_AT|>,
  <|PREFETCH|>, <|PANELS|>, <|PANELS_OF_THREADS|>, <|MOST_THREADS|>)
m4_include(<|cpu/pairs_tile.m4|>)
m4_include(<|cpu/pairs_steps.m4|>)
m4_define(<|ADDEND_APART|>, IF(HAS_R, <||>, <|restrict |>))
m4_define(<|TILES|>, m4_eval(TILE_COUNT + TILE_COUNT1))
Weights that few tiles use come from memory: each of these tiles prefetches its part of the next block's.
m4_define(<|PREFETCH_WEIGHTS|>, <|IF(PREFETCH, <|FOR(<|I|>, 0, m4_eval(PREFETCH - 1), m4_dnl
<|prefetch (next + s * STEP_WEIGHTS<||>ADD_OFFSET(I * 32));
          |>)|>)|>)
m4_define(<|NEXT_AT|>, <|(w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS) + m4_dnl
m4_eval(OUT_BLOCK_WEIGHTS)AT(d, OUT_D, m4_eval(TILES * PREFETCH * 32))AT(p, TILES, m4_eval(PREFETCH * 32)))|>)
m4_define(<|STEP_PARAMETERS|>, <|IF(PREFETCH, <|const bf16 *next, |>)IF(SOME_STEPS, <|struct steps steps, |>)|>)
m4_define(<|STEP_ARGUMENTS|>, <|IF(PREFETCH, <|NEXT_AT, |>)IF(SOME_STEPS, <|steps_of_plane[INDEX_OF(d, OUT_D)], |>)|>)
CALL(PIXELS): the tile of that many pixels.
m4_define(<|ARGUMENTS|>, <|(px, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), e<||>AT(o, OUT_BLOCKS, BLOCK), m4_dnl
STEP_ARGUMENTS()&at, IF(HAS_R, <|pr, |>)py)|>)
m4_divert(0)m4_dnl
HEAD

STEP_TABLES<||>m4_dnl
IF(GROUPED, <|
/* The first block of input channels that each block of output channels reads, by its group. */
static const int first_block[] = { FIRST_BLOCK };
|>)m4_dnl
PIXELS_TYPE()m4_dnl
ALL_TILES()m4_dnl
FIND_PIXELS(OUT_W, OUT_ROW, 0)m4_dnl
CLEAR_HALO
PANELS_TABLE
PROTOTYPE
  const float *const e = weights;
  CALL_CLEAR_HALO
  ALONE(MOST_THREADS)
  struct rescast_runs r = rescast_runs (OUT_BLOCKS, PRODUCT(BATCH, OUT_D, TILES), PANELS_NOW, t, THREADS);
  for (; r.left > 0; rescast_next_run (&r))
    for (int i = r.column; i < r.end; i++)
      {
        IF(OUT_BLOCKS > 1, <|const int o = r.row;|>)
        DECODE(i, p, TILES, d, OUT_D, s, BATCH)
        struct pixels at;
        const IN_TYPE *px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)m4_dnl
IF(GROUPED, <| + (size_t) first_block[INDEX_OF(o, OUT_BLOCKS)] * IN_BLOCK<||>|>)AT(d, OUT_D, X_PLANE);
        IF(HAS_R, <|const RES_TYPE *pr = residual<||>RES_PLANE_AT;|>)
        OUT_TYPE *py = y<||>OUT_PLANE_AT;
        IF(TILE_COUNT1, <|if (p < TILE_COUNT)
          {
            find_pixels (&at, p<||>BY(TILE_SIZE), TILE_SIZE);
            CALL(TILE_SIZE)
          }
        else
          {
            find_pixels (&at, p<||>BY(SMALLER) + TILE_COUNT, SMALLER);
            CALL(SMALLER)
          }|>, <|find_pixels (&at, INDEX_OF(p, TILES)<||>BY(TILE_SIZE), TILE_SIZE);
        CALL(TILE_SIZE)|>)
      }
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
