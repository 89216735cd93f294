m4_divert(-1)
A 3x3 or 3x3x3 convolution with stride 1 by Winograd's F(WINO_D x WINO x WINO, 3 x 3 x 3); WINO_D 1: no transform along D.
A block of BLOCK_TILES tiles: their inputs transformed, inputs[position][in block][tile][16]; then for 16 output channels at a
time the products of every position, sums[position][tile][16], transformed back. Weights: [out block][position][in channel][16].
m4_define(<|TEMPLATE|>, <|conv_winograd.m4|>)
require(<|FUNCTION|>, <|WINO|>, <|WINO_D|>, <|TILES_D|>, <|TILES_H|>, <|TILES_W|>, <|BLOCK_TILES|>, <|BLOCK_COUNT|>, <|POSITION|>,
  <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|IN_START|>, <|IN_BLOCKS|>, <|LAST_CHANNELS|>, <|OUT_BLOCK_WEIGHTS|>, <|SCRATCH_FLOATS|>)
m4_include(<|winograd_transform.m4|>)
m4_include(<|tile.m4|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_BLOCKS - (LAST_CHANNELS < 16)))
m4_define(<|SUMS|>, m4_eval(16 * BLOCK_TILES))
m4_define(<|R_PARAMETER|>, <|IF(RES_SAMPLE >= 0, <|const float *r, |>)|>)
m4_define(<|FACE_TILES|>, m4_eval(TILES_H * TILES_W))
m4_define(<|ALL_TILES|>, m4_eval(TILES_D * FACE_TILES))

Weights stream: while a position is computed, its row of tiles asks for the next one's, AHEAD floats a step.
m4_define(<|GROUPS|>, m4_eval(TILE_COUNT + TILE_COUNT1))
m4_define(<|AHEAD|>, m4_eval((16 + GROUPS - 1) / GROUPS))
CHANNELS(COUNT, TILES, VECTORS)
m4_define(<|CHANNELS|>, <|for (int c = 0; c < $1; c++, w += 16, ahead += AHEAD)
{
WEIGHTS_OF(<|$3|>, w)FOR(<|P|>, 0, $2 - 1, <|
MULTIPLY_ADD(<|$3|>, P, <|p[c<||>ADD_OFFSET(P * 16)]|>)|>)
FOR(<|I|>, 0, IF(PAIRED, <|m4_eval($3 - 1)|>, 0), <|prefetch (ahead<||>ADD_OFFSET(I * OUT_BLOCK_WEIGHTS));
|>)STEP_END ();
}|>)
MULTIPLY(TILES, VECTORS): the function multiply_TILES.
m4_define(<|MULTIPLY|>, <|
COMMENT(<|$1 tiles at one position: inputs x[in block][tile][16] times weights w[in channel][16], CHANNELS_TEXT(<|$2|>) of sums.
   next: weights to ask for meanwhile.|>)
TILE
multiply_$1<||>SUFFIX(<|$2|>) (const float *x, const float *weights, const float *next, float *sums)
{
VECTOR_LOOP()
{
const float *p = x, *w = weights<||>V(), *ahead = next;FOR(<|P|>, 0, $1 - 1, <|
vec EACH(<|$2|>, <|A(P, I) = vsplat (0)|>);|>)
IF(FULL_BLOCKS, <|for (int b = 0; b < FULL_BLOCKS; b++, p += SUMS)
CHANNELS(16, <|$1|>, <|$2|>)|>)
IF(LAST_CHANNELS < 16, <|CHANNELS(LAST_CHANNELS, <|$1|>, <|$2|>)|>)m4_dnl
FOR(<|P|>, 0, $1 - 1, <|
EACH(<|$2|>, <|vstore (sums<||>V()<||>NTH(I, m4_eval(POSITIONS * SUMS))<||>ADD_OFFSET(P * 16), A(P, I))|>);|>)
}
}
|>)
m4_define(<|MULTIPLY_ALL|>, <|IF($2, <|for (int i = 0; i < $2; i++, x += m4_eval(16 * $1), sums += m4_eval(16 * $1), next += m4_eval(IN_C * AHEAD))
multiply_$1<||>SUFFIX(<|$3|>) (x, w, next, sums);|>)|>)
MULTIPLY_FUNCTIONS(VECTORS)
m4_define(<|MULTIPLY_FUNCTIONS|>, <|MULTIPLY(TILE_SIZE, <|$1|>)IF(TILE_COUNT1, <|MULTIPLY(SMALLER, <|$1|>)|>)

/* All tiles of the block at one position. */
static void
multiply<||>SUFFIX(<|$1|>) (const float *x, const float *w, float *sums)
{
const float *next = w + m4_eval(16 * IN_C);
MULTIPLY_ALL(TILE_SIZE, TILE_COUNT, <|$1|>)
MULTIPLY_ALL(SMALLER, TILE_COUNT1, <|$1|>)
}
|>)
ALL_POSITIONS(VECTORS): a tile of output blocks; THIS_BLOCK: which of them is transformed back.
m4_define(<|THIS_BLOCK|>, <|IF(PAIRED, o, ob)|>)
m4_define(<|ALL_POSITIONS|>, <|for (int i = 0; i < POSITIONS; i++, q += m4_eval(OUT_BLOCK_WEIGHTS / POSITIONS))
multiply<||>SUFFIX(<|$1|>) (inputs + (size_t) i * POSITION, q, sums + i * SUMS);|>)
m4_divert(0)m4_dnl
HEAD

