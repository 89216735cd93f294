m4_divert(-1)
A 3x3 convolution of planes with stride 1 by Winograd's F(WINO x WINO, 3 x 3).
A block of BLOCK_TILES tiles: their inputs transformed, inputs[position][in block][tile][16]; then for 16 output channels at a
time the products of every position, sums[position][tile][16], transformed back. Weights: [out block][position][in channel][16].
require(<|FUNCTION|>, <|WINO|>, <|WINO_D|>, <|TILES_D|>, <|TILES_H|>, <|TILES_W|>, <|BLOCK_TILES|>, <|BLOCK_COUNT|>, <|POSITION|>,
  <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|IN_START|>, <|IN_BLOCKS|>, <|LAST_CHANNELS|>, <|OUT_BLOCK_WEIGHTS|>, <|SCRATCH_BYTES|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/winograd_multiply.m4|>)
m4_divert(0)m4_dnl
HEAD

/* One tile of one block of channels, transformed: position i lies at y + i * POSITION. */
static void
transform_input (const float *x, float *y)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float t[FACE * VL];
TRANSFORM_FACE(<|x + v|>, 16, IN_ROW, <|y + v|>, POSITION)
}
}
MULTIPLY_FUNCTIONS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|MULTIPLY_FUNCTIONS(LAST_BLOCKS)|>)m4_dnl

/* The sums of one tile back to rows x cols pixels; e: the block's place in the epilogue's vectors. */
static void
transform_output (const float *sums, const float *e, R_PARAMETER()float *y, int rows, int cols)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float t[m4_eval(WINO * SIDE) * VL];
OUTPUT_COLUMNS(<|sums + v|>, SUMS)
const vec shift = vload (e + SHIFT_AT + v);
for (int i = 0; i < rows; i++)
{
const float *p = t + i * SIDE * VL;LOAD_ALL(m, SIDE, p, VL)
OUTPUT_1D(WINO, m, o)FOR(<|I|>, 0, WINO - 1, <|
IF(I, <|if (cols > I)|>)
{
vec a = o<||>I + shift;
EPILOGUE(a, <|e + v|>, <|r + i * RES_ROW<||>ADD_OFFSET(16 * I) + v|>)
vstore (y + i * OUT_ROW<||>ADD_OFFSET(16 * I) + v, a);
}|>)
}
}
}

/* Tiles [first, end) and output blocks [ob, ob_end) of one sample. */
static void
tiles (const float *x, const float *w, R_PARAMETER()float *y, float *scratch, int first, int end, int ob, int ob_end)
{
float *const inputs = scratch, *const sums = scratch + m4_eval(FACE * POSITION);
for (int b = 0; b < IN_BLOCKS; b++)
for (int i = first; i < end; i++)
{
TILE_AT
transform_input (x + (size_t) b * IN_BLOCK + (size_t) d * IN_PLANE + (size_t) h * IN_ROW + 16 * j, inputs + (b * BLOCK_TILES + i - first) * 16);
}
for (; ob < ob_end; IF(PAIRED, <|ob += TILE_BLOCKS|>, <|ob++|>))
{
const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS;
MULTIPLY_FACE(inputs, sums)
EACH_BLOCK
for (int i = first; i < end; i++)
{
TILE_AT
const size_t at = (size_t) THIS_BLOCK * OUT_BLOCK + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW + 16 * j;
IF(RES_SAMPLE >= 0, <|const float *pr = r + (size_t) THIS_BLOCK * RES_BLOCK + (size_t) d * RES_PLANE + (size_t) h * RES_ROW + 16 * j;|>)
transform_output (THESE_SUMS, w + 16 * THIS_BLOCK, IF(RES_SAMPLE >= 0, <|pr, |>)y + at, LEFT(OUT_H, h, WINO), LEFT(OUT_W, j, WINO));
}
}
}
CLEAR_HALO
SHARE
