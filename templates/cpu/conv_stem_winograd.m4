m4_divert(-1)
A stem, a convolution of stride 2 whose few input channels lie in planes, by Winograd's F(WINO_D x WINO x WINO) over the phases
of its input: tap 2 i + p of an axis is tap i of phase p, the inputs 2 j + p, and over the phases the stride is 1. Channels are
those of all phases, [D phase][H phase][W phase][input channel].
For a block of BLOCK_ROWS x BLOCK_COLS tiles two faces of positions at a time (in 2-D the only one): 0 and infinity of D, then a
point and its negative. The inputs are transformed along D row by row, then laid out with the channels side by side,
region[face][row][column][channel], then transformed along H and W, inputs[face][position][tile][channel]; and for one tile of
output blocks after the other the products, sums[output block][face][position][tile][16], are transformed back and gather in y.
A phase with a tap less has no products at infinity. Weights: [out block][face][position][channel that counts there][16].
require(<|FUNCTION|>, <|BATCH|>, <|WINO|>, <|WINO_D|>, <|TILES_D|>, <|IN_START|>, <|IN_C|>, <|PHASES_D|>, <|SHORTER_D|>, <|SHORTER_H|>,
  <|SHORTER_W|>, <|BLOCK_ROWS|>, <|ROW_BLOCKS|>, <|BLOCK_COLS|>, <|COL_BLOCKS|>, <|FULL_COLS|>, <|REGION|>, <|POSITION|>,
  <|OUT_BLOCK_WEIGHTS|>, <|FACE_WEIGHTS|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SCRATCH_BYTES|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/tile.m4|>)
m4_include(<|cpu/stem_input.m4|>)
m4_include(<|cpu/stem_multiply.m4|>)
m4_include(<|cpu/stem_output.m4|>)
PAIR(P): all of a block's work on one pair of faces.
m4_define(<|PAIR|>, <|
COMMENT(<|IF(WINO_D > 1, <|One pair of faces of|>, <|All of|>) rows x cols tiles; planes x height x width: the output from the first of them on.|>)
static void
pair_$1 (const float *x, const float *w, float *y, float *scratch, int rows, int cols, int planes, int height, int width)
{
float *const region = scratch, *const inputs = region + m4_eval(FACES * REGION), *const sums = inputs + m4_eval(FACES * FACE * POSITION);
spread_$1 (x, region, 0, PHASED(rows), cols);
FOR(<|Z|>, 0, FACES - 1, <|transform_tiles (region<||>ADD_OFFSET(Z * REGION), inputs<||>ADD_OFFSET(Z * FACE * POSITION), rows, cols, FACE_CHANNELS($1, Z));
|>)for (int ob = 0; ob < OUT_BLOCKS; ob += TILE_BLOCKS)
{
const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS<||>ADD_OFFSET(FIRST_FACE($1) * FACE_WEIGHTS);
MULTIPLY_BLOCKS(<|inputs, q, sums, FACE_CHANNELS($1, 0)|>)
IF(FACES > 1, <|q += m4_eval((SECOND_FACE($1) - FIRST_FACE($1)) * FACE_WEIGHTS);
MULTIPLY_BLOCKS(<|inputs + m4_eval(FACE * POSITION), q, sums + m4_eval(FACE * SUMS), FACE_CHANNELS($1, 1)|>)|>)
for (int o = ob; o < ob + TILE_BLOCKS<||>IF(LAST_BLOCKS, <| && o < OUT_BLOCKS|>); o++)
for (int i = 0; i < rows; i++)
for (int j = 0; j < cols; j++)
gather_$1 (sums + (o - ob) * m4_eval(FACES * FACE * SUMS) + (i * BLOCK_COLS + j) * 16, IF($1 == PAIRS - 1, <|w + 16 * o, |>)y + (size_t) o * OUT_BLOCK + (size_t) i * m4_eval(WINO * OUT_ROW) + j * m4_eval(16 * WINO), planes, height - i * WINO < WINO ? height - i * WINO : WINO, width - j * WINO < WINO ? width - j * WINO : WINO);
}
}
|>)
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
FOR(<|N|>, 0, PAIRS - 1, <|SPREAD_PAIR(N)GATHER(N)PAIR(N)|>)m4_dnl
CLEAR_HALO
/* The share of thread t of n: blocks of tiles. */
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, int t, int n)
{
(void) residual;
int first, last;
rescast_share (PRODUCT(BATCH, TILES_D, ROW_BLOCKS, COL_BLOCKS), t, n, &first, &last);
for (int i = first; i < last; i++)
{
DECODE(i, cb, COL_BLOCKS, rb, ROW_BLOCKS, db, TILES_D, s, BATCH)m4_dnl
IF(COL_BLOCKS == 1, <|const int cb = 0;
|>)IF(ROW_BLOCKS == 1, <|const int rb = 0;
|>)IF(TILES_D == 1, <|const int db = 0;
|>)m4_dnl
const int d = db * WINO_D, h = rb * m4_eval(WINO * BLOCK_ROWS);
const int j = (cb * BLOCK_COLS<||>IF(FULL_COLS < COL_BLOCKS, <| - (cb > FULL_COLS ? cb - FULL_COLS : 0)|>)) * WINO;
const int rows_left = (OUT_H - h + m4_eval(WINO - 1)) / WINO, rows = rows_left < BLOCK_ROWS ? rows_left : BLOCK_ROWS;
const int cols = IF(FULL_COLS < COL_BLOCKS, <|BLOCK_COLS - (cb >= FULL_COLS)|>, BLOCK_COLS);
const float *px = x<||>ADD_OFFSET(IN_START)<||>AT(s, BATCH, IN_SAMPLE) + (size_t) d * m4_eval(S_D * IN_PLANE) + (size_t) h * m4_eval(S_H * IN_ROW) + 2 * j;
float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE) + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW + 16 * j;
FOR(<|N|>, 0, PAIRS - 1, <|pair_<||>N (px, w, py, scratch, rows, cols, OUT_D - d < WINO_D ? OUT_D - d : WINO_D, OUT_H - h, OUT_W - j);
|>)}
}

WITH_SCRATCH