/* One tile of one block of channels, transformed: position i lies at y + i * POSITION. */
static void
transform_input (const float *x, float *y)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float t[FACE * VL];
IF(WINO_D == 1, <|TRANSFORM_FACE(<|x + v|>, <|y + v|>, POSITION)|>, <|_Alignas (64) float faces[m4_eval(SIDE_D * FACE) * VL];
for (int z = 0; z < SIDE_D; z++)
{
const float *face = x + (size_t) z * IN_PLANE + v;
float *to = faces + z * FACE * VL;
TRANSFORM_FACE(face, to, VL)
}
for (int i = 0; i < FACE; i++)
{
const float *p = faces + i * VL;
float *q = y + (size_t) i * POSITION + v;LOAD_ALL(d, SIDE_D, p, <|FACE * VL|>)
INPUT_1D(WINO_D, d, o)STORE_ALL(o, SIDE_D, q, <|(size_t) m4_eval(FACE * POSITION)|>)
}|>)
}
}
MULTIPLY_FUNCTIONS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|MULTIPLY_FUNCTIONS(LAST_BLOCKS)|>)m4_dnl

/* The sums of one face, STRIDE floats apart, back to rows x cols pixels; e: the block's place in the epilogue's vectors. */
static inline void
face_output (const float *sums, int stride, const float *e, R_PARAMETER()float *y, int rows, int cols)
{
_Alignas (64) float t[m4_eval(WINO * SIDE) * VL];
for (int j = 0; j < SIDE; j++)
{
const float *p = sums + j * stride;LOAD_ALL(m, SIDE, p, <|SIDE * stride|>)
OUTPUT_1D(WINO, m, o)STORE_ALL(o, WINO, <|t + j * VL|>, <|SIDE * VL|>)
}
const vec shift = vload (e + SHIFT_AT);
for (int i = 0; i < rows; i++)
{
const float *p = t + i * SIDE * VL;LOAD_ALL(m, SIDE, p, VL)
OUTPUT_1D(WINO, m, o)FOR(<|I|>, 0, WINO - 1, <|
IF(I, <|if (cols > I)|>)
{
vec a = o<||>I + shift;
EPILOGUE(a, e, <|r + i * RES_ROW<||>ADD_OFFSET(16 * I)|>)
vstore (y + i * OUT_ROW<||>ADD_OFFSET(16 * I), a);
}|>)
}
}

/* One tile's sums back to planes x rows x cols pixels. */
static void
transform_output (const float *sums, const float *e, R_PARAMETER()float *y, int planes, int rows, int cols)
{
for (int v = 0; v < 16; v += VL)
{
IF(WINO_D == 1, <|(void) planes;
face_output (sums + v, SUMS, e + v, IF(RES_SAMPLE >= 0, <|r + v, |>)y + v, rows, cols);|>, <|_Alignas (64) float faces[m4_eval(WINO_D * FACE) * VL];
for (int i = 0; i < FACE; i++)
{
const float *p = sums + i * SUMS + v;LOAD_ALL(m, SIDE_D, p, m4_eval(FACE * SUMS))
OUTPUT_1D(WINO_D, m, o)STORE_ALL(o, WINO_D, <|faces + i * VL|>, <|FACE * VL|>)
}
for (int z = 0; z < planes; z++)
face_output (faces + z * FACE * VL, VL, e + v, IF(RES_SAMPLE >= 0, <|r + (size_t) z * RES_PLANE + v, |>)y + (size_t) z * OUT_PLANE + v, rows, cols);|>)
}
}

