m4_divert(-1)
A first layer, a convolution of stride 2 whose few input channels lie in planes, by Winograd's F(WINO_D x WINO x WINO)
over the phases of its input (its polyphase decomposition): tap 2 i + p of an axis is tap i of phase p, the inputs 2 j +
p, and over the phases the stride is 1. Channels are those of all phases, [D phase][H phase][W phase][input channel].
For a block of BLOCK_ROWS x BLOCK_COLS tiles two faces of positions at a time (in 2-D the only one): 0 and infinity of
D, then a point and its negative. The inputs are transformed along D row by row, then laid out with the channels side by
side, region[face][row][column][channel], then transformed along H and W, inputs[face][position][tile][channel]; and for
one tile of output blocks after the other the products, sums[output block][face][position][tile][output channel of the
block], are transformed back and gather in y. A phase with a tap less has no products at infinity. Weights: [out
block][face][position] [channel that counts there][output channel of the block].
require(<|FUNCTION|>, <|BATCH|>, <|WINO|>, <|WINO_D|>, <|TILES_D|>, <|IN_START|>, <|IN_C|>, <|PHASES_D|>, m4_dnl
<|SHORTER_D|>, <|SHORTER_H|>,
  <|SHORTER_W|>, <|BLOCK_ROWS|>, <|ROW_BLOCKS|>, <|BLOCK_COLS|>, <|COL_BLOCKS|>, <|FULL_COLS|>, <|REGION|>, m4_dnl
<|POSITION|>,
  <|OUT_BLOCK_WEIGHTS|>, <|FACE_WEIGHTS|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SCRATCH_BYTES|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/tile.m4|>)
m4_include(<|cpu/stem_input.m4|>)
m4_include(<|cpu/stem_multiply.m4|>)
m4_include(<|cpu/stem_output.m4|>)
PAIR(P): all of a block's work on one pair of faces.
m4_define(<|GATHER_TILES|>, <|for (int i = 0; i < rows; i++)
          for (int j = 0; j < cols; j++)
            gather_$1 (SUMS_OF_BLOCK + (i<||>BY(BLOCK_COLS) + j) * BLOCK, IF(IS_LAST($1), m4_dnl
<|w<||>BLOCK_TERM(BLOCK), |>)m4_dnl
y<||>BLOCK_TERM(OUT_BLOCK) + (size_t) i * m4_eval(WINO * OUT_ROW) + j * m4_eval(BLOCK * WINO), PLANES_ARGUMENT()m4_dnl
height - i * WINO < WINO ? height - i * WINO : WINO, width - j * WINO < WINO ? width - j * WINO : WINO);|>)
m4_define(<|OUTPUT_BLOCKS|>, <|const float *q = w<||>AT(ob, OUT_TILES, m4_dnl
OUT_BLOCK_WEIGHTS)ADD_OFFSET(FIRST_FACE($1) * FACE_WEIGHTS);
      MULTIPLY_BLOCKS(<|inputs, q, sums, FACE_CHANNELS($1, 0)|>)
      IF(FACES > 1, <|q += m4_eval((SECOND_FACE($1) - FIRST_FACE($1)) * FACE_WEIGHTS);
      MULTIPLY_BLOCKS(<|inputs + m4_eval(FACE * POSITION), q, sums + m4_eval(FACE * SUMS), FACE_CHANNELS($1, 1)|>)|>)
      EACH_BLOCK
        GATHER_TILES(<|$1|>)|>)
m4_define(<|PAIR|>, <|
COMMENT(<|IF(WINO_D > 1, <|One pair of faces of|>, <|All of|>) rows x cols tiles; IF(WINO_D > 1, m4_dnl
<|planes x |>)height x width: the output from the first of them on.|>)
static void
pair_$1 (const float *x, const float *w, float *y, float *scratch, int rows, int cols, m4_dnl
PLANES_PARAMETER()int height, int width)
{
  float *const region = scratch, *const inputs = region + m4_eval(FACES * REGION);
  float *const sums = inputs + m4_eval(FACES * FACE * POSITION);
  phases_$1 (x, region, 0, PHASED(rows), cols);
  FOR(<|Z|>, 0, FACES - 1, <|transform_tiles (region<||>ADD_OFFSET(Z * REGION), m4_dnl
inputs<||>ADD_OFFSET(Z * FACE * POSITION), m4_dnl
rows, cols, FACE_CHANNELS($1, Z));
  |>)
  NEXT_BLOCKS
    BRACED(OUT_TILES > 1, <|OUTPUT_BLOCKS(<|$1|>)|>)
}
|>)
What is left of the output from a block of tiles on, which begins at plane d, row h and column j of the output.
m4_define(<|PLANES_LEFT|>, <|IF(WINO_D > 1, <|LEFT(OUT_D, d, WINO_D), |>)|>)
m4_define(<|ROWS_LEFT|>, <|IF(ROW_BLOCKS > 1, <|OUT_H - h|>, OUT_H)|>)
m4_define(<|COLS_LEFT|>, <|IF(COL_BLOCKS > 1, <|OUT_W - j|>, OUT_W)|>)
m4_define(<|COLUMN_TILES|>, <|IF(FULL_COLS < COL_BLOCKS, <|BLOCK_COLS - (cb >= FULL_COLS)|>, BLOCK_COLS)|>)
m4_define(<|FIRST_COLUMN|>, <|IF(FULL_COLS < COL_BLOCKS, <|(cb<||>BY(BLOCK_COLS) - (cb > FULL_COLS m4_dnl
? cb - FULL_COLS : 0))|>, m4_dnl
<|cb<||>BY(BLOCK_COLS)|>)|>)
m4_divert(0)m4_dnl
HEAD

/* Channels of all phases, and a pixel of them in whole vectors. */
enum
{
  channels = CHANNELS,
  pixel = (channels + VL - 1) / VL * VL
};
STEM_INPUT()m4_dnl
STEM_MULTIPLY(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|STEM_MULTIPLY(LAST_BLOCKS)|>)m4_dnl
FOR(<|N|>, 0, PAIRS - 1, <|PHASE_PAIR(N)GATHER(N)PAIR(N)|>)m4_dnl
CLEAR_HALO
/* The share of thread t of n: blocks of tiles. */
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, m4_dnl
struct rescast_part t, int n)
{
  (void) residual;
  int first, last;
  rescast_share (PRODUCT(BATCH, TILES_D, ROW_BLOCKS, COL_BLOCKS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, cb, COL_BLOCKS, rb, ROW_BLOCKS, db, TILES_D, s, BATCH)
      IF(TILES_D > 1, <|const int d = db<||>BY(WINO_D);|>)
      IF(ROW_BLOCKS > 1, <|const int h = rb * m4_eval(WINO * BLOCK_ROWS);|>)
      IF(COL_BLOCKS > 1, <|const int j = FIRST_COLUMN * WINO;|>)
      IF(ROW_BLOCKS > 1, <|const int rows_left = (OUT_H - h + m4_eval(WINO - 1)) / WINO;|>)
      const int rows = IF(ROW_BLOCKS > 1, <|rows_left < BLOCK_ROWS ? rows_left : BLOCK_ROWS|>, m4_dnl
<|m4_eval((OUT_H + WINO - 1) / WINO)|>);
      const int cols = COLUMN_TILES;
      const float *px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)AT(d, TILES_D, m4_eval(S_D * IN_PLANE))m4_dnl
AT(h, ROW_BLOCKS, m4_eval(S_H * IN_ROW))<||>IF(COL_BLOCKS > 1, <| + 2 * j|>);
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)AT(d, TILES_D, OUT_PLANE)AT(h, ROW_BLOCKS, m4_dnl
OUT_ROW)m4_dnl
TERM(j, COL_BLOCKS, BLOCK);
      FOR(<|N|>, 0, PAIRS - 1, <|pair_<||>N (px, w, py, scratch, rows, cols, PLANES_LEFT()ROWS_LEFT, COLS_LEFT);
      |>)
    }
}

WITH_SCRATCH