/* Tiles [first, end) and output blocks [ob, ob_end) of one sample. */
static void
tiles (const float *x, const float *w, R_PARAMETER()float *y, float *scratch, int first, int end, int ob, int ob_end)
{
float *const inputs = scratch, *const sums = scratch + m4_eval(POSITIONS * POSITION);
for (int b = 0; b < IN_BLOCKS; b++)
for (int i = first; i < end; i++)
{
const int d = i / FACE_TILES * WINO_D, h = i % FACE_TILES / TILES_W * WINO, j = i % TILES_W * WINO;
transform_input (x + (size_t) b * IN_BLOCK + (size_t) d * IN_PLANE + (size_t) h * IN_ROW + 16 * j, inputs + (b * BLOCK_TILES + i - first) * 16);
}
for (; ob < ob_end; IF(PAIRED, <|ob += TILE_BLOCKS|>, <|ob++|>))
{
const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS;
IF(LAST_BLOCKS, <|if (ob + TILE_BLOCKS > OUT_BLOCKS)
ALL_POSITIONS(LAST_BLOCKS)
else
|>)ALL_POSITIONS(VECTORS)
IF(PAIRED, <|for (int o = ob; o < ob + TILE_BLOCKS<||>IF(LAST_BLOCKS, <| && o < OUT_BLOCKS|>); o++)|>)
for (int i = first; i < end; i++)
{
const int d = i / FACE_TILES * WINO_D, h = i % FACE_TILES / TILES_W * WINO, j = i % TILES_W * WINO;
const size_t at = (size_t) THIS_BLOCK * OUT_BLOCK + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW + 16 * j;
IF(RES_SAMPLE >= 0, <|const float *pr = r + (size_t) THIS_BLOCK * RES_BLOCK + (size_t) d * RES_PLANE + (size_t) h * RES_ROW + 16 * j;|>)
transform_output (sums<||>IF(PAIRED, <| + (o - ob) * m4_eval(POSITIONS * SUMS)|>) + (i - first) * 16, w + 16 * THIS_BLOCK, IF(RES_SAMPLE >= 0, <|pr, |>)y + at, OUT_D - d < WINO_D ? OUT_D - d : WINO_D, OUT_H - h < WINO ? OUT_H - h : WINO, OUT_W - j < WINO ? OUT_W - j : WINO);
}
}
}
CLEAR_HALO

COMMENT(<|The share of thread t of n: blocks of tiles, of the first and last perhaps only some output blocks.|>)
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, int t, int n)
{
int first, last;
rescast_share (PRODUCT(BATCH, BLOCK_COUNT, OUT_TILES), t, n, &first, &last);
for (int next; first < last; first = next)
{
const int i = first / OUT_TILES, s = i / BLOCK_COUNT, from = i % BLOCK_COUNT * BLOCK_TILES;
next = (i + 1) * OUT_TILES < last ? (i + 1) * OUT_TILES : last;
int ob = first - i * OUT_TILES, ob_end = next - i * OUT_TILES;
IF(PAIRED, <|ob *= TILE_BLOCKS;
ob_end = ob_end * TILE_BLOCKS < OUT_BLOCKS ? ob_end * TILE_BLOCKS : OUT_BLOCKS;|>)
tiles (x<||>ADD_OFFSET(IN_START) + (size_t) s * IN_SAMPLE, w, IF(RES_SAMPLE >= 0, <|residual<||>ADD_OFFSET(RES_ORIGIN) + (size_t) s * RES_SAMPLE, |>)y<||>ADD_OFFSET(OUT_ORIGIN) + (size_t) s * OUT_SAMPLE, scratch, from,
from + BLOCK_TILES < ALL_TILES ? from + BLOCK_TILES : ALL_TILES, ob, ob_end);
}
IF(RES_SAMPLE < 0, <|(void) residual;|>)
}

static __attribute__ ((noinline)) void
share_on_stack (const float *x, const float *residual, const float *w, float *y, int t, int n)
{
_Alignas (64) float scratch[SCRATCH_FLOATS];
share (x, residual, w, y, scratch, t, n);
}

PROTOTYPE
{
CALL_CLEAR_HALO
if (t == 0)
share (x, residual, w, y, scratch, t, n);
else
share_on_stack (x, residual, w, y, t, n);
}
